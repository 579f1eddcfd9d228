"""What a car refuses, and what is known to allow it to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import a_vehicle

from canlock.diagnosis.observing.circumstances import REST_S
from canlock.diagnosis.observing.everything import observe
from canlock.diagnosis.observing.history import COUNTED_S, least_crowd
from canlock.model.operations import Operation
from canlock.model.vehicle import Timing
from diagnosis.diagnosis_builders import (
    CALM,
    a_press,
    an_operation,
    detected,
    kinds,
    of,
)

OPEN = replace(CALM, ajar_doors=("driver",))
LIMIT = Timing().operation_limit
LEAST = least_crowd(LIMIT)


@pytest.mark.parametrize(
    ("action", "kind", "outcome"),
    [("lock", "refusal", "door-open"), ("unlock", "command", "absent")],
)
def test_an_open_door_allows_to_refuse_a_lock_only(action: str, kind: str, outcome: str) -> None:
    press = a_press(10.0, action, circumstance=OPEN)

    assert of(kind, press) == [(outcome, None)]
    other = "command" if kind == "refusal" else "refusal"
    assert of(other, press) == []


def test_a_refusal_because_of_an_open_door_is_no_disobedience() -> None:
    press = a_press(10.0, "lock", circumstance=OPEN, inhibit="door-open")

    assert of("refusal", press) == [("door-open", None)]
    assert of("command", press) == []


REASONS = [
    pytest.param({"is_key_inside": True}, "key-inside", id="key inside"),
    pytest.param({"is_key_inserted": True}, "key-inserted", id="key inserted"),
    pytest.param({"power": "acc"}, "power", id="accessories on"),
    pytest.param({"power": "on", "is_key_inside": True}, "power", id="somebody sits in it"),
    pytest.param({"speed_kmh": 5.0}, "power", id="the car moved"),
    pytest.param({"supply_v": 8.9}, "low-voltage", id="too little voltage"),
]


@pytest.mark.parametrize(("change", "reason"), REASONS)
def test_what_was_left_undone_is_told_with_what_is_known_to_allow_that(
    change: dict[str, object], reason: str
) -> None:
    known = replace(CALM, **change)  # type: ignore[arg-type]

    assert of("refusal", a_press(10.0, circumstance=known)) == [(reason, None)]


@pytest.mark.parametrize(("change", "reason"), REASONS)
def test_what_was_done_in_spite_of_a_reason_was_not_refused(
    change: dict[str, object], reason: str
) -> None:
    known = replace(CALM, **change)  # type: ignore[arg-type]
    found = of("refusal", an_operation(10.0, circumstance=known))

    assert found == [("none", None)]
    assert (reason, None) not in found


@pytest.mark.parametrize(
    ("inhibit", "outcome"),
    [
        ("key-inside", "key-inside"),
        ("low-voltage", "low-voltage"),
        ("count", "count"),
        ("yes", "door-open"),
    ],
)
def test_the_word_of_the_bcm_goes_before_what_is_known_besides(inhibit: str, outcome: str) -> None:
    press = a_press(10.0, "lock", circumstance=OPEN, inhibit=inhibit)

    assert of("refusal", press) == [(outcome, None)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"can_see_command": False}, id="an order could not be seen"),
        pytest.param({"is_gapped": True}, id="in a gap"),
        pytest.param({"is_closed": False}, id="its window is open"),
        pytest.param({"flashes": 1}, id="the lamps answered"),
    ],
)
def test_nothing_was_refused_where(change: dict[str, object]) -> None:
    press = a_press(10.0, "lock", circumstance=OPEN)
    assert of("refusal", press) == [("door-open", None)]

    assert of("refusal", replace(press, **change)) == []  # type: ignore[arg-type]


def test_a_press_that_was_not_even_received_was_not_refused() -> None:
    press = a_press(10.0, "lock", is_seen=False, mark="press-fob-lock", circumstance=OPEN)

    assert of("refusal", press) == []
    assert of("request", press) == [("unheard", None)]


def test_who_marks_a_press_that_was_left_undone_says_so_where_no_frame_does() -> None:
    press = a_press(
        10.0,
        "lock",
        is_seen=False,
        mark="press-fob-lock",
        circumstance=OPEN,
        can_see_request=False,
    )

    (seen,) = [o for o in observe(detected([press]), a_vehicle()) if o.kind == "refusal"]

    assert (seen.outcome, seen.is_marked) == ("door-open", True)


DONE = ("none", None)
"""What could have been refused was done."""


def often(count: int, *, first_s: float, last_s: float) -> list[Operation]:
    """Presses that were obeyed, the first and last of their orders at these times."""
    step_s = (last_s - first_s) / (count - 1)
    return [an_operation(first_s - 0.1 + step_s * number) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "over_s", "word"),
    [
        pytest.param(LIMIT, COUNTED_S - 0.1, "count", id="as many as it allows"),
        pytest.param(LEAST, COUNTED_S - 0.1, "count", id="nearly as many"),
        pytest.param(LEAST - 1, COUNTED_S - 0.1, None, id="one less"),
        pytest.param(LEAST, COUNTED_S + 0.1, None, id="over a longer time"),
    ],
)
def test_a_bcm_may_rest_after_so_many_orders(count: int, over_s: float, word: str | None) -> None:
    operations = often(count, first_s=39.0 - over_s, last_s=39.0)

    refusals = [seen for seen in of("refusal", *operations, a_press(40.0)) if seen != DONE]
    commands = of("command", *operations, a_press(40.0))[count:]

    assert refusals == ([(word, None)] if word else [])
    assert commands == ([] if word else [("absent", None)])


def test_a_bcm_may_have_counted_a_request_of_which_nobody_saw_what_became() -> None:
    unseen = replace(a_press(21.0), outcome="unseen")
    operations = [unseen, *often(LEAST - 1, first_s=22.0, last_s=39.0)]

    assert of("refusal", *operations, a_press(40.0))[-1] == ("count", None)
    assert ("count", None) not in of("refusal", *operations[1:], a_press(40.0))


def test_a_bcm_does_not_count_what_it_left_undone() -> None:
    presses = [a_press(10.0 + number) for number in range(2 * LIMIT)]

    assert of("refusal", *presses) == []
    assert of("command", *presses) == [("absent", None)] * len(presses)


@pytest.mark.parametrize(("after_s", "word"), [(REST_S - 0.1, "count"), (REST_S + 0.1, None)])
def test_a_bcm_rests_for_a_while_after_one_operation_too_many(
    after_s: float, word: str | None
) -> None:
    operations = [*often(LIMIT, first_s=10.0, last_s=17.0), an_operation(18.0)]
    press = a_press(18.1 + after_s)

    refusals = [seen for seen in of("refusal", *operations, press) if seen != DONE]

    assert refusals == ([(word, None)] if word else [])


@pytest.mark.parametrize(("after_s", "word"), [(10.0, None), (COUNTED_S + 0.5, "count")])
def test_a_bcm_that_obeys_somebody_meanwhile_does_not_rest(
    after_s: float, word: str | None
) -> None:
    operations = often(LIMIT, first_s=10.0, last_s=17.0)
    obeyed = an_operation(17.0 + after_s)

    refusals = of("refusal", *operations, a_press(19.0), obeyed)

    assert ("count", None) in refusals if word else ("count", None) not in refusals


def test_a_vehicle_knows_its_own_limit_of_operations() -> None:
    found = detected([*often(3, first_s=10.0, last_s=14.0), a_press(18.0)])

    assert ("refusal", "count", None) in kinds(found, a_vehicle(timing=Timing(operation_limit=3)))
    assert ("refusal", "count", None) not in kinds(
        found, a_vehicle(timing=Timing(operation_limit=5))
    )
