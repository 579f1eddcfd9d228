"""People whose car refuses to lock, for a reason that they have not thought of."""

from __future__ import annotations

from canlock.simulation.case import Scene
from canlock.simulation.clock import Process
from canlock.simulation.stories.routine import LEAST_S

SEES_WHY = 0.85
"""Share of the people who find the reason within the session; judgement."""


def forget_key(scene: Scene) -> Process[None]:
    """Leave a key in the car, get out, and try to lock with the spare fob or at the handle."""
    person, driver = scene.person, scene.traits.driver
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        yield from _get_in_and_out(scene, is_key_left=True)
        for _ in range(person.chance.choice((2, 2, 3))):
            yield from _ask_to_lock(scene)
            yield from person.pause(1.2, 2.2)
        yield from _see_whether_locked(scene)
        if person.chance.random() > SEES_WHY:
            continue
        if (yield from person.try_handle(driver)):
            yield from person.leave_key(is_inside=False)
            yield from person.close(driver)
        yield from person.pause(0.6, 1.2)
        yield from _ask_to_lock(scene)
        yield from person.pause(2.0, 3.5)


def slam_with_key_inside(scene: Scene) -> Process[None]:
    """Press lock with the driver's door still open and the key in the car: it opens again."""
    person, driver = scene.person, scene.traits.driver
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        yield from person.press_fob("unlock")
        yield from person.react()
        if not (yield from person.try_handle(driver)):
            return
        yield from person.leave_key(is_inside=True)
        yield from person.press_interior("lock")
        yield from person.pause(1.6, 2.6)
        yield from person.close(driver)
        yield from _see_whether_locked(scene)
        if (yield from person.try_handle(driver)):
            yield from person.leave_key(is_inside=False)
            yield from person.close(driver)
        yield from person.pause(0.6, 1.2)
        yield from person.press_fob("lock")
        yield from person.pause(2.0, 3.5)


def leave_ignition_on(scene: Scene) -> Process[None]:
    """Get out with the ignition on, press lock in vain, and look for the reason."""
    person, driver = scene.person, scene.traits.driver
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        yield from person.press_fob("unlock")
        yield from person.react()
        if not (yield from person.try_handle(driver)):
            return
        yield from person.turn_key(person.chance.choice(("acc", "on", "on")))
        yield from person.pause(0.8, 1.6)
        yield from person.close(driver)
        for _ in range(person.chance.choice((2, 2, 3))):
            yield from person.press_fob("lock")
            yield from person.pause(1.2, 2.2)
        yield from _see_whether_locked(scene)
        finds_it = person.chance.random() < SEES_WHY
        if (yield from person.try_handle(driver)):
            yield from person.turn_key("off")
            yield from person.close(driver)
        if finds_it:
            yield from person.press_fob("lock")
        yield from person.pause(2.0, 3.5)


def play_with_fob(scene: Scene) -> Process[None]:
    """Press and press, as children do, until the car takes a rest; then wait for it."""
    person = scene.person
    yield from person.pause(1.0, 2.0)
    action = "unlock"
    for _ in range(person.chance.randint(12, 15)):
        yield from person.press_fob(action)
        action = "lock" if action == "unlock" else "unlock"
        yield from person.pause(0.3, 0.6)
    yield from person.press_fob("unlock")
    yield from person.react()
    if (yield from person.try_handle(scene.door)):
        yield from person.close(scene.door)
    else:
        person.marks.write("note", None, "it does nothing any more")
    # Long enough for a count; a PTC may want more.
    yield from person.pause(27.0, 34.0)
    person.marks.write("rested")
    for _ in range(2):
        yield from person.press_fob("unlock")
        yield from person.react()
        if (yield from person.try_handle(scene.door)):
            yield from person.close(scene.door)
        yield from person.press_fob("lock")
        yield from person.pause(1.5, 2.5)


def _get_in_and_out(scene: Scene, *, is_key_left: bool) -> Process[None]:
    person, driver = scene.person, scene.traits.driver
    yield from person.press_fob("unlock")
    yield from person.react()
    if (yield from person.try_handle(driver)):
        yield from person.leave_key(is_inside=is_key_left)
        yield from person.close(driver)
    yield from person.pause(0.6, 1.2)


def _ask_to_lock(scene: Scene) -> Process[None]:
    person = scene.person
    if person.car.world.has_handle_switches and person.chance.random() < 0.5:
        yield from person.press_handle(scene.traits.handle_doors[0])
    else:
        yield from person.press_fob("lock", spare=True)


def _see_whether_locked(scene: Scene) -> Process[None]:
    """Pull at a door that should be locked by now."""
    person = scene.person
    sides = [door for door in scene.traits.doors if door != "tailgate"]
    door = person.chance.choice(sides)
    if (yield from person.try_handle(door)):
        person.marks.write("note", None, "it does not lock")
        yield from person.pause(0.5, 1.0)
        yield from person.close(door)
