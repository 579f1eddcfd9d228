"""What became of pulled handles, of windows, and of what somebody said of a door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.draft import direction
from canlock.detection.requests import asked_way
from canlock.detection.access import CHECK_EARLY_S, SAID
from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.circumstances import reason_to_refuse
from canlock.diagnosis.observing.history import History
from canlock.diagnosis.observing.origins import find_relocks
from canlock.model.operations import Access, Operation, Trial
from canlock.model.vehicle import Vehicle

INSIDE_S: Final = 15.0
"""Who pulled the inner handle so near in time is still inside. Judgement."""

ELSEWHERE_S: Final = 3.0
"""Who pulled a handle so near in time stood at that door. Judgement."""

ASKED_S: Final = 60.0
"""Somebody who cannot get in says so within this after asking. Judgement."""

MARK_LATE_S: Final = 1.2
"""What is marked happened so much earlier, at most (CONTRACT 3: 0.2 to 1 s): who marks a pull just
after an unlock may have pulled before it."""

MOVES_S: Final = 0.4
"""A lock takes so long to follow (DOMAIN 2.1): who pulls at once pulls a door still locked."""

AUTOMATIC: Final = ("auto-lock", "crash")
"""Causes of a lock that a driver may not know of."""


def observe_accesses(
    detected: Detected, history: History, vehicle: Vehicle
) -> Iterator[Observation]:
    """Observe whether handles opened their doors, and what was known of the locks."""
    relocks = find_relocks(detected, history)
    for access in detected.accesses:
        if access.result == "unseen":
            continue
        outcome = "opened" if access.result == "opened" else "stuck"
        if access.handle == "unknown" and (outcome == "opened" or _is_vague(access, detected)):
            continue  # Nobody said which handle; a door that opens is no complaint.
        before_s = access.at_s - (MARK_LATE_S if access.is_marked else MOVES_S)
        is_early = _last_order(access, detected, before_s) != last_order(access, detected)
        kind = _kind(access, outcome, detected)
        if kind is not None and not (is_early and outcome == "stuck"):
            yield Observation(kind, outcome, access.at_s, access.door, is_marked=access.is_marked)
        if access.handle != "inner":
            word = _why_denied(access, detected, before_s, history, vehicle, relocks)
            if word is not None:
                is_marked = access.is_marked
                yield Observation("denied", word, access.at_s, access.door, is_marked=is_marked)


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
    ordered = last_order(access, detected)
    is_measured = access.lock_feedback not in (None, "command", "belief")
    if is_measured and direction(access.lock) == "unlock":
        return "outer.astray" if ordered == "lock" else "outer.measured"
    if ordered == "unlock":
        return "outer.deaf" if is_measured else "outer.ordered"
    return None


def _inner_kind(access: Access, outcome: str, detected: Detected) -> str | None:
    if _is_barred(access, detected):
        return "inner.barred"
    if access.door.startswith("rear"):
        # A child lock keeps them shut, and few buses show it.
        return "inner.rear" if direction(access.lock) == "unlock" else None
    is_measured = access.lock_feedback not in (None, "command", "belief")
    if is_measured and direction(access.lock) == "unlock":
        return "inner.measured"
    # An inside handle opens a locked door in many cars: only an opening tells something.
    return "inner.ordered" if direction(access.lock) == "unlock" or outcome == "opened" else None


def _is_barred(access: Access, detected: Detected) -> bool:
    """Say whether a child lock or a deadlock was shown as on for the door."""
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
    found = _last_ordered(access.door, detected, access.at_s - MOVES_S)
    return found is not None and found.command is not None and found.command.action == "deadlock"


def last_order(access: Access, detected: Detected) -> str | None:
    """Return the direction of the last command for a door before an attempt."""
    return _last_order(access, detected, access.at_s)


def _last_order(access: Access, detected: Detected, before_s: float) -> str | None:
    found = _last_ordered(access.door, detected, before_s)
    return direction(found.command.action) if found and found.command else None


def _last_ordered(door: str, detected: Detected, before_s: float) -> Operation | None:
    for operation in reversed(detected.operations):
        command = operation.command
        if command is not None and command.at_s <= before_s and door in command.doors:
            return operation
    return None


def _why_denied(  # noqa: PLR0913
    access: Access,
    detected: Detected,
    before_s: float,
    history: History,
    vehicle: Vehicle,
    relocks: frozenset[float],
) -> str | None:
    """Return why a door could not be open to who pulled; `none`: it opened; None: nobody knows.

    Who has locked and pulls the handle wants to feel that it is locked.
    """
    asked = _last_asked(detected, before_s)
    was_asked = (
        asked is not None
        and _asked_way(asked) == "unlock"
        and access.at_s - asked.at_s <= ASKED_S
    )
    if access.result == "opened":
        return "none" if was_asked and access.handle == "outer" else None
    ordered = _last_ordered(access.door, detected, before_s)
    command = ordered.command if ordered is not None else None
    if ordered is not None and command is not None and direction(command.action) == "lock":
        is_own = ordered.request is None and (asked is None or ordered.at_s > asked.at_s)
        if is_own and (ordered.at_s in relocks or ordered.cause == "auto-relock"):
            return "relocked"
        if is_own and ordered.cause in AUTOMATIC:
            return "automatic"
    elif command is not None:
        return None  # The door was ordered to open: told of the handle.
    if not was_asked or asked is None:
        return None
    if asked.command is not None:
        is_others = direction(asked.command.action) == "unlock"
        return "driver-only" if is_others and access.door not in asked.command.doors else None
    if asked.flashes:
        return None  # Where only the lamps answered, nobody knows which doors the BCM unlocked.
    is_refused = asked.inhibit is not None or reason_to_refuse(asked, history, vehicle)
    return "refused" if is_refused else "unordered"


def _asked_way(operation: Operation) -> str | None:
    """Return which way somebody asked for; a press that is only counted, as it was understood."""
    request, command = operation.request, operation.command
    if request is None:
        return None
    return asked_way(request) or (direction(command.action) if command else None)


def _last_asked(detected: Detected, before_s: float) -> Operation | None:
    """Return the last operation that was asked for and heard."""
    for operation in reversed(detected.operations):
        request = operation.request
        if request is None or _asked_way(operation) is None or operation.at_s > before_s:
            continue
        # What the car did not hear is told of the press.
        if request.is_seen or operation.command is not None or operation.flashes:
            return operation
    return None


def observe_trials(detected: Detected) -> Iterator[Observation]:
    """Observe windows at their switches, and door switches against what somebody said."""
    for trial in detected.trials:
        if trial.result == "unseen":
            continue
        if trial.result == "contradicts" and _is_of_another_door(trial, detected):
            continue
        yield Observation(
            trial.about, trial.result, trial.at_s, trial.door, is_marked=trial.is_marked
        )


def _is_of_another_door(trial: Trial, detected: Detected) -> bool:
    """Say whether another door did just then what was said of this one, and nobody said so of it.

    People name the wrong door now and then.
    """
    from_s, until_s = trial.at_s - CHECK_EARLY_S, trial.at_s + MARK_LATE_S
    said = {
        (mark.door, mark.action)
        for mark in detected.marks
        if mark.action in SAID and from_s <= mark.at_s <= until_s
    }
    words = {SAID[action] for door, action in said if door == trial.door}
    return any(
        event.role == "door.ajar"
        and event.value in words
        and from_s <= event.at_s <= until_s
        and not any(door == event.door and SAID[action] == event.value for door, action in said)
        for event in detected.events
    )
