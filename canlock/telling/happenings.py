"""What people, doors, handles and windows did, each in one line of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from canlock.model.doors import door_name
from canlock.telling import words

if TYPE_CHECKING:
    from canlock.model.operations import Access, LogEvent
    from canlock.model.stream import Mark, TroubleCode


def told_event(event: LogEvent) -> tuple[float, str]:
    """Return when it was and what there is to say of an event."""
    if event.role == "mark" and event.value in words.MARKS:
        note = event.text.partition("(")[2].removesuffix(")")
        return event.at_s, f"marked: {words.mark_words(event.value, event.door, note)}"
    if event.role == "lock.status" and event.door:
        return event.at_s, f"{door_name(event.door)}: lock now {event.value}"
    text = words.EVENTS.get((event.role, event.value))
    if text is None:
        return event.at_s, event.text
    return event.at_s, f"{door_name(event.door)}: {text}" if event.door else text


def told_mark(mark: Mark) -> tuple[float, str]:
    """Return when it was and what there is to say of a mark."""
    return mark.at_s, f"marked: {words.mark_words(mark.action, mark.door, mark.note)}"


def told_access(access: Access) -> tuple[float, str]:
    """Return when it was and what there is to say of a pull at a handle."""
    handle = words.HANDLES[access.handle]
    known_by = words.FEEDBACKS.get(access.lock_feedback or "")
    lock = f"lock: {access.lock}, {known_by}" if access.lock and known_by else "lock not known"
    text = f"{door_name(access.door)}: {handle} pulled, {words.ACCESS_RESULTS[access.result]}"
    return access.at_s, f"{text} ({lock})"


def told_code(code: TroubleCode) -> tuple[float, str]:
    """Return when it was and what there is to say of a trouble code."""
    details = [
        *([f"failure type {code.failure_type}"] if code.failure_type else []),
        *([f"status {code.status}"] if code.status else []),
    ]
    text = f"trouble code {code.code} from {code.ecu.upper()}"
    return code.at_s, f"{text} ({', '.join(details)})" if details else text
