"""Water in the latches has frozen: several doors jam until they are warm."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Make it cold, and some of the latches stiff or stuck (DOMAIN 2.5 F: below 2 degC)."""
    draw = case.draw
    first = case.choose_door()
    case.world.ambient_c = draw.between((-12.0, 0.0), (-18.0, 1.5))
    others = [door for door in case.traits.doors if door != first and draw.happens(0.45)]
    doors = (first, *others)
    ice = draw.between((0.7, 1.4), (0.6, 1.6))
    for door in doors:
        parameters = case.world.doors[door]
        parameters.ice_drag = ice * draw.between((0.8, 1.2), (0.7, 1.3))
        parameters.motor.drag += parameters.ice_drag
        parameters.motor.blocked = 0.5 if draw.happens(0.3) else 0.0
        parameters.latch.stuck = draw.between((0.5, 1.0), (0.4, 1.0))
        parameters.latch.inner_unlocks = False
    case.record("latch-frozen", doors, {"ambient_c": case.world.ambient_c, "ice": ice})
