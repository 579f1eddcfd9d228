"""People who press the button on the handle, or the one inside, and try others where it is dead."""

from __future__ import annotations

from canlock.simulation.case import Scene
from canlock.simulation.clock import Process
from canlock.simulation.stories.routine import LEAST_S


def use_handle_button(scene: Scene) -> Process[None]:
    """Unlock and lock with the button on a handle; where nothing happens, take the fob."""
    person, door = scene.person, scene.door
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        for action in ("unlock", "lock"):
            has_flashed = yield from person.press_handle(door)
            for _ in range(person.chance.choice((0, 1, 2))):
                if not has_flashed:
                    yield from person.pause(0.6, 1.4)
                    has_flashed = yield from person.press_handle(door)
            if not has_flashed and person.chance.random() < 0.4:
                has_flashed = yield from _try_other_handle(scene)
            if not has_flashed:
                yield from person.press_fob(action)
            yield from person.react()
            if action == "unlock" and (yield from person.try_handle(door)):
                yield from person.pause(0.8, 1.6)
                yield from person.close(door)
            yield from person.pause(1.5, 3.0)


def use_inside_button(scene: Scene) -> Process[None]:
    """Get in, press the button inside; where nothing happens, take the fob."""
    person, driver = scene.person, scene.traits.driver
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        yield from person.press_fob("unlock")
        yield from person.react()
        if (yield from person.try_handle(driver)):
            yield from person.close(driver)
        for action in ("lock", "unlock", "lock"):
            yield from person.press_interior(action)
            yield from person.pause(1.2, 2.4)
        if not person.car.doors[scene.door].is_locked:
            person.marks.write("note", None, "the button inside does nothing")
        yield from person.press_fob("lock")
        yield from person.pause(1.5, 3.0)
        if person.chance.random() < 0.6:
            yield from person.press_interior("unlock")
            yield from person.pause(1.5, 3.0)


def _try_other_handle(scene: Scene) -> Process[bool]:
    person = scene.person
    others = [door for door in scene.traits.handle_doors if door != scene.door]
    if not others:
        return False
    has_flashed = yield from person.press_handle(person.chance.choice(others))
    return has_flashed
