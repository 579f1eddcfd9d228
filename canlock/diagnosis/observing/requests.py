"""Whether the car heard what somebody pressed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from canlock.detection.operations import MARKED_ABSENT_S
from canlock.detection.requests import asked_way
from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.circumstances import reason_to_refuse
from canlock.diagnosis.observing.history import History
from canlock.model.operations import Operation, Request
from canlock.model.vehicle import Vehicle

SPARE_MARKS: Final = ("press-spare-fob-lock", "press-spare-fob-unlock")
SWITCHES: Final = {"request.handle": ".handle", "request.interior": ".interior"}


def observe_request(
    operation: Operation, history: History, vehicle: Vehicle
) -> Iterator[Observation]:
    """Observe whether a press that somebody marked was received, or at least had an effect."""
    request = operation.request
    if request is None or not request.is_marked or request.role == "request.cylinder":
        return
    at_s = request.at_s
    suffix = _suffix(request, history)
    door = request.door if request.role == "request.handle" else None
    is_answered = _first_answer(operation) is not None or operation.flashes > 0
    is_answered |= operation.inhibit is not None
    is_watched = operation.is_closed and not operation.is_gapped
    if operation.can_see_request:
        if request.is_seen:
            yield Observation(f"request{suffix}", "received", at_s, door)
        elif is_watched and not is_answered:
            yield Observation(f"request{suffix}", "unheard", at_s, door, is_marked=True)
        return
    if request.is_seen:
        return  # What came of it is told of the command.
    yield from _observe_reaction(operation, request, history, vehicle)


def _observe_reaction(
    operation: Operation, request: Request, history: History, vehicle: Vehicle
) -> Iterator[Observation]:
    """Observe what followed a press that the bus does not show."""
    at_s, suffix, way = request.at_s, _suffix(request, history), asked_way(request)
    door = request.door if request.role == "request.handle" else None
    answered_s = _first_answer(operation)
    if answered_s is not None:
        # Any order would do for a button that says no direction: one that comes later than a mark
        # that is late itself is the answer to somebody else.
        limit_s = vehicle.timing.request_to_command if way is None else MARKED_ABSENT_S
        is_late = answered_s - at_s > limit_s
        if way is not None or not is_late:
            yield Observation("delay", "late" if is_late else "prompt", at_s)
        if not is_late:  # Else it answered another press, perhaps, which nobody marked.
            yield Observation(f"reaction{suffix}", "reacted", at_s, door, way)
    elif operation.inhibit is not None:
        yield Observation(f"reaction{suffix}", "reacted", at_s, door, way)
    elif reason_to_refuse(operation, history, vehicle) is not None:
        return  # Told as a refusal.
    elif operation.can_see_command and operation.is_closed and not operation.is_gapped:
        yield Observation(f"reaction{suffix}", "none", at_s, door, way, is_marked=True)


def _first_answer(operation: Operation) -> float | None:
    """Return when a press was answered, by an order or the lamps; None: by neither."""
    command = operation.command
    orders_s = (operation.unnamed_order_s, None if command is None else command.at_s)
    known_s = [at_s for at_s in orders_s if at_s is not None]
    return min((*known_s, *operation.flashes_s), default=None)


def _suffix(request: Request, history: History) -> str:
    if request.role in SWITCHES:
        return SWITCHES[request.role]
    if request.mark_action in SPARE_MARKS:
        return ".spare"
    if request.at_s > history.away_s:
        return ".away"  # Whatever makes noise at the first place is far from there.
    return ".near" if history.place(request.at_s) == "near-car" else ""
