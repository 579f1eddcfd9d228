"""Everything that could be seen did what it should.

Looks like:     requests, orders and answers in time, doors that open when unlocked.
For:            every link of at least three commands complete.
Against:        anything that failed or somebody who could not get in.
Could also be:  a fault that comes and goes and did not show.
Confirm by:     recording longer, when it happens.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="no-fault",
    scope="car",
    prior=4.00,
    summary="No fault was seen.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={},
    advice=Advice(),
)
