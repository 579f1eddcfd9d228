"""People whom their car locks in or lets out without being asked."""

from __future__ import annotations

from canlock.simulation.case import Scene
from canlock.simulation.clock import Process
from canlock.simulation.stories.routine import LEAST_S


def be_locked_by_speed(scene: Scene) -> Process[None]:
    """Drive a round; on arrival a passenger outside pulls at a door in vain."""
    person = scene.person
    yield from _set_out(scene)
    while person.now_s < scene.until_s - LEAST_S:
        yield from person.turn_key("on")
        yield from person.drive(person.chance.uniform(8.0, 13.0))
        yield from person.pause(0.8, 1.6)
        if not (yield from person.try_handle(scene.door)):
            person.marks.write("note", None, "it has locked itself")
            yield from person.press_interior("unlock")
            yield from person.react()
        else:
            yield from person.close(scene.door)
        if (yield from person.try_handle(scene.door)):
            yield from person.close(scene.door)
        yield from person.turn_key("off")
        yield from person.pause(2.0, 4.0)


def be_unlocked_at_the_end(scene: Scene) -> Process[None]:
    """Lock from inside while the engine runs, switch off, and find the doors unlocked."""
    person = scene.person
    yield from _set_out(scene)
    while person.now_s < scene.until_s - LEAST_S:
        yield from person.turn_key("on")
        yield from person.pause(0.8, 1.6)
        yield from person.press_interior("lock")
        yield from person.pause(2.0, 4.0)
        yield from person.turn_key("off")
        yield from person.pause(1.2, 2.4)
        if (yield from person.try_handle(scene.door)):
            person.marks.write("note", None, "it has unlocked itself")
            yield from person.close(scene.door)
        yield from person.pause(2.0, 4.0)


def be_hit(scene: Scene) -> Process[None]:
    """Stand locked with the ignition on, and be run into."""
    person = scene.person
    yield from _set_out(scene)
    yield from person.turn_key("on")
    yield from person.press_interior("lock")
    yield from person.pause(4.0, 8.0)
    person.car.automatics.crash()
    person.marks.write("note", None, "somebody has run into the car")
    yield from person.blink("hazard")
    yield from person.pause(2.0, 4.0)
    if (yield from person.try_handle(scene.door)):
        yield from person.close(scene.door)
    yield from person.turn_key("off")
    yield from person.pause(1.0, 2.0)
    for action in ("lock", "unlock"):
        yield from person.press_fob(action)
        yield from person.pause(2.0, 3.0)


def be_left_inside(scene: Scene) -> Process[None]:
    """Be in the car while somebody locks it from outside, and pull at the inner handle."""
    person, door = scene.person, scene.door
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        yield from person.press_fob("unlock")
        yield from person.pause(1.0, 2.0)
        if scene.traits.driver != door and person.car.world.bcm.selective:
            yield from person.press_fob("unlock")
            yield from person.pause(1.0, 2.0)
        if (yield from person.try_handle(door)):
            yield from person.close(door)
        yield from person.press_fob("lock")
        yield from person.pause(1.0, 2.0)
        for _ in range(person.chance.choice((1, 2))):
            if (yield from person.try_handle(door, "inner")):
                yield from person.close(door)
            yield from person.pause(0.6, 1.2)
        yield from _let_out(scene)


def sit_behind_a_child_lock(scene: Scene) -> Process[None]:
    """Sit in the back of an unlocked car and pull at the inner handle."""
    person, door = scene.person, scene.door
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        for _ in range(2 if person.car.world.bcm.selective else 1):
            yield from person.press_fob("unlock")
            yield from person.react()
        if (yield from person.try_handle(door)):
            yield from person.pause(0.8, 1.6)
            yield from person.close(door)
        for _ in range(person.chance.choice((1, 2))):
            yield from person.pause(0.6, 1.2)
            if (yield from person.try_handle(door, "inner")):
                yield from person.close(door)
        if (yield from person.try_handle(door)):
            yield from person.close(door)
        yield from person.press_fob("lock")
        yield from person.pause(2.0, 4.0)


def _let_out(scene: Scene) -> Process[None]:
    person, door = scene.person, scene.door
    for _ in range(2 if person.car.world.bcm.selective else 1):
        yield from person.press_fob("unlock")
        yield from person.pause(0.8, 1.4)
    if (yield from person.try_handle(door, "inner")):
        yield from person.close(door)
    yield from person.press_fob("lock")
    yield from person.pause(2.0, 4.0)


def _set_out(scene: Scene) -> Process[None]:
    """Unlock all doors and get in."""
    person = scene.person
    yield from person.pause(1.0, 2.0)
    for _ in range(2 if person.car.world.bcm.selective else 1):
        yield from person.press_fob("unlock")
        yield from person.react()
    if (yield from person.try_handle(scene.traits.driver)):
        yield from person.pause(0.8, 1.4)
        yield from person.close(scene.traits.driver)
