"""Samples that come from no frame are told by their changes, as frames would tell them."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.detection.polled import PolledTrack
from canlock.model.stream import Sample, SideItem
from detection.detection_builders import DOORS, START_S, Story, a_plain_vehicle, a_vehicle

POLL_S = 0.5


def polled(role: str, *values: str, door: str = "driver", begin_s: float = 4.0) -> list[SideItem]:
    """One poll after the other."""
    return [
        Sample(START_S + begin_s + number * POLL_S, role, value, (door,))
        for number, value in enumerate(values)
    ]


def test_a_polled_lock_that_moves_is_an_operation_as_one_on_the_bus_is() -> None:
    vehicle = a_plain_vehicle(without=["lock.status"])
    story = Story(vehicle, side=polled("lock.status", "locked", "locked", "unlocked", "unlocked"))

    (operation,) = story.operations()

    assert operation.at_s == START_S + 5.0
    assert operation.command is not None
    assert operation.command.action == "unlock"


def test_a_polled_lock_is_told_in_the_log_when_it_moves_and_not_at_each_poll() -> None:
    values = "locked", "locked", "unlocked", "unlocked", "locked"
    vehicle = a_plain_vehicle(without=["lock.status"])
    story = Story(vehicle, side=polled("lock.status", *values))
    told = [(event.at_s, event.value) for event in story.detect().events if event.role != "mark"]

    assert told == [(START_S + 5.0, "unlocked"), (START_S + 6.0, "locked")]


def test_a_polled_order_needs_no_entry_in_the_vehicle_file() -> None:
    vehicle = a_vehicle(without=["command.lock"])
    story = Story(vehicle, side=polled("command.lock", "none", "unlock", "none"))

    (operation,) = story.operations()

    assert operation.command is not None
    assert (operation.command.action, operation.command.doors) == ("unlock", ("driver",))


@pytest.mark.parametrize("role", ["request.interior", "lock.status"])
def test_the_first_poll_is_what_was_before_and_no_event(role: str) -> None:
    value = "unlock" if role == "request.interior" else "unlocked"
    assert Story(side=polled(role, value, value)).operations() == ()


@given(st.lists(st.tuples(st.sampled_from(DOORS), st.sampled_from(["locked", "unlocked"]))))
def test_each_door_has_one_sample_for_each_run_of_its_values(rows: list[tuple[str, str]]) -> None:
    track = PolledTrack()
    told = [
        track.follow(Sample(float(number), "lock.status", value, (door,)))
        for number, (door, value) in enumerate(rows)
    ]
    for door in DOORS:
        runs = [value for value, _ in groupby(value for one, value in rows if one == door)]
        found = [one for one in told if one is not None and one.doors == (door,)]
        assert [one.value for one in found] == runs
        assert [one.previous for one in found] == [None, *runs][: len(runs)]
        assert [one.is_first for one in found] == [True, *[False] * len(runs)][: len(runs)]
        for one in found[1:]:
            # The change lies between the last sample of the old value and the first of the new.
            before = [n for n, row in enumerate(rows[: int(one.at_s)]) if row[0] == door]
            assert one.since_s == float(before[-1])


def test_a_sample_that_was_overtaken_tells_nothing() -> None:
    track = PolledTrack()
    track.follow(Sample(2.0, "lock.status", "locked", ("driver",)))
    assert track.follow(Sample(1.0, "lock.status", "unlocked", ("driver",))) is None
    assert track.follow(Sample(3.0, "lock.status", "locked", ("driver",))) is None
