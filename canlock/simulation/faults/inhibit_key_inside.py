"""A key lies in the car, which therefore does not lock, or opens again at once."""

from __future__ import annotations

from canlock.simulation.bcm_parameters import KeyRule
from canlock.simulation.case import Case
from canlock.simulation.stories.inhibits import forget_key, slam_with_key_inside
from canlock.simulation.world import World


def inject(case: Case) -> None:
    """Configure the car so, and let the person leave a key in it."""
    case.choose_door()
    refuses = case.draw.happens(0.75)
    rule: KeyRule = "refuses" if refuses else "reopens"
    case.configure(lambda world: _mind_key(world, rule), lambda world: _mind_key(world, "ignores"))
    case.story = forget_key if refuses else slam_with_key_inside
    case.record("inhibit-key-inside", (), {"rule": rule})


def _mind_key(world: World, rule: KeyRule) -> None:
    world.bcm.key_inside = rule
    world.bcm.refuses_lock_when_open = False
