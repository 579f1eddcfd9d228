"""The fob's cell is nearly empty: its radio no longer reaches the car.

Looks like:     no reaction to the fob from a distance, a reaction close by.
For:            presses that the car did not receive, received at the door, the spare fob works.
Against:        every press received; the spare fob not received either.
Could also be:  radio noise at this place, or a fob that is no longer registered.
Confirm by:     the same fob held at the driver's window, then the spare fob.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="fob-battery-low",
    scope="car",
    prior=0.06,
    summary="The fob does not reach the car: most often its cell is nearly empty.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "request": {"received": 0.30, "unheard": 0.70},
        "request.near": {"received": 0.80, "unheard": 0.20},
        "reaction": {"reacted": 0.30, "none": 0.70},
        "reaction.near": {"reacted": 0.80, "none": 0.20},
        "denied": {"stuck": 0.50, "none": 0.50},
    },
    advice=Advice(
        difficulty="low",
        parts_cost_rub=(100, 300),
        steps=(
            "Hold the fob at the driver's window and press once.",
            "Try the spare fob.",
            "Replace the cell (usually CR2032).",
        ),
        warnings=("Carry the mechanical key.",),
    ),
)
