"""The car no longer knows this fob: out of step, or not registered.

Looks like:     no reaction to one fob at any distance, with a fresh cell.
For:            the fob not received even close by, the spare fob received.
Against:        any press of it received; the spare fob not received either.
Could also be:  fob-battery-low, when nobody tried close by.
Confirm by:     the spare fob, then the relearn procedure of the manual.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="fob-desync-or-unregistered",
    scope="car",
    prior=0.02,
    summary="The car does not accept this fob any more: out of step, or not registered.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "request": {"received": 0.05, "unheard": 0.95},
        "request.near": {"received": 0.05, "unheard": 0.95},
        "reaction": {"reacted": 0.05, "none": 0.95},
        "reaction.near": {"reacted": 0.05, "none": 0.95},
        "denied": {"stuck": 0.50, "none": 0.50},
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Try the spare fob.",
            "Follow the manual's procedure to teach the fob again.",
        ),
    ),
)
