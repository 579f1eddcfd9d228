"""The lock button inside is dead or stuck.

Looks like:     the fob works, the button inside does nothing.
For:            presses of the button that the car did not notice; a button held for ever.
Against:        a button that works.
Could also be:  bcm-no-command, when nobody tried the fob.
Confirm by:     the fob, or the button at the passenger's side.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import KEEP_FILM
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="interior-lock-switch-fault",
    scope="car",
    prior=0.035,
    summary="The lock button inside the car is dead or stuck.",
    # DOMAIN 2.5 B: stuck for more than 5-10 s, and then ignored. The numbers are judgement.
    own={
        "request.interior": {"received": 0.07, "unheard": 0.93},
        "reaction.interior": {"reacted": 0.07, "none": 0.93},
        "held": {"free": 0.60, "held": 0.40},
        "code": {
            "short": 0.15,
            "open": 0.15,
            "intermittent": 0.10,
            "stuck": 0.15,
            "linkage": 0.02,
            "sensor": 0.35,
            "bus": 0.02,
            "reset": 0.02,
            "thermal": 0.02,
            "supply": 0.02,
        },
    },
    advice=Advice(
        difficulty="average",
        steps=(
            "Lock and unlock with the fob: if that works, only the button is at fault.",
            "Press the button at the passenger's side, if there is one.",
            "Feel whether the button springs back: crumbs and drinks make it stick.",
            "Clean or replace the button.",
        ),
        warnings=(KEEP_FILM,),
    ),
    shows=(
        "The fob locks and unlocks all doors, and the lock button inside does nothing. "
        "It may be sticky, or not spring back. A stuck button can disturb other requests too."
    ),
    like=("bcm-no-command",),
    separates="The fob still works, so the locks and the order for them are sound.",
    warns="The button must be pressed harder, or at its edge.",
    sources="DOMAIN 1.2 and 2.5 B (Jeep and Chrysler service manuals); judgement.",
)
