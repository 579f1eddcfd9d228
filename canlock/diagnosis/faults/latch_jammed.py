"""The latch or its mechanism is jammed: corrosion, dried grease, a bent part.

Looks like:     the motor hums or clicks, the lock moves slowly, partly or not at all.
For:            a hum, a stiff knob, both handles without effect, a lock that falls back.
Against:        silence, a knob that moves freely, a handle that opens the door.
Could also be:  latch-frozen below 2 degC; actuator-motor-fault, when nobody listened.
Confirm by:     the mechanical key, turned gently; it stops where the latch does.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import (
    AIRBAG,
    FIRST_SIGN,
    GREASE_BEFORE_WINTER,
    KEEP_FILM,
    NEVER_FORCE,
    NEVER_FORCE_KEY,
    NO_WD40,
    RODS_BACK,
    SHUT_DOOR,
    TRY_BEFORE_CLOSING,
)
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="latch-jammed",
    scope="door",
    prior=0.08,
    summary="The latch of the {door} is jammed: it does not move although its motor is driven.",
    # DOMAIN 2.5 F and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.15, "slow": 0.12, "silent": 0.65, "bounced": 0.08},
        "response.moved": {"answered": 0.15, "slow": 0.12, "silent": 0.65, "bounced": 0.08},
        "response.frequent": {"answered": 0.13, "slow": 0.12, "silent": 0.67, "bounced": 0.08},
        "course": {"failed-since": 0.40, "failed-until": 0.10, "to-and-fro": 0.50},
        "angle": {"loose": 0.94, "tied": 0.06},
        "pace": {"even": 0.40, "slower": 0.60},
        "summary": {"all": 0.25, "some": 0.75},
        "outer.measured": {"opened": 0.20, "stuck": 0.80},
        "inner.measured": {"opened": 0.22, "stuck": 0.78},
        "outer.ordered": {"opened": 0.10, "stuck": 0.90},
        "inner.ordered": {"opened": 0.18, "stuck": 0.82},
        "inner.rear": {"opened": 0.20, "stuck": 0.80},
        "inner.barred": {"opened": 0.20, "stuck": 0.80},
        "outer.deaf": {"opened": 0.04, "stuck": 0.96},
        "outer.astray": {"opened": 0.20, "stuck": 0.80},
        "outer.locked": {"opened": 0.15, "stuck": 0.85},
        "opening": {"ordered": 0.91, "astray": 0.09},
        "sound": {"silence": 0.06, "click": 0.33, "hum": 0.51, "whirr": 0.10},
        "knob": {"free": 0.13, "stiff": 0.87},
        "repeat": {"once": 0.94, "again": 0.06},
        "defect": {"ok": 0.65, "defect": 0.35},
        "code": {
            "short": 0.0365,
            "open": 0.0367,
            "intermittent": 0.0367,
            "stuck": 0.52,
            "linkage": 0.1,
            "sensor": 0.06,
            "bus": 0.0367,
            "reset": 0.0367,
            "thermal": 0.1,
            "supply": 0.0367,
        },
    },
    advice=Advice(
        difficulty="high",
        parts_cost_rub=(6000, 12000),
        steps=(
            "Move the inside knob by hand: stiff means the latch.",
            "Turn the mechanical key gently, and stop where it resists.",
            "Get the door open from inside, with the trim off, by the lock's rod or lever.",
            "Clean and grease the latch with silicone, PTFE or graphite.",
            "Replace the latch if it stays stiff.",
            TRY_BEFORE_CLOSING,
        ),
        warnings=(NEVER_FORCE, NEVER_FORCE_KEY, NO_WD40, KEEP_FILM, RODS_BACK, AIRBAG),
        prevention=(GREASE_BEFORE_WINTER,),
        locked_out=SHUT_DOOR,
    ),
    shows=(
        "You press the fob and hear the {door} hum or click, but it stays as it was, or moves "
        "slowly and falls back. Knob and key are stiff, and neither handle opens the door. Rust, "
        "old hard grease or a bent part holds the latch."
    ),
    like=("latch-frozen", "actuator-motor-fault", "linkage-disconnected", "actuator-degrading"),
    separates=(
        "The motor is heard, so it has current; the knob is stiff, so the mechanics hold it. In "
        "frost it may be ice, which warmth cures. A rod that has come off makes the handle loose, "
        "not stiff."
    ),
    warns=FIRST_SIGN,
    sources="DOMAIN 2.5 F and 4.6; seed article; judgement.",
)
