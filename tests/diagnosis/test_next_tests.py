"""Which test comes next, and at which door."""

from __future__ import annotations

import pytest

from canlock.diagnosis.catalogue import fault_models
from canlock.diagnosis.next_tests import CATALOGUE, FAVOUR, complained_door, next_tests
from canlock.diagnosis.observation import Observation, group_observations
from canlock.diagnosis.posterior import Weighed, place_candidates, weigh
from canlock.model.stream import Mark
from canlock.pipeline.fitted import load_likelihoods

DOORS = ("driver", "passenger", "rear-left", "rear-right")


def weighed(*seen: Observation) -> Weighed:
    candidates = place_candidates(fault_models(), DOORS)
    return weigh(candidates, group_observations(list(seen)), load_likelihoods(), is_verified=True)


def dead(door: str, times: int) -> list[Observation]:
    return [Observation("response", "silent", float(n), door, "unlock") for n in range(times)]


def doors_of(found: Weighed, favoured: str | None = None) -> set[str]:
    return {test.door for test in next_tests(found, favoured) if test.door is not None}


def test_a_test_at_a_door_says_at_which() -> None:
    per_door = {test.id for test in CATALOGUE if test.is_per_door}
    for test in next_tests(weighed()):
        assert (test.door is not None) is (test.id in per_door)


def test_tests_are_done_at_the_door_that_is_most_suspect() -> None:
    assert doors_of(weighed(*dead("rear-left", 3))) == {"rear-left"}


def test_the_door_complained_of_comes_first_where_no_other_is_far_more_suspect() -> None:
    assert doors_of(weighed(), "passenger") == {"passenger"}


def test_a_complaint_does_not_hide_a_door_that_has_failed() -> None:
    found = weighed(*dead("rear-left", 4))
    shares = dict.fromkeys(DOORS, 0.0)
    for candidate, share in zip(found.candidates, found.probabilities(), strict=True):
        for door in candidate.doors:
            shares[door] += share / len(candidate.doors)
    assert shares["passenger"] < FAVOUR * shares["rear-left"]
    assert doors_of(found, "passenger") == {"rear-left"}


def test_a_door_that_the_car_lacks_favours_nothing() -> None:
    assert doors_of(weighed(), "hatch") == doors_of(weighed())


@pytest.mark.parametrize(
    ("marks", "door"),
    [
        pytest.param([], None, id="nobody said anything"),
        pytest.param([Mark(1.0, "not-opened", "driver")], "driver", id="a shut door"),
        pytest.param(
            [Mark(1.0, "not-opened", "driver"), Mark(2.0, "opened", "passenger")],
            "driver",
            id="another that opened is no complaint",
        ),
        pytest.param(
            [Mark(1.0, "not-opened", "driver"), Mark(2.0, "window-dead", "passenger")],
            "passenger",
            id="the last one counts",
        ),
        pytest.param([Mark(1.0, "note", None, "cold")], None, id="a note about no door"),
    ],
)
def test_a_complaint_is_what_somebody_last_said_is_wrong(
    marks: list[Mark], door: str | None
) -> None:
    assert complained_door(marks) == door
