"""From operations, attempts and marks to observations.

The rule throughout: an absence is observed only where the presence would have been seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.draft import direction
from canlock.diagnosis.observation import Observation
from canlock.model.operations import Access, Operation
from canlock.model.stream import Mark
from canlock.model.vehicle import Vehicle

LATE_TIMES: Final = 4.0
"""A command is late after this many of the vehicle's healthy delays: with the default of 0.25 s
after 1 s (DOMAIN 2.1, t_req->cmd)."""

GOOD_SUPPLY_V: Final = 11.5
LOW_SUPPLY_V: Final = 10.0
"""At rest; below 9-10 V locks fail (DOMAIN 2.5 D, 3.5)."""

DIP_V: Final = 9.0
"""BCMs suppress or suspend lock operations below this (DOMAIN 0.9)."""

ASKED_S: Final = 60.0
"""Somebody who cannot get in says so within this after asking. Judgement."""

HEARD_S: Final = 15.0
"""A sound mark is about the order before it, within this. Judgement."""

OUTSIDE_ROLES: Final = ("request.fob", "request.handle", "request.remote")
"""Requests from outside, which many cars refuse while a key is in the car or the ignition on."""

SPARE_MARKS: Final = ("press-spare-fob-lock", "press-spare-fob-unlock")
SOUND_MARKS: Final = {
    "heard-silence": "silence",
    "heard-click": "click",
    "heard-hum": "hum",
    "heard-whirr": "whirr",
}
KNOB_MARKS: Final = {"knob-free": "free", "knob-stiff": "stiff"}


def observe(detected: Detected, vehicle: Vehicle) -> list[Observation]:
    """Return everything that was observed, in time order."""
    observations: list[Observation] = []
    for operation in detected.operations:
        observations.extend(_observe_operation(operation, detected, vehicle))
    for access in detected.accesses:
        observations.extend(_observe_access(access, detected))
    observations.extend(
        Observation("window", trial.result, trial.at_s, trial.door, is_marked=trial.is_marked)
        for trial in detected.trials
        if trial.result != "unseen"
    )
    observations.extend(_observe_marks(detected))
    observations.sort(key=lambda seen: (seen.at_s, seen.kind, seen.door or "", seen.outcome))
    return observations


def _observe_operation(
    operation: Operation, detected: Detected, vehicle: Vehicle
) -> Iterator[Observation]:
    yield from _observe_request(operation, detected, vehicle)
    yield from _observe_command(operation, vehicle)
    yield from _observe_responses(operation)
    yield from _observe_supply(operation)
    yield from _observe_scope(operation, vehicle)


def _observe_request(
    operation: Operation, detected: Detected, vehicle: Vehicle
) -> Iterator[Observation]:
    request = operation.request
    if request is None or not request.is_marked or request.role != "request.fob":
        return
    at_s = request.at_s
    suffix = ""
    if request.mark_action in SPARE_MARKS:
        suffix = ".spare"
    elif _is_near(detected.marks, at_s):
        suffix = ".near"
    is_answered = operation.command is not None or operation.flashes > 0
    if operation.can_see_request:
        if request.is_seen:
            yield Observation(f"request{suffix}", "received", at_s)
        elif operation.is_closed and not is_answered and not operation.is_gapped:
            yield Observation(f"request{suffix}", "unheard", at_s, is_marked=True)
    elif is_answered:
        yield Observation(f"reaction{suffix}", "reacted", at_s)
    elif _is_barred(operation) or may_refuse(operation, vehicle):
        return  # Told as `command.barred`, or no wonder.
    elif operation.can_see_command and operation.is_closed and not operation.is_gapped:
        yield Observation(f"reaction{suffix}", "none", at_s, is_marked=True)


def _is_near(marks: tuple[Mark, ...], at_s: float) -> bool:
    """Say whether the person last said to stand at the car."""
    place = [m.action for m in marks if m.action in ("near-car", "far-from-car") and m.at_s <= at_s]
    return bool(place) and place[-1] == "near-car"


def _observe_command(operation: Operation, vehicle: Vehicle) -> Iterator[Observation]:
    request, command = operation.request, operation.command
    if request is None:
        yield from _observe_cause(operation, vehicle)
        return
    kind = "command.barred" if _is_barred(operation) else "command"
    if not (request.is_seen or (kind == "command.barred" and operation.can_see_command)):
        return
    way = direction(request.action)
    if command is None:
        is_watched = operation.can_see_command and operation.is_closed
        # The lamps say that the BCM took the request, and a press that is only counted may have
        # been that of another button.
        is_answered = operation.flashes > 0 or (way is None and request.role == "request.fob")
        is_free = kind == "command.barred" or not may_refuse(operation, vehicle)
        if is_watched and is_free and not is_answered and not operation.is_gapped:
            yield Observation(kind, "absent", operation.at_s, direction=way)
        return
    if way is not None and way != direction(command.action):
        yield Observation("cause", "unexplained", command.at_s, direction=way)
        return
    late_s = LATE_TIMES * vehicle.timing.request_to_command
    is_late = command.at_s - request.at_s > late_s and kind == "command"
    is_late = is_late and not command.is_inferred  # Its echo may be late by itself.
    yield Observation(kind, "late" if is_late else "given", operation.at_s, direction=way)


def _is_barred(operation: Operation) -> bool:
    """Say whether a door stood open when locking was asked for."""
    request = operation.request
    is_lock = request is not None and direction(request.action) == "lock"
    return is_lock and bool(operation.circumstance.ajar_doors)


def may_refuse(operation: Operation, vehicle: Vehicle) -> bool:
    """Say whether something that is known forbids the BCM to lock or unlock (DOMAIN 2.5 A)."""
    request, known = operation.request, operation.circumstance
    if request is None or operation.inhibit not in (None, "door-open"):
        return True
    has_key = known.is_key_inserted or known.is_key_inside or known.power not in (None, "off")
    if has_key and request.role in OUTSIDE_ROLES:
        return True
    if known.ajar_doors and direction(request.action) is None:
        return True  # It may have been a lock.
    if known.speed_kmh or known.operations_in_20_s >= vehicle.timing.operation_limit:
        return True
    return known.supply_v is not None and known.supply_v < DIP_V


def _observe_cause(operation: Operation, vehicle: Vehicle) -> Iterator[Observation]:
    """Observe an order that nobody asked for, where an asking would have been seen."""
    command = operation.command
    if command is None:
        return
    if operation.cause == "auto-relock":
        yield Observation("relock", "seen", operation.at_s)
    if command.is_inferred or operation.is_gapped:
        return
    if operation.cause is not None or command.requestor not in (None, "other"):
        yield Observation("cause", "explained", command.at_s)
    elif is_unexplained(operation, vehicle):
        yield Observation("cause", "unexplained", command.at_s)


def is_unexplained(operation: Operation, vehicle: Vehicle) -> bool:
    """Say whether nobody asked for an order and nothing explains it, as far as could be seen."""
    command = operation.command
    if command is None or command.is_inferred or operation.is_gapped:
        return False
    has_reason = operation.cause is not None or command.requestor not in (None, "other")
    if operation.request is not None or has_reason:
        return False
    # A requestor that says nothing may have said something that the vehicle file has no word for.
    roles = vehicle.roles()
    return "request.interior" in roles and not roles.isdisjoint(("request.fob", "fob.count"))


def _observe_responses(operation: Operation) -> Iterator[Observation]:
    command = operation.command
    if command is None:
        return
    way = direction(command.action)
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
        yield Observation("response", answer.state, at_s, answer.door, way)


def _observe_supply(operation: Operation) -> Iterator[Observation]:
    volts = operation.circumstance.supply_v
    if volts is not None:
        word = "good"
        if volts < LOW_SUPPLY_V:
            word = "very-low"
        elif volts < GOOD_SUPPLY_V:
            word = "low"
        yield Observation("supply", word, operation.at_s)
    lowest = operation.circumstance.supply_min_v
    if lowest is not None and operation.command is not None:
        yield Observation("dip", "deep" if lowest < DIP_V else "steady", operation.at_s)


def _observe_scope(operation: Operation, vehicle: Vehicle) -> Iterator[Observation]:
    command = operation.command
    if command is None or direction(command.action) != "unlock" or operation.request is None:
        return
    if len(vehicle.doors) == 1 or "driver" not in vehicle.doors:
        return
    if command.is_inferred and not operation.responses:
        return
    is_all = command.doors != ("driver",)
    yield Observation("scope", "all" if is_all else "driver-only", operation.at_s)


def _observe_access(access: Access, detected: Detected) -> Iterator[Observation]:
    if access.result == "unseen":
        return
    outcome = "opened" if access.result == "opened" else "stuck"
    if access.handle == "unknown" and outcome == "opened":
        return  # Nobody said which handle, and a door that opens is no complaint.
    side = "inner" if access.handle == "inner" else "outer"
    if side == "inner" and outcome == "stuck" and access.door.startswith("rear"):
        return  # A child lock does that, and few buses show it.
    ordered = _last_order(access, detected)
    is_measured = access.lock_feedback not in (None, "command", "belief")
    lock = direction(access.lock)
    kind = None
    if is_measured and lock == "unlock":
        kind = f"{side}.measured"
    elif side == "inner":
        # An inside handle opens a locked door in many cars: only an opening tells something.
        kind = "inner.ordered" if lock == "unlock" or outcome == "opened" else None
    elif ordered == "unlock":
        kind = "outer.deaf" if is_measured else "outer.ordered"
    elif outcome == "stuck" and _was_asked(access, detected):
        kind = "denied"
    if kind is not None:
        yield Observation(kind, outcome, access.at_s, access.door, is_marked=access.is_marked)


def _last_order(access: Access, detected: Detected) -> str | None:
    """Return the direction of the last command for a door before an attempt."""
    for operation in reversed(detected.operations):
        command = operation.command
        if command is None or command.at_s > access.at_s or access.door not in command.doors:
            continue
        return direction(command.action)
    return None


def _was_asked(access: Access, detected: Detected) -> bool:
    """Say whether the last that somebody asked for before an attempt, not long ago, was to unlock.

    Who has locked and pulls the handle wants to feel that it is locked.
    """
    for operation in reversed(detected.operations):
        request = operation.request
        if request is None or direction(request.action) is None or operation.at_s > access.at_s:
            continue
        is_unlock = direction(request.action) == "unlock"
        # Where only the lamps answered, nobody knows which doors the BCM unlocked.
        is_order_unseen = operation.command is None and operation.flashes > 0
        return is_unlock and not is_order_unseen and access.at_s - operation.at_s <= ASKED_S
    return False


def _observe_marks(detected: Detected) -> Iterator[Observation]:
    complained = {access.door for access in detected.accesses if access.result == "not-opened"}
    for mark in detected.marks:
        door = mark.door
        if door is None and len(complained) == 1:
            door = next(iter(complained))
        if mark.action in KNOB_MARKS and door is not None:
            yield Observation("knob", KNOB_MARKS[mark.action], mark.at_s, door, is_marked=True)
            continue
        word = SOUND_MARKS.get(mark.action)
        if word is not None and door is not None and _had_order(mark, door, detected):
            yield Observation("sound", word, mark.at_s, door, is_marked=True)


def _had_order(mark: Mark, door: str, detected: Detected) -> bool:
    """Say whether a door's lock was ordered to move not long before a sound mark."""
    return any(
        operation.command is not None
        and door in operation.command.doors
        and -1.0 <= mark.at_s - operation.command.at_s <= HEARD_S
        for operation in detected.operations
    )
