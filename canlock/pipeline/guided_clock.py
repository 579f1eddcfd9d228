"""What time it is on the capture's clock while somebody answers, between two frames too."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

AMISS_S: Final = 5.0
"""A frame that is so far behind its time shows that the capture's clock was set, or was held."""


class CaptureClock:
    """Goes on from the last frame by the host's clock; the bus may sleep meanwhile."""

    def __init__(self, rate: float = 1.0, now: Callable[[], float] = time.monotonic) -> None:
        """Begin with no frame seen.

        Args:
            rate: Seconds of the capture in one of the host's: the speed of a replay. 0: not known,
                so it stands between two frames.
            now: The host's clock in seconds; it never goes back.
        """
        self._rate = rate
        self._now = now
        self._offset_s: float | None = None
        self._last_s: float | None = None

    def see(self, now_s: float | None) -> None:
        """Learn the time of the newest frame or mark."""
        if now_s is None or now_s == self._last_s:
            return
        self._last_s = now_s
        offset_s = now_s - self._rate * self._now()
        # Frames are analysed some time after they came: the least delayed tells best.
        is_amiss = self._offset_s is None or offset_s < self._offset_s - AMISS_S
        if is_amiss or self._rate == 0.0 or offset_s > (self._offset_s or 0.0):
            self._offset_s = offset_s

    @property
    def at_s(self) -> float | None:
        """Return the time now; None: no frame has come yet."""
        if self._offset_s is None:
            return None
        return self._offset_s + self._rate * self._now()
