"""How many next tests it takes until the engine is sure: somebody does what it asks for.

The same session is played again and again, each time with one more test at its end: the one that
the engine would have next. What comes of it is the simulated car's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.model.doors import door_name
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import NextTest
from canlock.simulation.case import Scene, Story
from canlock.simulation.clock import Process
from canlock.simulation.drive import Drive, list_stages, run, set_up
from canlock.simulation.ranges import Worlds
from canlock.simulation.stories.complaint import (
    feel_knob,
    listen,
    move_car,
    press_button,
    press_window,
    pull_inner_handle,
    try_near,
    try_spare_fob,
)

MOST_TESTS: Final = 4
"""Nobody at a car does more than this before they call for help. Judgement."""

PRESSES: Final = 3
APART_S: Final = 5.0
"""As the test `press-again` asks for: six seconds from press to press, one of them the pressing."""

Diagnose = Callable[[LoadedVehicle, Drive], Snapshot]


def pull_outer_handle(scene: Scene) -> Process[None]:
    """Unlock, and pull the outer handle once."""
    person = scene.person
    yield from person.press_fob("unlock")
    yield from person.react()
    if (yield from person.try_handle(scene.door)):
        yield from person.pause(0.8, 1.5)
        yield from person.close(scene.door)


def unlock_and_pull_inside(scene: Scene) -> Process[None]:
    """Unlock, and pull the inner handle once."""
    yield from scene.person.press_fob("unlock")
    yield from scene.person.react()
    yield from pull_inner_handle(scene)


def press_again(scene: Scene) -> Process[None]:
    """Lock and unlock several times, with time between."""
    for _ in range(PRESSES):
        for action in ("lock", "unlock"):
            yield from scene.person.press_fob(action)
            yield APART_S


def press_from_afar(scene: Scene) -> Process[None]:
    """Walk off, press, and come back."""
    person = scene.person
    yield from person.walk_off()
    yield from person.press_fob("unlock")
    yield from person.react()
    yield from person.come_near()


def work_gaiter(scene: Scene) -> Process[None]:
    """Open the door from inside, where that can be done, and press while its gaiter is worked."""
    person = scene.person
    if (yield from person.try_handle(scene.door, "inner")):
        yield from person.flex(scene.door, presses=4)
        yield from person.close(scene.door)


TRIALS: Final[Mapping[str, Story]] = {
    "window-switch": press_window,
    "listen": listen,
    "knob": feel_knob,
    "inside-handle": unlock_and_pull_inside,
    "outside-handle": pull_outer_handle,
    "press-near": try_near,
    "spare-fob": try_spare_fob,
    "move-car": move_car,
    "interior-switch": press_button,
    "press-again": press_again,
    "press-far": press_from_afar,
    "gaiter": work_gaiter,
}
"""What somebody does for a test, by its id. For others the simulated person lacks the means."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A test that the engine asked for."""

    id: str
    door: str | None
    """None: the whole car."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """What came of doing the tests."""

    asked: tuple[str, ...]
    """Ids of the tests that were done."""

    verdict: str | None
    """What the engine was sure of in the end; None: it never was."""


def isolate(
    loaded: LoadedVehicle,
    code: str,
    first: Snapshot,
    diagnose: Diagnose,
    *,
    seed: int,
    worlds: Worlds,
) -> Isolation:
    """Do the next tests of a session until the engine is sure.

    Args:
        loaded: The vehicle.
        code: What was put in.
        first: What the engine said of the session as it was.
        diagnose: Gives what it says of a longer one.
        seed: The session's seed.
        worlds: The session's worlds.
    """
    snapshot = first
    done: list[Asked] = []
    while not snapshot.verdict.is_confident and len(done) < MOST_TESTS:
        asked = _choose(snapshot, done)
        if asked is None:
            break
        done.append(asked)
        snapshot = diagnose(loaded, _play_on(loaded, code, done, seed, worlds))
    verdict = snapshot.verdict
    return Isolation(
        tuple(each.id for each in done), verdict.fault if verdict.is_confident else None
    )


def _choose(snapshot: Snapshot, done: Sequence[Asked]) -> Asked | None:
    """Return the best test that can be done and has not been."""
    for test in snapshot.next_tests:
        asked = Asked(test.id, _door_of(test, snapshot.doors))
        if test.id in TRIALS and asked not in done:
            return asked
    return None


def _door_of(test: NextTest, doors: Sequence[str]) -> str | None:
    return next((door for door in doors if door_name(door) in test.instruction), None)


def _play_on(
    loaded: LoadedVehicle, code: str, tests: Sequence[Asked], seed: int, worlds: Worlds
) -> Drive:
    stages, story = list_stages((code,))
    case = set_up(loaded, stages, story, seed=seed, worlds=worlds)
    case.story = _followed_by(case.story, tests)
    return run(loaded, case, seed=seed)


def _followed_by(story: Story, tests: Sequence[Asked]) -> Story:
    def longer(scene: Scene) -> Process[None]:
        yield from story(scene)
        # Somebody who asks gets an answer.
        scene.person.marks.attend()
        for test in tests:
            scene.door = test.door or scene.door
            yield from scene.person.pause(1.0, 3.0)
            yield from TRIALS[test.id](scene)

    return longer
