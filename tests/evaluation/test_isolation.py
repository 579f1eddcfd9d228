"""The next tests are done at the simulated car, and what comes of it is weighed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.evaluation.isolation import MOST_TESTS, TRIALS, Isolation, isolate
from canlock.evaluation.scores import score
from canlock.evaluation.sessions import (
    PURSUED,
    Session,
    diagnose_drive,
    plan_sessions,
    run_session,
)
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import NextTest
from canlock.simulation.drive import Drive, simulate
from evaluation.evaluation_builders import an_outcome

CODE = "latch-jammed"
SEED = 5
TEXT = {
    "window-switch": "Press the window switch of the passenger's door.",
    "press-near": "Press at the car.",
    "measure-supply": "Measure the battery.",
}


@pytest.fixture(scope="module")
def loaded() -> LoadedVehicle:
    return load_vehicle("nissan-qashqai-j10")


@pytest.fixture(scope="module")
def plain(loaded: LoadedVehicle) -> Drive:
    return simulate(loaded, (CODE,), seed=SEED)


@pytest.fixture(scope="module")
def unsure(loaded: LoadedVehicle, plain: Drive) -> Snapshot:
    return asking(diagnose_drive(loaded, plain), "window-switch")


def asking(snapshot: Snapshot, *tests: str, confident: bool = False) -> Snapshot:
    """Return a snapshot that asks for tests."""
    verdict = replace(snapshot.verdict, fault=CODE, is_confident=confident)
    wanted = tuple(NextTest(test, TEXT.get(test, ""), 1.0, 0.5) for test in tests)
    return replace(snapshot, findings=(verdict,), next_tests=wanted)


def pursue(
    loaded: LoadedVehicle, first: Snapshot, *answers: Snapshot
) -> tuple[Isolation, list[Drive]]:
    """Isolate with an engine that gives one snapshot after the other; return the drives too."""
    drives: list[Drive] = []
    waiting = list(answers)

    def diagnose(_: LoadedVehicle, drive: Drive) -> Snapshot:
        drives.append(drive)
        return waiting.pop(0) if waiting else first

    return isolate(loaded, CODE, first, diagnose, seed=SEED, worlds="test"), drives


def test_who_is_sure_at_once_needs_no_test(loaded: LoadedVehicle, unsure: Snapshot) -> None:
    isolation, drives = pursue(loaded, asking(unsure, "window-switch", confident=True))

    assert isolation == Isolation((), CODE)
    assert drives == []


def test_a_test_is_done_at_the_end_of_the_same_session_and_at_its_door(
    loaded: LoadedVehicle, unsure: Snapshot, plain: Drive
) -> None:
    isolation, drives = pursue(loaded, unsure, asking(unsure, confident=True))

    assert isolation == Isolation(("window-switch",), CODE)
    before = plain.marks
    after = drives[0].marks
    assert after[: len(before)] == before
    added = {(mark.action, mark.door) for mark in after[len(before) :]}
    assert ("press-window-switch", "passenger") in added


def test_no_test_is_done_twice_and_none_that_nobody_can_do(
    loaded: LoadedVehicle, unsure: Snapshot
) -> None:
    asks = asking(unsure, "measure-supply", "window-switch", "press-near")
    isolation, drives = pursue(loaded, asks)

    assert isolation == Isolation(("window-switch", "press-near"), None)
    assert len(drives) == 2
    assert "near-car" in [mark.action for mark in drives[1].marks[len(drives[0].marks) :]]


def test_after_some_tests_one_gives_up(loaded: LoadedVehicle, unsure: Snapshot) -> None:
    isolation, drives = pursue(loaded, asking(unsure, *TRIALS))

    assert len(isolation.asked) == len(drives) == MOST_TESTS < len(TRIALS)
    assert isolation.verdict is None


@pytest.mark.parametrize("test", TRIALS)
def test_every_test_leaves_a_mark(
    test: str, loaded: LoadedVehicle, unsure: Snapshot, plain: Drive
) -> None:
    _, drives = pursue(loaded, asking(unsure, test), asking(unsure, confident=True))

    assert len(drives[0].marks) > len(plain.marks)


def test_broken_cars_are_pursued_in_the_first_sessions_of_each_class() -> None:
    plan = plan_sessions(["bmw-e9x"], ["no-fault", CODE], per_class=PURSUED + 1)
    pursued = [each for each in plan if each.is_pursued]

    assert {each.code for each in pursued} == {CODE}
    assert len(pursued) == PURSUED


def test_pursuing_changes_nothing_else_of_an_outcome() -> None:
    plain = run_session(Session("bmw-e9x", CODE, SEED))
    pursued = run_session(Session("bmw-e9x", CODE, SEED, is_pursued=True))

    assert plain.isolation is None
    assert pursued.isolation is not None
    assert replace(pursued, isolation=None) == plain


def test_the_figures_count_who_was_isolated_and_how_many_tests_it_took() -> None:
    figures = score(
        [
            replace(an_outcome(), isolation=Isolation((), CODE)),
            replace(an_outcome(), isolation=Isolation(("listen", "knob", "listen"), CODE)),
            replace(an_outcome(), isolation=Isolation(("knob",), "latch-frozen")),
            replace(an_outcome(), isolation=Isolation(("knob",), None)),
            an_outcome(),
        ]
    ).every

    assert (figures.isolated.count, figures.isolated.of) == (2, 4)
    assert figures.mean_tests == 1.5
