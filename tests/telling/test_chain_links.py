"""One operation as links: the press beside the request, each door by itself, times in order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reports.report_builders import START_S, a_snapshot, an_operation

from canlock.model.operations import Operation, Request, Response
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark
from canlock.model.vehicle import Timing
from canlock.telling.chain import MARK_REACH_S, Chain, chain_of, join_alike

AT_S = START_S + 12.4


def a_marked_press(*marks: Mark) -> tuple[Operation, Snapshot]:
    operation = replace(
        an_operation(),
        request=Request(
            AT_S,
            "request.fob",
            "unlock",
            is_marked=True,
            is_seen=True,
            mark_action="press-fob-unlock",
        ),
    )
    return operation, replace(a_snapshot(), operations=(operation,), marks=marks)


def test_a_press_is_a_link_of_its_own_at_the_time_that_was_said() -> None:
    chain = chain_of(*a_marked_press(Mark(AT_S + 0.6, "press-fob-unlock")))
    assert chain.press is not None
    assert (chain.press.kind, chain.press.after_ms) == ("said", 600)
    assert chain.press.text == "pressed unlock on the fob"
    (request,) = chain.at("request")
    assert (request.kind, request.after_ms) == ("seen", 0)


@pytest.mark.parametrize(
    ("mark", "after_ms"),
    [
        (Mark(AT_S + MARK_REACH_S, "press-fob-unlock"), 3000),
        (Mark(AT_S + MARK_REACH_S + 0.01, "press-fob-unlock"), 0),
        (Mark(AT_S + 0.5, "press-fob-lock"), 0),
    ],
)
def test_a_mark_too_far_or_of_another_press_is_not_its_time(mark: Mark, after_ms: float) -> None:
    chain = chain_of(*a_marked_press(mark))
    assert chain.press is not None
    assert chain.press.after_ms == after_ms


def test_of_several_marks_the_nearest_is_meant() -> None:
    marks = (Mark(AT_S - 2.0, "press-fob-unlock"), Mark(AT_S + 0.3, "press-fob-unlock"))
    chain = chain_of(*a_marked_press(*marks))
    assert chain.press is not None
    assert chain.press.after_ms == 300


def test_without_a_mark_nobody_pressed() -> None:
    assert chain_of(an_operation(), a_snapshot()).press is None


def test_the_answer_back_has_the_instant_of_its_first_flash() -> None:
    operation = replace(an_operation(), flashes_s=(AT_S + 0.15, AT_S + 0.8))
    (flash,) = chain_of(operation, a_snapshot()).at("answer-back")
    assert (flash.kind, flash.after_ms, flash.text) == ("seen", 150, "2 flashes")


def test_motor_window_and_the_time_by_which_locks_answer_are_the_vehicles() -> None:
    snapshot = replace(a_snapshot(), timing=Timing(command_pulse=0.4, command_to_status=0.9))
    chain = chain_of(an_operation(), snapshot)
    assert chain.motor_ms == (100.0, 500.0)
    assert chain.due_ms == 1000
    assert chain.span_ms == 1000


def test_without_an_order_no_motor_ran() -> None:
    chain = chain_of(replace(an_operation(), command=None, responses=()), a_snapshot())
    assert chain.motor_ms is None
    assert chain.due_ms is None


def test_each_door_is_found_by_its_name() -> None:
    chain = chain_of(an_operation(), a_snapshot())
    assert [step.doors for step in chain.at("lock", "driver")] == [("driver",)]
    assert chain.at("lock", "hatch") == ()
    assert len(chain.at("lock")) == 5


def believed(*doors: str, latency_s: float = 0.1) -> tuple[Response, ...]:
    return tuple(
        Response(door, "answered", "belief", "unlocked", AT_S + latency_s, latency_s)
        for door in doors
    )


def of(*responses: Response) -> Chain:
    return chain_of(replace(an_operation(), responses=responses), a_snapshot())


def test_what_is_believed_alike_is_joined_and_what_is_measured_never() -> None:
    measured = Response("driver", "answered", "measured", "unlocked", AT_S + 0.1, 0.1)
    joined = join_alike(of(*believed("passenger", "rear-left"), measured).steps)
    names = [step.name for step in joined if step.link == "lock"]
    assert names == ["Lock: driver's door", "Locks: passenger and rear left"]


def test_what_came_at_another_time_is_not_alike() -> None:
    joined = join_alike(of(*believed("passenger"), *believed("rear-left", latency_s=0.2)).steps)
    assert len([step for step in joined if step.link == "lock"]) == 2
