"""The car does not lock, or opens again at once, because a key is in it.

Looks like:     lock is pressed and nothing happens, or it locks, beeps and unlocks again.
For:            a key shown in the car or its lock, a refusal, a lock that is taken back within 2 s.
Against:        no key in the car, a lock that holds.
Could also be:  bcm-no-command, or an antenna that finds a key where none is.
Confirm by:     taking every fob more than 2 m away and locking again.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import SHUT_OUT_OF_CAR
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="inhibit-key-inside",
    scope="car",
    prior=0.035,
    summary="By design the car does not stay locked while a key is in it.",
    # DOMAIN 2.5 A; how many cars refuse and how many open again is judgement.
    own={
        "reaction.handle": {"reacted": 0.60, "none": 0.40},
        "command.handle": {"given": 0.79, "late": 0.01, "absent": 0.19, "refused": 0.01},
        # The key itself is not shown on every bus.
        "command.lock": {"given": 0.50, "late": 0.01, "absent": 0.24, "refused": 0.25},
        "reaction.lock": {"reacted": 0.50, "none": 0.50},
        "reaction.near.lock": {"reacted": 0.50, "none": 0.50},
        "reaction.spare.lock": {"reacted": 0.50, "none": 0.50},
        "reaction.handle.lock": {"reacted": 0.50, "none": 0.50},
        "refusal": {
            "none": 0.449,
            "door-open": 0.011,
            "key-inside": 0.263,
            "key-inserted": 0.21,
            "power": 0.011,
            "low-voltage": 0.006,
            "count": 0.006,
            "unsaid": 0.044,
        },
        "origin": {
            "asked": 0.72,
            "reversed": 0.02,
            "relock": 0.03,
            "automatic": 0.05,
            "taken-back": 0.16,
            "unexplained": 0.02,
        },
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Take every fob more than 2 m away from the car, those in bags too.",
            "Close all doors and lock with the fob in your hand.",
            "If it still refuses, have the antennas inside checked by a workshop.",
        ),
        locked_out=SHUT_OUT_OF_CAR,
    ),
    shows=(
        "You press lock and the car does not lock, or it locks, beeps and opens again at once. "
        "A fob lies in the car, in a bag or in the boot, or the key is in the ignition. "
        "The car does so on purpose: it will not shut its own key in."
    ),
    like=(
        "bcm-no-command",
        "handle-request-switch-fault",
        "bcm-command-glitch",
        "inhibit-power-state",
    ),
    separates="With every fob out of the car it locks at once. A fault would stay.",
    sources="DOMAIN 1.1 and 2.5 A (Nissan and Infiniti service manuals); judgement.",
)
