"""What the BCM made of what it received."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.draft import direction
from canlock.detection.requests import asked_way
from canlock.diagnosis.observation import HEALTHY, Observation
from canlock.diagnosis.observing.circumstances import reason_to_refuse
from canlock.diagnosis.observing.history import History
from canlock.diagnosis.observing.origins import is_unexplained
from canlock.model.operations import Operation
from canlock.model.vehicle import Vehicle

LATE_TIMES: Final = 4.0
"""A command is late after this many of the vehicle's healthy delays: with the default of 0.25 s
after 1 s (DOMAIN 2.1, t_req->cmd)."""

REPEAT_S: Final = 3.0
"""The same order so soon after is a repeat (DOMAIN 2.1, t_retry; how soon is judgement)."""


def observe_command(
    operation: Operation, history: History, vehicle: Vehicle
) -> Iterator[Observation]:
    """Observe whether the BCM ordered what it was asked, where nothing allows it to refuse."""
    request, command = operation.request, operation.command
    if request is None or not request.is_seen:
        return
    way = asked_way(request)
    # By a handle it takes an antenna that finds the fob.
    is_by_handle = request.role == "request.handle"
    kind, door = ("command.handle", request.door) if is_by_handle else ("command", None)
    if command is None:
        # An open door allows it, and not every tap shows the doors.
        may_be_open = way != "unlock" and operation.circumstance.ajar_doors is None
        if not may_be_open and reason_to_refuse(operation, history, vehicle) is None:
            if operation.inhibit == "yes":
                yield Observation(kind, "refused", operation.at_s, door, way)
            elif operation.inhibit is None and is_undone(operation, history):
                yield Observation(kind, "absent", operation.at_s, door, way)
        return
    if way is not None and way != direction(command.action):
        return  # Told as its origin.
    late_s = LATE_TIMES * vehicle.timing.request_to_command
    # An inferred command is dated by its echo, which may be late by itself.
    is_late = command.at_s - request.at_s > late_s and not command.is_inferred
    yield Observation(kind, "late" if is_late else "given", operation.at_s, door, way)


def observe_refusal(
    operation: Operation, history: History, vehicle: Vehicle
) -> Iterator[Observation]:
    """Observe whether a request was left undone for a reason that is known, or was given."""
    request, command = operation.request, operation.command
    if request is None:
        return
    if command is not None:
        if asked_way(request) in (None, direction(command.action)):
            yield Observation("refusal", "none", operation.at_s)
        return
    reason = reason_to_refuse(operation, history, vehicle)
    if operation.inhibit is not None:
        said = operation.inhibit if operation.inhibit in HEALTHY["refusal"] else "unsaid"
        yield Observation("refusal", (reason or said) if said == "unsaid" else said, operation.at_s)
    elif reason is not None and is_undone(operation, history):
        is_marked = not request.is_seen
        yield Observation("refusal", reason, operation.at_s, is_marked=is_marked)


def is_undone(operation: Operation, history: History) -> bool:
    """Say whether an order would have been seen by now, and was not."""
    request = operation.request
    assert request is not None
    # The lamps say that the BCM took the request, and a press that is only counted may have been
    # that of another button; who presses again at once wanted something of the locks.
    is_counted = asked_way(request) is None and request.role == "request.fob"
    is_counted = is_counted and not history.was_in_vain(operation.at_s)
    is_unheard = operation.can_see_request and not request.is_seen
    is_watched = operation.can_see_command and operation.is_closed and not operation.is_gapped
    return is_watched and not is_counted and not is_unheard and not operation.flashes


def observe_repeats(detected: Detected, vehicle: Vehicle) -> Iterator[Observation]:
    """Observe whether the BCM ordered the same once more with nobody asking."""
    last: Operation | None = None
    for operation in detected.operations:
        command = operation.command
        if command is None or command.is_inferred:
            continue
        before, last = last, operation
        if not operation.is_closed:
            continue
        is_again = command.repeats > 0 or _is_copy(operation, before, vehicle)
        if not is_again or not _is_retried(operation):
            yield Observation("repeat", "again" if is_again else "once", command.at_s)


def _is_retried(operation: Operation) -> bool:
    """Say whether the BCM had reason to order once more: some door did not answer, or not at once.

    Cars try again two to four times (DOMAIN 2.1, t_retry).
    """
    return any(
        answer.feedback != "belief" and answer.state not in ("answered", "already")
        for answer in operation.responses
    )


def _is_copy(operation: Operation, before: Operation | None, vehicle: Vehicle) -> bool:
    """Say whether an order that nobody asked for is the last one once more.

    Where the first asking was seen, a second would have been seen too; people press twice.
    """
    command, first = operation.command, before.command if before is not None else None
    if command is None or before is None or first is None or operation.is_gapped:
        return False
    if operation.request is not None or operation.cause is not None:
        return False
    was_seen = before.request is not None and before.request.is_seen
    is_same = command.action == first.action and command.doors == first.doors
    is_own = was_seen or is_unexplained(operation, vehicle)
    return is_own and is_same and command.at_s - first.at_s <= REPEAT_S


def observe_scope(operation: Operation, vehicle: Vehicle) -> Iterator[Observation]:
    """Observe whether an unlock that was asked for was for the driver's door only."""
    command = operation.command
    if command is None or direction(command.action) != "unlock" or operation.request is None:
        return
    if len(vehicle.doors) == 1 or "driver" not in vehicle.doors:
        return
    if not knows_scope(operation, vehicle) or (command.is_inferred and not operation.responses):
        return
    is_all = command.doors != ("driver",)
    yield Observation("scope", "all" if is_all else "driver-only", operation.at_s)


def knows_scope(operation: Operation, vehicle: Vehicle) -> bool:
    """Say whether it is known which doors an unlock was for.

    Of an order that its echo gave away, doors that stood unlocked cannot tell.
    """
    command = operation.command
    if command is None or not command.is_inferred or command.doors != ("driver",):
        return command is not None
    known = dict(operation.circumstance.locks)
    told = [door for door in vehicle.doors if door not in ("driver", *command.unsure_doors)]
    others = [known.get(door) for door in told]
    return any(direction(word) == "lock" for word in others)
