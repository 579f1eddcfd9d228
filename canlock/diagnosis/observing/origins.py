"""Why there was an order at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from canlock.detection.causes import takes_back
from canlock.detection.detector import Detected
from canlock.detection.draft import direction
from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.history import History
from canlock.diagnosis.observing.lamps import Lamps
from canlock.model.operations import Command, Operation
from canlock.model.vehicle import Vehicle

OWN_REASONS: Final = {
    "auto-relock": "relock",
    "auto-lock": "automatic",
    "auto-unlock": "automatic",
    "crash": "automatic",
    "repulsion": "taken-back",
}


LEAST_RELOCK_S: Final = 12.0
"""No relock timer is shorter. Judgement: the shortest that is known is 30 s (DOMAIN 2.1), and
people lock again after ten."""

SAME_DELAY_S: Final = 1.5
"""Two locks so alike in their delay after an unlock come from one timer (DOMAIN 2.1: 2 s)."""


def observe_origins(
    detected: Detected, history: History, vehicle: Vehicle
) -> Iterator[Observation]:
    """Observe why the BCM ordered something, as far as that can be told."""
    relocks = find_relocks(detected, history)
    lamps = Lamps(detected, vehicle)
    previous: Operation | None = None
    for operation in detected.operations:
        is_relock = operation.at_s in relocks
        word = _origin_of(operation, previous, vehicle, lamps, is_relock=is_relock)
        command = operation.command
        if command is None:
            continue
        if word == "taken-back" and _is_reminder(previous):
            yield Observation("refusal", "key-inside", command.at_s)
        elif word is not None:
            yield Observation("origin", word, command.at_s)
        previous = operation


def find_relocks(detected: Detected, history: History) -> frozenset[float]:
    """Return the times of locks that nobody asked for and that share a delay after an unlock.

    Cars whose timer is not known show it by keeping it, with no door opened in between.
    """
    delays: dict[float, float] = {}
    unlocked_s: float | None = None
    for operation in detected.operations:
        command = operation.command
        if command is None:
            continue
        if direction(command.action) == "unlock":
            unlocked_s = command.at_s
            continue
        is_own = operation.request is None and operation.cause is None
        since_s, unlocked_s = unlocked_s, None
        if is_own and since_s is not None and not history.has_opened(since_s, command.at_s):
            delays[operation.at_s] = command.at_s - since_s
    return frozenset(
        at_s
        for at_s, delay_s in delays.items()
        if delay_s >= LEAST_RELOCK_S
        and any(
            other_s != at_s and abs(other - delay_s) <= SAME_DELAY_S
            for other_s, other in delays.items()
        )
    )


def _origin_of(
    operation: Operation,
    previous: Operation | None,
    vehicle: Vehicle,
    lamps: Lamps,
    *,
    is_relock: bool,
) -> str | None:
    """Return why there was an order, as an outcome of `origin`; None: nobody could tell."""
    command, request = operation.command, operation.request
    if command is None or operation.is_gapped:
        return None
    if is_relock:
        return "relock"
    if request is not None:
        # A direction that only a mark tells may be that of the wrong button.
        way = direction(request.action) if _tells_way(request.role, vehicle) else None
        is_reversed = request.is_seen and way not in (None, direction(command.action))
        return "reversed" if is_reversed else "asked"
    if operation.cause is not None:
        return OWN_REASONS.get(operation.cause)
    last = previous.command if previous is not None else None
    if command.is_inferred or not (vehicle.shows_asking or command.names_requestor):
        is_own = lamps.stay_dark(operation, previous)
        is_nobodys = lamps.exclude_asking(operation, vehicle) and not _may_be_timed(command, last)
    else:
        is_own = is_nobodys = is_unexplained(operation, vehicle)
    if is_own and takes_back(command, last):
        return "taken-back"
    if is_own and is_nobodys and not operation.is_waking:
        return "unexplained"
    return "asked" if command.names_requestor and not command.is_inferred else None


def _tells_way(role: str, vehicle: Vehicle) -> bool:
    """Say whether a press on the bus says which button it was."""
    entries = [entry for entry in vehicle.signals if entry.role == role]
    return any(
        not entry.values or any(direction(str(word)) for word in entry.values.values())
        for entry in entries
    )


def _may_be_timed(command: Command, last: Command | None) -> bool:
    """Say whether a lock may come from a timer that is not known."""
    is_lock = direction(command.action) == "lock" and last is not None
    return is_lock and last is not None and command.at_s - last.at_s >= LEAST_RELOCK_S


def _is_reminder(previous: Operation | None) -> bool:
    """Say whether an order that is taken back is how a car reminds of a key that is in it.

    It is a lock, with the key known to be there, or at an open door: nobody gets out otherwise
    (DOMAIN 2.5 A, inhibit-key-inside).
    """
    if previous is None or previous.command is None:
        return False
    known = previous.circumstance
    has_key = known.is_key_inside or known.is_key_inserted
    return direction(previous.command.action) == "lock" and bool(has_key or known.ajar_doors)


def is_unexplained(operation: Operation, vehicle: Vehicle) -> bool:
    """Say whether nobody asked for an order and nothing explains it, as far as could be seen."""
    command = operation.command
    if command is None or command.is_inferred or operation.is_gapped or operation.is_waking:
        return False
    if operation.request is not None or operation.cause is not None:
        return False
    if command.names_requestor:
        roles = vehicle.roles()
        # The BCM names somebody; it is odd only where that asking would have been seen.
        is_counted = command.requestor == "fob" and "fob.count" in roles
        return is_counted or f"request.{command.requestor}" in roles
    if operation.flashes and "request.handle" not in vehicle.roles():
        return False  # The lamps answer who asks from outside, by a handle too.
    # A requestor that says nothing may have said something that the vehicle file has no word for.
    return vehicle.shows_asking
