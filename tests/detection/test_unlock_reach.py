"""Which doors an unlock was for, where only its echo shows it: many cars open one door at first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.model.operations import Operation
from canlock.model.vehicle import Vehicle
from detection.detection_builders import (
    DOORS,
    PERIOD_S,
    Story,
    a_vehicle,
    entry,
    facts,
    states,
)

OTHERS = DOORS[1:]
WITHOUT = ["command.lock", "command.requestor", "lock.status"]


def a_car(*told: tuple[str, tuple[str, ...]]) -> Vehicle:
    """Return a car without commands whose locks are told so, for such doors each."""
    locks = [
        entry("lock.status", f"LOCKS_{number}", *doors, feedback=feedback)
        for number, (feedback, doors) in enumerate(told)
    ]
    messages = [facts(lock.message, 0x150 + n, PERIOD_S) for n, lock in enumerate(locks)]
    vehicle = a_vehicle(without=WITHOUT, extra=locks)
    return replace(vehicle, messages=(*vehicle.messages, *messages))


TOGETHER = a_car(("belief", DOORS))
APART = a_car(("belief", ("driver",)), ("belief", OTHERS))
SUMMARY = a_car(("any-locked", DOORS))


def reach(operation: Operation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the doors that an order was surely for, and those that it may have been for."""
    assert operation.command is not None
    return operation.command.doors, operation.command.unsure_doors


def unlock(vehicle: Vehicle, *at_s: float, role: str = "request.fob") -> list[Operation]:
    """Return what is made of unlocks that lamps and locks show."""
    story = Story(vehicle, until_s=60.0)
    for when_s in at_s:
        story.happen(when_s, role, "unlock").flash(when_s + 0.125, 2)
    story.say(at_s[0] + 0.25, "lock.status", "unlocked", "driver")
    return list(story.operations())


def test_a_word_for_the_driver_and_others_does_not_say_which_door_was_unlocked() -> None:
    assert reach(unlock(TOGETHER, 5.0)[0]) == (("driver",), OTHERS)


def test_a_word_of_their_own_that_stays_says_that_the_others_were_left_out() -> None:
    assert reach(unlock(APART, 5.0)[0]) == (("driver",), ())


@pytest.mark.parametrize(
    ("second_s", "doors"),
    [pytest.param(8.0, DOORS, id="soon"), pytest.param(12.0, ("driver",), id="late")],
)
def test_a_second_unlock_in_the_time_for_it_is_for_all_doors(
    second_s: float, doors: tuple[str, ...]
) -> None:
    assert reach(unlock(TOGETHER, 5.0, second_s)[-1])[0] == doors


def test_the_button_inside_unlocks_all_doors() -> None:
    assert reach(unlock(TOGETHER, 5.0, role="request.interior")[0]) == (DOORS, ())


def test_a_lock_is_for_all_doors() -> None:
    story = Story(TOGETHER).say(0.0, "lock.status", "unlocked")
    story.press(5.0, "lock").flash(5.125, 1).say(5.25, "lock.status", "locked")

    assert reach(story.operation()) == (DOORS, ())


def test_a_summary_that_stays_is_right_where_the_driver_alone_may_be_unlocked() -> None:
    story = Story(SUMMARY, until_s=60.0).press(5.0, "unlock").flash(5.125, 2)

    assert states(story.operations()[0]) == {"driver": "unseen"}


def test_a_summary_that_stays_after_the_second_unlock_tells_of_a_door_left_behind() -> None:
    story = Story(SUMMARY, until_s=60.0)
    story.press(5.0, "unlock").flash(5.125, 2).press(8.0, "unlock").flash(8.125, 2)

    assert set(states(story.operations()[1]).values()) == {"some-silent"}


@pytest.mark.parametrize(
    ("vehicle", "known"),
    [
        pytest.param(TOGETHER, (None, None), id="told with the driver's"),
        pytest.param(APART, ("locked", "belief"), id="told apart"),
    ],
)
def test_nobody_knows_the_lock_of_a_door_that_may_have_been_unlocked(
    vehicle: Vehicle, known: tuple[str | None, str | None]
) -> None:
    story = Story(vehicle, until_s=40.0).press(5.0, "unlock").flash(5.125, 2)
    story.say(5.25, "lock.status", "unlocked", "driver").open_door(15.0, "passenger")

    (found,) = [one for one in story.detect().accesses if one.door == "passenger"]

    assert (found.lock, found.lock_feedback) == known


def test_lamps_that_answer_say_that_the_press_was_taken_though_no_order_was_seen() -> None:
    story = Story().press(5.0, "unlock").flash(5.125, 2)

    assert [operation.outcome for operation in story.operations()] == ["unseen"]
