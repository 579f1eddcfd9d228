"""The switch that reports a door's lock is wrong: the door does lock and unlock.

Looks like:     the lock is shown as locked and the door opens all the same.
For:            a door that opens while its lock is shown as locked, a sound from the motor.
Against:        a door that stays shut.
Could also be:  door-harness-open or actuator-motor-fault, when nobody pulled the handle.
Confirm by:     pulling the handle after an unlock that shows as still locked.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.seed_rules import (
    AIRBAG,
    KEEP_FILM,
    RODS_BACK,
    TRY_BEFORE_CLOSING,
    UNDER_TENSION,
    YEARLY_GAITER,
)
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="lock-feedback-sensor-fault",
    scope="door",
    prior=0.04,
    summary="The lock of the {door} moves, but its sensor reports wrongly.",
    # DOMAIN 2.5 E and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.08, "slow": 0.02, "silent": 0.80, "bounced": 0.10},
        "response.moved": {"answered": 0.08, "slow": 0.02, "silent": 0.80, "bounced": 0.10},
        "response.frequent": {"answered": 0.08, "slow": 0.02, "silent": 0.80, "bounced": 0.10},
        "course": {"failed-since": 0.45, "failed-until": 0.08, "to-and-fro": 0.47},
        "summary": {"all": 0.18, "some": 0.82},
        "outer.deaf": {"opened": 0.96, "stuck": 0.04},
        "outer.shut": {"opened": 0.55, "stuck": 0.45},
        "outer.astray": {"opened": 0.05, "stuck": 0.95},
        # Some cars take back an order whose end they do not see (DOMAIN 1.2, Fiat).
        "origin": {
            "asked": 0.85,
            "reversed": 0.01,
            "relock": 0.03,
            "automatic": 0.05,
            "taken-back": 0.04,
            "unexplained": 0.02,
        },
        "repeat": {"once": 0.88, "again": 0.12},
        "defect": {"ok": 0.85, "defect": 0.15},
        "code": {
            "short": 0.0284,
            "open": 0.0286,
            "intermittent": 0.06,
            "stuck": 0.24,
            "linkage": 0.0286,
            "sensor": 0.5,
            "bus": 0.0286,
            "reset": 0.0286,
            "thermal": 0.0286,
            "supply": 0.0286,
        },
    },
    advice=Advice(
        difficulty="average",
        steps=(
            "Unlock and pull the outer handle once: a door that opens has a working motor.",
            "Check the plug of the lock for water and green copper.",
            UNDER_TENSION,
            "Replace the lock with its sensor: the two come as one part.",
            TRY_BEFORE_CLOSING,
        ),
        warnings=(KEEP_FILM, RODS_BACK, AIRBAG),
        prevention=(YEARLY_GAITER,),
    ),
    shows=(
        "The {door} locks and unlocks as it should, and the car believes that it does not. "
        "The dashboard may show it as locked when it is open, the car may press again by itself, "
        "or lock and unlock at once. A small switch in the lock sticks."
    ),
    like=("actuator-motor-fault", "door-harness-open", "bcm-command-glitch"),
    separates=(
        "Pull the handle after an unlock that shows as still locked: if the door opens, only the "
        "report is wrong. With a dead motor or wire it stays shut."
    ),
    warns="Locks that click twice, or a lock lamp that does not go with the doors.",
    sources="DOMAIN 1.2, 2.5 E and 4.6 (VW and Audi owners' reports); judgement.",
)
