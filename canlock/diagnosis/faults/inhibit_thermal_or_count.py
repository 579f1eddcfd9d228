"""The locks rest after they were worked too often in a row.

Looks like:     many presses in a row, then nothing for half a minute or some minutes.
For:            eight or more orders in 20 s just before, a cure by waiting.
Against:        a failure at the first press of the day.
Could also be:  actuator-degrading, when a motor dies as it gets warm; bcm-no-command.
Confirm by:     leaving the car alone for 10 minutes, then one press.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import USE_KEY
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="inhibit-thermal-or-count",
    scope="car",
    prior=0.035,
    summary="By design the locks rest for a while after they were worked so often in a row.",
    # DOMAIN 0.9 and 1.3: 8 operations in 20 s, then 30 s; or the motors' own protection, minutes.
    own={
        # A door that had moved meanwhile, and one that nobody could open while its lock rested.
        "response.moved": {"answered": 0.80, "slow": 0.05, "silent": 0.14, "bounced": 0.01},
        "outer.ordered": {"opened": 0.85, "stuck": 0.15},
        "inner.ordered": {"opened": 0.92, "stuck": 0.08},
        "outer.deaf": {"opened": 0.30, "stuck": 0.70},
        "response.frequent": {"answered": 0.56, "slow": 0.12, "silent": 0.30, "bounced": 0.02},
        "course": {"failed-since": 0.17, "failed-until": 0.08, "to-and-fro": 0.75},
        # What the count leaves behind: the first order of the next stretch.
        "response": {"answered": 0.93, "slow": 0.03, "silent": 0.035, "bounced": 0.005},
        "refusal": {
            "none": 0.6,
            "door-open": 0.008,
            "key-inside": 0.002,
            "key-inserted": 0.002,
            "power": 0.004,
            "low-voltage": 0.004,
            "count": 0.348,
            "unsaid": 0.032,
        },
        "denied": {
            "none": 0.674,
            "driver-only": 0.002,
            "relocked": 0.002,
            "automatic": 0.002,
            "refused": 0.3,
            "unordered": 0.02,
        },
        "code": {
            "short": 0.02,
            "open": 0.02,
            "intermittent": 0.02,
            "stuck": 0.12,
            "linkage": 0.02,
            "sensor": 0.02,
            "bus": 0.02,
            "reset": 0.02,
            "thermal": 0.72,
            "supply": 0.02,
        },
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Leave the locks alone for 10 minutes.",
            "Press once.",
        ),
        prevention=("Do not let children play with the fob.",),
        locked_out=(USE_KEY,),
    ),
    shows=(
        "After many presses in a row the locks stop, all of them or one after the other. "
        "Half a minute or a few minutes later they work again, as if nothing had been. "
        "This protects the motors from heat."
    ),
    like=("bcm-no-command", "actuator-degrading"),
    separates=(
        "It only comes after many presses, and waiting cures it. A worn motor is late at the "
        "first press of the day too."
    ),
    sources="DOMAIN 0.9, 1.2 and 1.3 (Fiat and Mitsubishi service manuals); judgement.",
)
