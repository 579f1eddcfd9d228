"""What pulled handles are observed as."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection.detection_builders import START_S, a_vehicle

from canlock.diagnosis.observing.access import ELSEWHERE_S
from canlock.diagnosis.observing.everything import observe
from canlock.diagnosis.observing.orders import MARK_LATE_S, MOVES_S
from canlock.model.operations import Operation
from canlock.model.stream import Mark
from diagnosis.diagnosis_builders import (
    a_state,
    an_access,
    an_operation,
    detected,
    kinds,
    of,
)


@pytest.mark.parametrize("result", ["opened", "not-opened"])
@pytest.mark.parametrize("handle", ["outer", "inner"])
def test_a_handle_of_an_unlocked_door_is_observed(handle: str, result: str) -> None:
    outcome = "opened" if result == "opened" else "stuck"
    found = of(f"{handle}.measured", accesses=[an_access(15.0, "driver", handle, result)])

    assert found == [(outcome, "driver")]


def test_an_attempt_whose_end_was_not_seen_is_nothing() -> None:
    assert kinds(detected(accesses=[an_access(15.0, result="unseen")])) == []


def test_a_door_that_simply_opens_is_nothing() -> None:
    assert kinds(detected(accesses=[an_access(15.0, "driver", "unknown", "opened")])) == []


@pytest.mark.parametrize(
    ("operation", "after_s", "feedback", "words"),
    [
        pytest.param(an_operation(10.0), 15.0, "command", ["ordered"], id="unlocked"),
        pytest.param(an_operation(10.0, "lock"), 15.0, "command", ["astray"], id="locked"),
        pytest.param(an_operation(10.0, "lock"), 10.9, "command", [], id="pulled as it locks"),
        pytest.param(an_operation(10.0, "lock"), 15.0, "measured", [], id="its lock is measured"),
        pytest.param(
            an_operation(10.0, "lock", is_asked=False), 15.0, "command", [], id="who locked is open"
        ),
    ],
)
def test_a_door_that_opens_tells_of_its_lock(
    operation: Operation, after_s: float, feedback: str, words: list[str]
) -> None:
    access = an_access(after_s, "driver", "unknown", "opened", feedback=feedback)

    assert of("opening", operation, accesses=[access]) == [(word, "driver") for word in words]


def test_who_is_inside_opens_a_locked_door() -> None:
    access = an_access(15.0, "driver", "unknown", "opened", feedback="command")
    inner = an_access(14.5, "driver", "inner", "opened")

    assert of("opening", an_operation(10.0, "lock"), accesses=[access, inner]) == []


@pytest.mark.parametrize("door", ["rear-left", "rear-right"])
@pytest.mark.parametrize(("result", "outcome"), [("opened", "opened"), ("not-opened", "stuck")])
def test_an_inside_handle_in_the_rear_may_have_a_child_lock(
    door: str, result: str, outcome: str
) -> None:
    access = an_access(15.0, door, "inner", result)
    locked = replace(access, lock="locked")

    assert kinds(detected(accesses=[access])) == [("inner.rear", outcome, door)]
    assert kinds(detected(accesses=[locked])) == []


@pytest.mark.parametrize(
    ("role", "value", "about", "since_s", "kind"),
    [
        pytest.param("lock.child", "on", "driver", 5.0, "inner.barred", id="child lock"),
        pytest.param("lock.deadlock", "on", None, 5.0, "inner.barred", id="deadlock"),
        pytest.param("lock.child", "off", "driver", 5.0, "inner.measured", id="off"),
        pytest.param("lock.child", "on", "passenger", 5.0, "inner.measured", id="another door"),
        pytest.param("lock.child", "on", "driver", 16.0, "inner.measured", id="later"),
    ],
)
def test_an_inside_handle_that_is_shown_as_barred_is_observed_apart(
    role: str, value: str, about: str | None, since_s: float, kind: str
) -> None:
    states = [a_state(role, value, about, since_s=since_s)]
    access = an_access(15.0, "driver", "inner")

    assert of(kind, accesses=[access], states=states) == [("stuck", "driver")]


def test_a_deadlocked_door_is_barred_from_inside() -> None:
    access = an_access(15.0, "driver", "inner", lock="deadlocked")

    assert of("inner.barred", accesses=[access]) == [("stuck", "driver")]


@pytest.mark.parametrize("feedback", ["command", "belief"])
def test_an_inside_handle_of_a_door_that_was_only_ordered_is_observed_as_such(
    feedback: str,
) -> None:
    access = an_access(15.0, "driver", "inner", feedback=feedback)

    assert of("inner.ordered", accesses=[access]) == [("stuck", "driver")]


@pytest.mark.parametrize(("result", "outcome"), [("opened", "opened"), ("not-opened", "stuck")])
def test_a_lock_shown_as_unlocked_after_it_was_ordered_to_lock_is_put_to_the_test(
    result: str, outcome: str
) -> None:
    operation = an_operation(10.0, "lock", states={"driver": "silent"})

    found = of("outer.astray", operation, accesses=[an_access(15.0, result=result)])

    assert found == [(outcome, "driver")]


def test_only_the_last_order_of_that_door_counts_for_its_handle() -> None:
    operations = [an_operation(10.0), an_operation(12.0, "lock", doors=("passenger",))]
    later = an_operation(20.0, "lock")

    found = of("outer.ordered", *operations, later, accesses=[an_access(15.0, feedback=None)])

    assert found == [("stuck", "driver")]


@pytest.mark.parametrize(("apart_s", "expected"), [(14.9, 0), (15.1, 1)])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_who_pulls_the_inside_handle_is_inside_and_not_shut_out(
    apart_s: float, expected: int, sign: float
) -> None:
    """A complaint that names no handle is then about the inside handle, which tells of itself."""
    complaint = an_access(50.0, "driver", "unknown", is_marked=True)
    inside = an_access(50.0 + sign * apart_s, "driver", "inner", "opened")

    assert len(of("outer.measured", accesses=[complaint, inside])) == expected


@pytest.mark.parametrize("feedback", ["command", "belief", None])
def test_after_an_unlock_that_nobody_measured_a_stuck_door_may_be_locked(
    feedback: str | None,
) -> None:
    access = an_access(15.0, feedback=feedback)

    assert of("outer.ordered", an_operation(10.0), accesses=[access]) == [("stuck", "driver")]


def test_a_lock_shown_as_locked_after_its_unlock_is_put_to_the_test_by_the_handle() -> None:
    operation = an_operation(10.0, states={"driver": "silent"})
    for result, outcome in (("opened", "opened"), ("not-opened", "stuck")):
        access = an_access(15.0, result=result, lock="locked")
        assert of("outer.deaf", operation, accesses=[access]) == [(outcome, "driver")]


def test_a_locked_door_that_stays_shut_to_its_inside_handle_is_nothing() -> None:
    access = an_access(15.0, "driver", "inner", lock="locked")

    assert kinds(detected(accesses=[access])) == []


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize(
    ("apart_s", "handle", "expected"),
    [
        pytest.param(ELSEWHERE_S - 0.1, "outer", 0, id="at another door just then"),
        pytest.param(ELSEWHERE_S - 0.1, "inner", 0, id="inside, at another door just then"),
        pytest.param(ELSEWHERE_S + 0.1, "outer", 1, id="at another door, not just then"),
        pytest.param(ELSEWHERE_S - 0.1, "unknown", 1, id="nobody saw a pull there either"),
    ],
)
def test_a_complaint_that_probably_names_the_wrong_door_tells_nothing(
    apart_s: float, handle: str, expected: int, sign: float
) -> None:
    complaint = an_access(50.0, "driver", "unknown", is_marked=True)
    other = an_access(50.0 + sign * apart_s, "passenger", handle, "opened")

    found = of("outer.measured", accesses=[complaint, other])

    assert found.count(("stuck", "driver")) == expected


def test_a_pull_of_a_handle_that_is_named_is_of_its_door_whoever_else_pulls() -> None:
    accesses = [an_access(50.0, is_marked=True), an_access(51.0, "passenger", result="opened")]

    assert ("stuck", "driver") in of("outer.measured", accesses=accesses)


SOONEST = [
    pytest.param(MOVES_S - 0.05, False, 0, id="seen, before the lock could follow"),
    pytest.param(MOVES_S + 0.05, False, 1, id="seen, after it"),
    pytest.param(MARK_LATE_S - 0.05, True, 0, id="marked, perhaps late"),
    pytest.param(MARK_LATE_S + 0.05, True, 1, id="marked, later than marks are"),
]


@pytest.mark.parametrize("handle", ["outer", "inner"])
@pytest.mark.parametrize(("after_s", "is_marked", "expected"), SOONEST)
def test_a_pull_just_after_an_order_tells_nothing_of_a_door_that_stays_shut(
    after_s: float, is_marked: bool, expected: int, handle: str
) -> None:
    operation = an_operation(10.0, late_s=0.0)
    access = an_access(10.0 + after_s, handle=handle, feedback=None, is_marked=is_marked)
    opened = replace(access, result="opened")

    assert of(f"{handle}.ordered", operation, accesses=[access]) == [("stuck", "driver")] * expected
    assert of(f"{handle}.ordered", operation, accesses=[opened]) == [("opened", "driver")]


def test_a_pull_just_after_the_same_order_again_tells_of_the_first() -> None:
    operations = [an_operation(10.0, late_s=0.0), an_operation(20.0, late_s=0.0)]
    access = an_access(20.1, feedback=None)

    assert of("outer.ordered", *operations, accesses=[access]) == [("stuck", "driver")]


@pytest.mark.parametrize(
    ("operations", "kind"),
    [
        pytest.param([an_operation(10.0, "deadlock")], "inner.barred", id="deadlocked"),
        pytest.param([an_operation(10.0, "lock")], "inner.measured", id="only locked"),
        pytest.param(
            [an_operation(10.0, "deadlock"), an_operation(12.0)], "inner.measured", id="lifted"
        ),
        pytest.param(
            [an_operation(10.0, "deadlock", doors=("passenger",))],
            "inner.measured",
            id="another door",
        ),
        pytest.param(
            [an_operation(15.0 - MOVES_S + 0.05, "deadlock", late_s=0.0)],
            "inner.measured",
            id="not yet",
        ),
    ],
)
def test_a_deadlock_that_was_ordered_bars_the_inner_handle(
    operations: list[Operation], kind: str
) -> None:
    access = an_access(15.0, "driver", "inner", "opened")

    assert of(kind, *operations, accesses=[access]) == [("opened", "driver")]


@pytest.mark.parametrize(("result", "outcome"), [("opened", "opened"), ("not-opened", "stuck")])
@pytest.mark.parametrize("feedback", ["command", "belief", None])
def test_a_door_that_was_ordered_to_lock_is_put_to_the_test_by_its_handle(
    feedback: str | None, result: str, outcome: str
) -> None:
    access = an_access(15.0, result=result, lock="locked", feedback=feedback)

    assert of("outer.locked", an_operation(10.0, "lock"), accesses=[access]) == [
        (outcome, "driver")
    ]


@pytest.mark.parametrize(("result", "outcome"), [("opened", "opened"), ("not-opened", "stuck")])
def test_a_lock_shown_as_locked_is_put_to_the_test_whatever_was_ordered(
    result: str, outcome: str
) -> None:
    access = an_access(15.0, result=result, lock="locked")

    assert of("outer.shut", accesses=[access]) == [(outcome, "driver")]
    assert of("outer.shut", an_operation(10.0, "lock"), accesses=[access]) == [(outcome, "driver")]
    assert of("outer.shut", an_operation(10.0), accesses=[access]) == []


@pytest.mark.parametrize(("after_s", "expected"), [(MOVES_S - 0.1, 0), (MOVES_S + 0.1, 1)])
def test_who_opens_a_door_as_it_locks_was_before_the_lock(after_s: float, expected: int) -> None:
    operation = an_operation(10.0, "lock")
    assert operation.command is not None
    at_s = operation.command.at_s - START_S + after_s
    access = an_access(at_s, result="opened", lock="locked", feedback="command")

    assert len(of("outer.locked", operation, accesses=[access])) == expected


@pytest.mark.parametrize("action", ["turn-key-unlock", "knob-free"])
@pytest.mark.parametrize(
    ("marked_s", "door", "expected"),
    [
        pytest.param(12.0, "driver", 0, id="since the order"),
        pytest.param(9.0, "driver", 1, id="before it"),
        pytest.param(12.0, "passenger", 1, id="another door"),
        pytest.param(15.0 + MARK_LATE_S + 0.1, "driver", 1, id="after the pull"),
    ],
)
def test_a_lock_that_was_moved_by_hand_tells_nothing_of_its_order(
    action: str, marked_s: float, door: str, expected: int
) -> None:
    access = an_access(15.0, result="opened", lock="locked", feedback="command")
    marks = [Mark(START_S + marked_s, action, door)]

    found = of("outer.locked", an_operation(10.0, "lock"), accesses=[access], marks=marks)

    assert len(found) == expected


@pytest.mark.parametrize(
    ("kind", "action", "lock", "feedback"),
    [
        ("outer.ordered", "unlock", "unlocked", "command"),
        ("outer.deaf", "unlock", "locked", "measured"),
        ("outer.locked", "lock", "locked", "command"),
        ("outer.astray", "lock", "unlocked", "measured"),
    ],
)
def test_a_handle_that_tries_an_order_tells_which_way_that_was(
    kind: str, action: str, lock: str, feedback: str
) -> None:
    access = an_access(15.0, lock=lock, feedback=feedback)
    seen = observe(detected([an_operation(10.0, action)], accesses=[access]), a_vehicle())

    assert [each.direction for each in seen if each.kind == kind] == [action]


@pytest.mark.parametrize(
    ("unsure", "kinds_seen"),
    [
        pytest.param((), ["outer.locked"], id="its lock stayed"),
        pytest.param(("passenger",), [], id="nobody knows of its lock"),
    ],
)
def test_an_unlock_of_unknown_reach_leaves_no_order_to_hold_against_a_door(
    unsure: tuple[str, ...], kinds_seen: list[str]
) -> None:
    """Its echo shows the driver's door alone."""
    unlock = an_operation(20.0, doors=["driver"])
    assert unlock.command is not None
    unlock = replace(unlock, command=replace(unlock.command, is_inferred=True, unsure_doors=unsure))
    opened = an_access(30.0, "passenger", result="opened", lock="locked", feedback="command")

    found = kinds(detected([an_operation(10.0, "lock"), unlock], accesses=[opened]))

    assert [kind for kind, _, _ in found if kind.startswith("outer")] == kinds_seen
