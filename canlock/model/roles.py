"""What a signal can mean to a door lock: the roles of a vehicle file and their values.

The table is that of the contract, section 2.
"""

from __future__ import annotations

from typing import Final

ROLE_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "request.fob": ("none", "lock", "unlock", "unlock-all", "trunk", "panic"),
    "request.handle": ("none", "lock", "unlock", "pressed"),
    "request.interior": ("none", "lock", "unlock"),
    "request.cylinder": ("none", "lock", "unlock"),
    "request.remote": ("none", "lock", "unlock"),
    "command.lock": ("none", "lock", "unlock", "deadlock"),
    "command.requestor": (
        "none",
        "fob",
        "handle",
        "interior",
        "cylinder",
        "remote",
        "auto-lock",
        "auto-unlock",
        "auto-relock",
        "crash",
        "diagnostics",
        "other",
    ),
    "command.inhibit": ("no", "yes", "key-inside", "door-open", "power", "low-voltage", "count"),
    "lock.status": ("locked", "unlocked", "deadlocked", "moving", "fault"),
    "lock.defect": ("ok", "defect"),
    "latch.status": ("closed", "ajar", "open", "opening", "closing", "timeout", "fault"),
    "door.ajar": ("closed", "open"),
    "handle.outer": ("released", "pulled"),
    "handle.inner": ("released", "pulled"),
    "lock.child": ("off", "on"),
    "lock.deadlock": ("off", "on"),
    "ack.flasher": ("off", "on"),
    "ack.horn": ("off", "on"),
    "power.state": ("off", "acc", "on", "start"),
    "key.inserted": ("no", "yes"),
    "key.inside": ("no", "yes"),
    "window.switch": ("none", "up", "down", "pressed"),
    "window.moving": ("idle", "up", "down", "moving"),
    "mirror.moving": ("idle", "up", "down", "moving"),
    "fob.battery": ("ok", "low"),
}
"""Roles whose values are words. The first value is the idle one for event-kind signals."""

COUNT_ROLES: Final = ("fob.id", "fob.count", "window.position")
"""Roles whose values are numbers that stand still until something happens: kept as changes."""

MEASURE_ROLES: Final = (
    "supply.voltage",
    "vehicle.speed",
    "ambient.temperature",
    "motor.current",
    "bcm.uptime",
)
"""Roles whose values are measured quantities that change with nearly every frame: kept as columns.

Units: V, km/h, degC, A, s.
"""

NUMBER_ROLES: Final = COUNT_ROLES + MEASURE_ROLES
ROLES: Final = (*ROLE_VALUES, *NUMBER_ROLES)

REQUEST_ROLES: Final = tuple(role for role in ROLE_VALUES if role.startswith("request."))
FEEDBACKS: Final = ("measured", "belief", "any-locked", "all-locked")
"""How a `lock.status` came to be known, see the contract."""

DOORS: Final = ("driver", "passenger", "rear-left", "rear-right", "tailgate")
"""Names that are understood everywhere; a vehicle file may add its own."""


def idle_value(role: str) -> str | None:
    """Return the value that means nothing is asked or done, or None for a role of numbers."""
    values = ROLE_VALUES.get(role)
    return values[0] if values else None
