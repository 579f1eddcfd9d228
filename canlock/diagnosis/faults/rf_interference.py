"""Radio noise at this place drowns the fobs.

Looks like:     no reaction to any fob here, all well elsewhere.
For:            both fobs not received at this place.
Against:        the spare fob received; every press received.
Could also be:  fob-battery-low, when only one fob was tried.
Confirm by:     the same 50-100 m away.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import CARRY_KEY, SHUT_OUT_OF_CAR
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="rf-interference",
    scope="car",
    prior=0.035,
    summary="Radio noise at this place keeps the car from hearing the fobs.",
    # DOMAIN 2.5 B; the numbers are judgement.
    own={
        "request": {"received": 0.28, "unheard": 0.72},
        "request.near": {"received": 0.60, "unheard": 0.40},
        "request.spare": {"received": 0.28, "unheard": 0.72},
        "request.handle": {"received": 0.65, "unheard": 0.35},
        "request.away": {"received": 0.93, "unheard": 0.07},
        "reaction": {"reacted": 0.28, "none": 0.72},
        "reaction.near": {"reacted": 0.60, "none": 0.40},
        "reaction.spare": {"reacted": 0.28, "none": 0.72},
        "reaction.handle": {"reacted": 0.65, "none": 0.35},
        "reaction.away": {"reacted": 0.93, "none": 0.07},
        "command.handle": {"given": 0.64, "late": 0.01, "absent": 0.34, "refused": 0.01},
        "denied": {
            "none": 0.924,
            "driver-only": 0.002,
            "relocked": 0.02,
            "automatic": 0.002,
            "refused": 0.002,
            "unordered": 0.05,
        },
    },
    varied=("reaction", "request"),
    advice=Advice(
        difficulty="low",
        steps=(
            "Try the spare fob here.",
            "Unplug what makes radio noise in the car: a dash camera, a charger.",
            "Try again 50-100 m away, or later.",
        ),
        prevention=(CARRY_KEY,),
        locked_out=SHUT_OUT_OF_CAR,
    ),
    shows=(
        "Here neither fob works, or only right at the car. Somewhere else, or an hour later, "
        "both work as always. Radio masts, alarms of shops and cheap chargers make such noise."
    ),
    like=("fob-battery-low", "fob-desync-or-unregistered"),
    separates="Both fobs fail, and only at this place. An empty cell fails everywhere, alone.",
    sources="DOMAIN 1.1 and 2.5 B; seed article; judgement.",
)
