"""A wire to one door touches and parts as the door moves.

Looks like:     one door works now and then, often after it was moved.
For:            failures that come and go with the door's movement, a switch that chatters.
Against:        a door that never fails, or always; failures that only come with heat.
Could also be:  actuator-degrading, when it is slow as well; door-harness-open.
Confirm by:     flexing the gaiter slowly while pressing unlock every two seconds.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import (
    AIRBAG,
    KEEP_FILM,
    NEVER_FORCE,
    SHUT_DOOR,
    SOLDER,
    UNDER_TENSION,
    YEARLY_GAITER,
)
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="door-harness-intermittent",
    scope="door",
    prior=0.07,
    summary="A wire in the rubber gaiter of the {door} makes contact only now and then.",
    # DOMAIN 2.5 E and 4.6; 5-95 % success. The numbers are judgement.
    own={
        "response": {"answered": 0.54, "slow": 0.04, "silent": 0.38, "bounced": 0.04},
        "response.moved": {"answered": 0.47, "slow": 0.04, "silent": 0.44, "bounced": 0.05},
        "response.frequent": {"answered": 0.54, "slow": 0.04, "silent": 0.38, "bounced": 0.04},
        "course": {"failed-since": 0.08, "failed-until": 0.07, "to-and-fro": 0.85},
        "angle": {"loose": 0.60, "tied": 0.40},
        "pace": {"even": 0.93, "slower": 0.07},
        "summary": {"all": 0.55, "some": 0.45},
        "outer.ordered": {"opened": 0.55, "stuck": 0.45},
        "inner.ordered": {"opened": 0.80, "stuck": 0.20},
        "outer.deaf": {"opened": 0.06, "stuck": 0.94},
        "outer.astray": {"opened": 0.94, "stuck": 0.06},
        "outer.locked": {"opened": 0.30, "stuck": 0.70},
        "opening": {"ordered": 0.82, "astray": 0.18},
        "window": {"moved": 0.75, "dead": 0.25},
        "sound": {"silence": 0.44, "click": 0.26, "hum": 0.03, "whirr": 0.27},
        "switch": {"agrees": 0.90, "contradicts": 0.10},
        "flicker": {"calm": 0.90, "flickers": 0.10},
        "chatter": {"calm": 0.80, "chatters": 0.20},
        "request.handle": {"received": 0.88, "unheard": 0.12},
        "reaction.handle": {"reacted": 0.88, "none": 0.12},
        "hush": {"at-rest": 0.12, "moved": 0.88},
        "module": {"steady": 0.80, "lost": 0.20},
        "defect": {"ok": 0.93, "defect": 0.07},
        "code": {
            "short": 0.022,
            "open": 0.14,
            "intermittent": 0.56,
            "stuck": 0.07,
            "linkage": 0.022,
            "sensor": 0.06,
            "bus": 0.06,
            "reset": 0.022,
            "thermal": 0.022,
            "supply": 0.022,
        },
    },
    varied=("hush",),
    advice=Advice(
        difficulty="average",
        parts_cost_rub=(1500, 3000),
        steps=(
            "Open the door, flex the rubber gaiter slowly and press unlock every two seconds.",
            "Lock and unlock with the door at three angles, and note where it fails.",
            "Press the window switch of the same door while you flex the gaiter.",
            UNDER_TENSION,
            SOLDER,
        ),
        warnings=(NEVER_FORCE, KEEP_FILM, AIRBAG),
        prevention=(YEARLY_GAITER,),
        locked_out=("Press unlock again while somebody pushes at the shut door.", *SHUT_DOOR),
    ),
    shows=(
        "The {door} locks and unlocks one time and stays dead the next. It changes when the door "
        "was moved, or at a certain angle. Window or speaker of that door may fail for a moment "
        "too. A wire in the rubber sleeve between body and door (gaiter) touches and parts."
    ),
    like=(
        "door-harness-open",
        "actuator-degrading",
        "door-module-offline",
        "door-harness-short",
    ),
    separates=(
        "It fails wholly or works at full speed, and it goes with the door's movement. A worn "
        "motor is slow before it fails, and does not mind the gaiter."
    ),
    warns="A crackling speaker, or a window that stops for a moment, as the door moves.",
    sources="DOMAIN 2.5 E, 4.3 and 4.6; seed article; judgement.",
)
