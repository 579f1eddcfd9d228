"""The story of a door that stays shut: somebody looks for the reason, one cheap test at a time."""

from __future__ import annotations

from canlock.simulation.case import Scene
from canlock.simulation.clock import Process
from canlock.simulation.person import Person


def find_broken_wire(scene: Scene) -> Process[None]:
    """Try the door, listen at it, get in by another one, try the window, work the gaiter."""
    person, door = scene.person, scene.door
    yield from person.pause(1.5, 2.0)
    yield from _try_twice(person, door)
    yield from person.listen(door)
    yield from person.pause(1.0, 1.4)
    yield from person.press_fob("lock")
    yield from person.pause(1.6, 2.0)
    yield from person.listen(door)
    yield from person.react()
    others = [other for other in scene.traits.doors if other not in (door, "tailgate")]
    if (yield from person.try_handle(others[0])):
        yield from person.pause(0.8, 1.2)
        yield from person.close(others[0])
    yield from person.turn_key("on")
    for _ in range(2):
        # Who sees a window stay presses again.
        if (yield from person.press_window(door)):
            break
        yield from person.pause(0.6, 0.9)
    yield from person.press_window(others[0])
    yield from person.turn_key("off")
    yield from person.pause(0.8, 1.2)
    if (yield from person.try_handle(door, "inner")):
        yield from person.pause(1.0, 1.5)
        # Each press is answered or not as the ends of the wire happen to lie.
        yield from person.flex(door, presses=5)
        yield from person.lock_by_hand(door)
        yield from person.close(door)
    yield from person.pause(1.0, 1.5)
    yield from person.press_fob("lock")
    yield from person.pause(1.6, 2.2)
    yield from _try_twice(person, door)


def _try_twice(person: Person, door: str) -> Process[None]:
    for _ in range(2):
        yield from person.press_fob("unlock")
        yield from person.react()
        if (yield from person.try_handle(door)):
            yield from person.pause(0.8, 1.2)
            yield from person.close(door)
            return
        yield from person.pause(1.2, 1.8)
