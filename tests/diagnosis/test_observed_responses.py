"""What locks are observed to do when they are ordered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import DOORS, START_S, a_vehicle

from canlock.diagnosis.observing.circumstances import COOLING_S
from canlock.diagnosis.observing.everything import observe
from canlock.diagnosis.observing.history import BUSY_ORDERS, BUSY_S
from canlock.diagnosis.observing.responses import MOVED_S
from canlock.model.operations import Operation, ResponseState
from diagnosis.diagnosis_builders import (
    CALM,
    a_press,
    an_event,
    an_operation,
    detected,
    of,
)

OPEN = replace(CALM, ajar_doors=("driver",))


def test_a_belief_is_never_observed() -> None:
    assert of("response", an_operation(10.0, feedback="belief")) == []


@pytest.mark.parametrize("state", ["unseen", "already"])
def test_a_door_that_shows_nothing_is_not_observed(state: str) -> None:
    operation = an_operation(10.0, states={"driver": state})  # type: ignore[dict-item]

    assert "driver" not in {door for _, door in of("response", operation)}


def test_a_door_is_not_silent_before_its_window_is_over() -> None:
    operation = replace(an_operation(10.0, states={"driver": "silent"}), is_closed=False)

    assert ("silent", "driver") not in of("response", operation)


@pytest.mark.parametrize("state", ["answered", "slow", "silent", "bounced"])
def test_what_a_lock_did_is_observed_of_its_door_and_way(state: str) -> None:
    operation = an_operation(10.0, "lock", states={"driver": state})  # type: ignore[dict-item]

    found = [o for o in observe(detected([operation]), a_vehicle()) if o.kind == "response"]

    assert ("driver", state, "lock") in {(o.door, o.outcome, o.direction) for o in found}


@pytest.mark.parametrize(
    ("role", "value", "door", "before_s", "kind"),
    [
        pytest.param(
            "door.ajar", "closed", "driver", MOVED_S - 0.1, "response.moved", id="just moved"
        ),
        pytest.param("door.ajar", "closed", "driver", MOVED_S + 0.1, "response", id="long ago"),
        pytest.param("door.ajar", "open", "driver", -0.1, "response", id="afterwards"),
        pytest.param("latch.status", "ajar", "driver", 5.0, "response.moved", id="its latch"),
        pytest.param("mark", "flex-harness", "driver", 5.0, "response.moved", id="its wires"),
        pytest.param("door.ajar", "open", "passenger", 5.0, "response", id="another door"),
        pytest.param("lock.status", "locked", "driver", 5.0, "response", id="only its lock"),
    ],
)
def test_a_lock_whose_door_had_just_moved_is_observed_apart(
    role: str, value: str, door: str, before_s: float, kind: str
) -> None:
    operation = an_operation(20.0, states={"driver": "silent"})
    event = an_event(20.0 - before_s, role, value, door)

    assert ("silent", "driver") in of(kind, operation, events=[event])


def test_a_lock_whose_door_stands_open_is_observed_apart() -> None:
    operation = an_operation(10.0, circumstance=OPEN)

    assert of("response.moved", operation) == [("answered", "driver")]
    assert len(of("response", operation)) == len(DOORS) - 1


def kinds_of_last(*operations: Operation) -> set[str]:
    """Return as what the answers to the last order are observed."""
    last = operations[-1].at_s
    seen = observe(detected(operations), a_vehicle())
    return {o.kind for o in seen if o.at_s > last and o.kind.startswith("response")}


@pytest.mark.parametrize(
    ("count", "over_s", "kind"),
    [
        pytest.param(BUSY_ORDERS, BUSY_S - 0.1, "response.frequent", id="often"),
        pytest.param(BUSY_ORDERS, BUSY_S + 0.1, "response", id="over a longer time"),
        pytest.param(BUSY_ORDERS - 1, BUSY_S - 0.1, "response", id="once less"),
    ],
)
def test_a_lock_that_has_worked_often_is_observed_apart(
    count: int, over_s: float, kind: str
) -> None:
    before = [an_operation(10.0 + over_s * number / (count - 1)) for number in range(count)]

    assert kinds_of_last(*before) == {"response"}
    assert kinds_of_last(*before, an_operation(15.0 + over_s)) == {kind}


@pytest.mark.parametrize(
    ("after_s", "kind"),
    [
        pytest.param(COOLING_S - 0.1, "response.frequent", id="hot"),
        pytest.param(COOLING_S + 0.1, "response", id="cool again"),
    ],
)
def test_a_hot_motor_stays_hot_for_a_while(after_s: float, kind: str) -> None:
    before = [an_operation(10.0 + 2.0 * number) for number in range(BUSY_ORDERS)]
    hot = before[-1].command
    assert hot is not None

    assert kinds_of_last(*before, an_operation(hot.at_s - START_S + after_s)) == {kind}


def test_presses_that_the_bcm_left_undone_heat_no_motor() -> None:
    presses = [a_press(10.0 + 2.0 * number) for number in range(2 * BUSY_ORDERS)]

    assert kinds_of_last(*presses, an_operation(40.0)) == {"response"}


def slow_by(
    latency_s: float, floor_s: float | None, *doors: str, after_s: float = 10.0
) -> Operation:
    """The driver's lock answers between two times; the others, or some, at 0.25 s exactly."""
    operation = an_operation(after_s, doors=("driver", *(doors or DOORS[1:])))
    responses = [
        replace(answer, latency_s=latency_s, latency_floor_s=floor_s)
        if answer.door == "driver"
        else replace(answer, latency_s=0.25, latency_floor_s=0.25)
        for answer in operation.responses
    ]
    return replace(operation, responses=tuple(responses))


