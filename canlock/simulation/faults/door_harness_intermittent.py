"""A wire of a door's lock is broken, and its ends touch or part whenever the door moves."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.faults.door_harness_open import choose_lock_line
from canlock.simulation.wiring import WINDOW_MOTOR, Break


def inject(case: Case) -> None:
    """Let a wire of one door make contact by chance."""
    door = case.choose_door()
    draw = case.draw
    contact = draw.between((0.3, 0.7), (0.25, 0.75))
    lines = [choose_lock_line(case, door)]
    if not case.world.doors[door].has_module and draw.happens(0.4):
        lines.append(WINDOW_MOTOR)
    for line in lines:
        case.world.doors[door].harness.breaks[line] = Break(
            closed=contact, moving=draw.between((0.3, 0.7), (0.2, 0.8)), ajar=contact
        )
    case.record(
        "door-harness-intermittent", (door,), {"wires": ", ".join(lines), "contact": contact}
    )
