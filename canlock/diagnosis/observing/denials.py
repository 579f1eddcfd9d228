"""Why somebody could not get in, as far as orders and circumstances tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.draft import direction
from canlock.diagnosis.observing.circumstances import reason_to_refuse
from canlock.diagnosis.observing.commands import is_undone, knows_scope
from canlock.diagnosis.observing.history import History
from canlock.diagnosis.observing.orders import (
    last_asked,
    last_ordered,
    last_pressed,
    settled_s,
    understood_way,
)
from canlock.diagnosis.observing.origins import find_relocks
from canlock.model.operations import Access, Operation
from canlock.model.vehicle import Vehicle

ASKED_S: Final = 60.0
"""Somebody who cannot get in says so within this after asking. Judgement."""

AUTOMATIC: Final = ("auto-lock", "crash")
"""Causes of a lock that a driver may not know of."""


@dataclass(frozen=True, slots=True)
class Past:
    """What went before the attempts."""

    detected: Detected
    history: History
    vehicle: Vehicle
    relocks: frozenset[float]
    """When locks began that came from a relock timer."""


def read_past(detected: Detected, history: History, vehicle: Vehicle) -> Past:
    """Return what attempts are judged by."""
    return Past(detected, history, vehicle, find_relocks(detected, history))


def why_denied(access: Access, past: Past) -> str | None:
    """Return why a door was not open to who pulled from outside, as an outcome of `denied`.

    `none`: it opened to who had asked. None: nobody knows, or it is told of the handle. Who has
    locked and pulls the handle wants to feel that it is locked.
    """
    before_s = settled_s(access)
    asked = last_asked(past.detected, before_s)
    if access.result == "opened":
        return "none" if _has_asked_in(asked, access) and access.handle == "outer" else None
    ordered = last_ordered(access.door, past.detected, before_s)
    if ordered is not None and ordered.command is not None:
        if direction(ordered.command.action) != "lock":
            return None  # The door was ordered to open: told of the handle.
        own = _own_lock(ordered, asked, past)
        if own is not None:
            return own
    if asked is None or not _has_asked_in(asked, access):
        return None
    if not _has_asked_in(last_pressed(past.detected, before_s), access):
        return None  # The lock was pressed since, in vain: the pull is to feel whether it holds.
    return _why_undone(asked, access.door, past)


def _has_asked_in(asked: Operation | None, access: Access) -> bool:
    """Say whether the last that was asked for was to unlock, not long before the pull."""
    if asked is None or access.at_s - asked.at_s > ASKED_S:
        return False
    return understood_way(asked) == "unlock"


def _own_lock(ordered: Operation, asked: Operation | None, past: Past) -> str | None:
    """Return in which way the car locked by itself; None: it did not, or nobody knows why."""
    if ordered.request is not None or (asked is not None and ordered.at_s <= asked.at_s):
        return None
    if ordered.at_s in past.relocks or ordered.cause == "auto-relock":
        return "relocked"
    return "automatic" if ordered.cause in AUTOMATIC else None


def _why_undone(asked: Operation, door: str, past: Past) -> str | None:
    """Return why an unlock that was asked for ordered nothing of a door."""
    if asked.command is not None:
        is_others = direction(asked.command.action) == "unlock"
        is_others = is_others and knows_scope(asked, past.vehicle)
        return "driver-only" if is_others and door not in asked.command.doors else None
    if asked.flashes:
        return None  # Where only the lamps answered, nobody knows which doors the BCM unlocked.
    is_refused = asked.inhibit is not None or reason_to_refuse(asked, past.history, past.vehicle)
    if is_refused:
        return "refused"
    return "unordered" if is_undone(asked, past.history) else None
