"""A process that does nothing but sleep, and notes when the machine let it sleep too long.

No program is quicker than the machine lets it be: what a benchmark of waits prints is to be read
beside this.
"""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection


@dataclass(frozen=True)
class Stall:
    """The machine stood still from one time to another, by `time.monotonic`."""

    from_s: float
    until_s: float

    @property
    def ms(self) -> float:
        return (self.until_s - self.from_s) * 1000

    def meets(self, from_s: float, until_s: float) -> bool:
        """Return whether any of it lies within a span of time."""
        return self.from_s < until_s and self.until_s > from_s


class Metronome:
    """Sleeps and notes, between `with` and `stalls`."""

    STEP_S = 0.002

    def __init__(self, stall_s: float = 0.02) -> None:
        self._stall_s = stall_s

    def __enter__(self) -> Metronome:
        context = multiprocessing.get_context("spawn")
        self._mine, theirs = context.Pipe()
        self._process = context.Process(
            target=self._beat, args=(theirs, self._stall_s), daemon=True
        )
        self._process.start()
        self._mine.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    @classmethod
    def _beat(cls, pipe: Connection, stall_s: float) -> None:
        pipe.send("begun")
        stalls: list[Stall] = []
        last_s = time.monotonic()
        while not pipe.poll():
            time.sleep(cls.STEP_S)
            now_s = time.monotonic()
            if now_s - last_s > stall_s:
                stalls.append(Stall(last_s, now_s))
            last_s = now_s
        pipe.send(stalls)

    def stalls(self) -> list[Stall]:
        """Return what it noted; it ends with that."""
        self._mine.send("end")
        stalls: list[Stall] = self._mine.recv()
        return stalls

    def line(self) -> str:
        """Return what it noted, in words; it ends with that."""
        stalls = self.stalls()
        longest_ms = max((stall.ms for stall in stalls), default=0.0)
        return (
            f"  the machine itself stood still for more than {self._stall_s * 1000:.0f} ms "
            f"{len(stalls)} times, {longest_ms:.0f} ms at the longest"
        )
