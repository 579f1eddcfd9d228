"""Something failed that no known fault explains.

Looks like:     failures without a pattern.
For:            symptoms that contradict each other under every known fault.
Against:        any pattern that a known fault predicts.
Could also be:  two faults at once; a wrong vehicle file.
Confirm by:     checking the vehicle file against the car, then recording longer.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.observation import HEALTHY
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="unknown-fault",
    scope="car",
    prior=0.02,
    summary="Something is wrong, but it looks like no fault that canlock knows.",
    # Knows nothing: every outcome of a kind is as likely as any other.
    own={kind: dict.fromkeys(outcomes, 1.0 / len(outcomes)) for kind, outcomes in HEALTHY.items()},
    advice=Advice(
        steps=(
            "Check that the vehicle file fits this car.",
            "Record again, one test at a time, and mark what you do.",
            "Have the trouble codes of the body computer read.",
        ),
    ),
    shows=(
        "Things failed, but not in the way in which any known fault fails. Two faults at once, or "
        "a vehicle file that does not fit this car, look like that too."
    ),
    like=("insufficient-evidence",),
    separates="Enough was seen, and it still fits nothing that canlock knows.",
    sources="DOMAIN 4.2.",
)
