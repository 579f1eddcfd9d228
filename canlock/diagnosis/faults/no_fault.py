"""Everything that could be seen did what it should.

Looks like:     requests, orders and answers in time, doors that open when unlocked.
For:            every link of at least three commands complete.
Against:        anything that failed, or somebody who could not get in.
Could also be:  a fault that comes and goes and did not show.
Confirm by:     recording longer, when it happens.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel

FAULT: Final = FaultModel(
    code="no-fault",
    scope="car",
    prior=0.15,
    summary="No fault was seen.",
    own={},
    shows=(
        "Every press was received, the car ordered its locks at once, and every door that could "
        "be seen did so in time. A fault that comes and goes may still be there: a few good "
        "presses do not rule it out."
    ),
    like=("insufficient-evidence",),
    separates=(
        "At least three orders with every link complete were seen, and nobody marked anything "
        "that a healthy car does not do."
    ),
    sources="DOMAIN 2.5 A.",
)
