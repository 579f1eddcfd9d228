"""The first press unlocks the driver's door only; a second press unlocks all.

Looks like:     only the driver's door opens.
For:            an order for the driver's door only, all doors after a second press.
Against:        one press orders all doors.
Could also be:  a fault of the other doors' common output.
Confirm by:     pressing unlock twice within three seconds.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="selective-unlock",
    scope="car",
    prior=0.03,
    summary=(
        "By design the first press unlocks the driver's door only; a second press unlocks all."
    ),
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "scope": {"all": 0.30, "driver-only": 0.70},
        # A vehicle file that cannot name an order for one door shows it as none.
        "command.unlock": {"given": 0.60, "late": 0.01, "absent": 0.39},
        "denied": {"stuck": 0.60, "none": 0.40},
    },
    # It opens the driver's door: who was kept out there has another reason.
    spares=("driver",),
    advice=Advice(
        difficulty="low",
        steps=(
            "Press unlock twice within three seconds.",
            "Change the setting in the manual's way, if you want all doors at once.",
        ),
    ),
)
