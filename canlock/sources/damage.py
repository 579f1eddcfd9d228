"""What is wrong with a capture: counted in full, located for the first few, and shown as gaps.

A gap tells the reasoning that frames may be missing between two times, so that nothing which was
not seen there counts as evidence (DESIGN, invariant 4).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from canlock.model.capture import Damage
from canlock.model.stream import Gap

Kind = Literal["line", "end", "jump", "order", "clock"]
"""An unreadable line or record; an early end; a clock set back; frames out of order; a clock that
stands still."""

PLACES: Final = 5
"""How many places are told."""

JOINED_S: Final = 0.05
"""Unreadable lines less than this apart are one gap: a log with every tenth line bad on a busy bus
would otherwise give a gap each few milliseconds."""

SPAN_S: Final = 10.0
"""Unreadable lines in different spans of the clock, this long each, are different gaps. So a gap is
known soon after it began, and frames behind it need not wait for the end of the file."""

UNREADABLE: Final = "unreadable lines"


class DamageLog:
    """Counts what is wrong and keeps the first few places, at least one of each kind."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bad_lines = 0
        self.is_truncated = False
        self._slow: list[str] = []
        self._found: list[tuple[Kind, Damage]] = []

    def has_room(self, kind: Kind) -> bool:
        """Return True where one more place of this kind could be told."""
        return sum(found == kind for found, _ in self._found) < PLACES

    def tell(self, kind: Kind, place: str, text: str) -> None:
        """Keep one place, `line 118` or `byte 4096`, and what was found and expected there."""
        if self.has_room(kind):
            where = place.removeprefix("line ")
            self._found.append((kind, Damage(f"{self.path}:{where}", text)))

    def end(self, place: str, text: str) -> None:
        """Say that the file ends early."""
        self.is_truncated = True
        self.tell("end", place, text)

    def tell_slow(self, reason: str) -> None:
        """Say why reading takes longer than it does for most captures of the format."""
        if reason not in self._slow:
            self._slow.append(reason)

    @property
    def slow(self) -> str | None:
        """Return why reading took so long; None where it did not."""
        return "; ".join(self._slow) or None

    @property
    def places(self) -> tuple[Damage, ...]:
        """Return what is told: in the order found, at most `PLACES`."""
        seen: set[Kind] = set()
        firsts: list[int] = []
        others: list[int] = []
        for index, (kind, _) in enumerate(self._found):
            (others if kind in seen else firsts).append(index)
            seen.add(kind)
        chosen = sorted([*firsts, *others][:PLACES])
        return tuple(self._found[index][1] for index in chosen)


class GapFinder:
    """Turns unreadable lines into gaps. How the lines are cut into stretches does not matter."""

    def __init__(self) -> None:
        self._last_s: float | None = None
        self._is_unreadable_since = False
        """Unreadable lines follow the last frame."""
        self._open: Gap | None = None
        """A gap that may still grow."""

    @property
    def open_at_s(self) -> float | None:
        """Return where a gap begins that is not known in full yet."""
        if self._open is not None:
            return self._open.at_s
        return self._last_s if self._is_unreadable_since else None

    def add(
        self, timestamp_s: npt.NDArray[np.float64], bad_before: npt.NDArray[np.intp]
    ) -> list[Gap]:
        """Return the gaps that are complete, given some more frames in time order.

        Args:
            timestamp_s: shape (n,).
            bad_before: rows, 0 to n, directly before which there are unreadable lines.
        """
        count = len(timestamp_s)
        if not count:
            self._is_unreadable_since |= len(bad_before) > 0
            return []
        rows = bad_before
        if self._is_unreadable_since and not (len(rows) and rows[0] == 0):
            rows = np.insert(rows, 0, 0)
        self._is_unreadable_since = bool(len(rows) and rows[-1] == count)
        rows = rows[rows < count]
        # What is unreadable before the first frame is before all that is known.
        first = rows[:1][rows[:1] == 0] if self._last_s is not None else rows[:0]
        rows = rows[rows > 0]
        from_s = np.append(np.full(len(first), self._last_s, np.float64), timestamp_s[rows - 1])
        until_s = np.append(timestamp_s[first], timestamp_s[rows])
        self._last_s = float(timestamp_s[-1])
        return self._grow(from_s, until_s, self._last_s)

    def finish(self) -> list[Gap]:
        """Return the last gap, if there is one."""
        gaps = [] if self._open is None else [self._open]
        self._open = None
        return gaps

    def _grow(
        self, from_s: npt.NDArray[np.float64], until_s: npt.NDArray[np.float64], now_s: float
    ) -> list[Gap]:
        if self._open is not None:
            from_s = np.insert(from_s, 0, self._open.at_s)
            until_s = np.insert(until_s, 0, self._open.until_s)
        gaps = join_gaps(from_s, until_s)
        self._open = None
        if gaps and _may_join(gaps[-1].at_s, gaps[-1].until_s, now_s):
            self._open = gaps.pop()
        return gaps


def join_gaps(from_s: npt.NDArray[np.float64], until_s: npt.NDArray[np.float64]) -> list[Gap]:
    """Return one gap for all unreadable places that are less than `JOINED_S` apart.

    Args:
        from_s: shape (n,), ascending: the last frame before each place.
        until_s: shape (n,): the first frame behind it.
    """
    if not len(from_s):
        return []
    reach_s = np.maximum.accumulate(until_s)
    is_new = ~_may_join(from_s[:-1], reach_s[:-1], from_s[1:])
    first = np.insert(np.flatnonzero(is_new) + 1, 0, 0)
    end_s = np.maximum.reduceat(until_s, first)
    return [
        Gap(at, end, UNREADABLE)
        for at, end in zip(from_s[first].tolist(), end_s.tolist(), strict=True)
    ]


def _may_join(
    from_s: npt.ArrayLike, until_s: npt.ArrayLike, next_s: npt.ArrayLike
) -> npt.NDArray[np.bool_]:
    """Return where a gap goes on with an unreadable place that begins at `next_s`."""
    is_near = np.subtract(next_s, until_s) < JOINED_S
    is_same_span = np.floor_divide(next_s, SPAN_S) == np.floor_divide(from_s, SPAN_S)
    may_join: npt.NDArray[np.bool_] = is_near & is_same_span
    return may_join
