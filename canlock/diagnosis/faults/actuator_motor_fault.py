"""The lock motor of one door is dead: brushes, winding or a stripped gear.

Looks like:     a click or hum at most, one door stays as it was, its window works.
For:            silence from one door only, its window moves, its knob moves freely by hand.
Against:        a dead window, a stiff knob, answers in time.
Could also be:  door-harness-open, when nobody tried the window; latch-jammed, when it hums.
Confirm by:     measuring the pulse at the door connector during an unlock.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="actuator-motor-fault",
    scope="door",
    prior=0.17,
    summary="The lock motor of the {door} does not move its latch.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.10, "slow": 0.05, "silent": 0.82, "bounced": 0.03},
        "summary": {"all": 0.15, "some": 0.85},
        "outer.ordered": {"opened": 0.10, "stuck": 0.90},
        "inner.ordered": {"opened": 0.60, "stuck": 0.40},
        "outer.deaf": {"opened": 0.05, "stuck": 0.95},
        "sound": {"silence": 0.30, "click": 0.35, "hum": 0.22, "whirr": 0.13},
        "knob": {"free": 0.92, "stiff": 0.08},
    },
    advice=Advice(
        difficulty="average",
        parts_cost_rub=(4000, 8000),
        steps=(
            "Press the window switch of the same door: a window that works clears the harness.",
            "Move the inside knob by hand: free means the motor, stiff means the latch.",
            "Measure the voltage at the lock's connector during an unlock.",
            "Replace the actuator: labour 2000-3000 roubles, about an hour.",
        ),
        warnings=("Take the trim off with a plastic spatula and keep the film behind it whole.",),
    ),
)
