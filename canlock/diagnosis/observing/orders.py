"""What was asked for and ordered before somebody pulled a handle."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.draft import direction
from canlock.detection.requests import asked_way
from canlock.model.operations import Access, Operation

MARK_LATE_S: Final = 1.2
"""What is marked happened so much earlier, at most (CONTRACT 3: 0.2 to 1 s): who marks a pull just
after an unlock may have pulled before it."""

MOVES_S: Final = 0.4
"""A lock takes so long to follow (DOMAIN 2.1): who pulls at once pulls a door still locked."""

EARLY_S: Final = 2.0
"""An order is no earlier than this before its operation begins. Judgement: a mark that is late may
begin it."""


def settled_s(access: Access) -> float:
    """Return until when an order was early enough for the lock to follow it before the pull."""
    return access.at_s - (MARK_LATE_S if access.is_marked else MOVES_S)


def last_ordered(door: str, detected: Detected, before_s: float) -> Operation | None:
    """Return the operation that last ordered something of a door, up to a time.

    None also where a later order may have been for the door, and nobody knows.
    """
    for operation in _look_back(detected, before_s):
        command, request = operation.command, operation.request
        if command is None and operation.at_s <= before_s:
            is_heard = request is not None and (request.is_seen or operation.flashes > 0)
            if is_heard and operation.outcome == "unseen":
                return None
        if command is None or command.at_s > before_s:
            continue
        if door in command.doors:
            return operation
        if door in command.unsure_doors:
            return None
    return None


def last_order(door: str, detected: Detected, before_s: float) -> str | None:
    """Return the direction of the last command for a door, up to a time."""
    found = last_ordered(door, detected, before_s)
    return direction(found.command.action) if found and found.command else None


def last_asked(detected: Detected, before_s: float) -> Operation | None:
    """Return the last operation that was asked for and heard, up to a time."""
    for operation in _look_back(detected, before_s):
        request = operation.request
        if request is None or understood_way(operation) is None or operation.at_s > before_s:
            continue
        # What the car did not hear is told of the press.
        if request.is_seen or operation.command is not None or operation.flashes:
            return operation
    return None


def last_pressed(detected: Detected, before_s: float) -> Operation | None:
    """Return the last operation that was asked for, heard or not, up to a time."""
    for operation in _look_back(detected, before_s):
        if understood_way(operation) is not None and operation.at_s <= before_s:
            return operation
    return None


def _look_back(detected: Detected, before_s: float) -> Iterator[Operation]:
    """Yield operations from a time backwards, without a look at those behind it."""
    stop = bisect_right(detected.operations, before_s + EARLY_S, key=lambda each: each.at_s)
    for index in range(stop - 1, -1, -1):
        yield detected.operations[index]


def understood_way(operation: Operation) -> str | None:
    """Return which way somebody asked for; a press that is only counted, as it was understood."""
    request, command = operation.request, operation.command
    if request is None:
        return None
    return asked_way(request) or (direction(command.action) if command else None)
