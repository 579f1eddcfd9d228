"""How the text report tells what happened: operations as a table, then doors, handles and marks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.model.operations import Command, LogEvent, Request
from canlock.model.stream import Mark, TroubleCode
from canlock.reports.history import EVENTS_SHOWN, OPERATIONS_SHOWN
from canlock.reports.text import render_text
from canlock.telling.operation_words import answers, asked, ordered, result
from reports.report_builders import DOORS, START_S, a_response, a_snapshot, an_operation, section
from reports.report_gallery import too_little


def test_what_failed_is_kept_when_not_all_operations_find_room() -> None:
    well = [an_operation(10.0 * number) for number in range(OPERATIONS_SHOWN + 5)]
    failed = an_operation(900.0, silent=("tailgate",))
    report = render_text(replace(a_snapshot(), operations=(*well, failed)))
    record = section(report, "WHAT THE LOCKS DID")
    assert "+900.00 s" in record
    assert "... and 6 more (use --format json)" in record
    assert record.count("unlock all") == OPERATIONS_SHOWN


def test_operations_that_all_find_room_are_not_shortened() -> None:
    well = tuple(an_operation(10.0 * number) for number in range(OPERATIONS_SHOWN))
    assert "more (use" not in render_text(replace(a_snapshot(), operations=well))


def test_a_mark_is_kept_when_not_all_events_find_room() -> None:
    events = tuple(
        LogEvent(START_S + number, "door.ajar", "driver", "open", "")
        for number in range(EVENTS_SHOWN)
    )
    snapshot = replace(a_snapshot(), events=events, marks=(Mark(START_S + 99.0, "heard-click"),))
    told = section(render_text(snapshot), "DOORS, HANDLES AND MARKS")
    assert "marked: heard a click from the lock" in told
    assert "... and 1 more (use --format json)" in told


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (LogEvent(1.0, "handle.inner", "driver", "pulled", "x"), "driver's door: inner handle"),
        (LogEvent(1.0, "power.state", None, "on", "x"), "ignition switched on"),
        (LogEvent(1.0, "gap", None, "overflow", "frames were lost"), "frames were lost"),
        (LogEvent(1.0, "mark", None, "rested", "you: rested"), "left the car in peace"),
        (LogEvent(1.0, "dtc", None, "B1234", "bcm reports B1234"), "bcm reports B1234"),
    ],
)
def test_an_event_is_told_in_words_or_else_in_its_own(event: LogEvent, text: str) -> None:
    report = render_text(replace(a_snapshot(), events=(event,)))
    assert text in section(report, "DOORS, HANDLES AND MARKS")


@pytest.mark.parametrize(
    ("role", "value"),
    [
        ("window.switch", "none"),
        ("handle.outer", "released"),
        ("lock.status", "locked"),
        ("command.lock", "lock"),
        ("request.fob", "lock"),
    ],
)
def test_what_is_told_elsewhere_or_tells_nothing_gets_no_line(role: str, value: str) -> None:
    event = LogEvent(START_S, role, "driver", value, "driver: something")
    report = render_text(replace(a_snapshot(), events=(event,)))
    assert "DOORS, HANDLES AND MARKS" not in report


def test_a_mark_or_code_that_is_an_event_too_is_told_once() -> None:
    snapshot = replace(
        a_snapshot(),
        events=(
            LogEvent(START_S, "mark", None, "rested", "you: rested"),
            LogEvent(START_S, "dtc", None, "B2562-16", "bcm reports B2562-16"),
        ),
        marks=(Mark(START_S, "rested"),),
        codes=(TroubleCode(START_S, "bcm", "B2562", "16"),),
    )
    told = section(render_text(snapshot), "DOORS, HANDLES AND MARKS")
    assert told.count("22:13:20") == 2
    assert "trouble code B2562 from BCM (failure type 16)" in told


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (Request(1.0, "request.fob", "lock", is_seen=True), "fob: lock"),
        (Request(1.0, "request.fob", "lock", is_marked=True), "fob: lock (marked)"),
        (Request(1.0, "request.fob", "lock", is_marked=True, is_seen=True), "fob: lock"),
        (
            Request(1.0, "request.fob", "lock", is_seen=True, mark_action="press-spare-fob-lock"),
            "spare fob: lock",
        ),
        (
            Request(1.0, "request.handle", "pressed", "rear-left", is_seen=True),
            "handle button (rear left): pressed",
        ),
    ],
)
def test_who_asked_is_told_with_how_it_is_known(request_: Request, text: str) -> None:
    assert asked(replace(an_operation(), request=request_)) == text


@pytest.mark.parametrize(
    ("requestor", "cause", "can_see", "text"),
    [
        (None, "auto-relock", True, "the car (auto-relock)"),
        (None, "repulsion", True, "the car (takes it back)"),
        ("crash", None, False, "the car (crash)"),
        ("none", None, True, "nobody seen"),
        (None, None, True, "nobody seen"),
        (None, None, False, "not visible"),
    ],
)
def test_where_no_request_was_seen_the_bcm_may_tell_who_asked(
    requestor: str | None, cause: str | None, can_see: bool, text: str
) -> None:
    operation = replace(
        an_operation(),
        request=None,
        command=Command(1.0, "lock", DOORS, requestor),
        cause=cause,
        can_see_request=can_see,
    )
    assert asked(operation) == text


@pytest.mark.parametrize(
    ("command", "can_see", "text"),
    [
        (Command(1.0, "lock", DOORS), True, "lock all"),
        (Command(1.0, "unlock", ("driver", "tailgate")), True, "unlock driver, tailgate"),
        (Command(1.0, "lock", DOORS, repeats=2), True, "lock all, 3 times"),
        (Command(1.0, "lock", DOORS, is_inferred=True), False, "lock all ~"),
        (None, True, "nothing"),
        (None, False, "not visible"),
    ],
)
def test_an_order_that_could_not_be_seen_is_not_called_absent(
    command: Command | None, can_see: bool, text: str
) -> None:
    operation = replace(an_operation(), command=command, can_see_command=can_see)
    assert ordered(operation, DOORS) == text


def test_doors_that_failed_are_told_before_those_that_answered() -> None:
    responses = (
        a_response("driver"),
        a_response("passenger", state="silent"),
        replace(a_response("tailgate"), feedback="belief"),
    )
    assert answers(responses) == "NO ANSWER: passenger. Answered: driver 0.20, tailgate* 0.20"


def test_the_end_of_an_operation_is_told_with_what_casts_doubt_on_it() -> None:
    operation = replace(
        an_operation(), outcome="refused", inhibit="key-inside", is_gapped=True, is_closed=False
    )
    assert result(operation) == "refused (key inside, frames are missing, not over yet)"
    assert result(an_operation()) == "done"


def test_signs_in_the_table_are_explained_only_where_they_occur() -> None:
    assert "~ the order" not in render_text(a_snapshot())
    assert "* what the BCM" not in render_text(a_snapshot())
    assert "~ the order" in render_text(too_little())
    assert "* what the BCM" in render_text(too_little())
