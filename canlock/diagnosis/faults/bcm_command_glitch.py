"""The BCM orders late, twice, the opposite, or when nobody asked.

Looks like:     locks that move when nobody asked, or long after, or the wrong way.
For:            orders that nothing explains, late, doubled or reversed, with a healthy supply.
Against:        every order in time and asked for.
Could also be:  auto-relock, auto-lock-or-unlock, an added alarm, a stuck switch.
Confirm by:     unplugging added units; recording half an hour untouched.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import BATTERY_OFF, RESETS_RADIO
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="bcm-command-glitch",
    scope="car",
    prior=0.035,
    summary=(
        "The body computer (BCM) orders the locks late, twice, the wrong way or when nobody asked."
    ),
    # DOMAIN 2.5 C and 4.6; a mixture of four ways to go astray, in judged shares.
    own={
        "command": {"given": 0.72, "late": 0.20, "absent": 0.075, "refused": 0.005},
        "command.handle": {"given": 0.72, "late": 0.20, "absent": 0.075, "refused": 0.005},
        "origin": {
            "asked": 0.58,
            "reversed": 0.15,
            "relock": 0.03,
            "automatic": 0.03,
            "taken-back": 0.02,
            "unexplained": 0.19,
        },
        "delay": {"prompt": 0.80, "late": 0.20},
        "repeat": {"once": 0.72, "again": 0.28},
        "reaction": {"reacted": 0.85, "none": 0.15},
        "reaction.away": {"reacted": 0.85, "none": 0.15},
        "denied": {
            "none": 0.824,
            "driver-only": 0.05,
            "relocked": 0.002,
            "automatic": 0.002,
            "refused": 0.002,
            "unordered": 0.12,
        },
    },
    advice=Advice(
        difficulty="high",
        steps=(
            "Unplug alarms, remotes and other units that were added to the car.",
            "Lock with the mechanical key and leave the car recording for half an hour.",
            "Feel whether the lock button inside sticks.",
            "Have the trouble codes of the body computer read.",
            BATTERY_OFF,
            "Have the body computer's software looked at by a workshop.",
        ),
        warnings=(RESETS_RADIO,),
        prevention=("Have alarms and remotes fitted by somebody who knows this car.",),
    ),
    shows=(
        "The locks move when nobody asked, a second or two late, twice in a row, or the wrong way "
        "round. All doors do so together. The battery is good. Added alarms are a frequent reason."
    ),
    like=(
        "auto-relock",
        "auto-lock-or-unlock",
        "inhibit-key-inside",
        "lock-feedback-sensor-fault",
    ),
    separates=(
        "No timer, speed, ignition or key explains it, and it keeps no fixed time. If one door "
        "alone seems to move, look at its lock switch instead."
    ),
    warns="Locks that are heard at night, or a car found open that you locked.",
    sources="DOMAIN 0.5, 2.5 C and 4.6; seed article; judgement.",
)
