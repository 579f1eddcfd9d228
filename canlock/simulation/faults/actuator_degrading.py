"""A lock actuator wears out: it still gets there, later than the others and not always."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Wear one door's actuator, and let its friction vary."""
    door = case.choose_door()
    draw = case.draw
    motor = case.world.doors[door].motor
    motor.wear = draw.between((2.0, 3.5), (1.8, 4.0))
    motor.drag += draw.between((0.2, 0.4), (0.15, 0.45))
    motor.drag_spread = draw.between((0.2, 0.35), (0.15, 0.4))
    if draw.happens(0.3):
        motor.bounces = draw.between((0.15, 0.35), (0.1, 0.4))
    severity = {"wear": motor.wear, "drag": motor.drag, "bounces": motor.bounces}
    case.record("actuator-degrading", (door,), {**severity})
