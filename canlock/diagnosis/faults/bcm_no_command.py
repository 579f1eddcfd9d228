"""The BCM received the request and ordered nothing, though nothing forbade it.

Looks like:     the fob is received, no lamp flashes, no door moves.
For:            requests seen with no order after them, a good supply, the BCM alive.
Against:        an order after every request, a door that stood open, a low supply.
Could also be:  an inhibit that this bus does not show.
Confirm by:     waking the bus first (hazard switch), then the same again.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="bcm-no-command",
    scope="car",
    prior=0.02,
    summary="The BCM receives the request and orders nothing.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "command": {"given": 0.30, "late": 0.12, "absent": 0.58},
        "reaction": {"reacted": 0.30, "none": 0.70},
        "reaction.near": {"reacted": 0.30, "none": 0.70},
        "reaction.spare": {"reacted": 0.30, "none": 0.70},
        "command.barred": {"given": 0.25, "absent": 0.75},
        "denied": {"stuck": 0.50, "none": 0.50},
    },
    advice=Advice(
        difficulty="high",
        steps=(
            "Press the hazard switch, then unlock within five seconds: a cure points at waking up.",
            "Read the BCM's trouble codes.",
            "As a last resort take the battery off for 15-20 minutes.",
            "Have the BCM's software looked at; replace it last.",
        ),
        warnings=("Taking the battery off resets radio and clock.",),
    ),
)
