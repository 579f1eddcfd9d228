"""Every code of the model has words, and every word prints anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args, get_type_hints

import pytest

from canlock.model.doors import DOOR_NAMES, door_name
from canlock.model.faults import FAULT_CODES, LAYERS
from canlock.model.operations import Access, Outcome, ResponseState
from canlock.model.roles import DOORS, FEEDBACKS, REQUEST_ROLES, ROLE_VALUES, ROLES
from canlock.model.stream import MARK_ACTIONS
from canlock.telling import words

ACCESS = get_type_hints(Access)

REQUESTED = {value for role in REQUEST_ROLES for value in ROLE_VALUES[role]}


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        pytest.param(words.FAULTS, FAULT_CODES, id="faults"),
        pytest.param(words.LAYERS, LAYERS, id="layers"),
        pytest.param(words.TIERS, ("T0", "T1", "T2", "T3", "T4"), id="tiers"),
        pytest.param(words.OUTCOMES, get_args(Outcome), id="outcomes"),
        pytest.param(words.RESPONSES, get_args(ResponseState), id="responses"),
        pytest.param(words.FEEDBACKS, (*FEEDBACKS, "command"), id="feedbacks"),
        pytest.param(words.REQUESTS, REQUEST_ROLES, id="requests"),
        pytest.param(words.REQUESTORS, ROLE_VALUES["command.requestor"], id="requestors"),
        pytest.param(words.ACTIONS, REQUESTED | set(ROLE_VALUES["command.lock"]), id="actions"),
        pytest.param(words.INHIBITS, ROLE_VALUES["command.inhibit"], id="inhibits"),
        pytest.param(words.HANDLES, get_args(ACCESS["handle"]), id="handles"),
        pytest.param(words.ACCESS_RESULTS, get_args(ACCESS["result"]), id="access results"),
        pytest.param(words.ROLES, ROLES, id="roles"),
        pytest.param(words.MARKS, MARK_ACTIONS, id="marks"),
        pytest.param(DOOR_NAMES, DOORS, id="doors"),
    ],
)
def test_every_code_has_words_and_no_words_are_left_over(
    table: Mapping[str, object], codes: Iterable[str]
) -> None:
    assert set(table) == set(codes)


def test_every_event_that_has_words_is_a_value_of_its_role() -> None:
    assert {value for role, value in words.EVENTS if value not in ROLE_VALUES[role]} == set()


@pytest.mark.parametrize("role", sorted({role for role, _ in words.EVENTS}))
def test_a_role_with_words_for_one_value_has_them_for_all(role: str) -> None:
    told = {value for each, value in words.EVENTS if each == role}
    assert told == set(ROLE_VALUES[role])


def test_all_words_are_plain_ascii_on_one_line() -> None:
    for name, table in vars(words).items():
        if name.isupper() and isinstance(table, dict):
            for text in map(str, table.values()):
                assert text.isascii(), (name, text)
                assert text.isprintable(), (name, text)


def test_no_two_faults_share_their_words() -> None:
    assert len(set(words.FAULTS.values())) == len(FAULT_CODES)


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (1.0, "over 99 %"),
        (0.995, "over 99 %"),
        (0.9949, "99 %"),
        (0.93, "93 %"),
        (0.0149, "1 %"),
        (0.01, "1 %"),
        (0.0099, "under 1 %"),
        (0.0, "under 1 %"),
    ],
)
def test_a_probability_is_told_in_whole_per_cent_and_never_as_certainty(
    probability: float, text: str
) -> None:
    assert words.percent(probability) == text


@pytest.mark.parametrize(
    ("bits", "word"),
    [
        (4.3, "strong"),
        (3.3, "strong"),
        (-3.3, "strong"),
        (3.24, "fair"),
        (1.7, "fair"),
        (1.64, "weak"),
        (-0.5, "weak"),
        (0.44, "very weak"),
        (0.05, "very weak"),
        (0.049, "says nothing"),
        (0.0, "says nothing"),
    ],
)
def test_the_strength_of_evidence_is_told_whatever_its_direction(bits: float, word: str) -> None:
    assert words.strength(bits) == word


@pytest.mark.parametrize(
    ("bits", "word"),
    [
        (0.5, "tells much"),
        (0.44, "tells something"),
        (0.15, "tells something"),
        (0.149, "tells little"),
    ],
)
def test_the_use_of_a_test_is_told_by_its_information(bits: float, word: str) -> None:
    assert words.use(bits) == word


@pytest.mark.parametrize(
    ("door", "name", "short"),
    [
        ("driver", "driver's door", "driver"),
        ("rear-left", "rear left door", "rear left"),
        ("tailgate", "tailgate", "tailgate"),
        ("sliding-left", "sliding left door", "sliding left"),
        ("sliding-door", "sliding door", "sliding door"),
    ],
)
def test_doors_of_a_vehicle_files_own_are_named_like_the_others(
    door: str, name: str, short: str
) -> None:
    assert (door_name(door), words.door_short(door)) == (name, short)


@pytest.mark.parametrize(
    ("doors", "name"),
    [
        ((), "the whole car"),
        (("driver",), "driver's door"),
        (("driver", "tailgate"), "driver's door and tailgate"),
        (("driver", "passenger", "tailgate"), "all doors"),
    ],
)
def test_doors_are_joined_and_all_of_them_are_told_in_short(
    doors: tuple[str, ...], name: str
) -> None:
    assert words.doors_name(doors, ("driver", "passenger", "tailgate")) == name


def test_the_only_door_of_a_car_keeps_its_name() -> None:
    assert words.doors_name(("driver",), ("driver",)) == "driver's door"
