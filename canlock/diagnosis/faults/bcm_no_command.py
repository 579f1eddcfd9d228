"""The BCM received the request and ordered nothing, though nothing forbade it.

Looks like:     the fob is received, no lamp flashes, no door moves.
For:            requests seen with no order after them, a good supply, the BCM alive.
Against:        an order after every request, a door that stood open, a low supply.
Could also be:  an inhibit that this bus does not show.
Confirm by:     waking the bus first (hazard switch), then the same again.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import BATTERY_OFF, CARRY_KEY, NO_BOOT, RESETS_RADIO, USE_KEY
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="bcm-no-command",
    scope="car",
    prior=0.035,
    summary="The body computer (BCM) receives the request and orders nothing.",
    # DOMAIN 2.5 C and 4.6; the numbers are judgement.
    own={
        "command": {"given": 0.27, "late": 0.08, "absent": 0.64, "refused": 0.01},
        "command.handle": {"given": 0.27, "late": 0.08, "absent": 0.64, "refused": 0.01},
        "reaction": {"reacted": 0.30, "none": 0.70},
        "reaction.near": {"reacted": 0.30, "none": 0.70},
        "reaction.spare": {"reacted": 0.30, "none": 0.70},
        "reaction.handle": {"reacted": 0.30, "none": 0.70},
        "reaction.interior": {"reacted": 0.30, "none": 0.70},
        "reaction.away": {"reacted": 0.30, "none": 0.70},
        "denied": {
            "none": 0.492,
            "driver-only": 0.002,
            "relocked": 0.002,
            "automatic": 0.002,
            "refused": 0.002,
            "unordered": 0.5,
        },
    },
    varied=("reaction", "command"),
    advice=Advice(
        difficulty="high",
        steps=(
            "Close every door, take all fobs out of the car and switch the ignition off.",
            "Press the hazard switch, then unlock within five seconds: a cure points at waking up.",
            "Have the trouble codes of the body computer read.",
            BATTERY_OFF,
            "Have the body computer's software looked at by a workshop.",
            "Replace the body computer last.",
        ),
        warnings=(RESETS_RADIO,),
        prevention=(CARRY_KEY,),
        locked_out=(USE_KEY, NO_BOOT),
    ),
    shows=(
        "The car hears the fob, the button inside or the handle, and does nothing: no lamp "
        "flashes, no door moves. Other things that the body computer (BCM) does, such as lamps and "
        "wipers, still work. Often it is the first press after a long rest that gets lost."
    ),
    like=(
        "inhibit-key-inside",
        "inhibit-power-state",
        "inhibit-door-open",
        "inhibit-low-voltage",
        "inhibit-thermal-or-count",
        "handle-request-switch-fault",
        "interior-lock-switch-fault",
        "bcm-reset",
        "lock-power-feed-open",
    ),
    separates=(
        "Nothing forbids it: all doors shut, no key inside, ignition off, a good battery. The "
        "request is seen, so the fob is sound; no order is seen, so the doors are not to blame."
    ),
    warns="Now and then the first press of the morning is lost and the second one works.",
    sources="DOMAIN 1.2, 2.5 C and 4.6 (BMW service information); seed article; judgement.",
)
