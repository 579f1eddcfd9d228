"""When Python looks for garbage: while nobody waits for an answer.

It stops every thread to go through each object of the modules, the vehicle and the widgets: 80 ms,
every few seconds on a full bus. What nobody refers to any more goes at once all the same; only
what refers to itself in a circle, as a closed screen does, waits for this.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Final

YOUNG: Final = (5000, 5)
"""New objects before the youngest are gone through, and how often before the next older ones."""

NEVER: Final = 1_000_000
"""In place of how often before all are: that is `sweep`'s."""

QUIET_S: Final = 2.0
"""Nobody who has pressed a key waits so long."""

EVERY_S: Final = 30.0
LONGEST_S: Final = 300.0
"""Somebody who goes on pressing keys is made to wait once in so long."""


class Garbage:
    """Collected between `begin` and `end` where the view says so, and as Python does outside."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Begin with Python's own way.

        Args:
            now: Gives the seconds since any beginning.
        """
        self._now = now
        self._before: tuple[int, int, int] | None = None
        self._swept_at = now()
        self._key_at = now() - QUIET_S

    def begin(self) -> None:
        """Look through all of it no more unless `sweep` says so."""
        self._before = gc.get_threshold()
        self._swept_at = self._now()
        gc.set_threshold(*YOUNG, NEVER)

    def spare(self) -> None:
        """Pass over all that is there now from here on: it stays to the end anyhow."""
        if self._before is not None:
            gc.freeze()

    def wait(self) -> None:
        """Note that a key is to be answered."""
        self._key_at = self._now()

    def sweep(self) -> bool:
        """Look through what has come since, where it is time and nobody waits; say so if it was."""
        now = self._now()
        since_s = now - self._swept_at
        is_quiet = now - self._key_at >= QUIET_S
        if self._before is None or not (since_s >= (EVERY_S if is_quiet else LONGEST_S)):
            return False
        gc.collect()
        self._swept_at = self._now()
        return True

    def end(self) -> None:
        """Go back to Python's own way."""
        if self._before is not None:
            gc.set_threshold(*self._before)
            self._before = None
            gc.unfreeze()
