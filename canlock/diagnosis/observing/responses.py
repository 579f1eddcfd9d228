"""What the doors' locks did when they were ordered."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Final

from canlock.detection.draft import direction
from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.circumstances import is_busy
from canlock.diagnosis.observing.history import History
from canlock.model.operations import Operation

MOVED_S: Final = 10.0
"""A door that moved within this before may have moved a broken wire (DOMAIN 4.3)."""

SLOWER_TIMES: Final = 1.5
"""A door that takes so many times as long as the others' median is slow (DOMAIN 4.3)."""

SLOWER_BY_S: Final = 0.03
"""And by no less than this: frames of different doors come at different times. Judgement."""

LEAST_DOORS: Final = 3


def observe_responses(operation: Operation, history: History) -> Iterator[Observation]:
    """Observe what each ordered door did that has more than the BCM's belief."""
    command = operation.command
    if command is None:
        return
    way = direction(command.action)
    is_rested = not is_busy(operation, history)
    is_told = False
    for answer in operation.responses:
        if answer.feedback == "belief" or answer.state in ("unseen", "already"):
            continue
        if answer.state == "silent" and not operation.is_closed:
            continue
        if answer.state == "some-silent":
            if operation.is_closed and not is_told:
                yield Observation("summary", "some", operation.at_s, direction=way)
                is_told = True
            continue
        at_s = answer.at_s if answer.at_s is not None else command.at_s
        kind = "response"
        if _has_moved(answer.door, operation, history):
            kind = "response.moved"
        elif not is_rested:
            kind = "response.frequent"
        yield Observation(kind, answer.state, at_s, answer.door, way)


def _has_moved(door: str, operation: Operation, history: History) -> bool:
    """Say whether a door stood open, or moved not long ago, when an operation began."""
    if door in (operation.circumstance.ajar_doors or ()):
        return True
    return history.has_moved(door, operation.at_s - MOVED_S, operation.at_s)


def observe_pace(operation: Operation) -> Iterator[Observation]:
    """Observe which doors were slower than the others at the same order.

    Temperature and voltage are the same for all, so that only the door's own state is left.
    """
    told = [
        answer
        for answer in operation.responses
        if answer.feedback == "measured"
        and answer.state in ("answered", "slow")
        and answer.latency_s is not None
        and answer.latency_floor_s is not None
    ]
    if len(told) < LEAST_DOORS:
        return
    command = operation.command
    assert command is not None
    for answer in told:
        others = [o.latency_s or 0.0 for o in told if o.door != answer.door]
        limit_s = max(SLOWER_TIMES * median(others), median(others) + SLOWER_BY_S)
        floor_s = answer.latency_floor_s or 0.0
        word = "slower" if floor_s > limit_s else "even"
        yield Observation("pace", word, command.at_s, answer.door)
