"""The rows of the trace that a filter lets through, kept up to date as frames come and go."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from canlock.pipeline.frame_window import FrameWindow, Part, RowNumbers
from canlock.tui.trace_filter import TraceFilter

Offsets = npt.NDArray[np.uint32]


@dataclass(slots=True)
class _Found:
    """What was chosen of a part: each row is tried once, however often the window is taken."""

    first: int
    tried: int = 0
    offsets: Offsets = field(default_factory=lambda: np.empty(0, np.uint32))

    def follow(self, part: Part, window: FrameWindow, chosen: TraceFilter) -> Offsets:
        if self.tried == len(part.rows):
            return self.offsets[:0]
        rows = part.rows.take(slice(self.tried, None))
        new = (np.flatnonzero(chosen.choose(rows, window)) + self.tried).astype(np.uint32)
        self.offsets = np.concatenate([self.offsets, new])
        self.tried = len(part.rows)
        return new


class Selection:
    """Chosen rows by their place: 0 is the first of them that is kept."""

    def __init__(self, chosen: TraceFilter) -> None:
        """Begin with no rows."""
        self.filter = chosen
        self._found: dict[int, _Found] = {}
        self._beginnings = 0
        self._span = (0, 0)
        self._starts = np.zeros(1, np.int64)
        self._last_rows = np.empty(0, np.int64)

    def last_rows(self, window: FrameWindow) -> RowNumbers:
        """Return shape (m,): the number of each ident's last chosen row; -1: none is kept."""
        rows = self._last_rows if self.filter.terms else window.totals.last_row
        return np.where(rows >= window.first, rows, -1)

    def follow(self, window: FrameWindow) -> int:
        """Take what has come; return how many places went away at the front."""
        if window.beginnings != self._beginnings:
            self._found = {}
            self._last_rows = np.empty(0, np.int64)
            self._beginnings = window.beginnings
            self._span = (window.first, window.first)
        gone = self.place_of(window.first)
        self._span = (window.first, window.end)
        if not self.filter.terms:
            return gone
        found = {}
        more = len(window.idents) - len(self._last_rows)
        self._last_rows = np.append(self._last_rows, np.full(more, -1, np.int64))
        for part in window.parts:
            one = self._found.get(part.first) or _Found(part.first)
            new = one.follow(part, window, self.filter)
            # Where an ident comes several times, the last assignment stays.
            self._last_rows[part.rows.ident[new]] = new + part.first
            found[part.first] = one
        self._found = found
        counts = [len(one.offsets) for one in found.values()]
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return gone

    def __len__(self) -> int:
        """Return the number of chosen rows."""
        if not self.filter.terms:
            return self._span[1] - self._span[0]
        return int(self._starts[-1])

    def numbers(self, start: int, stop: int) -> RowNumbers:
        """Return the row numbers at some places, those that exist."""
        start, stop = max(start, 0), min(stop, len(self))
        if not self.filter.terms:
            return np.arange(start, max(stop, start), dtype=np.int64) + self._span[0]
        parts = []
        for begin, one in zip(self._starts.tolist(), self._found.values(), strict=False):
            if begin < stop and begin + len(one.offsets) > start:
                chosen = one.offsets[max(start - begin, 0) : stop - begin]
                parts.append(chosen.astype(np.int64) + one.first)
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def place_of(self, number: int) -> int:
        """Return the place of a row, or of the next chosen one behind it; the end if none is."""
        if not self.filter.terms:
            return min(max(number - self._span[0], 0), len(self))
        place = 0
        for one in self._found.values():
            if number <= one.first:
                break
            place += int(np.searchsorted(one.offsets, number - one.first))
        return place
