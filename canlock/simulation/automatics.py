"""What a car does of itself: it locks as it drives off, unlocks at the end or in a crash."""

from __future__ import annotations

from canlock.simulation.bcm import Bcm


class Automatics:
    """Watches speed, ignition and doors, and has the BCM give orders."""

    def __init__(self, bcm: Bcm) -> None:
        self._bcm = bcm
        self._is_armed = True
        self._power = "off"

    def rearm(self) -> None:
        """A door was opened: the next drive locks again (DOMAIN 1.1, S25)."""
        self._is_armed = True

    def follow_speed(self, kmh: float) -> None:
        """Lock above a speed with the ignition on and all doors shut."""
        least_kmh = self._bcm.parameters.speed_lock_kmh
        is_fast = least_kmh is not None and kmh >= least_kmh
        if is_fast and self._is_armed and self._power == "on" and self._bcm.are_doors_shut:
            self._is_armed = False
            self._bcm.order("lock", "auto-lock")

    def follow_power(self, state: str) -> None:
        """Unlock as the ignition goes off, on cars that do."""
        was, self._power = self._power, state
        if was == "on" and state == "off":
            self._is_armed = True
            if self._bcm.parameters.unlocks_at_power_off:
                self._bcm.order("unlock", "auto-unlock")

    def crash(self) -> None:
        """Unlock all doors, on every car."""
        if self._bcm.parameters.unlocks_in_a_crash:
            self._bcm.order("unlock", "crash")
