"""The order in which a door's lock answered and failed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.course import observe_course

OUTCOMES = {"a": "answered", "l": "slow", "s": "silent", "b": "bounced"}


def answers(course: str, *, door: str = "driver", way: str = "lock") -> list[Observation]:
    """One answer a letter: answered, slow (late), silent, bounced."""
    return [
        Observation("response", OUTCOMES[letter], 10.0 * number, door, way)
        for number, letter in enumerate(course)
    ]


def course(told: list[Observation]) -> list[str]:
    return [seen.outcome for seen in observe_course(told)]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("aass", ["failed-since"]),
        ("ass", ["failed-since"]),
        ("alsb", ["failed-since"]),
        ("ssa", ["failed-until"]),
        ("sbll", ["failed-until"]),
        ("asa", ["to-and-fro"]),
        ("sas", ["to-and-fro"]),
        ("aasasss", ["to-and-fro"]),
        ("asssa", ["to-and-fro"]),
        # One failure at an end may be one of those that come and go.
        ("aaas", []),
        ("saaa", []),
        ("as", []),
        # There is no order in what was always the same.
        ("aaaa", []),
        ("ssss", []),
        ("s", []),
        ("", []),
    ],
)
def test_failures_have_an_order(letters: str, expected: list[str]) -> None:
    assert course(answers(letters)) == expected


def test_each_door_and_each_direction_has_a_course_of_its_own() -> None:
    told = [
        *answers("ass"),
        *answers("aaa", way="unlock"),
        *answers("ssa", door="passenger"),
    ]

    found = list(observe_course(told))

    assert [(seen.door, seen.direction, seen.outcome) for seen in found] == [
        ("driver", "lock", "failed-since"),
        ("passenger", "lock", "failed-until"),
    ]


def test_an_answer_after_many_orders_counts_and_one_after_a_movement_does_not() -> None:
    first, second, third = answers("ass")
    hot = replace(third, kind="response.frequent")
    moved = replace(third, kind="response.moved")

    assert course([first, second, hot]) == ["failed-since"]
    assert course([first, second, moved]) == []


def test_other_observations_do_not_matter() -> None:
    other = Observation("window", "dead", 1.0, "driver")
    summary = Observation("summary", "some", 1.0, None, "lock")

    assert course([other, summary]) == []
    assert course([other, *answers("ass")]) == ["failed-since"]


@given(st.text("alsb", max_size=12))
def test_what_is_turned_round_in_time_fails_until_instead_of_since(letters: str) -> None:
    turned = {"failed-since": "failed-until", "failed-until": "failed-since"}

    forth, back = course(answers(letters)), course(answers(letters[::-1]))

    assert back == [turned.get(outcome, outcome) for outcome in forth]
