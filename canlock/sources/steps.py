"""Where time stamps go back, and whether that was the clock or the order of the lines.

A clock that is set back stays so: the frames before and behind the step are each in order among
themselves, the same messages go on, and time either passes through what it has passed before or
starts afresh far from it. Frames that stand in the wrong place are otherwise: single ones lie
between their neighbours, whole blocks fit the holes that they left, and lines that were sorted by
id, or put together from several recorders, do not go on with the same messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]

WINDOW: Final = 50
"""Frames on either side of a step that must be apart in time for a clock that was set back."""

REMEMBERED_FRAMES: Final = 1 << 22
"""Time stamps that are kept for telling a clock from blocks of lines in the wrong place. In longer
captures every possible jump counts as the clock's."""

_INTERLEAVED: Final = WINDOW // 2
"""So many frames that alternate with earlier ones show that time passed there before."""

_TOUCHING_S: Final = 1.0
"""A block that ends this close before the beginning of the rest belongs there."""


@dataclass(frozen=True, slots=True)
class Step:
    """A frame whose time stamp is before that of the frame above it."""

    number: int
    """Its line or record in the file."""

    back_s: float
    """By how much."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A step at which the clock was set back, or may have been."""

    row: int
    """Number of frames before it."""

    step: Step
    from_s: float
    """The latest time close before it."""

    to_s: float
    """The earliest time close behind it."""


@dataclass(slots=True)
class Extent:
    """The first and the last of some times."""

    first_s: float = np.inf
    last_s: float = -np.inf

    def cover(self, times_s: Times) -> None:
        """Extend it to some more times."""
        if len(times_s):
            self.first_s = min(self.first_s, float(times_s.min()))
            self.last_s = max(self.last_s, float(times_s.max()))


class StepFinder:
    """Finds steps and possible jumps in frames that come in the order of the file."""

    def __init__(self, places: int) -> None:
        self.steps = 0
        """All steps, possible jumps included."""

        self.first_steps: list[Step] = []
        """The first few (`places`) that are no jumps."""

        self.jumps: list[Jump] = []
        self.extents: list[Extent] = [Extent()]
        """Of the frames before, between and behind the possible jumps."""

        self._places = places
        self._times_s: Times = np.empty(0, np.float64)
        self._keys = np.empty(0, np.uint32)
        self._numbers = np.empty(0, np.intp)
        self._base = 0
        """Row in the file of the first frame that is kept for judging."""

        self._judged = 0
        """Rows of the file before this are done with."""

        self._all_times_s: list[Times] | None = []
        """None: there are too many."""

    def add(
        self, times_s: Times, keys: npt.NDArray[np.uint32], numbers: npt.NDArray[np.intp]
    ) -> None:
        """Take some more frames, shape (n,) each."""
        self._times_s = np.append(self._times_s, times_s)
        self._keys = np.append(self._keys, keys)
        self._numbers = np.append(self._numbers, numbers)
        if self._base + len(self._times_s) > REMEMBERED_FRAMES:
            self._all_times_s = None
        if self._all_times_s is not None:
            self._all_times_s.append(times_s)
        self._judge(self._base + len(self._times_s) - WINDOW)
        done = self._judged - WINDOW - self._base
        if done > 0:
            self._times_s = self._times_s[done:]
            self._keys = self._keys[done:]
            self._numbers = self._numbers[done:]
            self._base += done

    def finish(self) -> list[Jump]:
        """Judge the last frames and return the jumps that were the clock's."""
        # Behind the last frames there are too few others to tell a jump.
        self._judge(self._base + len(self._times_s))
        if not self.jumps or self._all_times_s is None:
            return self.jumps
        times_s = np.concatenate(self._all_times_s)
        self._all_times_s = None
        is_clock = self._are_clocks(times_s)
        return [jump for jump, is_one in zip(self.jumps, is_clock, strict=True) if is_one]

    def _judge(self, end: int) -> None:
        """Judge the rows of the file up to `end`."""
        first, last = self._judged - self._base, end - self._base
        if last <= first:
            return
        times_s = self._times_s
        rows = np.arange(max(first, 1), last)
        steps = rows[times_s[rows] < times_s[rows - 1]]
        self.steps += len(steps)
        may_be = self._may_be_jumps(steps)
        room = self._places - len(self.first_steps)
        self.first_steps += [self._step(int(row)) for row in steps[~may_be][:room]]
        start = first
        for row in steps[may_be].tolist():
            self.extents[-1].cover(times_s[start:row])
            before, behind = times_s[row - WINDOW : row], times_s[row : row + WINDOW]
            self.jumps.append(
                Jump(row + self._base, self._step(row), float(before.max()), float(behind.min()))
            )
            self.extents.append(Extent())
            start = row
        self.extents[-1].cover(times_s[start:last])
        self._judged = end

    def _may_be_jumps(self, steps: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Return at which steps the clock may have been set back, judged by their neighbours."""
        may_be = (steps >= WINDOW) & (steps + WINDOW <= len(self._times_s))
        rows = steps[may_be]
        if not len(rows):
            return may_be
        windows = np.lib.stride_tricks.sliding_window_view(self._times_s, WINDOW)
        before, behind = windows[rows - WINDOW], windows[rows]
        is_apart = behind.max(axis=1) < before.min(axis=1)
        is_apart &= (before[:, -1] > before[:, 0]) & (behind[:, -1] > behind[:, 0])
        for index in np.flatnonzero(is_apart):
            row = rows[index]
            keys = self._keys
            goes_on = np.isin(keys[row : row + WINDOW], keys[row - WINDOW : row])
            is_apart[index] = goes_on.any()
        may_be[may_be] = is_apart
        return may_be

    def _are_clocks(self, times_s: Times) -> npt.NDArray[np.bool_]:
        """Return which possible jumps are the clock's, given all time stamps of the file."""
        rows = np.array([jump.row for jump in self.jumps])
        order = np.argsort(times_s, kind="stable")
        part = np.searchsorted(rows, order, side="right")
        alternates = part[1:] != part[:-1]
        later = np.maximum(part[1:], part[:-1])[alternates]
        interleaved = np.bincount(later, minlength=len(rows) + 1)[1:]
        passes_again = interleaved >= _INTERLEAVED

        times_s = times_s[order]
        before_s = np.minimum.accumulate([extent.first_s for extent in self.extents[:-1]])
        index = np.searchsorted(times_s, before_s)
        is_outside = np.array([jump.to_s for jump in self.jumps]) < before_s
        touches = before_s - times_s[np.maximum(index - 1, 0)] < _TOUCHING_S
        clocks: npt.NDArray[np.bool_] = passes_again | (is_outside & ~touches)
        return clocks

    def _step(self, row: int) -> Step:
        back_s = float(self._times_s[row - 1] - self._times_s[row])
        return Step(int(self._numbers[row]), back_s)
