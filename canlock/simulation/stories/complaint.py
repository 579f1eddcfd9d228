"""Somebody with a door that gives trouble: they try it, and then try what comes to mind.

The person does not know what is wrong. What they do next follows from what they have seen, and
from chance.
"""

from __future__ import annotations

from collections.abc import Callable

from canlock.simulation.case import Scene
from canlock.simulation.clock import Process
from canlock.simulation.person import NEAR_M

Trial = Callable[[Scene], Process[None]]

FREEZES_C = 2.0
"""Below this people think of ice (DOMAIN 2.5 F)."""

MOST_PRESSES = 3
LEAST_S = 5.0
"""Nothing new is begun in the last seconds."""


def complain(scene: Scene) -> Process[None]:
    """Try to use the door; where it fails, look into it."""
    person = scene.person
    yield from person.pause(1.0, 3.0)
    trials: list[Trial] = []
    has_trouble = False
    while _has_time(scene):
        opened = yield from use(scene)
        has_trouble |= not opened
        if not _has_time(scene):
            break
        if has_trouble:
            trials = trials or _shuffle(scene)
            yield from trials.pop()(scene)
            yield from person.pause(0.8, 2.0)
        yield from lock_up(scene)


def look_over(scene: Scene) -> Process[None]:
    """Go through a car that gives no trouble, as after a repair: all doors, one trial after other.

    Who does this knows the car: that some doors want a second press.
    """
    person = scene.person
    sides = [door for door in scene.traits.doors if door != "tailgate"] or [scene.door]
    yield from person.pause(1.0, 3.0)
    while _has_time(scene):
        scene.door = person.chance.choice(sides)
        yield from person.press_fob("unlock")
        yield from person.react()
        for _ in range(MOST_PRESSES):
            if person.sees_locked(scene.door):
                yield from person.press_fob("unlock")
                yield from person.react()
        if not person.sees_locked(scene.door):
            if (yield from person.try_handle(scene.door)):
                if person.chance.random() < 0.3:
                    yield from person.flex(scene.door)
                yield from person.close(scene.door)
            if _has_time(scene):
                yield from person.chance.choice(CHECKS)(scene)
                yield from person.pause(0.6, 1.4)
        yield from person.press_fob("lock")
        yield from person.pause(1.0, 2.5)


def use(scene: Scene) -> Process[bool]:
    """Unlock with the fob and open the door; return whether it opened."""
    person = scene.person
    has_flashed = yield from person.press_fob("unlock")
    if not has_flashed and person.chance.random() < 0.7:
        # No answer at all: most people press once more, and step nearer.
        yield from person.pause(0.3, 1.0)
        if person.distance_m > NEAR_M and person.chance.random() < 0.5:
            yield from person.come_near()
        yield from person.press_fob("unlock")
    yield from person.react()
    opened = yield from person.try_handle(scene.door)
    if not opened and person.chance.random() < 0.6:
        yield from person.pause(0.8, 1.6)
        yield from person.press_fob("unlock")
        yield from person.react()
        opened = yield from person.try_handle(scene.door)
    if opened:
        yield from person.pause(0.8, 2.0)
        yield from person.close(scene.door)
    yield from person.pause(0.6, 1.2)
    return opened


def lock_up(scene: Scene) -> Process[None]:
    """Lock with the fob, and now and then see whether the door is really locked."""
    person = scene.person
    yield from person.press_fob("lock")
    yield from person.pause(1.2, 2.4)
    if person.chance.random() < 0.35 and (yield from person.try_handle(scene.door)):
        person.marks.write("note", scene.door, "it should be locked")
        yield from person.close(scene.door)
        yield from person.pause(0.5, 1.0)
    if person.chance.random() < 0.45:
        yield from person.walk_off()


def listen(scene: Scene) -> Process[None]:
    """Put an ear to the door while the fob is pressed."""
    yield from scene.person.listen(scene.door)


def try_another_door(scene: Scene) -> Process[None]:
    """See whether another door opens."""
    person = scene.person
    others = [door for door in scene.traits.doors if door not in (scene.door, "tailgate")]
    door = person.chance.choice(others or [scene.door])
    yield from person.press_fob("unlock")
    yield from person.react()
    if (yield from person.try_handle(door)):
        yield from person.pause(0.6, 1.2)
        yield from person.close(door)


def try_inside(scene: Scene) -> Process[None]:
    """Get in by another door and try what can be tried from there."""
    person = scene.person
    if not (yield from _get_in(scene)):
        return
    inside: list[Trial] = [press_window, press_window, pull_inner_handle, feel_knob, press_button]
    person.chance.shuffle(inside)
    for trial in dict.fromkeys(inside[:3]):
        yield from trial(scene)
        yield from person.pause(0.4, 1.0)


def pull_inner_handle(scene: Scene) -> Process[None]:
    """Pull the inner handle; where the door opens, now and then work its gaiter to and fro."""
    person = scene.person
    if (yield from person.try_handle(scene.door, "inner")):
        yield from person.pause(0.8, 1.6)
        if person.chance.random() < 0.5:
            yield from person.flex(scene.door)
        yield from person.close(scene.door)


