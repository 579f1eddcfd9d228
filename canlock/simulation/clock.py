"""Simulated time: what happens next, and processes that wait for it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeVar

Result = TypeVar("Result")

Process = Generator[float, None, Result]
"""A story that unfolds: each yield waits that many seconds."""


@dataclass(order=True, slots=True)
class Timer:
    """Something that will happen unless it is called off."""

    at_s: float
    serial: int
    """Order of arrangement: it settles ties, so that a run repeats exactly."""

    action: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Call it off; after the fact this does nothing."""
        self.action = None


class Clock:
    """An event queue. Time stands still but for `run`."""

    def __init__(self, start_s: float = 0.0) -> None:
        self.now_s = start_s
        self._queue: list[Timer] = []
        self._serial = 0

    def at(self, at_s: float, action: Callable[[], None]) -> Timer:
        """Arrange for something to happen at a time, at the earliest now."""
        self._serial += 1
        timer = Timer(max(at_s, self.now_s), self._serial, action)
        heapq.heappush(self._queue, timer)
        return timer

    def after(self, delay_s: float, action: Callable[[], None]) -> Timer:
        """Arrange for something to happen after a delay."""
        return self.at(self.now_s + delay_s, action)

    def start(self, process: Process[None]) -> None:
        """Let a process run from now on, up to its first wait at once."""
        try:
            delay_s = next(process)
        except StopIteration:
            return
        self.after(delay_s, lambda: self.start(process))

    def run(self, until_s: float) -> None:
        """Let everything happen that is due up to a time."""
        while self._queue and self._queue[0].at_s <= until_s:
            timer = heapq.heappop(self._queue)
            if timer.action is None:
                continue
            self.now_s = timer.at_s
            timer.action()
        self.now_s = max(self.now_s, until_s)
