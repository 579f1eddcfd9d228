"""Ends an unattended session before the car's battery suffers."""

from __future__ import annotations

from typing import Final

LIMIT_V: Final = 11.8
"""A lead battery at rest shows 12.6 V when full and some 11.8 V when nearly empty; lower harms it,
and the car may not start."""

HOLD_S: Final = 120.0
"""Locks, a starter and lamps pull the supply down for seconds; only a rest tells of the battery."""


class SupplyWatch:
    """Follows the supply voltage by the capture's clock."""

    def __init__(self, limit_v: float = LIMIT_V, hold_s: float = HOLD_S) -> None:
        """Begin with no voltage seen.

        Args:
            limit_v: Volts that are still well.
            hold_s: Seconds for which the supply has to stay below.
        """
        self._limit_v = limit_v
        self._hold_s = hold_s
        self._low_since_s: float | None = None
        self.has_seen = False
        """Some voltage was seen at all."""

    def see(self, at_s: float, volts: float) -> str | None:
        """Note a voltage; return why the session has to end, or None."""
        self.has_seen = True
        if volts >= self._limit_v:
            self._low_since_s = None
            return None
        if self._low_since_s is None:
            self._low_since_s = at_s
        if at_s - self._low_since_s < self._hold_s:
            return None
        return (
            f"The session ended by itself: the supply was below {self._limit_v:g} V for "
            f"{self._hold_s:g} s (now {volts:.1f} V), and the battery must not be run down."
        )
