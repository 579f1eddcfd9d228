"""A lock actuator is at its end: brushes or winding open, armature stuck, or gear stripped."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.motor import Condition

CONDITIONS: tuple[Condition, ...] = ("open", "seized", "stripped")


def inject(case: Case) -> None:
    """Break one door's actuator; now and then it still runs."""
    door = case.choose_door()
    draw = case.draw
    motor = case.world.doors[door].motor
    motor.condition = draw.chance.choice(CONDITIONS)
    motor.failing = 1.0 if draw.happens(0.6) else draw.between((0.8, 0.95), (0.75, 0.97))
    case.record(
        "actuator-motor-fault", (door,), {"condition": motor.condition, "failing": motor.failing}
    )
