"""The switch that reports a door's lock is wrong: the door does lock and unlock.

Looks like:     the lock is shown as locked and the door opens all the same.
For:            a door that opens while its lock is shown as locked, a sound from the motor.
Against:        a door that stays shut.
Could also be:  door-harness-open or actuator-motor-fault, when nobody pulled the handle.
Confirm by:     pulling the handle after an unlock that shows as still locked.
"""

from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.model.verdict import Advice

FAULT: Final = FaultModel(
    code="lock-feedback-sensor-fault",
    scope="door",
    prior=0.04,
    summary="The lock of the {door} moves, but its sensor reports wrongly.",
    # DOMAIN 4.2 and 4.6; judgement where it is silent.
    own={
        "response": {"answered": 0.12, "slow": 0.03, "silent": 0.65, "bounced": 0.20},
        "summary": {"all": 0.20, "some": 0.80},
        "outer.deaf": {"opened": 0.95, "stuck": 0.05},
    },
    advice=Advice(
        difficulty="average",
        parts_cost_rub=(4000, 8000),
        steps=(
            "Pull the handle after an unlock: a door that opens has a working motor.",
            "Replace the lock with its sensor, or have the wire of the sensor looked at.",
        ),
    ),
)
