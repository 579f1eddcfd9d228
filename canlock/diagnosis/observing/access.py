"""What became of pulled handles, of windows, and of what somebody said of a door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.draft import direction
from canlock.diagnosis.observation import Observation
from canlock.model.operations import Access

INSIDE_S: Final = 15.0
"""Who pulled the inner handle so near in time is still inside. Judgement."""

ASKED_S: Final = 60.0
"""Somebody who cannot get in says so within this after asking. Judgement."""


def observe_accesses(detected: Detected) -> Iterator[Observation]:
    """Observe whether handles opened their doors, and what was known of the locks."""
    for access in detected.accesses:
        yield from _observe_access(access, detected)


def _observe_access(access: Access, detected: Detected) -> Iterator[Observation]:
    if access.result == "unseen":
        return
    outcome = "opened" if access.result == "opened" else "stuck"
    if access.handle == "unknown" and (outcome == "opened" or _is_inside(access, detected)):
        return  # Nobody said which handle; a door that opens is no complaint.
    if access.handle == "inner":
        kind = _inner_kind(access, outcome, detected)
    else:
        kind = _outer_kind(access, outcome, detected)
    if kind is not None:
        yield Observation(kind, outcome, access.at_s, access.door, is_marked=access.is_marked)
    if access.handle == "outer" and outcome == "opened" and _was_asked(access, detected):
        yield Observation("denied", "none", access.at_s, access.door, is_marked=access.is_marked)


def _is_inside(access: Access, detected: Detected) -> bool:
    """Say whether somebody was at the inner handle of a door, not long before or after."""
    return any(
        other.handle == "inner"
        and other.door == access.door
        and abs(other.at_s - access.at_s) <= INSIDE_S
        for other in detected.accesses
    )


def _outer_kind(access: Access, outcome: str, detected: Detected) -> str | None:
    ordered = last_order(access, detected)
    is_measured = access.lock_feedback not in (None, "command", "belief")
    lock = direction(access.lock)
    if is_measured and lock == "unlock":
        return "outer.astray" if ordered == "lock" else "outer.measured"
    if ordered == "unlock":
        return "outer.deaf" if is_measured else "outer.ordered"
    if outcome == "stuck" and _was_asked(access, detected):
        return "denied"
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
    if access.lock == "deadlocked":
        return True
    return any(
        state.role in ("lock.child", "lock.deadlock")
        and state.value == "on"
        and state.since_s <= access.at_s
        and state.door in (access.door, None)
        for state in detected.states
    )


def last_order(access: Access, detected: Detected) -> str | None:
    """Return the direction of the last command for a door before an attempt."""
    for operation in reversed(detected.operations):
        command = operation.command
        if command is None or command.at_s > access.at_s or access.door not in command.doors:
            continue
        return direction(command.action)
    return None


def _was_asked(access: Access, detected: Detected) -> bool:
    """Say whether the last that the car was asked for and heard, not long before, was to unlock.

    Who has locked and pulls the handle wants to feel that it is locked.
    """
    for operation in reversed(detected.operations):
        request = operation.request
        if request is None or direction(request.action) is None or operation.at_s > access.at_s:
            continue
        is_unlock = direction(request.action) == "unlock"
        # Where only the lamps answered, nobody knows which doors the BCM unlocked.
        is_order_unseen = operation.command is None and operation.flashes > 0
        # What the car did not hear is told of the press.
        is_heard = request.is_seen or operation.command is not None
        is_recent = access.at_s - operation.at_s <= ASKED_S
        return is_unlock and is_heard and is_recent and not is_order_unseen
    return False


def observe_trials(detected: Detected) -> Iterator[Observation]:
    """Observe windows at their switches, and door switches against what somebody said."""
    for trial in detected.trials:
        if trial.result != "unseen":
            yield Observation(
                trial.about, trial.result, trial.at_s, trial.door, is_marked=trial.is_marked
            )
