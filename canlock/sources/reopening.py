"""When a bus that failed is opened again: soon at first, then with growing pauses."""

from __future__ import annotations

from typing import Final

LOST_AFTER_S: Final = 10.0
"""Down for so long and somebody should look."""

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 0.5  # So that a plugged-in adapter is back within a second.
_FIRST_STORM_PAUSE_S: Final = 1.0
_LONGEST_STORM_PAUSE_S: Final = 8.0


class Reopening:
    """Follows the failures of one bus. Times are those of the host's monotonic clock."""

    def __init__(self) -> None:
        """Begin with a bus that works."""
        self.down_since: float | None = None
        """None: it works."""

        self._storms = 0
        self._pause_s = _FIRST_PAUSE_S

    def is_lost(self, now: float) -> bool:
        """Say whether it has been down for so long that somebody should look."""
        return self.down_since is not None and now - self.down_since > LOST_AFTER_S

    def fail(self, now: float) -> None:
        """Note that the bus was closed."""
        if self.down_since is None:
            self.down_since = now

    def storm(self) -> None:
        """Note that it ended in a storm of errors: to hurry back would be of no use."""
        self._storms += 1

    def hear(self, *, is_sound: bool) -> None:
        """Note that the bus works; after a storm of errors only a good frame shows that."""
        if is_sound:
            self._storms = 0
        if not self._storms:
            self.down_since = None
            self._pause_s = _FIRST_PAUSE_S

    def pause_s(self) -> float:
        """Return how long to wait before the next attempt; the one after waits twice as long."""
        storm_s = _FIRST_STORM_PAUSE_S * 2.0 ** (self._storms - 1) if self._storms else 0.0
        wait_s = max(self._pause_s, min(storm_s, _LONGEST_STORM_PAUSE_S))
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
        return wait_s
