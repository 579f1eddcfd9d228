"""A wire to one door's lock is broken, most often in the rubber gaiter between body and door.

Looks like:     the fob clicks, the lamps flash, one door stays as it was, both ways.
For:            silence at the door, its window dead too, a success that comes with door movement.
Against:        a window that works, a hum or whirr from the lock, answers in time.
Could also be:  actuator-motor-fault, when only the lock is dead; latch-jammed, when it hums.
Confirm by:     the window switch of the same door; flexing the gaiter during unlock.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="door-harness-open",
    scope="door",
    prior=0.20,
    summary="A wire in the rubber gaiter of the {door} is broken: its lock gets no current.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.12, "slow": 0.02, "silent": 0.84, "bounced": 0.02},
        "summary": {"all": 0.14, "some": 0.86},
        "outer.ordered": {"opened": 0.12, "stuck": 0.88},
        "inner.ordered": {"opened": 0.60, "stuck": 0.40},
        "outer.deaf": {"opened": 0.05, "stuck": 0.95},
        "window": {"moved": 0.12, "dead": 0.88},
        "sound": {"silence": 0.88, "click": 0.06, "hum": 0.02, "whirr": 0.04},
    },
    advice=Advice(
        difficulty="average",
        parts_cost_rub=(1500, 3000),
        steps=(
            "Press the window switch of the same door: dead speaks for the harness.",
            "Open the door, flex the rubber gaiter slowly and press unlock every two seconds.",
            "Pull the gaiter off at the body side and test each wire under tension.",
            "Join a broken wire by solder and heat-shrink, never by twisting.",
        ),
        warnings=(
            "Do not force the handle: plastic rods deform.",
            "Some doors hold side airbag sensors: leave trim near them to a workshop.",
        ),
    ),
)
