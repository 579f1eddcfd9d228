"""When a frame of a capture is due: its time on the capture's clock told by the host's."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

from canlock.errors import SourceError

JUMP_S: Final = 1.0
"""Frames out of order are late by less; more is a stray line, or a clock that was set back."""

JUMP_FRAMES: Final = 8
"""So many frames in a row behind the others and the clock was set back, for it stayed so."""


class Pace:
    """Keeps the distances between time stamps, divided by `speed`.

    Every due time is reckoned from one start, so that no error adds up. Where the capture's clock
    was set back the reckoning starts again; a single stray frame of long ago is due at once.
    """

    def __init__(self, speed: float, now: Callable[[], float] = time.monotonic) -> None:
        """Begin at the first frame that is asked for.

        Args:
            speed: 1 is as it was, 2 twice as fast; 0 and infinity are as fast as it goes.
            now: The host's clock in seconds; it never goes back.

        Raises:
            SourceError: The speed is negative or no number.
        """
        if math.isnan(speed) or speed < 0:
            raise SourceError(f"found the speed {speed}, expected 0 (as fast as it goes) or more")
        self._speed = speed
        self._is_paced = 0 < speed < math.inf
        self._now = now
        self._start_s: float | None = None
        self._started_at = 0.0
        self._latest_s = 0.0
        self._behind = 0

    def due_at(self, timestamp_s: float) -> float:
        """Return when a frame is due by the host's clock; minus infinity: at once.

        To be asked once a frame, in their order.
        """
        if not self._is_paced or not math.isfinite(timestamp_s):
            return -math.inf
        if self._start_s is None:
            return self._start(timestamp_s)
        if timestamp_s < self._latest_s - JUMP_S:
            self._behind += 1
            return -math.inf if self._behind < JUMP_FRAMES else self._start(timestamp_s)
        self._behind = 0
        self._latest_s = max(self._latest_s, timestamp_s)
        return self._started_at + (timestamp_s - self._start_s) / self._speed

    def wait_s(self, due_at: float) -> float:
        """Return how long it is until then; 0 where it is past."""
        return max(0.0, due_at - self._now())

    def _start(self, timestamp_s: float) -> float:
        self._start_s = self._latest_s = timestamp_s
        self._behind = 0
        self._started_at = self._now()
        return self._started_at
