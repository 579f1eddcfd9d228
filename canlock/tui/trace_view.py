"""What the trace shows and where in it the cursor is; knows nothing of the screen.

Two views of the same rows: each frame a row, or each id a row that its last frame overwrites.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FrameBatch
from canlock.pipeline.frame_window import FrameWindow, Ident, RowNumbers
from canlock.tui.trace_filter import TraceFilter
from canlock.tui.trace_selection import Selection
from canlock.tui.trace_text import FrameCells, frame_cells

SEARCHED_ROWS: Final = 1 << 14
"""Rows that are searched at once for a change."""


class TraceView:
    """Rows by their place, counted from the top, and a cursor that stays with its frame or id."""

    def __init__(self, window: FrameWindow) -> None:
        """Show all frames of a window, the cursor on the last."""
        self.window = window
        self.selection = Selection(TraceFilter(""))
        self.is_by_ident = False
        self._number: int | None = None
        """Row number of the cursor's frame; None: there is no frame."""

        self._ident = 0
        """The cursor's ident: in rows by id, it stays while frames go by."""

        self._anchor: int | None = None
        """Row number at which a chosen stretch begins."""

        self._ident_rows: RowNumbers = np.empty(0, np.int64)
        self._ranked: tuple[Ident, ...] = ()
        self._ranks: npt.NDArray[np.intp] = np.empty(0, np.intp)
        self.show(window)
        self.move_to(self.count - 1)

    def show(self, window: FrameWindow) -> int:
        """Show what there is now; return how many rows went away above."""
        if window.beginnings != self.window.beginnings:
            self._number = self._anchor = None
        self.window = window
        gone = self.selection.follow(window)
        self._sort_idents()
        if self._number is None:
            self.move_to(0)
        else:
            self._number = max(self._number, window.first)
        return 0 if self.is_by_ident else gone

    def choose_rows(self, chosen: TraceFilter) -> None:
        """Show the rows that a filter lets through."""
        self.selection = Selection(chosen)
        self.selection.follow(self.window)
        self._anchor = None
        self._sort_idents()

    def set_by_ident(self, is_by_ident: bool) -> None:
        """Show one row an id, or one row a frame."""
        self.is_by_ident = is_by_ident
        self._anchor = None
        self._sort_idents()

    @property
    def count(self) -> int:
        """Return how many rows there are."""
        return len(self._ident_rows) if self.is_by_ident else len(self.selection)

    @property
    def place(self) -> int:
        """Return the place of the cursor, or where its frame would be were it shown."""
        if self._number is None or not self.count:
            return 0
        if not self.is_by_ident:
            return min(self.selection.place_of(self._number), self.count - 1)
        found = np.flatnonzero(self.window.gather(self._ident_rows).ident == self._ident)
        return int(found[0]) if len(found) else 0

    @property
    def cursor(self) -> FrameCells | None:
        """Return the frame at the cursor; None: no row is shown."""
        place = self.place
        return next(iter(self.cells(place, place + 1)), None)

    def cells(self, start: int, stop: int) -> list[FrameCells]:
        """Return the frames at some places, those that exist."""
        numbers = self.numbers(start, stop)
        return list(frame_cells(numbers.tolist(), self.window.gather(numbers), self.window))

    def move_to(self, place: int) -> int:
        """Put the cursor at a place, or at the next one that exists; return it."""
        place = max(min(place, self.count - 1), 0)
        for cells in self.cells(place, place + 1):
            self._number = cells.number
            self._ident = self.window.idents.index(cells.ident)
        return place

    # --- A chosen stretch -------------------------------------------------------------------------

    @property
    def has_stretch(self) -> bool:
        """Return whether a stretch is chosen."""
        return self._anchor is not None and not self.is_by_ident

    @property
    def stretch(self) -> tuple[int, int]:
        """Return the first and the last chosen place; the cursor's own where no other is chosen."""
        place = self.place
        if self._anchor is None or self.is_by_ident:
            return place, place
        anchor = self.selection.place_of(self._anchor)
        return min(anchor, place), max(anchor, place)

    def begin_stretch(self) -> None:
        """Begin a stretch at the cursor, where none has begun."""
        if self._anchor is None:
            self._anchor = self._number

    def end_stretch(self) -> None:
        """Choose nothing any more."""
        self._anchor = None

    def batch(self, start: int, stop: int) -> FrameBatch:
        """Return the frames at some places, in the order of time."""
        return self.window.batch(self.window.gather(np.sort(self.numbers(start, stop))))

    # --- Places -----------------------------------------------------------------------------------

    def place_at(self, at_s: float) -> int:
        """Return the place of the first row at or after a time on the capture's clock."""
        return self.selection.place_of(self.window.find_time(at_s))

    def find_change(self, direction: int) -> int | None:
        """Return the nearest place behind (1) or before (-1) the cursor whose frame has changed.

        None: there is none, or each row is an id's.
        """
        low, high = (self.place + 1, self.count) if direction > 0 else (0, self.place)
        while low < high and not self.is_by_ident:
            start = low if direction > 0 else max(low, high - SEARCHED_ROWS)
            stop = min(start + SEARCHED_ROWS, high)
            found = np.flatnonzero(self.window.gather(self.numbers(start, stop)).is_changed)
            if len(found):
                return start + int(found[0] if direction > 0 else found[-1])
            low, high = (stop, high) if direction > 0 else (low, start)
        return None

    def numbers(self, start: int, stop: int) -> RowNumbers:
        """Return the row numbers at some places, those that exist."""
        if self.is_by_ident:
            return self._ident_rows[max(start, 0) : max(stop, 0)]
        return self.selection.numbers(start, stop)

    def _sort_idents(self) -> None:
        if not self.is_by_ident:
            return
        idents = self.window.idents
        if idents is not self._ranked:
            ranks = sorted(
                range(len(idents)),
                key=lambda number: (
                    idents[number].channel,
                    idents[number].kind,
                    idents[number].key,
                ),
            )
            self._ranked, self._ranks = idents, np.array(ranks, np.intp)
        rows = self.selection.last_rows(self.window)[self._ranks]
        self._ident_rows = rows[rows >= 0]
