"""The battery or its connection is too weak to move the locks.

Looks like:     all doors slow or dead alike, orders missing, the BCM restarts.
For:            low voltage at rest or under 9 V while the motors run, every door slow.
Against:        a good voltage throughout, only one door concerned.
Could also be:  lock-power-feed-open, when the voltage was not seen.
Confirm by:     a charger or a running engine, then the same again.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="supply-undervoltage",
    scope="car",
    prior=0.04,
    summary="The supply voltage is too low for the locks.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "supply": {"good": 0.12, "low": 0.33, "very-low": 0.55},
        "dip": {"steady": 0.25, "deep": 0.75},
        "response": {"answered": 0.35, "slow": 0.30, "silent": 0.30, "bounced": 0.05},
        "summary": {"all": 0.60, "some": 0.40},
        "command": {"given": 0.60, "late": 0.10, "absent": 0.30},
        "reaction": {"reacted": 0.60, "none": 0.40},
        "reaction.near": {"reacted": 0.60, "none": 0.40},
        "reaction.spare": {"reacted": 0.60, "none": 0.40},
        "outer.ordered": {"opened": 0.50, "stuck": 0.50},
        "denied": {"stuck": 0.30, "none": 0.70},
        "sound": {"silence": 0.25, "click": 0.45, "hum": 0.20, "whirr": 0.10},
    },
    advice=Advice(
        difficulty="low",
        parts_cost_rub=(0, 9000),
        steps=(
            "Measure the battery: 12.4 V or more at rest, 13.5 V or more with the engine running.",
            "Charge it, clean and tighten its terminals, and try again.",
        ),
    ),
)
