"""The switch on a door's outer handle is dead, or the car does not find the fob there.

Looks like:     the fob's button works, the switch on one handle does nothing.
For:            presses of the handle's switch that the car did not notice, other handles work.
Against:        a handle's switch that works, a key in the car.
Could also be:  inhibit-key-inside; at all handles, the antennas that look for the fob.
Confirm by:     the switch on the other front door's handle, the fob in your pocket.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import AIRBAG, KEEP_FILM, UNDER_TENSION, USE_KEY, YEARLY_GAITER
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="handle-request-switch-fault",
    scope="door",
    prior=0.04,
    summary="The switch on the outer handle of the {door} does not reach the car.",
    # DOMAIN 2.5 B; the numbers are judgement.
    own={
        "request.handle": {"received": 0.40, "unheard": 0.60},
        "reaction.handle": {"reacted": 0.10, "none": 0.90},
        "command.handle": {"given": 0.35, "late": 0.02, "absent": 0.62, "refused": 0.01},
    },
    # A switch is dead and tells nothing, or it tells and no antenna finds the fob.
    varied=("request", "command"),
    # Where an antenna or the search for the fob is at fault, all handles fail.
    others={
        "request.handle": {"received": 0.80, "unheard": 0.20},
        "reaction.handle": {"reacted": 0.80, "none": 0.20},
        "command.handle": {"given": 0.75, "late": 0.01, "absent": 0.23, "refused": 0.01},
    },
    advice=Advice(
        difficulty="average",
        steps=(
            "Take every other fob more than 2 m away from the car.",
            "Press the switch on the other front door's handle.",
            "Press the switch on this handle with the fob within 80 cm, and not right at the "
            "glass.",
            "If only this one is dead, clean the switch from water and dirt.",
            UNDER_TENSION,
            "If all handles are dead, have the antennas checked by a workshop.",
        ),
        warnings=(KEEP_FILM, AIRBAG),
        prevention=(YEARLY_GAITER,),
        locked_out=("Use the button on the fob.", USE_KEY),
    ),
    shows=(
        "The button on the fob locks and unlocks everything, and the small switch on the handle "
        "of the {door} does nothing. Most often the other handles' switches still work."
    ),
    like=("inhibit-key-inside", "bcm-no-command"),
    separates=(
        "Another handle, or the fob's own button, works at the same moment. A key left in the car "
        "stops every handle."
    ),
    warns="The switch must be pressed twice, or fails after rain.",
    sources="DOMAIN 1.1 and 2.5 B (Nissan and Infiniti service manuals); judgement.",
)
