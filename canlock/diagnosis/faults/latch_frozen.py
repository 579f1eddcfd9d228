"""The latch or the seal is frozen.

Looks like:     like a jam, below about 2 degC, after a wash or a thaw; gone when warm.
For:            frost, several doors, a cure by warmth.
Against:        warm weather.
Could also be:  latch-jammed.
Confirm by:     warming the latch for 15 minutes, then the same again.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import (
    GREASE_BEFORE_WINTER,
    NEVER_FORCE,
    NEVER_FORCE_KEY,
    NO_BOOT,
    NO_WD40,
)
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="latch-frozen",
    scope="door",
    prior=0.04,
    summary="The latch of the {door} is frozen.",
    # DOMAIN 2.5 F and 4.6; judgement where it is silent.
    own={
        "air": {"freezing": 0.97, "cool": 0.025, "mild": 0.005},
        "response": {"answered": 0.25, "slow": 0.22, "silent": 0.45, "bounced": 0.08},
        "response.moved": {"answered": 0.28, "slow": 0.22, "silent": 0.42, "bounced": 0.08},
        "response.frequent": {"answered": 0.25, "slow": 0.22, "silent": 0.45, "bounced": 0.08},
        "course": {"failed-since": 0.15, "failed-until": 0.30, "to-and-fro": 0.55},
        "pace": {"even": 0.45, "slower": 0.55},
        "summary": {"all": 0.32, "some": 0.68},
        "outer.measured": {"opened": 0.24, "stuck": 0.76},
        "inner.measured": {"opened": 0.26, "stuck": 0.74},
        "outer.ordered": {"opened": 0.14, "stuck": 0.86},
        "inner.ordered": {"opened": 0.20, "stuck": 0.80},
        "inner.rear": {"opened": 0.25, "stuck": 0.75},
        "inner.barred": {"opened": 0.22, "stuck": 0.78},
        "outer.deaf": {"opened": 0.04, "stuck": 0.96},
        "outer.astray": {"opened": 0.20, "stuck": 0.80},
        "outer.locked": {"opened": 0.12, "stuck": 0.88},
        "opening": {"ordered": 0.93, "astray": 0.07},
        "sound": {"silence": 0.06, "click": 0.36, "hum": 0.47, "whirr": 0.11},
        "knob": {"free": 0.18, "stiff": 0.82},
        "repeat": {"once": 0.94, "again": 0.06},
        "defect": {"ok": 0.75, "defect": 0.25},
        "code": {
            "short": 0.04,
            "open": 0.04,
            "intermittent": 0.04,
            "stuck": 0.52,
            "linkage": 0.08,
            "sensor": 0.06,
            "bus": 0.04,
            "reset": 0.04,
            "thermal": 0.1,
            "supply": 0.04,
        },
    },
    # Where one latch freezes, others often do.
    others={
        "response": {"answered": 0.68, "slow": 0.12, "silent": 0.17, "bounced": 0.03},
        "response.moved": {"answered": 0.70, "slow": 0.12, "silent": 0.15, "bounced": 0.03},
        "response.frequent": {"answered": 0.68, "slow": 0.12, "silent": 0.17, "bounced": 0.03},
        "pace": {"even": 0.80, "slower": 0.20},
        "outer.measured": {"opened": 0.72, "stuck": 0.28},
        "inner.measured": {"opened": 0.72, "stuck": 0.28},
        "outer.ordered": {"opened": 0.66, "stuck": 0.34},
        "inner.ordered": {"opened": 0.68, "stuck": 0.32},
        "outer.deaf": {"opened": 0.10, "stuck": 0.90},
        "sound": {"silence": 0.06, "click": 0.43, "hum": 0.20, "whirr": 0.31},
        "knob": {"free": 0.68, "stiff": 0.32},
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Warm the cabin or the latch for 15 minutes.",
            "Press unlock once and try the handle gently.",
            "Dry latch and seal once the door is open.",
            "Grease the latch with silicone, PTFE or graphite.",
        ),
        warnings=(NEVER_FORCE, NEVER_FORCE_KEY, NO_WD40),
        prevention=(
            GREASE_BEFORE_WINTER,
            "Rub the door seals with silicone before frost.",
            "After a wash in frost, dry the seals and work each lock a few times.",
        ),
        locked_out=(
            "Try each of the other doors: they seldom all freeze.",
            "Warm the latch through the shut door with a warm pack, or use a de-icer.",
            NO_BOOT,
        ),
    ),
    shows=(
        "In frost, after a wash, rain or a thaw, the {door} hums and stays shut, or its handle "
        "does not move. Often other doors are stiff too. Once the car is warm, all is well again."
    ),
    like=("latch-jammed", "actuator-degrading", "linkage-disconnected"),
    separates="It comes with frost and goes with warmth. Rust and dry grease stay in summer.",
    warns="Handles and knobs that get stiff on the first cold days.",
    sources="DOMAIN 2.5 F, 4.2 and 4.6; seed article; judgement.",
)
