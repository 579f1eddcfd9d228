"""Radio noise at this place drowns the fobs.

Looks like:     no reaction to any fob here, all well elsewhere.
For:            both fobs not received at this place.
Against:        the spare fob received; every press received.
Could also be:  fob-battery-low, when only one fob was tried.
Confirm by:     the same 50-100 m away.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="rf-interference",
    scope="car",
    prior=0.02,
    summary="Radio noise at this place keeps the car from hearing the fobs.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "request": {"received": 0.25, "unheard": 0.75},
        "request.near": {"received": 0.55, "unheard": 0.45},
        "request.spare": {"received": 0.25, "unheard": 0.75},
        "reaction": {"reacted": 0.25, "none": 0.75},
        "reaction.near": {"reacted": 0.55, "none": 0.45},
        "reaction.spare": {"reacted": 0.25, "none": 0.75},
        "denied": {"stuck": 0.50, "none": 0.50},
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Move the car or wait, then try again 50-100 m away.",
            "Use the mechanical key meanwhile.",
        ),
    ),
)
