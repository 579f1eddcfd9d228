"""The first press unlocks the driver's door only; a second press unlocks all.

Looks like:     only the driver's door opens.
For:            an order for the driver's door only, others kept out by it, all doors after a
                second press.
Against:        one press orders all doors.
Could also be:  bcm-output-driver-fault: the common output of the other doors.
Confirm by:     pressing unlock twice within three seconds.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="selective-unlock",
    scope="car",
    prior=0.04,
    summary=(
        "By design the first press unlocks the driver's door only; a second press unlocks all."
    ),
    # DOMAIN 1.1 and 2.5 A; the numbers are judgement.
    own={
        "scope": {"all": 0.30, "driver-only": 0.70},
        # A vehicle file that cannot name an order for one door shows it as none.
        "command.unlock": {"given": 0.68, "late": 0.01, "absent": 0.305, "refused": 0.005},
        "denied": {
            "none": 0.442,
            "driver-only": 0.55,
            "relocked": 0.002,
            "automatic": 0.002,
            "refused": 0.002,
            "unordered": 0.002,
        },
    },
    # It opens the driver's door: who was kept out there has another reason.
    spares=("driver",),
    advice=Advice(
        difficulty="low",
        steps=(
            "Press unlock twice within three seconds.",
            "If you want all doors at once, change the setting as the manual says.",
        ),
    ),
    shows=(
        "One press of unlock opens the driver's door and no other. A second press soon after it "
        "opens them all. It keeps strangers from getting in at the other side."
    ),
    like=("bcm-output-driver-fault",),
    separates="A second press opens the other doors. With a fault they stay shut.",
    sources="DOMAIN 1.1 and 2.5 A (Nissan and Volvo owner's manuals); judgement.",
)
