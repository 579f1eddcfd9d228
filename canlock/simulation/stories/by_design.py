"""People whom a car in order puzzles."""

from __future__ import annotations

from canlock.simulation.case import Scene
from canlock.simulation.clock import Process
from canlock.simulation.stories.routine import arrive, leave

LEAST_S = 8.0

CAUGHT_DEG = (4.0, 9.0)
"""A belt in the gap holds a door so far open; judgement."""


def dawdle(scene: Scene) -> Process[None]:
    """Unlock, be held up, and find the car locked again."""
    person = scene.person
    relock_s = person.car.world.bcm.relock_s or 30.0
    yield from person.pause(1.0, 2.5)
    while True:
        yield from person.press_fob("unlock")
        yield from person.pause(relock_s + 1.0, relock_s + 5.0)
        if not (yield from person.try_handle(scene.door)):
            yield from person.pause(1.0, 2.0)
        else:
            yield from person.close(scene.door)
        yield from person.press_fob("unlock")
        yield from person.react()
        if (yield from person.try_handle(scene.door)):
            yield from person.pause(1.0, 2.0)
            yield from person.close(scene.door)
        yield from leave(scene)
        yield from person.pause(1.5, 3.0)
        if person.now_s > scene.until_s - LEAST_S:
            return


def expect_all_doors(scene: Scene) -> Process[None]:
    """Press once and pull at a door that only a second press unlocks."""
    person = scene.person
    yield from person.pause(1.0, 2.5)
    while person.now_s < scene.until_s - LEAST_S:
        yield from person.press_fob("unlock")
        yield from person.react()
        opened = yield from person.try_handle(scene.door)
        if not opened:
            yield from person.pause(0.6, 1.2)
            yield from person.press_fob("unlock")
            if person.chance.random() < 0.7:
                yield from person.react()
                opened = yield from person.try_handle(scene.door)
        if opened:
            yield from person.pause(1.0, 2.0)
            yield from person.close(scene.door)
        yield from person.pause(0.8, 1.6)
        yield from person.press_fob("lock")
        yield from person.pause(2.5, 4.5)
        if person.chance.random() < 0.4:
            yield from _use_driver_door(scene)


def overlook_open_door(scene: Scene) -> Process[None]:
    """Lock with a door left open, see nothing happen, and look for it."""
    person = scene.person
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        yield from person.press_fob("unlock")
        yield from person.react()
        if scene.door != scene.traits.driver and person.car.world.bcm.selective:
            yield from person.press_fob("unlock")
            yield from person.react()
        if not (yield from person.try_handle(scene.door)):
            return
        yield from person.pause(1.5, 3.0)
        for _ in range(person.chance.choice((1, 2, 2))):
            yield from person.press_fob("lock")
            yield from person.pause(1.5, 2.5)
        if person.chance.random() < 0.8:
            yield from _see_whether_locked(scene)
        person.marks.write("note", None, "it does not lock")
        yield from person.pause(1.0, 2.0)
        yield from person.close(scene.door)
        yield from person.pause(0.6, 1.2)
        yield from person.press_fob("lock")
        yield from person.pause(2.5, 4.0)


def fight_with_a_belt(scene: Scene) -> Process[None]:
    """Shut a door on a belt, see that it does not lock, and find the belt in the gap."""
    person = scene.person
    part = person.car.doors[scene.door]
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        for _ in range(2 if person.car.world.bcm.selective else 1):
            yield from person.press_fob("unlock")
            yield from person.react()
        if not (yield from person.try_handle(scene.door)):
            return
        part.caught_deg = person.chance.uniform(*CAUGHT_DEG)
        yield from person.close(scene.door)
        for _ in range(person.chance.choice((2, 2, 3))):
            yield from person.press_fob("lock")
            yield from person.pause(1.2, 2.2)
        if person.chance.random() < 0.7:
            yield from _see_whether_locked(scene)
        person.marks.write("note", scene.door, "it does not lock")
        yield from person.pause(1.0, 2.0)
        part.caught_deg = 0.0
        yield from part.swing(person.habits.open_deg, person.habits.swing_s)
        yield from person.close(scene.door)
        yield from person.press_fob("lock")
        yield from person.pause(2.5, 4.0)


def _see_whether_locked(scene: Scene) -> Process[None]:
    """Pull at another door, which should be locked by now and opens."""
    person = scene.person
    sides = [door for door in scene.traits.doors if door not in (scene.door, "tailgate")]
    if sides and (yield from person.try_handle(person.chance.choice(sides))):
        yield from person.pause(0.5, 1.0)
        for door in sides:
            if person.car.doors[door].is_open:
                yield from person.close(door)


def _use_driver_door(scene: Scene) -> Process[None]:
    was, scene.door = scene.door, scene.traits.driver
    yield from arrive(scene)
    yield from leave(scene)
    scene.door = was
