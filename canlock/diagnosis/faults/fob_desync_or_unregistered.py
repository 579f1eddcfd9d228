"""The car no longer knows this fob: out of step, or not registered.

Looks like:     no reaction to one fob at any distance, with a fresh cell.
For:            the fob not received even close by, the spare fob received.
Against:        any press of it received; the spare fob not received either.
Could also be:  fob-battery-low, when nobody tried close by.
Confirm by:     the spare fob, then the relearn procedure of the manual.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import CARRY_KEY, SHUT_OUT_OF_CAR
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="fob-desync-or-unregistered",
    scope="car",
    prior=0.035,
    summary="The car does not accept this fob any more: out of step, or not registered.",
    # DOMAIN 2.5 B; on some cars lock still works and unlock does not. The numbers are judgement.
    own={
        "request": {"received": 0.05, "unheard": 0.95},
        "request.near": {"received": 0.05, "unheard": 0.95},
        "request.handle": {"received": 0.70, "unheard": 0.30},
        "request.away": {"received": 0.05, "unheard": 0.95},
        "reaction": {"reacted": 0.05, "none": 0.95},
        "reaction.near": {"reacted": 0.05, "none": 0.95},
        "reaction.handle": {"reacted": 0.70, "none": 0.30},
        "reaction.away": {"reacted": 0.05, "none": 0.95},
        "command.handle": {"given": 0.69, "late": 0.01, "absent": 0.29, "refused": 0.01},
        "denied": {
            "none": 0.742,
            "driver-only": 0.002,
            "relocked": 0.002,
            "automatic": 0.002,
            "refused": 0.002,
            "unordered": 0.25,
        },
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Hold the fob at the driver's window and press up to eight times.",
            "Try the spare fob.",
            "Fit a fresh cell.",
            "Follow the manual's procedure to teach the fob again.",
        ),
        prevention=(
            "Do not press the fob for fun far from the car: it gets ahead of the car's count.",
            CARRY_KEY,
        ),
        locked_out=SHUT_OUT_OF_CAR,
    ),
    shows=(
        "One fob does nothing at any distance, though its lamp is lit and its cell is fresh. "
        "The other fob works. On some cars it still locks and no longer unlocks. It comes after a "
        "change of cell, after many presses far from the car, or with a fob bought used."
    ),
    like=("fob-battery-low", "rf-interference"),
    separates="It fails right at the car too, and the other fob works there.",
    sources="DOMAIN 1.2 and 2.5 B (Jeep, VW and GM service manuals); judgement.",
)
