"""The car locks as it drives off, or unlocks at the end of a drive or in a crash.

Looks like:     locks that move by themselves as the car drives off, stops or is switched off.
For:            an order at about 20 km/h, at ignition off, or after a crash.
Against:        an order at a car that stands untouched.
Could also be:  bcm-command-glitch; auto-relock.
Confirm by:     driving off and stopping once more, and watching when the locks move.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="auto-lock-or-unlock",
    scope="car",
    prior=0.035,
    summary="By design the car locks as it drives off, or unlocks at the end of a drive.",
    # DOMAIN 1.1 and 2.5 A; the numbers are judgement.
    own={
        "origin": {
            "asked": 0.50,
            "reversed": 0.005,
            "relock": 0.02,
            "automatic": 0.43,
            "taken-back": 0.005,
            "unexplained": 0.04,
        },
        "denied": {
            "none": 0.592,
            "driver-only": 0.002,
            "relocked": 0.002,
            "automatic": 0.4,
            "refused": 0.002,
            "unordered": 0.002,
        },
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Drive off once more and watch at which speed the doors lock.",
            "Look in the manual how to switch this on or off.",
        ),
    ),
    shows=(
        "The doors lock by themselves as the car drives off, or unlock when it is switched off. "
        "After a crash they all unlock. It is the car's own comfort or safety function."
    ),
    like=("auto-relock", "bcm-command-glitch"),
    separates="It always goes with the same thing: a speed, ignition off, or a crash.",
    sources="DOMAIN 1.1 and 2.5 A (Nissan owner's manuals); judgement.",
)
