"""The lock motor of one door is dead: brushes, winding or a stripped gear.

Looks like:     a click or hum at most, one door stays as it was, its window works.
For:            silence from one door only, its window moves, its knob moves freely by hand.
Against:        a dead window, a stiff knob, answers in time.
Could also be:  door-harness-open, when nobody tried the window; latch-jammed, when it hums.
Confirm by:     measuring the pulse at the door connector during an unlock.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import (
    AIRBAG,
    GREASE_BEFORE_WINTER,
    KEEP_FILM,
    NEVER_FORCE,
    RODS_BACK,
    SHUT_DOOR,
    TRY_BEFORE_CLOSING,
)
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="actuator-motor-fault",
    scope="door",
    prior=0.13,
    summary="The lock motor of the {door} does not move its latch.",
    # DOMAIN 2.5 E and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.08, "slow": 0.06, "silent": 0.83, "bounced": 0.03},
        "response.moved": {"answered": 0.08, "slow": 0.06, "silent": 0.83, "bounced": 0.03},
        "response.frequent": {"answered": 0.06, "slow": 0.05, "silent": 0.86, "bounced": 0.03},
        "course": {"failed-since": 0.36, "failed-until": 0.06, "to-and-fro": 0.58},
        "pace": {"even": 0.60, "slower": 0.40},
        "summary": {"all": 0.14, "some": 0.86},
        "outer.ordered": {"opened": 0.10, "stuck": 0.90},
        "inner.ordered": {"opened": 0.60, "stuck": 0.40},
        "outer.deaf": {"opened": 0.05, "stuck": 0.95},
        "outer.astray": {"opened": 0.95, "stuck": 0.05},
        "outer.locked": {"opened": 0.55, "stuck": 0.45},
        "opening": {"ordered": 0.67, "astray": 0.33},
        "sound": {"silence": 0.30, "click": 0.34, "hum": 0.20, "whirr": 0.16},
        "defect": {"ok": 0.65, "defect": 0.35},
        "code": {
            "short": 0.08,
            "open": 0.15,
            "intermittent": 0.0375,
            "stuck": 0.42,
            "linkage": 0.07,
            "sensor": 0.06,
            "bus": 0.0375,
            "reset": 0.0375,
            "thermal": 0.07,
            "supply": 0.0375,
        },
    },
    advice=Advice(
        difficulty="average",
        parts_cost_rub=(4000, 8000),
        labour_cost_rub=(2000, 3000),
        hours=1.0,
        steps=(
            "Press the window switch of the same door: a window that works clears the harness.",
            "Listen at the door: a whirr without movement is a stripped gear.",
            "Move the inside knob by hand: free means the motor, stiff means the latch.",
            "Measure the voltage at the lock's connector during an unlock.",
            "If the pulse arrives, replace the actuator (the lock motor with its gear).",
            TRY_BEFORE_CLOSING,
        ),
        warnings=(NEVER_FORCE, KEEP_FILM, RODS_BACK, AIRBAG),
        prevention=(GREASE_BEFORE_WINTER,),
        locked_out=SHUT_DOOR,
    ),
    shows=(
        "You press the fob and the {door} stays as it was. There is silence, a click, a short hum, "
        "or a whirr that moves nothing. Its window works, and its knob moves freely by hand. Often "
        "the door was late for some weeks before."
    ),
    like=(
        "door-harness-open",
        "latch-jammed",
        "actuator-degrading",
        "lock-feedback-sensor-fault",
        "bcm-output-driver-fault",
    ),
    separates=(
        "The window of the same door works, so the wires are likely sound; the knob is free, so "
        "the latch is not jammed. If the pulse arrives at the connector, it is the motor."
    ),
    warns="The door locks later than the others, or only at the second press.",
    sources="DOMAIN 1.3, 2.5 E and 4.6; seed article; judgement.",
)
