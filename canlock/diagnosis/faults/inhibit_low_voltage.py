"""The BCM does not drive the locks because the supply voltage is too low.

Looks like:     the fob is received, no lock moves; the battery is nearly flat.
For:            less than about 9 V when asked, a refusal, locks that work on a charger.
Against:        a good voltage when asked.
Could also be:  supply-undervoltage, which is the reason behind it; bcm-no-command.
Confirm by:     a charger or a second battery, then the same again.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import CARRY_KEY, SHUT_OUT_WITHOUT_CURRENT
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="inhibit-low-voltage",
    scope="car",
    prior=0.035,
    summary="By design the car does not move its locks at so low a battery voltage.",
    # DOMAIN 0.9 and 2.5 A: no command below 8.8-9 V. The numbers are judgement.
    own={
        # The voltage is not shown on every bus.
        "command": {"given": 0.25, "late": 0.01, "absent": 0.37, "refused": 0.37},
        "command.handle": {"given": 0.25, "late": 0.01, "absent": 0.37, "refused": 0.37},
        "reaction": {"reacted": 0.25, "none": 0.75},
        "reaction.near": {"reacted": 0.25, "none": 0.75},
        "reaction.spare": {"reacted": 0.25, "none": 0.75},
        "reaction.handle": {"reacted": 0.25, "none": 0.75},
        "reaction.interior": {"reacted": 0.25, "none": 0.75},
        "reaction.away": {"reacted": 0.25, "none": 0.75},
        "refusal": {
            "none": 0.25,
            "low-voltage": 0.55,
            "unsaid": 0.14,
            "door-open": 0.02,
            "key-inside": 0.005,
            "key-inserted": 0.005,
            "power": 0.02,
            "count": 0.01,
        },
        "supply": {"good": 0.02, "low": 0.08, "very-low": 0.90},
        "dip": {"steady": 0.55, "deep": 0.45},
        "denied": {
            "none": 0.494,
            "driver-only": 0.002,
            "relocked": 0.002,
            "automatic": 0.002,
            "refused": 0.3,
            "unordered": 0.2,
        },
    },
    varied=("refusal", "command", "reaction"),
    told_by=("supply.voltage",),
    advice=Advice(
        difficulty="low",
        steps=(
            "Measure the battery at rest: 12.4 V or more is good, under 9 V is why it refuses.",
            "Connect a charger.",
            "Lock and unlock again.",
            "Find out why the battery is flat: its age, a lamp left on, a loose terminal.",
        ),
        prevention=(CARRY_KEY,),
        locked_out=SHUT_OUT_WITHOUT_CURRENT,
    ),
    shows=(
        "The car notices the fob and moves no lock at all. The lamps are dim, the engine hardly "
        "turns or does not start. Below about 9 volts the car spares what is left in the battery."
    ),
    like=("supply-undervoltage", "bcm-no-command"),
    separates=(
        "Here no lock is even tried, and a charger cures it at once. With a worn battery that is "
        "not yet so low, the locks are tried, and all are slow."
    ),
    warns="An engine that turns slowly in the morning, and lamps that dim when a window moves.",
    sources="DOMAIN 0.9, 1.1 and 2.5 A (Fiat and Nissan service manuals); judgement.",
)
