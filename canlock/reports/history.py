"""What happened, in order: the operations as a table, and what people and doors did besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from canlock.model.doors import door_name
from canlock.model.operations import Access, LogEvent, Operation, Response
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, TroubleCode
from canlock.reports import clock, words
from canlock.reports.page import Page

OPERATIONS_SHOWN: Final = 12
EVENTS_SHOWN: Final = 20

LEAST_LATENCY_S: Final = 0.005
"""Less than this would be shown as zero."""

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
        *(_told_mark(each) for each in snapshot.marks),
        *(_told_code(each) for each in snapshot.codes),
        *(_told_access(each) for each in snapshot.accesses if _is_telling(each, snapshot)),
        *(_told_event(each) for each in snapshot.events if _is_besides(each, snapshot)),
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


def asked(operation: Operation) -> str:
    """Return who asked for what, as far as it is known."""
    request = operation.request
    if request is None:
        return _asked_unseen(operation)
    who = words.REQUESTS.get(request.role, request.role)
    if request.mark_action is not None and "spare" in request.mark_action:
        who = f"spare {who}"
    if request.door is not None:
        who += f" ({words.door_short(request.door)})"
    said = " (marked)" if request.is_marked and not request.is_seen else ""
    return f"{who}: {words.ACTIONS[request.action]}{said}"


def _asked_unseen(operation: Operation) -> str:
    """Return who asked where no request was seen, from what the BCM says or does."""
    requestor = operation.command.requestor if operation.command else None
    known = operation.cause or requestor
    if known is None or known == "none":
        return "nobody seen" if operation.can_see_request else "not visible"
    return words.CAUSES.get(known, known.replace("-", " "))


def ordered(operation: Operation, doors: Sequence[str]) -> str:
    """Return what the BCM ordered, and how that is known where it is not seen itself.

    Args:
        operation: The operation.
        doors: All doors of the car.
    """
    command = operation.command
    if command is None:
        return "nothing" if operation.can_see_command else "not visible"
    scope = "all" if set(command.doors) >= set(doors) or not command.doors else ""
    scope = scope or ", ".join(words.door_short(door) for door in command.doors)
    text = f"{words.ACTIONS[command.action]} {scope}"
    if command.repeats:
        text += f", {command.repeats + 1} times"
    return f"{text} ~" if command.is_inferred else text


def result(operation: Operation) -> str:
    """Return how it ended, in a few words."""
    remarks = []
    if operation.inhibit is not None:
        remarks.append(words.INHIBITS.get(operation.inhibit, operation.inhibit))
    if operation.is_gapped:
        remarks.append("frames are missing")
    if not operation.is_closed:
        remarks.append("not over yet")
    text = words.OUTCOMES[operation.outcome]
    if operation.outcome == "silent" and any(r.state == "answered" for r in operation.responses):
        text = words.SILENT_AS_MEASURED
    return f"{text} ({', '.join(remarks)})" if remarks else text


def answers(responses: Sequence[Response]) -> str:
    """Return what each door did, doors of one answer together, those that failed first.

    `NO ANSWER: driver. Answered: passenger 0.21, rear left 0.22`
    """
    groups: dict[str, list[str]] = {}
    for response in responses:
        name = words.door_short(response.door) + ("*" if response.feedback != "measured" else "")
        # What gave the order away came with it: zero is no time that a lock took.
        if response.latency_s is not None and response.latency_s >= LEAST_LATENCY_S:
            name += f" {response.latency_s:.2f}"
        groups.setdefault(response.state, []).append(name)
    return ". ".join(
        f"{words.RESPONSES[state]}: {', '.join(groups[state])}"
        for state in words.RESPONSES
        if state in groups
    )


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


def _told_event(event: LogEvent) -> tuple[float, str]:
    text = words.EVENTS.get((event.role, event.value))
    if text is None:
        return event.at_s, event.text
    return event.at_s, f"{door_name(event.door)}: {text}" if event.door else text


def _told_mark(mark: Mark) -> tuple[float, str]:
    return mark.at_s, f"marked: {words.mark_words(mark.action, mark.door, mark.note)}"


def _told_access(access: Access) -> tuple[float, str]:
    handle = words.HANDLES[access.handle]
    known_by = words.FEEDBACKS.get(access.lock_feedback or "")
    lock = f"lock: {access.lock}, {known_by}" if access.lock and known_by else "lock not known"
    text = f"{door_name(access.door)}: {handle} pulled, {words.ACCESS_RESULTS[access.result]}"
    return access.at_s, f"{text} ({lock})"


def _told_code(code: TroubleCode) -> tuple[float, str]:
    details = [
        *([f"failure type {code.failure_type}"] if code.failure_type else []),
        *([f"status {code.status}"] if code.status else []),
    ]
    text = f"trouble code {code.code} from {code.ecu.upper()}"
    return code.at_s, f"{text} ({', '.join(details)})" if details else text
