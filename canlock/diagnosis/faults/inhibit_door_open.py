"""The BCM did not lock because a door stood open.

Looks like:     lock is pressed and nothing happens, a door is ajar.
For:            a door shown as open when locking was asked for.
Against:        all doors shown as shut.
Could also be:  a door switch that says open when the door is shut.
Confirm by:     closing every door and watching it being shown.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="inhibit-door-open",
    scope="car",
    prior=0.03,
    summary="By design the car does not lock while a door is open.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "command.barred": {"given": 0.10, "absent": 0.90},
    },
    advice=Advice(
        difficulty="low",
        steps=("Close every door firmly, the tailgate too, and lock again.",),
    ),
)
