"""The BCM orders late, twice, unasked or wrongly.

Looks like:     locks that move when nobody asked, or long after.
For:            orders that nothing explains, late orders, with a healthy supply.
Against:        every order in time and asked for.
Could also be:  automatic functions, an aftermarket alarm, a stuck switch.
Confirm by:     unplugging aftermarket units; recording half an hour untouched.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="bcm-command-glitch",
    scope="car",
    prior=0.02,
    summary="The BCM orders the locks late or when nobody asked.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "command": {"given": 0.55, "late": 0.33, "absent": 0.12},
        "cause": {"explained": 0.40, "unexplained": 0.60},
        "denied": {"stuck": 0.25, "none": 0.75},
    },
    advice=Advice(
        difficulty="high",
        steps=(
            "Unplug aftermarket alarms and remotes, then try again.",
            "Leave the car locked by key and recording for half an hour.",
            "Read the BCM's trouble codes.",
        ),
    ),
)
