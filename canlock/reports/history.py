"""What happened, in order: the operations as a table, and what people and doors did besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from canlock.model.operations import Access, LogEvent, Operation
from canlock.model.snapshot import Snapshot
from canlock.reports.page import Page
from canlock.telling import clock, words
from canlock.telling.happenings import told_access, told_code, told_event, told_mark
from canlock.telling.operation_words import LEAST_LATENCY_S, answers, asked, ordered, result

OPERATIONS_SHOWN: Final = 12
EVENTS_SHOWN: Final = 20

TOLD_BY_OPERATIONS: Final = ("request.", "command.", "ack.", "lock.status")
"""Beginnings of roles whose events the table of operations tells already."""


def operations(page: Page, snapshot: Snapshot) -> None:
    """Add the table of operations: those that failed rather than those that went well."""
    every = snapshot.operations
    page.heading("WHAT THE LOCKS DID")
    if not every:
        page.line("No lock or unlock operation was seen.", indent=1)
        _dropped(page, snapshot)
        return
    # The sort is stable: among equals the earlier ones are kept.
    telling = sorted(every, key=lambda each: each.outcome == "answered")[:OPERATIONS_SHOWN]
    shown = sorted(telling, key=lambda each: each.at_s)
    heads = ["time", "clock UTC", "asked by", "ordered", "result"]
    rows = [_row(each, snapshot) for each in shown]
    columns = [number for number in range(len(heads)) if number != 1 or any(row[1] for row in rows)]
    page.table(
        [heads[number] for number in columns],
        [[row[number] for number in columns] for row in rows],
        below=[answers(each.responses) for each in shown],
    )
    page.more(len(every) - len(shown), indent=1)
    _dropped(page, snapshot)
    _legend(page, shown)


def events(page: Page, snapshot: Snapshot) -> None:
    """Add what people did, what doors, handles and windows did, and trouble codes."""
    # What people did and what failed comes before what doors did, should not all find room.
    told = [
        *(told_mark(each) for each in snapshot.marks),
        *(told_code(each) for each in snapshot.codes),
        *(told_access(each) for each in snapshot.accesses if _is_telling(each, snapshot)),
        *(told_event(each) for each in snapshot.events if _is_besides(each, snapshot)),
    ]
    if not told:
        return
    page.heading("DOORS, HANDLES AND MARKS")
    shown = sorted(told[:EVENTS_SHOWN], key=lambda each: each[0])
    rows = [
        (
            clock.relative(at_s, snapshot.first_s),
            clock.clock(at_s, snapshot.first_s),
            text,
        )
        for at_s, text in shown
    ]
    if any(row[1] for row in rows):
        page.table(("time", "clock UTC", "what"), rows)
    else:
        page.table(("time", "what"), [(row[0], row[2]) for row in rows])
    page.more(len(told) - len(shown), indent=1)


def _row(operation: Operation, snapshot: Snapshot) -> list[str]:
    return [
        clock.relative(operation.at_s, snapshot.first_s),
        clock.clock(operation.at_s, snapshot.first_s),
        asked(operation),
        ordered(operation, snapshot.doors),
        result(operation),
    ]


def _dropped(page: Page, snapshot: Snapshot) -> None:
    count = snapshot.dropped_operations
    if count:
        page.line(f"{count} older operations are counted in the verdict but not kept.", indent=1)


def _legend(page: Page, shown: Sequence[Operation]) -> None:
    """Explain the signs that the table used."""
    responses = [response for each in shown for response in each.responses]
    if any((response.latency_s or 0.0) >= LEAST_LATENCY_S for response in responses):
        page.line("Number behind a door: seconds from the order to its answer.", indent=1)
    if any(response.feedback != "measured" for response in responses):
        page.line("* what the BCM believes or says of a group, not measured at the lock", indent=1)
    if any(each.command is not None and each.command.is_inferred for each in shown):
        page.line(
            "~ the order itself is not visible, only its echo (lamps or lock state)", indent=1
        )


def _is_telling(access: Access, snapshot: Snapshot) -> bool:
    """Return whether an access says something that events and marks do not say by themselves."""
    return access.result == "not-opened" and not (access.is_marked and snapshot.marks)


def _is_besides(event: LogEvent, snapshot: Snapshot) -> bool:
    """Return whether an event is worth a line that nothing else on the page gives it."""
    if (event.role == "mark" and snapshot.marks) or (event.role == "dtc" and snapshot.codes):
        return False
    if event.role.startswith(TOLD_BY_OPERATIONS):
        return False
    return words.EVENTS.get((event.role, event.value), event.text) is not None
