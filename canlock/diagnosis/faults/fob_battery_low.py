"""The fob's cell is nearly empty: its radio no longer reaches the car.

Looks like:     no reaction to the fob from a distance, a reaction close by.
For:            presses that the car did not receive, received at the door, the spare fob works.
Against:        every press received; the spare fob not received either.
Could also be:  rf-interference, fob-desync-or-unregistered.
Confirm by:     the same fob held at the driver's window, then the spare fob.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import CARRY_KEY, SHUT_OUT_OF_CAR
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="fob-battery-low",
    scope="car",
    prior=0.07,
    summary="The fob does not reach the car: most often its cell is nearly empty.",
    # DOMAIN 2.5 B; the numbers are judgement.
    own={
        "request": {"received": 0.28, "unheard": 0.72},
        "request.near": {"received": 0.68, "unheard": 0.32},
        # A handle's switch makes the car look for the fob, whose answer needs its cell.
        "request.handle": {"received": 0.85, "unheard": 0.15},
        "request.away": {"received": 0.28, "unheard": 0.72},
        "reaction": {"reacted": 0.28, "none": 0.72},
        "reaction.near": {"reacted": 0.68, "none": 0.32},
        "reaction.handle": {"reacted": 0.85, "none": 0.15},
        "reaction.away": {"reacted": 0.28, "none": 0.72},
        "command.handle": {"given": 0.84, "late": 0.01, "absent": 0.14, "refused": 0.01},
        "cell": {"ok": 0.40, "low": 0.60},
        "denied": {
            "none": 0.924,
            "driver-only": 0.002,
            "relocked": 0.02,
            "automatic": 0.002,
            "refused": 0.002,
            "unordered": 0.05,
        },
    },
    # An empty cell reaches nowhere, a weak one a few steps.
    varied=("reaction", "request"),
    advice=Advice(
        difficulty="low",
        steps=(
            "Look at the fob's lamp as you press: a dark lamp speaks for the cell.",
            "Hold the fob at the driver's window and press once.",
            "Try the spare fob.",
            "Replace the cell (most often CR2032).",
        ),
        prevention=(
            "Replace the cell every two years, in both fobs.",
            CARRY_KEY,
        ),
        locked_out=SHUT_OUT_OF_CAR,
    ),
    shows=(
        "From a few steps away the fob does nothing; right at the car it works. "
        "The small lamp on the fob is dim or dark when you press. The other fob works as always."
    ),
    like=("rf-interference", "fob-desync-or-unregistered"),
    separates=(
        "Close by, the same fob works, and it fails at every place. Noise in the air takes both "
        "fobs, at one place. A fob that the car has forgotten fails close by too."
    ),
    warns="You must come closer, or press twice, more and more often.",
    sources="DOMAIN 1.1 and 2.5 B; seed article; judgement.",
)
