"""Windows at their switches, and door switches against what somebody said."""

from __future__ import annotations

import pytest

from canlock.detection.marked import MARK_LATE_S
from canlock.detection.trials import CHECK_EARLY_S
from diagnosis.diagnosis_builders import a_check, a_mark, a_trial, an_event, of


@pytest.mark.parametrize("result", ["moved", "dead"])
def test_a_window_is_observed(result: str) -> None:
    assert of("window", trials=[a_trial(15.0, result)]) == [(result, "driver")]


def test_a_window_that_nobody_saw_is_nothing() -> None:
    assert of("window", trials=[a_trial(15.0, "unseen")]) == []


SAID = a_mark(20.0, "opened")
CHECK = a_check(20.0, "contradicts")


@pytest.mark.parametrize(
    ("after_s", "role", "value", "door", "expected"),
    [
        pytest.param(-CHECK_EARLY_S + 0.1, "door.ajar", "open", "passenger", 0, id="before"),
        pytest.param(-CHECK_EARLY_S - 0.1, "door.ajar", "open", "passenger", 1, id="long before"),
        pytest.param(MARK_LATE_S - 0.1, "door.ajar", "open", "passenger", 0, id="just after"),
        pytest.param(MARK_LATE_S + 0.1, "door.ajar", "open", "passenger", 1, id="later"),
        pytest.param(-1.0, "door.ajar", "closed", "passenger", 1, id="it did something else"),
        pytest.param(-1.0, "latch.status", "open", "passenger", 1, id="no door switch"),
    ],
)
def test_a_mark_that_probably_names_the_wrong_door_contradicts_no_switch(
    after_s: float, role: str, value: str, door: str, expected: int
) -> None:
    events = [an_event(20.0 + after_s, role, value, door)]

    found = of("switch", trials=[CHECK], marks=[SAID], events=events)

    assert found == [("contradicts", "driver")] * expected


def test_a_door_of_which_somebody_said_the_same_is_not_the_one_that_was_meant() -> None:
    events = [an_event(19.0, "door.ajar", "open", "passenger")]
    marks = [SAID, a_mark(19.5, "opened", "passenger")]

    assert of("switch", trials=[CHECK], marks=marks, events=events) == [("contradicts", "driver")]


def test_what_was_said_of_an_earlier_opening_is_not_said_of_this_one() -> None:
    events = [an_event(15.0, "door.ajar", "open", "passenger")]
    events += [an_event(19.0, "door.ajar", "open", "passenger")]
    marks = [a_mark(15.5, "opened", "passenger"), SAID]

    assert of("switch", trials=[CHECK], marks=marks, events=events) == []


def test_a_switch_that_agrees_does_so_whatever_other_doors_do() -> None:
    events = [an_event(19.0, "door.ajar", "open", "passenger")]
    check = a_check(20.0, "agrees")

    assert of("switch", trials=[check], marks=[SAID], events=events) == [("agrees", "driver")]
