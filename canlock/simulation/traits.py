"""What a vehicle file tells of the car behind it: its doors, switches, modules and timers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.model.vehicle import Vehicle

PREFERRED_DRIVER: Final = "driver"


@dataclass(frozen=True, slots=True)
class Traits:
    """The facts of a car that its vehicle file implies."""

    doors: tuple[str, ...]
    driver: str
    """The door with a line of its own: the driver's, or the first of an odd car."""

    sensor_doors: frozenset[str]
    """Doors whose lock switch the bus shows: the others have none that anybody reads."""

    module_doors: frozenset[str]
    """Doors with a control unit of their own."""

    handle_doors: tuple[str, ...]
    """Doors that have a request switch on their handle, on cars that have such switches."""

    shows_handle_switches: bool
    """The bus tells of them: the car has them."""

    has_telephone: bool
    """Requests by telephone come in and show on the bus."""

    tells_tester: bool
    """The bus says of a command that a workshop's tester asked for it."""

    can_deadlock: bool
    relock_s: float | None
    selective_window_s: float
    pulse_s: float

    @property
    def others(self) -> tuple[str, ...]:
        """Return all doors but the driver's."""
        return tuple(door for door in self.doors if door != self.driver)


def read_traits(vehicle: Vehicle) -> Traits:
    """Return what a vehicle file tells of its car."""
    timing = vehicle.timing
    measured = [
        entry
        for entry in vehicle.signals
        if entry.role == "lock.status" and entry.feedback in (None, "measured")
    ]
    shown = [entry for entry in vehicle.signals if entry.role == "request.handle"]
    handle_doors = tuple(door for entry in shown for door in entry.doors or vehicle.doors)
    words = {
        word
        for entry in vehicle.signals
        if entry.role in ("lock.status", "command.lock")
        for word in entry.values.values()
    }
    return Traits(
        doors=vehicle.doors,
        driver=PREFERRED_DRIVER if PREFERRED_DRIVER in vehicle.doors else vehicle.doors[0],
        sensor_doors=frozenset(door for entry in measured for door in entry.doors or vehicle.doors),
        module_doors=frozenset(
            door for entry in vehicle.alive if entry.node == "door-module" for door in entry.doors
        ),
        handle_doors=tuple(dict.fromkeys(handle_doors)) or vehicle.doors[:2],
        shows_handle_switches=bool(shown),
        has_telephone="request.remote" in vehicle.roles(),
        tells_tester=any(
            "diagnostics" in entry.values.values()
            for entry in vehicle.signals
            if entry.role == "command.requestor"
        ),
        can_deadlock={"deadlock", "deadlocked"} <= words,
        relock_s=timing.auto_relock,
        selective_window_s=timing.selective_unlock,
        pulse_s=timing.command_pulse,
    )
