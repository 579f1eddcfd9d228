"""What people do at cars in order that looks like a fault, or like a request, and is neither."""

from __future__ import annotations

from collections.abc import Callable

from canlock.simulation.case import Scene
from canlock.simulation.clock import Process

Habit = Callable[[Scene], Process[None]]


def show_the_way(scene: Scene) -> Process[None]:
    """Switch the hazard lamps on for a while: both indicators, and no answer of the car's."""
    yield from scene.person.blink("hazard")


def signal_a_turn(scene: Scene) -> Process[None]:
    """Indicate, with the ignition on: one side alone."""
    person = scene.person
    yield from person.turn_key("on")
    yield from person.blink(person.chance.choice(("left", "right")))
    yield from person.pause(1.0, 2.0)
    yield from person.turn_key("off")


def move_a_window(scene: Scene) -> Process[None]:
    """Turn the ignition on, move a window down and up, and set the mirror."""
    person = scene.person
    door = _choose_side(scene)
    yield from person.turn_key("on")
    for direction in ("down", "up"):
        yield from person.press_window(door, direction)
        yield from person.pause(0.4, 1.0)
    yield from person.turn_mirror(scene.traits.driver)
    yield from person.turn_key("off")


def drive_a_round(scene: Scene) -> Process[None]:
    """Drive off and come back: the car may lock and unlock itself."""
    person = scene.person
    yield from person.turn_key("on")
    yield from person.drive(person.chance.uniform(7.0, 11.0))
    yield from person.pause(0.6, 1.4)
    yield from person.turn_key("off")
    yield from person.pause(1.0, 2.0)


def press_while_driving_off(scene: Scene) -> Process[None]:
    """Press the fob with the ignition on, to show somebody: most cars do not heed it."""
    person = scene.person
    yield from person.turn_key("on")
    yield from person.press_fob("unlock")
    yield from person.pause(1.5, 2.5)
    yield from person.turn_key("off")
    yield from person.pause(0.8, 1.6)


def open_while_it_locks(scene: Scene) -> Process[None]:
    """Press lock while somebody else is just opening a door; shut that door again."""
    person = scene.person
    door = _choose_side(scene)
    part = person.car.doors[door]
    if person.sees_locked(door):
        return

    def come_out() -> Process[None]:
        if (yield from part.pull("outer", person.habits.pull_s)):
            yield from part.swing(person.habits.open_deg, person.habits.swing_s)

    person.car.clock.start(come_out())
    yield from person.press_fob("lock")
    yield from person.pause(2.0, 3.5)
    if part.is_open:
        yield from person.close(door)
    yield from person.pause(0.6, 1.2)


def use_button_on_handle(scene: Scene) -> Process[None]:
    """Unlock and lock with the button on the handle, on cars that have one."""
    person = scene.person
    if not person.car.world.has_handle_switches:
        return
    door = scene.traits.handle_doors[0]
    yield from person.press_handle(door)
    yield from person.pause(1.5, 2.5)
    yield from person.press_handle(door)
    yield from person.pause(1.5, 2.5)


def take_the_other_fob(scene: Scene) -> Process[None]:
    """Lock and unlock with the spare fob."""
    person = scene.person
    for action in ("lock", "unlock"):
        yield from person.press_fob(action, spare=True)
        yield from person.pause(1.5, 2.5)


def use_telephone(scene: Scene) -> Process[None]:
    """Lock and unlock by telephone, on cars that show such requests."""
    person = scene.person
    if not scene.traits.has_telephone:
        return
    for action in ("lock", "unlock"):
        person.car.clock.start(person.car.ask_remotely(action))
        yield from person.pause(2.5, 4.0)


def connect_tester(scene: Scene) -> Process[None]:
    """Let a workshop's tester move the locks, on cars that say who asked."""
    person = scene.person
    if not scene.traits.tells_tester:
        return
    for action in ("lock", "unlock"):
        person.car.bcm.order(action, "diagnostics")
        yield from person.pause(2.0, 3.0)


def stay_away(scene: Scene) -> Process[None]:
    """Leave the car alone: the bus may fall asleep, and its first frames after it are lost."""
    person = scene.person
    yield from person.pause(10.0, 16.0)


def forget_to_open(scene: Scene) -> Process[None]:
    """Unlock and be held up: a car with a short timer locks itself again."""
    person = scene.person
    relock_s = person.car.world.bcm.relock_s
    yield from person.press_fob("unlock")
    yield from person.pause(2.0, 4.0)
    if relock_s is not None and scene.until_s - person.now_s > relock_s + 8.0:
        yield from person.pause(relock_s, relock_s + 3.0)
        yield from person.press_fob("unlock")
        yield from person.pause(1.5, 2.5)


HABITS: tuple[Habit, ...] = (
    show_the_way,
    signal_a_turn,
    move_a_window,
    drive_a_round,
    press_while_driving_off,
    open_while_it_locks,
    use_button_on_handle,
    take_the_other_fob,
    use_telephone,
    connect_tester,
    stay_away,
    stay_away,
    forget_to_open,
)


def _choose_side(scene: Scene) -> str:
    sides = [door for door in scene.traits.doors if door != "tailgate"]
    return scene.person.chance.choice(sides)
