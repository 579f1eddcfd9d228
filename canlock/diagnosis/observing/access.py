"""Whether pulled handles opened their doors, and what was known of the locks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.draft import direction
from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.denials import read_past, why_denied
from canlock.diagnosis.observing.history import History
from canlock.diagnosis.observing.orders import (
    MARK_LATE_S,
    MOVES_S,
    last_order,
    last_ordered,
    settled_s,
)
from canlock.model.operations import Access
from canlock.model.vehicle import Vehicle

INSIDE_S: Final = 15.0
"""Who pulled the inner handle so near in time is still inside. Judgement."""

ELSEWHERE_S: Final = 3.0
"""Who pulled a handle so near in time stood at that door. Judgement."""

BY_HAND: Final = ("turn-key-lock", "turn-key-unlock", "knob-free", "knob-stiff")
"""Marks of a lock that was moved by hand, or may have been."""

ORDERED: Final = {
    "outer.ordered": "unlock",
    "outer.deaf": "unlock",
    "outer.locked": "lock",
    "outer.astray": "lock",
}
"""Kinds that tell whether an order was carried out -> which way that order was."""


def observe_accesses(
    detected: Detected, history: History, vehicle: Vehicle
) -> Iterator[Observation]:
    """Observe whether handles opened their doors, and why somebody could not get in."""
    past = read_past(detected, history, vehicle)
    for access in detected.accesses:
        if access.result == "unseen":
            continue
        outcome = "opened" if access.result == "opened" else "stuck"
        if access.handle == "unknown" and outcome == "opened":
            word = _opening(access, detected)
            if word is not None:
                yield Observation("opening", word, access.at_s, access.door)
        if access.handle == "unknown" and (outcome == "opened" or _is_vague(access, detected)):
            continue  # Nobody said which handle; a door that opens is no complaint.
        kind = _kind(access, outcome, detected)
        is_open = outcome == "opened" and kind not in ("outer.locked", "outer.shut")
        is_told = is_open or not _is_too_soon(access, detected)
        if kind is not None and is_told:
            way = ORDERED.get(kind)
            yield Observation(
                kind, outcome, access.at_s, access.door, way, is_marked=access.is_marked
            )
        word = why_denied(access, past) if access.handle != "inner" else None
        if word is not None:
            yield Observation("denied", word, access.at_s, access.door, is_marked=access.is_marked)


def _opening(access: Access, detected: Detected) -> str | None:
    """Return what had been ordered of a door that opened with nobody saying how.

    None: nobody knows, or its lock is measured. Who locks from outside leaves nobody inside, as a
    rule; who is inside opens by the inner handle, and an order may be overtaken by a pull.
    """
    ordered = last_ordered(access.door, detected, access.at_s)
    if ordered is None or ordered.command is None or _is_vague(access, detected):
        return None
    if access.lock_feedback == "measured":
        return None
    if direction(ordered.command.action) == "unlock":
        return "ordered"
    request = ordered.request
    is_outside = request is not None and request.role in ("request.fob", "request.handle")
    is_late = access.at_s - ordered.command.at_s >= MARK_LATE_S
    is_by_hand = _is_worked_by_hand(access, detected)
    return "astray" if is_outside and is_late and not is_by_hand else None


def _is_too_soon(access: Access, detected: Detected) -> bool:
    """Say whether an order came so shortly before that the pull may have been before it."""
    door = access.door
    return last_order(door, detected, settled_s(access)) != last_order(door, detected, access.at_s)


def _kind(access: Access, outcome: str, detected: Detected) -> str | None:
    """Return what an attempt is an observation of; None: of nothing."""
    if access.handle == "inner":
        return _inner_kind(access, outcome, detected)
    return _outer_kind(access, detected)


def _is_vague(access: Access, detected: Detected) -> bool:
    """Say whether a complaint may be about an inner handle, or about another door.

    People name the wrong door now and then: where nobody was seen or said to pull at this one, and
    somebody was at another just then, it may be that one.
    """
    return any(
        (other.handle == "inner" and abs(other.at_s - access.at_s) <= INSIDE_S)
        if other.door == access.door
        else (other.handle != "unknown" and abs(other.at_s - access.at_s) <= ELSEWHERE_S)
        for other in detected.accesses
    )


def _outer_kind(access: Access, detected: Detected) -> str | None:
    ordered = last_order(access.door, detected, access.at_s)
    is_measured = access.lock_feedback == "measured"
    if is_measured and direction(access.lock) == "unlock":
        return "outer.astray" if ordered == "lock" else "outer.measured"
    if ordered == "unlock":
        return "outer.deaf" if is_measured else "outer.ordered"
    if is_measured:
        return "outer.shut" if direction(access.lock) == "lock" else None
    is_locked = ordered == "lock" and not _is_worked_by_hand(access, detected)
    return "outer.locked" if is_locked else None


def _is_worked_by_hand(access: Access, detected: Detected) -> bool:
    """Say whether somebody moved the lock by key or knob since its last order."""
    found = last_ordered(access.door, detected, access.at_s)
    assert found is not None
    return any(
        mark.action in BY_HAND
        and mark.door == access.door
        and found.at_s <= mark.at_s <= access.at_s + MARK_LATE_S
        for mark in detected.marks
    )


def _inner_kind(access: Access, outcome: str, detected: Detected) -> str | None:
    if _is_barred(access, detected):
        return "inner.barred"
    if access.door.startswith("rear"):
        # A child lock keeps them shut, and few buses show it.
        return "inner.rear" if direction(access.lock) == "unlock" else None
    is_measured = access.lock_feedback == "measured"
    if is_measured and direction(access.lock) == "unlock":
        return "inner.measured"
    # An inside handle opens a locked door in many cars: only an opening tells something.
    return "inner.ordered" if direction(access.lock) == "unlock" or outcome == "opened" else None


def _is_barred(access: Access, detected: Detected) -> bool:
    """Say whether a child lock or a deadlock was shown as on for the door, or last ordered."""
    if access.lock == "deadlocked" or _is_deadlock_ordered(access, detected):
        return True
    return any(
        state.role in ("lock.child", "lock.deadlock")
        and state.value == "on"
        and state.since_s <= access.at_s
        and state.door in (access.door, None)
        for state in detected.states
    )


def _is_deadlock_ordered(access: Access, detected: Detected) -> bool:
    found = last_ordered(access.door, detected, access.at_s - MOVES_S)
    return found is not None and found.command is not None and found.command.action == "deadlock"
