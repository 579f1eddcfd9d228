"""Why somebody could not get in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.diagnosis.observing.denials import ASKED_S
from canlock.diagnosis.observing.orders import MARK_LATE_S, MOVES_S
from canlock.model.operations import Operation
from diagnosis.diagnosis_builders import (
    CALM,
    a_press,
    an_access,
    an_event,
    an_operation,
    of,
)

UNLOCK = an_operation(10.0)
SHUT = an_access(45.0, lock="locked")


def own_lock(after_s: float, cause: str | None) -> Operation:
    return an_operation(after_s, "lock", is_asked=False, cause=cause)


def why(*operations: Operation, door: str = "driver") -> list[str]:
    """Return why a door stayed shut to somebody who pulled its outer handle after all this."""
    access = replace(SHUT, door=door)
    return [word for word, _ in of("denied", *operations, accesses=[access])]


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        pytest.param([UNLOCK, own_lock(40.0, "auto-relock")], ["relocked"], id="by its timer"),
        pytest.param([UNLOCK, own_lock(40.0, "auto-lock")], ["automatic"], id="as it drove off"),
        pytest.param([UNLOCK, own_lock(40.0, "crash")], ["automatic"], id="after a crash"),
        pytest.param([UNLOCK, own_lock(40.0, None)], [], id="for a reason that nobody knows"),
        pytest.param([own_lock(40.0, "auto-relock")], ["relocked"], id="with nobody asking"),
        pytest.param(
            [own_lock(20.0, "auto-relock"), a_press(30.0)], ["unordered"], id="before the asking"
        ),
        pytest.param(
            [own_lock(20.0, "auto-relock"), an_operation(30.0)], [], id="unlocked since then"
        ),
    ],
)
def test_a_car_that_locked_itself_keeps_people_out(
    operations: list[Operation], words: list[str]
) -> None:
    assert why(*operations) == words


@pytest.mark.parametrize("flashes", [0, 2])
def test_a_relock_keeps_out_whether_the_lamps_had_answered_or_not(flashes: int) -> None:
    assert why(replace(UNLOCK, flashes=flashes), own_lock(40.0, "auto-relock")) == ["relocked"]


def test_a_timer_that_shows_by_keeping_its_time_keeps_people_out_too() -> None:
    operations = [UNLOCK, own_lock(42.0, None), an_operation(110.0), own_lock(142.0, None)]
    opened = [an_event(20.0, "door.ajar", "open", "passenger")]

    assert why(*operations) == ["relocked"]
    assert of("denied", *operations, accesses=[SHUT], events=opened) == []


@pytest.mark.parametrize(("door", "words"), [("passenger", ["driver-only"]), ("driver", [])])
def test_an_unlock_for_the_driver_keeps_the_others_out(door: str, words: list[str]) -> None:
    assert why(an_operation(10.0, doors=("driver",)), door=door) == words


@pytest.mark.parametrize(
    ("press", "words"),
    [
        pytest.param(a_press(10.0), ["unordered"], id="nothing explains it"),
        pytest.param(a_press(10.0, inhibit="yes"), ["refused"], id="the BCM said so"),
        pytest.param(
            a_press(10.0, circumstance=replace(CALM, power="on")), ["refused"], id="ignition on"
        ),
        pytest.param(
            a_press(10.0, circumstance=replace(CALM, ajar_doors=("driver",))),
            ["unordered"],
            id="an open door forbids no unlock",
        ),
        pytest.param(
            a_press(10.0, is_seen=False, mark="press-fob-unlock"), [], id="the car heard nothing"
        ),
        pytest.param(a_press(10.0, "lock"), [], id="asked to lock"),
        pytest.param(
            a_press(10.0, "pressed", mark="press-fob-unlock"), ["unordered"], id="only counted"
        ),
        pytest.param(a_press(10.0, "pressed"), [], id="counted, for nobody knows what"),
    ],
)
def test_an_unlock_that_was_heard_and_left_undone_keeps_people_out(
    press: Operation, words: list[str]
) -> None:
    assert why(press) == words


@pytest.mark.parametrize(
    ("after_s", "is_marked", "expected"),
    [
        pytest.param(MOVES_S - 0.05, False, 0, id="seen, at once"),
        pytest.param(MOVES_S + 0.05, False, 1, id="seen, later"),
        pytest.param(MARK_LATE_S - 0.05, True, 0, id="marked, perhaps late"),
        pytest.param(MARK_LATE_S + 0.05, True, 1, id="marked, later than marks are"),
    ],
)
def test_who_pulled_before_asking_was_not_kept_out(
    after_s: float, is_marked: bool, expected: int
) -> None:
    access = an_access(10.0 + after_s, lock="locked", is_marked=is_marked)

    assert of("denied", a_press(10.0), accesses=[access]) == [("unordered", "driver")] * expected


def test_who_is_inside_is_not_kept_out() -> None:
    access = replace(SHUT, handle="inner")

    assert of("denied", UNLOCK, own_lock(40.0, "auto-relock"), accesses=[access]) == []


def test_who_asked_and_got_in_was_not_denied() -> None:
    access = an_access(15.0, result="opened", feedback="command")

    assert of("denied", an_operation(10.0), accesses=[access]) == [("none", "driver")]


def test_who_got_in_without_asking_tells_nothing_of_the_car_that_denies() -> None:
    assert of("denied", accesses=[an_access(15.0, result="opened")]) == []


@pytest.mark.parametrize(("after_s", "expected"), [(ASKED_S - 0.1, 1), (ASKED_S + 0.1, 0)])
def test_who_is_kept_out_says_so_within_a_minute(after_s: float, expected: int) -> None:
    access = an_access(10.0 + after_s, lock="locked")

    assert len(of("denied", a_press(10.0), accesses=[access])) == expected


def test_whom_the_lamps_answered_was_not_denied() -> None:
    press = replace(a_press(10.0), flashes=2)

    assert of("denied", press, accesses=[an_access(15.0, lock="locked")]) == []


def test_who_has_locked_and_feels_whether_it_is_locked_was_not_denied() -> None:
    operations = [an_operation(10.0), an_operation(20.0, "lock")]

    assert of("denied", *operations, accesses=[an_access(25.0, lock="locked")]) == []


def test_who_presses_lock_in_vain_and_feels_the_handle_was_not_denied() -> None:
    selective = an_operation(10.0, doors=("driver",))
    access = an_access(25.0, "passenger", lock="locked")

    assert of("denied", selective, accesses=[access]) == [("driver-only", "passenger")]
    assert of("denied", selective, a_press(20.0, "lock"), accesses=[access]) == []


def test_a_locked_car_that_nobody_asked_to_open_denies_nobody() -> None:
    assert of("denied", accesses=[an_access(15.0, lock="locked")]) == []
