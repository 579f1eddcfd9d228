"""Observability: what this car's bus can show, and which roles would help.

The tiers are those of the contract, section 4.
"""

from __future__ import annotations

from typing import Final

from canlock.detection.detector import Detected
from canlock.model.roles import REQUEST_ROLES, ROLES
from canlock.model.vehicle import Vehicle

LOCK_ROLES: Final = ("lock.status", "door.ajar", "latch.status")
DOOR_ROLES: Final = (
    "handle.outer",
    "handle.inner",
    "window.switch",
    "window.moving",
    "window.position",
    "mirror.moving",
)
HELPFUL_ROLES: Final = (
    "command.lock",
    "request.fob",
    "lock.status",
    "door.ajar",
    "handle.outer",
    "window.moving",
    "supply.voltage",
    "request.handle",
    "request.interior",
    "command.requestor",
    "command.inhibit",
    "key.inside",
    "ambient.temperature",
    "fob.battery",
)
"""Most useful first. Judgement, after DOMAIN 2.2."""


def seen_roles(detected: Detected, vehicle: Vehicle) -> frozenset[str]:
    """Return the roles whose message was seen, or whose sender lives so that it would be."""
    seen = {life.message for life in detected.lives if life.count}
    senders = {facts.sender for facts in vehicle.messages if facts.name in seen}
    bcm = {alive.message for alive in vehicle.alive if alive.node == "bcm"}
    roles = set()
    for entry in vehicle.signals:
        facts = vehicle.message(entry.message)
        lives = facts.sender in senders if facts.sender is not None else bool(bcm & seen)
        # Sent only when something happens, so it need not have been seen to be observable.
        is_rare = entry.kind == "event" or (entry.role in DOOR_ROLES and facts.period_s is None)
        if entry.message in seen or (is_rare and lives):
            roles.add(entry.role)
    roles.update(state.role for state in detected.states)
    if detected.supply_v:
        roles.add("supply.voltage")
    return frozenset(roles)


def unseen_roles(roles: frozenset[str]) -> frozenset[str]:
    """Return the roles that are not among those that were seen."""
    return frozenset(ROLES) - roles


def has_measured_locks(vehicle: Vehicle) -> bool:
    """Say whether each door but the tailgate has a measured lock status of its own."""
    measured = {
        door
        for entry in vehicle.signals
        if entry.role == "lock.status" and entry.feedback == "measured"
        for door in (entry.doors or vehicle.doors)
    }
    return {door for door in vehicle.doors if door != "tailgate"} <= measured


def tier_of(roles: frozenset[str], detected: Detected, vehicle: Vehicle) -> str:
    """Return `T0` .. `T4` from the roles that were mapped and seen."""
    if not roles.intersection(LOCK_ROLES):
        return "T0"
    has_request = bool(roles.intersection((*REQUEST_ROLES, "fob.count", "command.requestor")))
    if "command.lock" not in roles or not has_request:
        return "T1"
    has_aid = bool(roles.intersection(DOOR_ROLES)) or any(
        alive.node == "door-module" for alive in vehicle.alive
    )
    if not (has_measured_locks(vehicle) and has_aid):
        return "T2"
    return "T4" if detected.codes or "motor.current" in roles else "T3"


def missing_roles(roles: frozenset[str], vehicle: Vehicle) -> tuple[str, ...]:
    """Return the helpful roles that this bus does not show, most useful first."""
    known = roles | {"window.moving"} if "window.position" in roles else roles
    missing = [role for role in HELPFUL_ROLES if role not in known]
    if "lock.status" in roles and not has_measured_locks(vehicle):
        missing.append("lock.status")
    return tuple(missing)
