"""The first press opens the driver's door only, and somebody expects all of them."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.stories.by_design import expect_all_doors


def inject(case: Case) -> None:
    """Configure the car so, and send the person to another door."""
    others = tuple(door for door in case.traits.others if door != "tailgate")
    case.choose_door(others or case.traits.doors)
    case.configure(
        lambda world: setattr(world.bcm, "selective", True),
        lambda world: setattr(world.bcm, "selective", False),
    )
    case.story = expect_all_doors
    case.record("selective-unlock", (), {"window_s": case.world.bcm.selective_window_s})
