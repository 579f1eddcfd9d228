"""What this tap shows of asking: a vehicle file may promise requests that pass on another bus."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from canlock.detection.detector import Detected
from canlock.model.vehicle import Vehicle

COUNTED_ROLES: Final = {"request.fob": ("request.fob", "fob.count")}
"""A request that another role tells of as well: a press that is only counted."""


def as_shown(detected: Detected, vehicle: Vehicle) -> tuple[Detected, Vehicle]:
    """Return what was detected, and the vehicle, without the requests that this tap cannot show.

    A request is sent only when somebody asks, so one that never came may be one that nobody made.
    Where the BCM says that it was asked so, or did what was marked, and no asking of that kind was
    ever seen, it is the tap that does not show it: neither a press that was not heard nor an order
    that nobody asked for can be told by its absence.
    """
    hidden = _hidden_roles(detected, vehicle)
    if not hidden:
        return detected, vehicle
    silent = {role for hid in hidden for role in COUNTED_ROLES.get(hid, (hid,))}
    operations = tuple(
        replace(operation, can_see_request=False)
        if operation.request is not None and operation.request.role in hidden
        else operation
        for operation in detected.operations
    )
    signals = tuple(entry for entry in vehicle.signals if entry.role not in silent)
    return replace(detected, operations=operations), replace(vehicle, signals=signals)


def _hidden_roles(detected: Detected, vehicle: Vehicle) -> frozenset[str]:
    seen, answered = set(), set()
    for operation in detected.operations:
        request, command = operation.request, operation.command
        if request is not None and request.is_seen:
            seen.add(request.role)
        if operation.is_gapped:
            continue
        if command is not None and command.names_requestor:
            answered.add(f"request.{command.requestor}")
        has_effect = command is not None or operation.flashes > 0 or operation.inhibit is not None
        if request is not None and operation.can_see_request and has_effect:
            answered.add(request.role)
    mapped = {entry.role for entry in vehicle.signals}
    return frozenset(
        role for role in answered - seen if not mapped.isdisjoint(COUNTED_ROLES.get(role, (role,)))
    )
