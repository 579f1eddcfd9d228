"""Circumstances that explain a refusal or a rest (DOMAIN 2.5 A)."""

from __future__ import annotations

from typing import Final

from canlock.detection.requests import asked_way
from canlock.diagnosis.observing.history import COUNTED_S, History, least_crowd
from canlock.model.operations import Operation
from canlock.model.vehicle import Vehicle

DIP_V: Final = 9.0
"""BCMs suppress or suspend lock operations below this (DOMAIN 0.9)."""

REST_S: Final = 45.0
"""A BCM that has counted too many operations rests 30 s, motors may take longer (DOMAIN 0.9)."""

COOLING_S: Final = 60.0
"""A motor whose PTC has opened works again after this (DOMAIN 1.3, S13)."""

OUTSIDE_ROLES: Final = ("request.fob", "request.handle", "request.remote")
"""Requests from outside, which many cars refuse while a key is in the car or the ignition on."""


def reason_to_refuse(operation: Operation, history: History, vehicle: Vehicle) -> str | None:
    """Return what is known to allow a car to refuse, as an outcome of `refusal`; None: nothing."""
    request, known = operation.request, operation.circumstance
    if request is None:
        return None
    if known.ajar_doors and asked_way(request) != "unlock":
        return "door-open"
    is_outside = request.role in OUTSIDE_ROLES
    # Who drives has a key in the car: the ignition is the reason then.
    if known.speed_kmh or (is_outside and known.power not in (None, "off")):
        return "power"
    if is_outside and known.is_key_inside:
        return "key-inside"
    if is_outside and known.is_key_inserted:
        return "key-inserted"
    if known.supply_v is not None and known.supply_v < DIP_V:
        return "low-voltage"
    return "count" if is_frequent(operation, history, vehicle) else None


def is_frequent(operation: Operation, history: History, vehicle: Vehicle) -> bool:
    """Say whether so many operations went before that the BCM may rest.

    A rest begins with the last order, and while it lasts nobody is obeyed.
    """
    last_s, next_s = history.last_order(operation.at_s), history.next_obeyed(operation.at_s)
    if last_s is None or operation.at_s - last_s > REST_S:
        return False
    if next_s is not None and next_s - last_s < COUNTED_S:
        return False
    counted = history.orders_since(last_s - COUNTED_S, operation.at_s)
    return counted >= least_crowd(vehicle.timing.operation_limit)


def is_busy(operation: Operation, history: History) -> bool:
    """Say whether so many orders went before, not long ago, that motors may be hot."""
    return history.was_busy(operation.at_s - COOLING_S, operation.at_s)
