"""What is observed of a healthy car, and of one that shows little; supply and marks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import DOORS, START_S, a_plain_vehicle, a_vehicle

from canlock.diagnosis.observation import HEALTHY
from canlock.diagnosis.observing.circumstances import DIP_V
from canlock.diagnosis.observing.everything import observe
from canlock.diagnosis.observing.states import GOOD_SUPPLY_V, LOW_SUPPLY_V
from canlock.model.operations import Operation, Request
from diagnosis.diagnosis_builders import (
    CALM,
    a_mark,
    a_press,
    a_trial,
    an_access,
    an_operation,
    detected,
    kinds,
    of,
    with_supply,
)

SCOPE = ("scope", "all", None)


def test_a_healthy_unlock_is_observed_link_by_link() -> None:
    assert sorted(kinds(detected([an_operation(10.0)])), key=str) == sorted(
        [
            ("air", "mild", None),
            ("command", "given", None),
            ("dip", "steady", None),
            ("origin", "asked", None),
            ("refusal", "none", None),
            ("repeat", "once", None),
            ("supply", "good", None),
            SCOPE,
            *(("response", "answered", door) for door in DOORS),
            *(("pace", "even", door) for door in DOORS),
        ],
        key=str,
    )


def test_observations_come_in_time_order_and_in_the_fixed_alphabet() -> None:
    operations = [an_operation(10.0, "lock"), an_operation(30.0, states={"driver": "silent"})]
    found = detected(
        operations,
        accesses=[an_access(35.0, is_marked=True)],
        trials=[a_trial(5.0, "dead")],
        marks=[a_mark(31.0, "heard-hum"), a_mark(2.0, "knob-stiff")],
    )

    seen = observe(found, a_vehicle())

    times = [one.at_s for one in seen]
    assert times == sorted(times)
    assert all(one.outcome in HEALTHY[one.kind] for one in seen)
    assert {"response", "outer.measured", "window", "sound", "knob"} <= {one.kind for one in seen}


def test_a_car_that_shows_little_is_observed_little() -> None:
    vehicle = a_plain_vehicle()
    request = Request(START_S + 10.0, "request.fob", "unlock", is_marked=True)
    operation = Operation(START_S + 10.0, START_S + 13.0, "unseen", request)

    assert kinds(detected([operation], vehicle=vehicle), vehicle) == []


# Supply


@pytest.mark.parametrize(
    ("rest_v", "word"),
    [
        (GOOD_SUPPLY_V, "good"),
        (GOOD_SUPPLY_V - 0.1, "low"),
        (LOW_SUPPLY_V, "low"),
        (LOW_SUPPLY_V - 0.1, "very-low"),
    ],
)
def test_the_supply_at_rest_has_a_word(rest_v: float, word: str) -> None:
    assert of("supply", with_supply(an_operation(10.0), rest_v, 12.0)) == [(word, None)]


@pytest.mark.parametrize(("lowest_v", "word"), [(DIP_V, "steady"), (DIP_V - 0.1, "deep")])
def test_the_supply_under_load_has_a_word(lowest_v: float, word: str) -> None:
    assert of("dip", with_supply(an_operation(10.0), 12.5, lowest_v)) == [(word, None)]


def test_the_supply_dips_for_the_locks_only_when_they_are_ordered() -> None:
    assert of("dip", with_supply(a_press(10.0), 12.5, 8.0)) == []


def test_a_supply_that_is_not_mapped_is_not_observed() -> None:
    operation = an_operation(10.0, circumstance=replace(CALM, supply_v=None, supply_min_v=None))

    assert of("supply", operation) == of("dip", operation) == []


# Marks


@pytest.mark.parametrize("word", ["silence", "click", "hum", "whirr"])
def test_a_sound_belongs_to_the_order_before_it(word: str) -> None:
    mark = a_mark(11.0, f"heard-{word}")

    assert of("sound", an_operation(10.0), marks=[mark]) == [(word, "driver")]


@pytest.mark.parametrize(("after_s", "expected"), [(15.0, 1), (15.2, 0), (-0.8, 1), (-1.1, 0)])
def test_a_sound_long_after_an_order_is_no_sound_of_it(after_s: float, expected: int) -> None:
    mark = a_mark(10.1 + after_s, "heard-hum")

    assert len(of("sound", an_operation(10.0), marks=[mark])) == expected


def test_a_sound_of_a_door_that_was_not_ordered_is_nothing() -> None:
    mark = a_mark(11.0, "heard-silence", "passenger")

    assert of("sound", an_operation(10.0, doors=("driver",)), marks=[mark]) == []


@pytest.mark.parametrize("word", ["free", "stiff"])
def test_a_knob_is_observed(word: str) -> None:
    assert of("knob", marks=[a_mark(11.0, f"knob-{word}")]) == [(word, "driver")]


def test_a_mark_without_a_door_is_about_the_door_that_was_complained_of() -> None:
    mark = a_mark(20.0, "knob-stiff", None)

    assert of("knob", marks=[mark], accesses=[an_access(15.0, "passenger")]) == [
        ("stiff", "passenger")
    ]
    assert of("knob", marks=[mark]) == []


def test_a_mark_without_a_door_is_about_none_where_two_were_complained_of() -> None:
    accesses = [an_access(15.0, "passenger"), an_access(16.0, "driver")]

    assert of("knob", marks=[a_mark(20.0, "knob-stiff", None)], accesses=accesses) == []
