"""The control unit in one door has fallen silent, and all that it drives with it.

Looks like:     lock, window, mirror and switches of one door are dead together.
For:            the unit's messages missing for 2 s or more, the other doors' there.
Against:        a window or switch of that door that works.
Could also be:  door-harness-open: the unit's supply or data wire in the gaiter.
Confirm by:     watching for the unit's messages while the gaiter is flexed.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import (
    AIRBAG,
    KEEP_FILM,
    NEVER_FORCE,
    SHUT_DOOR,
    UNDER_TENSION,
    YEARLY_GAITER,
)
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="door-module-offline",
    scope="door",
    prior=0.035,
    summary="The control unit in the {door} has fallen silent, and its lock and window with it.",
    # DOMAIN 2.3, 2.5 C and 4.6; some units come back for a while. The numbers are judgement.
    own={
        "module": {"steady": 0.25, "lost": 0.75},
        "response": {"answered": 0.26, "slow": 0.03, "silent": 0.69, "bounced": 0.02},
        "response.moved": {"answered": 0.26, "slow": 0.03, "silent": 0.69, "bounced": 0.02},
        "response.frequent": {"answered": 0.26, "slow": 0.03, "silent": 0.69, "bounced": 0.02},
        "course": {"failed-since": 0.55, "failed-until": 0.10, "to-and-fro": 0.35},
        "hush": {"at-rest": 0.70, "moved": 0.30},
        "angle": {"loose": 0.90, "tied": 0.10},
        "summary": {"all": 0.30, "some": 0.70},
        "window": {"moved": 0.20, "dead": 0.80},
        "sound": {"silence": 0.78, "click": 0.10, "hum": 0.02, "whirr": 0.10},
        "switch": {"agrees": 0.60, "contradicts": 0.40},
        "outer.measured": {"opened": 0.75, "stuck": 0.25},
        "outer.ordered": {"opened": 0.30, "stuck": 0.70},
        "inner.measured": {"opened": 0.80, "stuck": 0.20},
        "inner.ordered": {"opened": 0.60, "stuck": 0.40},
        "outer.deaf": {"opened": 0.15, "stuck": 0.85},
        "outer.astray": {"opened": 0.90, "stuck": 0.10},
        "outer.shut": {"opened": 0.20, "stuck": 0.80},
        "outer.locked": {"opened": 0.50, "stuck": 0.50},
        "opening": {"ordered": 0.70, "astray": 0.30},
        "request.handle": {"received": 0.45, "unheard": 0.55},
        "reaction.handle": {"reacted": 0.45, "none": 0.55},
        "code": {
            "short": 0.0335,
            "open": 0.09,
            "intermittent": 0.08,
            "stuck": 0.0333,
            "linkage": 0.0333,
            "sensor": 0.0333,
            "bus": 0.55,
            "reset": 0.08,
            "thermal": 0.0333,
            "supply": 0.0333,
        },
    },
    advice=Advice(
        difficulty="high",
        steps=(
            "Press the window switch of the same door: with a dead unit nothing in it works.",
            "Flex the rubber gaiter slowly: a unit that comes back points at the wires.",
            UNDER_TENSION,
            "Check the fuse of the door's unit.",
            "Have the unit's trouble codes read.",
            "Have the unit replaced and taught by a workshop.",
        ),
        warnings=(NEVER_FORCE, KEEP_FILM, AIRBAG),
        prevention=(YEARLY_GAITER,),
        locked_out=SHUT_DOOR,
    ),
    shows=(
        "In the {door} lock, window, mirror and switches are dead together, for good or for a "
        "while. The small control unit in the door no longer talks to the car. All other doors "
        "are well."
    ),
    like=("door-harness-open", "door-harness-intermittent", "can-comm-degraded"),
    separates=(
        "The unit's own messages are missing on the bus. Wires in the gaiter can cause that too: "
        "if flexing the gaiter brings it back, mend the wires first."
    ),
    warns="Window or mirror of one door fail for a moment and come back.",
    sources="DOMAIN 2.3, 2.5 C and 4.6; judgement.",
)
