"""The keys of a player: hold, go on, step, hasten to a place, another speed. From any thread."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from canlock.sources.clock import Pace

_LONGEST_WAIT_S: Final = 3600.0
"""The system's own limit lies somewhere above; a longer wait is made of several."""

_LEAST_WAIT_S: Final = 0.0005
"""On a full bus each frame would have a wait of its own, and those take more of the processor than
the sending: what falls due within one wait goes together, none too early."""


class Transport:
    """Says when the next frame of a replay may go."""

    def __init__(self, speed: float = 1.0, now: Callable[[], float] = time.monotonic) -> None:
        """Begin to play with the first frame.

        Args:
            speed: 1 is as recorded; 0 and infinity are as fast as it goes.
            now: The host's clock in seconds; it never goes back.

        Raises:
            SourceError: The speed is negative or no number.
        """
        self._changed = threading.Condition()
        self._now = now
        self._speed = speed
        self._pace = Pace(speed, now)
        self._is_paused = False
        self._frames_to_step = 0
        self._step_until_s = -math.inf
        self._hasten_until_s = -math.inf
        self._at_s: float | None = None

    @property
    def speed(self) -> float:
        """How many times as fast as recorded; 0: as fast as it goes."""
        return self._speed

    @property
    def is_paused(self) -> bool:
        """It holds."""
        return self._is_paused

    @property
    def at_s(self) -> float | None:
        """Time of the last frame that went; None: none did."""
        return self._at_s

    def pause(self) -> None:
        """Hold."""
        self._set_paused(True)

    def resume(self) -> None:
        """Go on from where it holds."""
        self._set_paused(False)

    def toggle(self) -> bool:
        """Hold or go on; return whether it holds now."""
        self._set_paused(not self._is_paused)
        return self._is_paused

    def step(self, after_s: float = 0.0) -> None:
        """Hold, but let the next frame go, and all that come within `after_s` of the last."""
        with self._changed:
            self._is_paused = True
            self._frames_to_step = 1
            self._step_until_s = (self._at_s if self._at_s is not None else -math.inf) + after_s
            self._changed.notify_all()

    def hasten(self, until_s: float) -> None:
        """Play as fast as it goes up to a time of the capture, held or not."""
        with self._changed:
            self._hasten_until_s = until_s
            self._changed.notify_all()

    def set_speed(self, speed: float) -> None:
        """Play at another speed from here on.

        Raises:
            SourceError: The speed is negative or no number.
        """
        with self._changed:
            Pace(speed)
            self._speed = speed
            self._start_again()

    def rewind(self) -> None:
        """Make ready for the first frame."""
        with self._changed:
            self._at_s = None
            self._hasten_until_s = -math.inf
            self._start_again()

    def wake(self) -> None:
        """Let whoever waits look whether to go on waiting."""
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, timestamp_s: float, stopping: threading.Event) -> bool:
        """Wait until a frame may go; return False where `stopping` was set first.

        To be asked once a frame, in their order.
        """
        with self._changed:
            pace: Pace | None = None
            due_at = 0.0
            while not stopping.is_set():
                if timestamp_s <= self._hasten_until_s:
                    self._at_s = timestamp_s
                    self._pace = self._anchored()
                    return True
                if self._is_paused:
                    if self._may_step(timestamp_s):
                        self._at_s = timestamp_s
                        return True
                    self._changed.wait(_LONGEST_WAIT_S)
                    continue
                if pace is not self._pace:
                    pace = self._pace
                    due_at = pace.due_at(timestamp_s)
                left_s = pace.wait_s(due_at)
                if left_s <= 0:
                    self._at_s = timestamp_s
                    return True
                self._changed.wait(min(max(left_s, _LEAST_WAIT_S), _LONGEST_WAIT_S))
            return False

    def _may_step(self, timestamp_s: float) -> bool:
        if self._frames_to_step:
            self._frames_to_step -= 1
            return True
        return timestamp_s <= self._step_until_s

    def _set_paused(self, is_paused: bool) -> None:
        with self._changed:
            self._is_paused = is_paused
            self._frames_to_step = 0
            self._step_until_s = -math.inf
            self._start_again()

    def _start_again(self) -> None:
        self._pace = self._anchored()
        self._changed.notify_all()

    def _anchored(self) -> Pace:
        """Return a pace that reckons from the last frame, as if that went now."""
        pace = Pace(self._speed, self._now)
        if self._at_s is not None:
            pace.due_at(self._at_s)
        return pace
