"""A latch jams with rust or hardened grease: the motor stalls and the pawl stays where it is."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Let friction take the motor's torque, one way or both; the handles hang on the same parts."""
    door = case.choose_door()
    draw = case.draw
    parameters = case.world.doors[door]
    drag = draw.between((0.95, 1.6), (0.9, 1.8))
    is_both_ways = draw.happens(0.7)
    if draw.happens(0.3):
        # Not stiff from the start: the lever runs into something and springs back.
        parameters.motor.blocked, drag = draw.between((0.7, 1.0), (0.6, 1.0)), 0.3
    if is_both_ways:
        parameters.motor.drag += drag
    else:
        parameters.motor.unlock_drag += drag
    parameters.latch.stuck = draw.between((0.6, 1.0), (0.5, 1.0))
    parameters.latch.inner_unlocks = False
    case.record(
        "latch-jammed",
        (door,),
        {
            "drag": drag,
            "blocked": parameters.motor.blocked,
            "both_ways": is_both_ways,
            "pawl_stuck": parameters.latch.stuck,
        },
    )
