"""The car locks itself after an unlock with no door opened, and somebody was not quick enough."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.stories.by_design import dawdle
from canlock.simulation.world import World

DELAYS_S = (15.0, 20.0, 30.0)
"""For a car of which no timer is known; DOMAIN 1.1 has 30 s and more, some cars have less."""


def inject(case: Case) -> None:
    """Switch the timer on, and hold the person up."""
    case.choose_door()
    relock_s = case.traits.relock_s or case.draw.chance.choice(DELAYS_S)
    case.configure(lambda world: _time(world, relock_s), lambda world: _time(world, None))
    case.story = dawdle
    case.record("auto-relock", (), {"relock_s": relock_s})


def _time(world: World, relock_s: float | None) -> None:
    world.bcm.relock_s = relock_s
    world.bcm.selective = False
