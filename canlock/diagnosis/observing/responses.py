"""What the doors' locks did when they were ordered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from statistics import median
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.draft import direction
from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.circumstances import is_busy
from canlock.diagnosis.observing.history import History
from canlock.model.operations import Operation

MOVED_S: Final = 10.0
"""A door that moved within this before may have moved a broken wire (DOMAIN 4.3)."""

SLOWER_BY_S: Final = 0.06
"""A door that is behind the others' median by so much, in the middle of its last orders, is slow.

DOMAIN 4.3 says 1.5 times their median; what the BCM itself takes is in that median, so it is told
by the difference: half of a quick lock's travel. Doors of a BMW E90 in order were 0.03 s apart in
the middle of five orders, and up to 0.08 s at one."""

SLOWER_ONCE_BY_S: Final = 0.12
"""The same while there were fewer than `LEAST_ORDERS`."""

SLOWER_BY_SHARE: Final = 0.2
"""And by this share of the others' median. Judgement."""

LEAST_ORDERS: Final = 3
RECENT_ORDERS: Final = 5
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
        if answer.state == "some-silent" or answer.feedback != "measured":
            # What stands behind a summary nobody knows: a switch in each lock, or a belief.
            is_failed = answer.state in ("some-silent", "silent", "bounced")
            if not is_told and (operation.is_closed or not is_failed):
                word = "some" if is_failed else "all"
                yield Observation("summary", word, operation.at_s, direction=way)
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


def observe_pace(detected: Detected) -> Iterator[Observation]:
    """Observe which doors are slower than the others at the same orders.

    Temperature, voltage and what the BCM takes are the same for all, so that only the door's own
    state is left. One order says little: frames of different doors come at different times.
    """
    behind: dict[str, deque[float]] = {}
    for operation in detected.operations:
        command, midpoints = operation.command, _midpoints(operation)
        if command is None or len(midpoints) < LEAST_DOORS:
            continue
        for door, (middle_s, doubt_s) in midpoints.items():
            others = [seen for other, seen in midpoints.items() if other != door]
            recent = behind.setdefault(door, deque(maxlen=RECENT_ORDERS))
            recent.append(middle_s - median(at_s for at_s, _ in others))
            limit_s = SLOWER_BY_S if len(recent) >= LEAST_ORDERS else SLOWER_ONCE_BY_S
            # Where all are slow, for want of voltage or in the cold, they drift apart too.
            limit_s = max(limit_s, SLOWER_BY_SHARE * median(at_s for at_s, _ in others))
            # A door whose frame always comes last is seen late each time.
            doubt_s += median(other_s for _, other_s in others)
            is_slower = median(recent) > max(limit_s, doubt_s)
            yield Observation("pace", "slower" if is_slower else "even", command.at_s, door)


def _midpoints(operation: Operation) -> dict[str, tuple[float, float]]:
    """Return door -> the middle of when it may have moved, and half of that span's width."""
    found = {}
    for answer in operation.responses:
        is_told = answer.feedback == "measured" and answer.state in ("answered", "slow")
        if is_told and answer.latency_s is not None and answer.latency_floor_s is not None:
            first_s, last_s = answer.latency_floor_s, answer.latency_s
            found[answer.door] = (first_s + last_s) / 2, (last_s - first_s) / 2
    return found
