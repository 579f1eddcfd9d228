"""The car does not heed the fob because its ignition is on, its key is in, or it moves.

Looks like:     the fob does nothing while the engine runs or the ignition is on.
For:            ignition on or key in at the press, a refusal, all well when it is off.
Against:        the same with the ignition off and the key out.
Could also be:  bcm-no-command, or an ignition switch that never says off.
Confirm by:     switching the ignition off, waiting 5 s, and pressing again.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="inhibit-power-state",
    scope="car",
    prior=0.035,
    summary="By design the car does not heed the fob while its ignition is on.",
    # DOMAIN 2.5 A; the numbers are judgement.
    own={
        # The ignition is not shown on every bus.
        "command": {"given": 0.62, "late": 0.01, "absent": 0.19, "refused": 0.18},
        "command.handle": {"given": 0.62, "late": 0.01, "absent": 0.19, "refused": 0.18},
        "reaction": {"reacted": 0.62, "none": 0.38},
        "reaction.away": {"reacted": 0.62, "none": 0.38},
        "refusal": {
            "none": 0.448,
            "door-open": 0.011,
            "key-inside": 0.017,
            "key-inserted": 0.12,
            "power": 0.353,
            "low-voltage": 0.006,
            "count": 0.006,
            "unsaid": 0.039,
        },
        "denied": {
            "none": 0.592,
            "driver-only": 0.002,
            "relocked": 0.002,
            "automatic": 0.002,
            "refused": 0.4,
            "unordered": 0.002,
        },
    },
    told_by=("power.state", "key.inserted"),
    advice=Advice(
        difficulty="low",
        steps=(
            "Switch the ignition off and take the key out.",
            "Wait five seconds.",
            "Press the fob again.",
        ),
    ),
    shows=(
        "With the ignition on or the engine running the fob does nothing. The button inside "
        "still works. Once all is off, the fob works again."
    ),
    like=("bcm-no-command", "inhibit-key-inside"),
    separates="With the ignition off it works each time. A fault does not mind the ignition.",
    sources="DOMAIN 1.1 and 2.5 A (Nissan service manuals); judgement.",
)
