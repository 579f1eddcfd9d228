"""The car does not lock while a door stands open, and somebody has overlooked it."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.stories.by_design import fight_with_a_belt, overlook_open_door


def inject(case: Case) -> None:
    """Configure the car so, and let the person leave a door open."""
    case.choose_door()
    case.configure(
        lambda world: setattr(world.bcm, "refuses_lock_when_open", True),
        lambda world: setattr(world.bcm, "refuses_lock_when_open", False),
    )
    is_caught = case.draw.happens(0.35)
    case.story = fight_with_a_belt if is_caught else overlook_open_door
    case.record("inhibit-door-open", (case.door,), {"belt_in_the_gap": is_caught})
