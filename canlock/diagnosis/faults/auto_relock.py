"""The car locked itself again because no door was opened after the unlock.

Looks like:     it unlocked, and half a minute later it is locked again.
For:            a lock by itself 30, 60, 120 or 300 s after an unlock, no door opened between.
Against:        a door opened in between, a lock that somebody asked for.
Could also be:  bcm-command-glitch.
Confirm by:     unlocking and opening a door at once.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="auto-relock",
    scope="car",
    prior=0.03,
    summary=("The car locked itself again by design, because no door was opened after the unlock."),
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "relock": {"seen": 0.95, "none": 0.05},
        "denied": {"stuck": 0.60, "none": 0.40},
    },
    advice=Advice(
        difficulty="low",
        steps=("Open a door within half a minute of unlocking.",),
    ),
)
