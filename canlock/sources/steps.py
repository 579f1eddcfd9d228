"""Where time stamps go back, and whether that was the clock or the order of the lines.

A clock that is set back stays so: the frames before and behind are each in order among themselves,
the same messages go on, and time passes through what it has passed before, or starts afresh far
from it. Frames that stand in the wrong place do nothing of the kind: single frames lie between their
neighbours, whole blocks fit the holes that they left, and lines sorted by id or put together from
several recorders do not go on with the same messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]

WINDOW: Final = 50
"""Frames on either side of a step that must be separated in time for a clock that was set back."""

_PASSED: Final = WINDOW // 2
"""So many frames in the same span of time as the window: that time has been passed before."""

_TOUCHING_S: Final = 1.0
"""A block that ends this close before the beginning of the rest belongs there."""

_PLACES: Final = 5


@dataclass(frozen=True, slots=True)
class Step:
    """A frame whose time stamp is before that of the frame above it."""

    number: int
    """Its line or record in the file."""

    back_s: float
    """By how much."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A step at which the clock may have been set back."""

    row: int
    """Number of frames before it."""

    step: Step
    from_s: float
    """The latest time before it."""

    to_s: float
    """The earliest time behind it."""

    until_s: float
    """The latest time within the window behind it."""

    first_s: float
    last_s: float
    """Extent of all frames before it."""


@dataclass(slots=True)
class Part:
    """The extent of the frames between two possible jumps."""

    first_s: float = np.inf
    last_s: float = -np.inf


class StepFinder:
    """Finds steps and possible jumps in frames that come in the order of the file."""

    def __init__(self) -> None:
        self.steps = 0
        """All steps, possible jumps included."""

        self.first_steps: list[Step] = []
        """The first few that are no jumps."""

        self.jumps: list[Jump] = []
        self.parts: list[Part] = [Part()]
        """One more than jumps."""

        self._times_s: Times = np.empty(0, np.float64)
        self._keys = np.empty(0, np.uint32)
        self._numbers = np.empty(0, np.intp)
        self._base = 0
        """Row of the first frame that is kept."""
        self._judged = 0
        """Rows before this are done with."""

    def add(
        self, times_s: Times, keys: npt.NDArray[np.uint32], numbers: npt.NDArray[np.intp]
    ) -> None:
        """Take some more frames, n of each."""
        self._times_s = np.append(self._times_s, times_s)
        self._keys = np.append(self._keys, keys)
        self._numbers = np.append(self._numbers, numbers)
        self._judge(self._base + len(self._times_s) - WINDOW)
        done = self._judged - WINDOW - self._base
        if done > 0:
            self._times_s = self._times_s[done:]
            self._keys = self._keys[done:]
            self._numbers = self._numbers[done:]
            self._base += done

    def finish(self) -> None:
        """Judge the last frames, behind which there are too few to tell a jump."""
        self._judge(self._base + len(self._times_s))

    def _judge(self, end: int) -> None:
        """Judge the rows up to `end`, a row of the file."""
        first, last = self._judged - self._base, end - self._base
        if last <= first:
            return
        times_s = self._times_s
        rows = np.arange(max(first, 1), last)
        steps = rows[times_s[rows] < times_s[rows - 1]]
        self.steps += len(steps)
        is_jump = self._may_be_jumps(steps)
        for row in steps[~is_jump][: _PLACES - len(self.first_steps)]:
            self.first_steps.append(self._step(int(row)))
        start = first
        for row in steps[is_jump]:
            self._extend(times_s[start:row])
            self._add_jump(int(row))
            start = row
        self._extend(times_s[start:last])
        self._judged = end

    def _may_be_jumps(self, steps: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        times_s = self._times_s
        may_be = (steps >= WINDOW) & (steps + WINDOW <= len(times_s))
        rows = steps[may_be]
        if len(rows):
            windows = np.lib.stride_tricks.sliding_window_view(times_s, WINDOW)
            before, behind = windows[rows - WINDOW], windows[rows]
            is_apart = behind.max(axis=1) < before.min(axis=1)
            is_apart &= (before[:, -1] > before[:, 0]) & (behind[:, -1] > behind[:, 0])
            for index in np.flatnonzero(is_apart):
                row = rows[index]
                is_apart[index] = np.isin(
                    self._keys[row : row + WINDOW], self._keys[row - WINDOW : row]
                ).any()
            may_be[may_be] = is_apart
        return may_be

    def _add_jump(self, row: int) -> None:
        before = self._times_s[row - WINDOW : row]
        behind = self._times_s[row : row + WINDOW]
        self.jumps.append(
            Jump(
                row=row + self._base,
                step=self._step(row),
                from_s=float(before.max()),
                to_s=float(behind.min()),
                until_s=float(behind.max()),
                first_s=min(part.first_s for part in self.parts),
                last_s=max(part.last_s for part in self.parts),
            )
        )
        self.parts.append(Part())

    def _step(self, row: int) -> Step:
        back_s = float(self._times_s[row - 1] - self._times_s[row])
        return Step(int(self._numbers[row]), back_s)

    def _extend(self, times_s: Times) -> None:
        if len(times_s):
            part = self.parts[-1]
            part.first_s = min(part.first_s, float(times_s.min()))
            part.last_s = max(part.last_s, float(times_s.max()))


def confirm_jumps(jumps: list[Jump], stretches: Iterable[Times]) -> npt.NDArray[np.bool_]:
    """Return which possible jumps are the clock's, given all time stamps of the file once more.

    The others are blocks of frames in the wrong place.
    """
    rows = np.array([jump.row for jump in jumps])
    to_s = np.array([jump.to_s for jump in jumps])
    until_s = np.array([jump.until_s for jump in jumps])
    first_s = np.array([jump.first_s for jump in jumps])
    last_s = np.array([jump.last_s for jump in jumps])
    passed = np.zeros(len(jumps), np.intp)
    repeated = np.zeros(len(jumps), np.intp)
    touching = np.zeros(len(jumps), np.intp)
    base = 0
    for times_s in stretches:
        cuts = np.unique(np.clip(rows - base, 0, len(times_s)))
        for start, end in zip([0, *cuts], [*cuts, len(times_s)], strict=True):
            part = np.sort(times_s[start:end])
            is_before = rows >= base + end
            passed += is_before * _count(part, to_s, until_s)
            repeated += ~is_before * _count(part, first_s, last_s)
            touching += ~is_before * _count(part, first_s - _TOUCHING_S, first_s)
        base += len(times_s)
    is_outside = to_s < first_s
    starts_afresh = (repeated >= _PASSED) | (touching == 0)
    return np.where(is_outside, starts_afresh, passed >= _PASSED)


def _count(part: Times, from_s: Times, until_s: Times) -> npt.NDArray[np.intp]:
    """Return how many of the sorted times lie in each span, its end left out."""
    counts: npt.NDArray[np.intp] = np.searchsorted(part, until_s) - np.searchsorted(part, from_s)
    return counts
