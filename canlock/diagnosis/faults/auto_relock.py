"""The car locked itself again because no door was opened after the unlock.

Looks like:     it unlocked, and half a minute later it is locked again.
For:            a lock by itself 30, 60, 120 or 300 s after an unlock, no door opened
                between; somebody kept out by it.
Against:        a door opened in between, a lock that somebody asked for.
Could also be:  bcm-command-glitch; door-ajar-switch-fault, when a door was opened.
Confirm by:     unlocking and opening a door at once.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="auto-relock",
    scope="car",
    prior=0.04,
    summary="The car locked itself again by design, because no door was opened after the unlock.",
    # DOMAIN 2.1 and 2.5 A; the numbers are judgement.
    own={
        "origin": {
            "asked": 0.54,
            "reversed": 0.005,
            "relock": 0.40,
            "automatic": 0.04,
            "taken-back": 0.005,
            "unexplained": 0.01,
        },
        "denied": {
            "none": 0.484,
            "driver-only": 0.01,
            "relocked": 0.5,
            "automatic": 0.002,
            "refused": 0.002,
            "unordered": 0.002,
        },
    },
    advice=Advice(
        difficulty="low",
        steps=(
            "Unlock and open a door at once, within half a minute.",
            "If you opened a door and it locked all the same, test that door's switch.",
            "If you do not want it, look in the manual whether the timer can be set.",
        ),
    ),
    shows=(
        "You unlock, wait, and find the car locked again. Nobody pressed anything. "
        "It happens half a minute, one, two or five minutes after the unlock, and only when no "
        "door was opened."
    ),
    like=("auto-lock-or-unlock", "bcm-command-glitch", "door-ajar-switch-fault"),
    separates="It comes after the same time each time, and never once a door was opened.",
    sources="DOMAIN 1.1, 2.1 and 2.5 A (Nissan and Volvo owner's manuals); judgement.",
)
