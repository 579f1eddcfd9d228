"""An ordinary minute or two: somebody who comes, goes, forgets something and comes back."""

from __future__ import annotations

from canlock.simulation.case import Scene
from canlock.simulation.clock import Process
from canlock.simulation.person import Person
from canlock.simulation.stories.confounders import HABITS

LEAST_S = 6.0
"""Nothing new is begun in the last seconds."""

ODD_SHARE = 0.6
"""So often somebody does something besides coming and going; judgement."""

LONGEST_HABIT_S = 15.0
MOST_PRESSES = 3
CHECK_SHARE = 0.3
"""So often somebody pulls at a handle to see that the door is locked; judgement."""


def live(scene: Scene) -> Process[None]:
    """Use a car in order: with all that looks odd and is not."""
    person = scene.person
    yield from person.pause(1.0, 3.0)
    while person.now_s < scene.until_s - LEAST_S:
        yield from arrive(scene)
        if person.chance.random() < ODD_SHARE and person.now_s < scene.until_s - LONGEST_HABIT_S:
            yield from person.chance.choice(HABITS)(scene)
        yield from leave(scene)
        yield from person.pause(2.0, 4.0)


def arrive(scene: Scene) -> Process[None]:
    """Unlock, open a door, shut it."""
    person = scene.person
    door = _choose_door(person, scene)
    yield from person.press_fob("unlock")
    if person.chance.random() < 0.15:
        # Somebody who changes their mind.
        yield from person.pause(0.6, 1.5)
        yield from person.press_fob("lock")
        yield from person.pause(1.0, 2.0)
        yield from person.press_fob("unlock")
    yield from person.react()
    for _ in range(MOST_PRESSES):
        # Who owns a car knows that some doors want a second press, and that some go unheard.
        if person.sees_locked(door):
            yield from person.press_fob("unlock")
            yield from person.react()
    if not person.sees_locked(door) and (yield from person.try_handle(door)):
        yield from person.pause(1.0, 3.0)
        yield from person.close(door)
    yield from person.pause(0.5, 1.5)


def leave(scene: Scene) -> Process[None]:
    """Get out from inside now and then, lock, walk away."""
    person = scene.person
    luck = person.chance.random()
    if luck < 0.3 and not person.sees_locked(scene.traits.driver):
        yield from get_out(person, scene.traits.driver)
    elif luck < 0.45:
        door = _choose_door(person, scene)
        # The others may still be locked where the first press opens the driver's door only.
        if not person.sees_locked(door):
            yield from lock_with_a_door_ajar(person, door)
    if luck > 0.8:
        yield from person.press_interior("lock")
        yield from person.pause(1.5, 2.5)
        yield from person.press_interior("unlock")
        yield from person.pause(1.5, 2.5)
    yield from person.press_fob("lock")
    yield from person.react()
    if person.chance.random() < CHECK_SHARE:
        door = _choose_door(person, scene)
        if (yield from person.check_locked(door)):
            # A press that was not heard: the door is shut, and lock is pressed once more.
            yield from person.close(door)
            yield from person.press_fob("lock")
            yield from person.react()


def get_out(person: Person, door: str) -> Process[None]:
    """Open a door from inside, and shut it from outside."""
    if (yield from person.try_handle(door, "inner")):
        yield from person.pause(1.0, 2.0)
        yield from person.close(door)
        yield from person.pause(0.5, 1.0)


def lock_with_a_door_ajar(person: Person, door: str) -> Process[None]:
    """Press lock too early, see the open door, shut it."""
    if (yield from person.try_handle(door)):
        yield from person.press_fob("lock")
        yield from person.react()
        yield from person.close(door)
        yield from person.pause(0.5, 1.0)


def _choose_door(person: Person, scene: Scene) -> str:
    if person.chance.random() < 0.5:
        return scene.traits.driver
    return person.chance.choice(scene.traits.doors)
