"""The latch or the seal is frozen.

Looks like:     like a jam, below about 2 degC, after a wash or a thaw; gone when warm.
For:            frost, several doors, a cure by warmth.
Against:        warm weather.
Could also be:  latch-jammed.
Confirm by:     warming the latch for 15 minutes, then the same again.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="latch-frozen",
    scope="door",
    prior=0.01,
    summary="The latch of the {door} is frozen.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.15, "slow": 0.20, "silent": 0.55, "bounced": 0.10},
        "summary": {"all": 0.25, "some": 0.75},
        "outer.measured": {"opened": 0.20, "stuck": 0.80},
        "inner.measured": {"opened": 0.25, "stuck": 0.75},
        "outer.ordered": {"opened": 0.12, "stuck": 0.88},
        "inner.ordered": {"opened": 0.25, "stuck": 0.75},
        "outer.deaf": {"opened": 0.05, "stuck": 0.95},
        "sound": {"silence": 0.05, "click": 0.35, "hum": 0.50, "whirr": 0.10},
        "knob": {"free": 0.20, "stiff": 0.80},
    },
    advice=Advice(
        difficulty="low",
        parts_cost_rub=(0, 500),
        steps=(
            "Warm the cabin or the latch for 15 minutes and try again.",
            "Grease the latch with silicone before winter.",
        ),
        warnings=(
            "Do not force the handle: plastic rods deform.",
            "No WD-40 on locks in winter; silicone, PTFE or graphite instead.",
        ),
    ),
)
