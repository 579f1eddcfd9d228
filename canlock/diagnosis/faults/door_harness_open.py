"""A wire to one door's lock is broken, most often in the rubber gaiter between body and door.

Looks like:     the fob clicks, the lamps flash, one door stays as it was, both ways.
For:            silence at the door, its window dead too, a success that comes with door movement.
Against:        a window that works, a hum or whirr from the lock, answers in time.
Could also be:  actuator-motor-fault, when only the lock is dead; door-module-offline.
Confirm by:     the window switch of the same door; flexing the gaiter during unlock.
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
    code="door-harness-open",
    scope="door",
    prior=0.13,
    summary="A wire in the rubber gaiter of the {door} is broken: its lock gets no current.",
    # DOMAIN 2.3, 2.5 E and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.06, "slow": 0.02, "silent": 0.90, "bounced": 0.02},
        "response.moved": {"answered": 0.20, "slow": 0.02, "silent": 0.75, "bounced": 0.03},
        "response.frequent": {"answered": 0.06, "slow": 0.02, "silent": 0.90, "bounced": 0.02},
        "course": {"failed-since": 0.72, "failed-until": 0.05, "to-and-fro": 0.23},
        "angle": {"loose": 0.70, "tied": 0.30},
        "summary": {"all": 0.12, "some": 0.88},
        "outer.ordered": {"opened": 0.08, "stuck": 0.92},
        "inner.ordered": {"opened": 0.60, "stuck": 0.40},
        "outer.deaf": {"opened": 0.05, "stuck": 0.95},
        "outer.astray": {"opened": 0.95, "stuck": 0.05},
        "outer.shut": {"opened": 0.20, "stuck": 0.80},
        "outer.locked": {"opened": 0.55, "stuck": 0.45},
        "opening": {"ordered": 0.67, "astray": 0.33},
        # The wires break one by one, those of window and switches among them.
        "window": {"moved": 0.30, "dead": 0.70},
        "sound": {"silence": 0.90, "click": 0.05, "hum": 0.02, "whirr": 0.03},
        "switch": {"agrees": 0.72, "contradicts": 0.28},
        "flicker": {"calm": 0.80, "flickers": 0.20},
        "chatter": {"calm": 0.90, "chatters": 0.10},
        "request.handle": {"received": 0.60, "unheard": 0.40},
        "reaction.handle": {"reacted": 0.60, "none": 0.40},
        "hush": {"at-rest": 0.12, "moved": 0.88},
        "module": {"steady": 0.75, "lost": 0.25},
        "defect": {"ok": 0.90, "defect": 0.10},
        "code": {
            "short": 0.02,
            "open": 0.58,
            "intermittent": 0.12,
            "stuck": 0.08,
            "linkage": 0.02,
            "sensor": 0.06,
            "bus": 0.06,
            "reset": 0.02,
            "thermal": 0.02,
            "supply": 0.02,
        },
    },
    varied=("hush",),
    advice=Advice(
        difficulty="average",
        parts_cost_rub=(1500, 3000),
        steps=(
            "Press the window switch of the same door: a dead window speaks for the harness.",
            "Open the door, flex the rubber gaiter slowly and press unlock every two seconds.",
            UNDER_TENSION,
            SOLDER,
            "Lay the wires so that they bend in a wide bow.",
        ),
        warnings=(NEVER_FORCE, KEEP_FILM, AIRBAG),
        prevention=(YEARLY_GAITER,),
        locked_out=SHUT_DOOR,
    ),
    shows=(
        "You press the fob, the lamps flash, the other doors click, and the {door} makes no sound "
        "and stays as it was, whether you lock or unlock. Often its window is dead too. The wires "
        "to a door bend in a rubber sleeve (gaiter) each time it opens; after some years they "
        "break there."
    ),
    like=(
        "actuator-motor-fault",
        "door-harness-intermittent",
        "door-module-offline",
        "lock-feedback-sensor-fault",
    ),
    separates=(
        "Silence, not a hum, and a window that is dead too: they share the gaiter. If the window "
        "works, the lock's motor is as likely. If the lock comes alive as the gaiter is flexed, it "
        "is the wire."
    ),
    warns="Lock, window or speaker of one door that fail for a moment as the door moves.",
    sources="DOMAIN 2.3, 2.5 E and 4.6; seed article; judgement.",
)
