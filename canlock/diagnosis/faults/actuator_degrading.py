"""A lock motor wears out: it still gets there, later than the others and not always.

Looks like:     one door clicks after the others, now and then it misses.
For:            one door slower than the others at the same order, worse in cold and often.
Against:        all doors slow alike; a door as quick as the others.
Could also be:  supply-undervoltage, when all are slow; latch-jammed, when it is stiff.
Confirm by:     ten spaced operations, and the delay of each door.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import (
    AIRBAG,
    FIRST_SIGN,
    GREASE_BEFORE_WINTER,
    KEEP_FILM,
    NEVER_FORCE,
    NO_WD40,
    RODS_BACK,
)
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="actuator-degrading",
    scope="door",
    prior=0.06,
    summary="The lock motor of the {door} wears out: it answers later than the others.",
    # DOMAIN 2.5 E and 4.6; the numbers are judgement.
    own={
        "response": {"answered": 0.66, "slow": 0.25, "silent": 0.06, "bounced": 0.03},
        "response.moved": {"answered": 0.66, "slow": 0.25, "silent": 0.06, "bounced": 0.03},
        "response.frequent": {"answered": 0.52, "slow": 0.30, "silent": 0.14, "bounced": 0.04},
        "course": {"failed-since": 0.15, "failed-until": 0.08, "to-and-fro": 0.77},
        "pace": {"even": 0.12, "slower": 0.88},
        "summary": {"all": 0.91, "some": 0.09},
        "outer.ordered": {"opened": 0.93, "stuck": 0.07},
        "outer.deaf": {"opened": 0.08, "stuck": 0.92},
        "outer.astray": {"opened": 0.92, "stuck": 0.08},
        "outer.locked": {"opened": 0.15, "stuck": 0.85},
        "opening": {"ordered": 0.91, "astray": 0.09},
        "sound": {"silence": 0.03, "click": 0.47, "hum": 0.15, "whirr": 0.35},
        "knob": {"free": 0.88, "stiff": 0.12},
        "repeat": {"once": 0.93, "again": 0.07},
        "defect": {"ok": 0.92, "defect": 0.08},
        "code": {
            "short": 0.0465,
            "open": 0.0467,
            "intermittent": 0.1,
            "stuck": 0.42,
            "linkage": 0.08,
            "sensor": 0.0467,
            "bus": 0.0467,
            "reset": 0.0467,
            "thermal": 0.12,
            "supply": 0.0467,
        },
    },
    advice=Advice(
        difficulty="average",
        parts_cost_rub=(4000, 8000),
        labour_cost_rub=(2000, 3000),
        hours=1.0,
        steps=(
            "Lock and unlock ten times, six seconds apart, and compare the doors.",
            "Measure the battery: a weak one makes every door slow.",
            "Move the inside knob by hand: stiff means that the latch wants grease.",
            "Clean and grease the latch with silicone, PTFE or graphite.",
            "If it stays late, replace the actuator (the lock motor) before it fails.",
        ),
        warnings=(NEVER_FORCE, NO_WD40, KEEP_FILM, RODS_BACK, AIRBAG),
        prevention=(GREASE_BEFORE_WINTER,),
    ),
    shows=(
        "The {door} still locks and unlocks, and clicks after the others. In the cold, or after "
        "many presses, it is later still or misses one. Week by week it gets slower."
    ),
    like=(
        "actuator-motor-fault",
        "latch-jammed",
        "latch-frozen",
        "supply-undervoltage",
        "door-harness-intermittent",
        "inhibit-thermal-or-count",
    ),
    separates=(
        "This door alone is late, at the same press at which the others are in time. A weak "
        "battery slows them all; a loose wire fails wholly and is never merely late."
    ),
    warns=FIRST_SIGN,
    sources="DOMAIN 2.5 E, 4.3 and 4.6; seed article; judgement.",
)
