"""The latch or its mechanism is jammed: corrosion, dried grease, a bent part.

Looks like:     the motor hums or clicks, the lock moves slowly, partly or not at all.
For:            a hum, a stiff knob, both handles without effect, a lock that falls back.
Against:        silence, a knob that moves freely, a handle that opens the door.
Could also be:  latch-frozen below 2 degC; actuator-motor-fault, when nobody listened.
Confirm by:     the mechanical key, turned gently; it stops where the latch does.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="latch-jammed",
    scope="door",
    prior=0.07,
    summary=("The latch of the {door} is jammed: it does not move although its motor is driven."),
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.10, "slow": 0.12, "silent": 0.68, "bounced": 0.10},
        "summary": {"all": 0.25, "some": 0.75},
        "outer.measured": {"opened": 0.35, "stuck": 0.65},
        "inner.measured": {"opened": 0.40, "stuck": 0.60},
        "outer.ordered": {"opened": 0.12, "stuck": 0.88},
        "inner.ordered": {"opened": 0.30, "stuck": 0.70},
        "outer.deaf": {"opened": 0.05, "stuck": 0.95},
        "sound": {"silence": 0.05, "click": 0.33, "hum": 0.52, "whirr": 0.10},
        "knob": {"free": 0.15, "stiff": 0.85},
    },
    advice=Advice(
        difficulty="high",
        parts_cost_rub=(6000, 12000),
        steps=(
            "Move the inside knob by hand: stiff means the latch.",
            "Turn the mechanical key gently, and stop where it resists.",
            "Clean and grease the latch with silicone, PTFE or graphite.",
            "Replace the latch where it stays stiff.",
        ),
        warnings=(
            "Do not force the handle or the key: plastic rods deform.",
            "No WD-40 on locks in winter.",
        ),
    ),
)