def pace_of_driver(*operations: Operation) -> list[str]:
    return [word for word, door in of("pace", *operations) if door == "driver"]


@pytest.mark.parametrize(("behind_s", "word"), [(0.119, "even"), (0.121, "slower")])
def test_at_one_order_a_lock_is_slower_where_it_is_120_ms_behind(
    behind_s: float, word: str
) -> None:
    late_s = 0.25 + behind_s
    found = of("pace", slow_by(late_s, late_s))

    assert (word, "driver") in found
    assert [w for w, door in found if door != "driver"] == ["even"] * 3


@pytest.mark.parametrize(("behind_s", "word"), [(0.059, "even"), (0.061, "slower")])
def test_from_the_third_order_on_60_ms_are_enough(behind_s: float, word: str) -> None:
    late_s = 0.25 + behind_s
    orders = [slow_by(late_s, late_s, after_s=10.0 * number) for number in range(1, 4)]

    assert pace_of_driver(*orders) == ["even", "even", word]


def test_one_slow_answer_among_quick_ones_makes_no_lock_slower() -> None:
    late_s = [0.25, 0.25, 0.30, 0.25, 0.25]
    orders = [slow_by(s, s, after_s=10.0 * number) for number, s in enumerate(late_s, 1)]

    assert pace_of_driver(*orders) == ["even"] * 5


def test_only_the_last_five_orders_tell_how_quick_a_lock_is() -> None:
    late_s = [0.25] * 20 + [0.5] * 5
    orders = [slow_by(s, s, after_s=10.0 * number) for number, s in enumerate(late_s, 1)]

    assert pace_of_driver(*orders)[-3:] == ["slower"] * 3


@pytest.mark.parametrize(("floor_s", "word"), [(0.20, "even"), (0.30, "slower")])
def test_a_lock_is_slower_only_by_more_than_it_may_be_misread(floor_s: float, word: str) -> None:
    """The middle of its span is late in both cases; the span's half is 0.15 or 0.1 s."""
    assert pace_of_driver(slow_by(0.5, floor_s)) == [word]


@pytest.mark.parametrize(("width_s", "word"), [(0.1, "slower"), (0.25, "even")])
def test_what_the_others_may_be_misread_by_makes_no_lock_slower(width_s: float, word: str) -> None:
    """Its frame comes last each time: the driver's middle is 0.15 s behind theirs in both cases."""
    operation = slow_by(0.4, 0.3)
    responses = [
        answer
        if answer.door == "driver"
        else replace(answer, latency_s=0.2 + width_s / 2, latency_floor_s=0.2 - width_s / 2)
        for answer in operation.responses
    ]
    assert pace_of_driver(replace(operation, responses=tuple(responses))) == [word]


def test_the_upper_bound_alone_makes_no_lock_slower() -> None:
    assert ("even", "driver") in of("pace", slow_by(2.0, 0.1))


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(slow_by(2.0, 1.9, "passenger"), id="two doors"),
        pytest.param(an_operation(10.0, feedback="belief"), id="believed"),
        pytest.param(
            an_operation(10.0, states={"driver": "silent", "passenger": "bounced"}), id="failed"
        ),
    ],
)
def test_no_pace_is_observed_where_fewer_than_three_doors_tell(operation: Operation) -> None:
    assert of("pace", operation) == []


def test_three_doors_are_enough_for_a_pace() -> None:
    assert ("slower", "driver") in of("pace", slow_by(2.0, 1.9, "passenger", "rear-left"))


def test_a_door_without_a_lower_bound_has_no_pace() -> None:
    assert "driver" not in {door for _, door in of("pace", slow_by(2.0, None))}


@pytest.mark.parametrize(
    ("state", "word"), [("answered", "all"), ("silent", "some"), ("bounced", "some")]
)
def test_a_summary_of_whatever_is_behind_it_is_no_measured_lock(
    state: ResponseState, word: str
) -> None:
    """A switch in each lock, or what the BCM believes: no door is accused by it, or cleared."""
    operation = an_operation(10.0, states=dict.fromkeys(DOORS, state), feedback="any-locked")

    assert of("summary", operation) == [(word, None)]
    assert of("response", operation) == []


def test_a_summary_that_fails_is_told_once_and_hides_no_other_door() -> None:
    operation = an_operation(
        10.0,
        states={"driver": "some-silent", "passenger": "some-silent", "rear-left": "silent"},
    )

    assert of("summary", operation) == [("some", None)]
    assert ("silent", "rear-left") in of("response", operation)