def press_window(scene: Scene) -> Process[None]:
    """Turn the ignition on and press the window switch of the door, then another's."""
    person = scene.person
    yield from person.turn_key("on")
    others = [door for door in scene.traits.doors if door not in (scene.door, "tailgate")]
    for door in (scene.door, *others[:1]):
        yield from person.press_window(door)
        yield from person.pause(0.4, 0.9)
    if person.chance.random() < 0.3:
        yield from person.turn_mirror(scene.door)
    yield from person.turn_key("off")


def feel_knob(scene: Scene) -> Process[None]:
    """Move the knob of the door by hand."""
    yield from scene.person.feel_knob(scene.door)


def press_button(scene: Scene) -> Process[None]:
    """Lock and unlock with the button inside."""
    person = scene.person
    yield from person.press_interior("lock")
    yield from person.pause(1.5, 2.5)
    yield from person.press_interior("unlock")
    yield from person.pause(1.5, 2.5)


def try_near(scene: Scene) -> Process[None]:
    """Press with the fob at the window."""
    person = scene.person
    yield from person.come_near()
    yield from person.press_fob("unlock")
    yield from person.react()


def try_spare_fob(scene: Scene) -> Process[None]:
    """Press the other fob, at the car."""
    person = scene.person
    yield from person.pause(0.8, 1.5)
    yield from person.press_fob("unlock", spare=True)
    yield from person.react()


def come_back_later(scene: Scene) -> Process[None]:
    """Leave it for a while: the bus may fall asleep."""
    person = scene.person
    yield from person.pause(9.0, 15.0)
    yield from person.press_fob("unlock")
    yield from person.react()


def press_twice(scene: Scene) -> Process[None]:
    """Come and go with long rests; where the first press does nothing, press again."""
    person = scene.person
    yield from person.pause(1.0, 2.0)
    while person.now_s < scene.until_s - LEAST_S:
        for action in ("unlock", "lock"):
            has_flashed = yield from person.press_fob(action)
            yield from person.react()
            if not has_flashed:
                yield from person.press_fob(action)
                yield from person.react()
            if action == "unlock" and (yield from person.try_handle(scene.door)):
                yield from person.pause(0.8, 1.6)
                yield from person.close(scene.door)
            yield from person.pause(5.0, 9.0)


def try_mechanical_key(scene: Scene) -> Process[None]:
    """Unlock with the key in the driver's door."""
    person = scene.person
    yield from person.pause(1.0, 2.0)
    yield from person.turn_mechanical_key("unlock")
    if (yield from person.try_handle(scene.traits.driver)):
        yield from person.pause(0.6, 1.2)
        yield from person.close(scene.traits.driver)


def warm_latch(scene: Scene) -> Process[None]:
    """In the cold, warm the latch and try again."""
    person = scene.person
    if person.car.world.ambient_c > FREEZES_C:
        return
    yield from person.warm_latch(scene.door)
    yield from person.press_fob("unlock")
    yield from person.react()
    if (yield from person.try_handle(scene.door)):
        yield from person.pause(0.6, 1.2)
        yield from person.close(scene.door)


def move_car(scene: Scene) -> Process[None]:
    """Take the car somewhere else and press there."""
    person = scene.person
    yield from person.pause(4.0, 7.0)
    person.car.radio.move_away()
    person.marks.write("moved-car")
    yield from person.press_fob("unlock")
    yield from person.react()


def try_handle_button(scene: Scene) -> Process[None]:
    """Press the button on a handle, where there is one."""
    person, doors = scene.person, scene.traits.handle_doors
    if not person.car.world.has_handle_switches:
        return
    yield from person.press_handle(scene.door if scene.door in doors else doors[0])
    yield from person.react()


TRIALS: tuple[Trial, ...] = (
    listen,
    listen,
    try_another_door,
    try_inside,
    try_inside,
    try_near,
    try_spare_fob,
    try_handle_button,
    come_back_later,
    try_mechanical_key,
    warm_latch,
    move_car,
)
"""What comes to mind; twice what is the likelier to."""


def _shuffle(scene: Scene) -> list[Trial]:
    trials = list(TRIALS)
    scene.person.chance.shuffle(trials)
    return trials


def _get_in(scene: Scene) -> Process[bool]:
    """Get into the car by another side door; return whether it opened."""
    person = scene.person
    sides = [door for door in scene.traits.doors if door not in (scene.door, "tailgate")]
    if not sides:
        return False
    door = sides[0] if person.chance.random() < 0.7 else person.chance.choice(sides)
    yield from person.press_fob("unlock")
    yield from person.react()
    if not (yield from person.try_handle(door)):
        return False
    yield from person.pause(0.6, 1.0)
    yield from person.close(door)
    return True


def _has_time(scene: Scene) -> bool:
    return scene.person.now_s < scene.until_s - LEAST_S


CHECKS: tuple[Trial, ...] = (
    listen,
    listen,
    press_window,
    feel_knob,
    press_button,
    try_near,
    try_spare_fob,
    try_handle_button,
    come_back_later,
)
"""What somebody tries who looks a car over, and which a car in order passes."""
