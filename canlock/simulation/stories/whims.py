"""What people do at any car before they think: a door stays shut, and nothing is wrong with it."""

from __future__ import annotations

from canlock.simulation.case import Scene, Story
from canlock.simulation.clock import Process


def pull_too_early(scene: Scene) -> Process[None]:
    """Pull at the door first, and remember the fob then."""
    person = scene.person
    yield from person.pause(0.8, 2.5)
    if (yield from person.try_handle(scene.door)):
        yield from person.pause(0.8, 1.6)
        yield from person.close(scene.door)


def pull_while_it_unlocks(scene: Scene) -> Process[None]:
    """Press unlock with the hand on the handle already: now and then the lock is the later one."""
    person, door = scene.person, scene.traits.driver
    yield from person.pause(0.8, 2.5)
    yield from person.press_and_pull(door)
    if person.car.doors[door].is_open:
        yield from person.pause(0.8, 1.6)
        yield from person.close(door)
    yield from person.pause(0.8, 1.6)
    yield from person.press_fob("lock")
    yield from person.pause(1.0, 2.0)


def press_by_mistake(scene: Scene) -> Process[None]:
    """Press lock at a car that is locked, then unlock: two presses and one travel."""
    person = scene.person
    yield from person.pause(0.8, 2.5)
    yield from person.press_fob("lock")
    yield from person.pause(0.8, 2.0)


WHIMS: tuple[Story, ...] = (pull_too_early, pull_while_it_unlocks, press_by_mistake)
