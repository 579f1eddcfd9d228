"""The log of what happened, for a person to read in order."""

from __future__ import annotations

from typing import Final

from canlock.model.operations import LogEvent
from canlock.model.roles import REQUEST_ROLES
from canlock.model.samples import RoleSample
from canlock.model.stream import Mark, TroubleCode

TOLD_ROLES: Final = frozenset(
    {
        *REQUEST_ROLES,
        "command.lock",
        "command.inhibit",
        "lock.status",
        "lock.defect",
        "latch.status",
        "door.ajar",
        "handle.outer",
        "handle.inner",
        "lock.child",
        "lock.deadlock",
        "power.state",
        "key.inserted",
        "key.inside",
        "window.switch",
        "window.moving",
        "fob.battery",
    }
)
"""Lamps, measures and counts are left out: they would drown the rest."""


def event_from_sample(sample: RoleSample) -> LogEvent | None:
    """Return what a sample has to tell, or None where it is no news."""
    if sample.role not in TOLD_ROLES or (sample.is_first and sample.kind == "state"):
        return None
    if sample.value is None:
        return None
    door = sample.doors[0] if len(sample.doors) == 1 else None
    where = door or ", ".join(sample.doors) or "car"
    value = str(sample.value)
    if sample.role == "door.ajar" and value == "open":
        text = f"{where} door opened"
    elif sample.role == "door.ajar":
        text = f"{where} door closed"
    elif sample.role == "lock.status" and sample.feedback not in (None, "measured"):
        text = f"{where}: lock status {value} ({sample.feedback})"
    else:
        text = f"{where}: {sample.role} {value}"
    return LogEvent(sample.at_s, sample.role, door, value, text)


def event_from_mark(mark: Mark) -> LogEvent:
    """Return a mark as an event."""
    note = f" ({mark.note})" if mark.note else ""
    where = f" {mark.door}" if mark.door else ""
    return LogEvent(mark.at_s, "mark", mark.door, mark.action, f"you: {mark.action}{where}{note}")


def event_from_code(code: TroubleCode) -> LogEvent:
    """Return a trouble code as an event."""
    name = code.code if code.failure_type is None else f"{code.code}-{code.failure_type}"
    return LogEvent(code.at_s, "dtc", None, name, f"{code.ecu} reports trouble code {name}")
