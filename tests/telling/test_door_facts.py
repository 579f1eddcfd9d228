"""How each door is drawn: lock, ajar, answers and health, and unknown where it is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reports.report_builders import START_S, a_snapshot, an_operation
from reports.report_gallery import a_broken_harness, a_door_in_doubt, by_design, too_little

from canlock.model.snapshot import RoleState, Snapshot
from canlock.model.verdict import Hypothesis
from canlock.telling.door_facts import DoorFacts, list_door_facts


def facts(snapshot: Snapshot, door: str = "driver") -> DoorFacts:
    return next(each for each in list_door_facts(snapshot) if each.door == door)


def with_states(*states: RoleState) -> Snapshot:
    return replace(a_snapshot(), states=states)


def a_lock(
    value: str | None, feedback: str, *, door: str | None = "driver", is_stale: bool = False
) -> RoleState:
    return RoleState("lock.status", door, value, START_S, feedback, is_stale)


def test_every_door_of_the_vehicle_has_its_facts_in_its_order() -> None:
    assert [each.door for each in list_door_facts(a_snapshot())] == list(a_snapshot().doors)


def test_a_measured_lock_outweighs_a_belief() -> None:
    found = facts(with_states(a_lock("locked", "belief"), a_lock("unlocked", "measured")))
    assert found.lock_words == "unlocked"


def test_a_belief_is_told_as_one() -> None:
    found = facts(with_states(a_lock("locked", "belief")))
    assert (found.lock, found.lock_words) == ("locked", "locked (BCM's belief)")


@pytest.mark.parametrize(
    "state",
    [
        a_lock("locked", "measured", is_stale=True),
        a_lock(None, "measured"),
        a_lock("locked", "measured", door="passenger"),
    ],
)
def test_a_lock_that_is_not_known_is_not_visible(state: RoleState) -> None:
    found = facts(with_states(state))
    assert (found.lock, found.lock_words) == (None, "not visible")


@pytest.mark.parametrize(
    ("role", "value", "ajar", "word"),
    [
        ("door.ajar", "open", True, "OPEN"),
        ("door.ajar", "closed", False, "shut"),
        ("latch.status", "ajar", True, "OPEN"),
        ("latch.status", "timeout", None, "not visible"),
        ("door.ajar", None, None, "not visible"),
    ],
)
def test_a_door_stands_open_shut_or_nobody_knows(
    role: str, value: str | None, ajar: bool | None, word: str
) -> None:
    found = facts(with_states(RoleState(role, "driver", value, START_S)))
    assert (found.ajar, found.ajar_words) == (ajar, word)


def test_an_open_door_somewhere_says_nothing_of_this_one() -> None:
    assert facts(with_states(RoleState("door.ajar", None, "open", START_S))).ajar is None


def test_answers_are_counted_where_they_are_measured() -> None:
    silent = replace(
        a_snapshot(), operations=(an_operation(5.0), an_operation(9.0, silent=("driver",)))
    )
    assert facts(silent).answer_words == "answered 1 of 2 orders, last in 0.20 s"
    assert facts(silent).health == "failed"
    assert facts(too_little(), "passenger").answer_words == "answers could not be seen"
    assert facts(too_little(), "passenger").health == "unseen"


def test_health_follows_the_verdict() -> None:
    assert facts(a_snapshot()).health == "works"
    assert facts(a_broken_harness()).health == "fault"
    assert facts(a_broken_harness(), "passenger").health == "works"
    assert facts(a_door_in_doubt(), "passenger").health == "suspect"
    assert facts(by_design(), "rear-left").health == "unseen"


@pytest.mark.parametrize(("share", "health"), [(0.049, "works"), (0.05, "suspect")])
def test_next_to_no_suspicion_is_none(share: float, health: str) -> None:
    doubt = a_door_in_doubt()
    snapshot = replace(
        doubt,
        hypotheses=(
            Hypothesis("door-harness-open", ("driver",), 1 - share),
            Hypothesis("door-harness-open", ("tailgate",), share),
        ),
    )
    assert facts(snapshot, "tailgate").health == health
