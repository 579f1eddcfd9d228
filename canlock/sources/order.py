"""Captures whose time stamps go back, put in the order of time.

The whole file is read before anything is handed on. Where the clock was set back, what comes
behind is moved to follow on; all else is sorted. More wanted frames than fit in memory are sorted
a span of time at a time, for each of which the file is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import Gap
from canlock.sources.astray import SteadySource
from canlock.sources.batches import OutOfOrderError as OutOfOrderError
from canlock.sources.damage import PLACES, DamageLog, join_gaps
from canlock.sources.steps import Jump, StepFinder, Times
from canlock.sources.stretch import FrameSource, Stretch, Wanted
from canlock.sources.tally import Tally

KEPT_FRAMES: Final = 1 << 22
"""Wanted frames that are held at once: some 100 MB of columns."""

_SLICE_FRAMES: Final = 1 << 16
_SAMPLE: Final = 64
"""Of so many wanted frames, one tells how they are spread over time."""


def sort_batches(
    source: FrameSource, wanted: Wanted, tally: Tally, kept_frames: int = KEPT_FRAMES
) -> Iterator[FrameBatch | Gap]:
    """Yield the wanted frames and the gaps in the order of time; equal times as in the file."""
    source = SteadySource(source)
    finder = StepFinder(PLACES)
    unreadable = _Unreadable()
    kept: _KeptFrames | None = _KeptFrames()
    spread = _Spread()
    for stretch in source.stretches(wanted, tally.log):
        unreadable.add(tally.frames, stretch)
        spread.add(tally.frames, stretch)
        if kept is not None:
            kept.add(tally.frames, stretch)
            kept = kept if kept.count <= kept_frames else None
        finder.add(stretch.timestamp_s, stretch.keys, stretch.number)
        tally.count(stretch)
    clock = ClockRepair(finder.finish())
    _tell(source, finder, clock, tally)
    if tally.out_of_order or tally.clock_jumps:
        tally.log.tell_slow("time stamps go back, so all of it was read first and put in order")
    gaps = _Gaps(clock.gaps() + unreadable.gaps(clock))
    if kept is not None:
        yield from _in_order(kept, clock, gaps)
    else:
        for from_s, until_s in spread.spans(clock, kept_frames):
            kept = _read_span(source, wanted, tally.log, clock, (from_s, until_s))
            yield from _in_order(kept, clock, gaps)
    yield from gaps.until(np.inf)


class ClockRepair:
    """How times are moved so that they go on where the clock was set back."""

    def __init__(self, jumps: list[Jump]) -> None:
        self.jumps = jumps
        self._rows = np.array([jump.row for jump in jumps], np.intp)
        back_s = np.array([jump.from_s - jump.to_s for jump in jumps], np.float64)
        self._offset_s = np.concatenate(([0.0], np.cumsum(back_s)))

    def move(self, times_s: Times, rows: npt.NDArray[np.intp]) -> Times:
        """Return the times of some frames, moved. `rows` are theirs in the file."""
        if not self.jumps:
            return times_s
        moved: Times = times_s + self._offset_s[np.searchsorted(self._rows, rows, side="right")]
        return moved

    def extent(self, finder: StepFinder) -> tuple[float, float]:
        """Return the first and the last time of all frames, moved."""
        starts = [0, *(jump.row for jump in finder.jumps)]
        rows = np.array(starts, np.intp)
        first_s = self.move(np.array([extent.first_s for extent in finder.extents]), rows)
        last_s = self.move(np.array([extent.last_s for extent in finder.extents]), rows)
        return float(first_s.min()), float(last_s.max())

    def gaps(self) -> list[Gap]:
        """Return a gap of no length at each jump, whose reason tells what the clock said."""
        gaps = []
        for jump in self.jumps:
            before = np.array([jump.row - 1], np.intp)
            at_s = float(self.move(np.array([jump.from_s]), before)[0])
            reason = f"clock set back from {jump.from_s:.6f} to {jump.to_s:.6f}"
            gaps.append(Gap(at_s, at_s, reason))
        return gaps


class _KeptFrames:
    """Wanted frames and their rows in the file."""

    def __init__(self) -> None:
        self.count = 0
        self._batches: list[FrameBatch] = []
        self._rows: list[npt.NDArray[np.intp]] = []

    def add(self, base: int, stretch: Stretch) -> None:
        """Take the wanted frames of a stretch whose first frame is row `base` of the file."""
        self.take(stretch.kept, stretch.kept_rows + base)

    def take(self, batch: FrameBatch, rows: npt.NDArray[np.intp]) -> None:
        """Take some frames."""
        if len(batch):
            self._batches.append(batch)
            self._rows.append(rows)
            self.count += len(batch)

    def join(self) -> tuple[FrameBatch, npt.NDArray[np.intp]]:
        """Return all frames and their rows, and forget them."""
        batch = join_batches(self._batches)
        rows = np.concatenate([np.empty(0, np.intp), *self._rows])
        self._batches, self._rows = [], []
        return batch, rows


def _in_order(kept: _KeptFrames, clock: ClockRepair, gaps: _Gaps) -> Iterator[FrameBatch | Gap]:
    batch, rows = kept.join()
    times_s = clock.move(batch.timestamp_s, rows)
    order = np.argsort(times_s, kind="stable")
    for start in range(0, len(order), _SLICE_FRAMES):
        chosen = order[start : start + _SLICE_FRAMES]
        yield from gaps.until(float(times_s[chosen[-1]]))
        yield replace(batch.take(chosen), timestamp_s=times_s[chosen])


class _Gaps:
    """Gaps that are still to come, in the order of their beginnings."""

    def __init__(self, gaps: list[Gap]) -> None:
        self._left = sorted(gaps, key=lambda gap: (gap.at_s, gap.until_s), reverse=True)

    def until(self, time_s: float) -> Iterator[Gap]:
        """Yield those that begin before or at a time."""
        while self._left and self._left[-1].at_s <= time_s:
            yield self._left.pop()


class _Unreadable:
    """Unreadable places: between which rows of the file, and what their time stamps are."""

    def __init__(self) -> None:
        self._rows: list[npt.NDArray[np.intp]] = []
        self._from_s: list[Times] = []
        self._until_s: list[Times] = []
        self._last_s: float | None = None
        self._is_pending = False

    def add(self, base: int, stretch: Stretch) -> None:
        """Take a stretch whose first frame is row `base` of the file."""
        times_s, rows = stretch.timestamp_s, stretch.bad_before
        if not len(times_s):
            self._is_pending |= len(rows) > 0
            return
        rows = np.union1d(rows, [0]) if self._is_pending else rows
        self._is_pending = bool(len(rows) and rows[-1] == len(times_s))
        rows = rows[rows < len(times_s)]
        if self._last_s is None:
            rows = rows[rows > 0]  # Nothing is known before the first frame anyway.
        before_s = np.append(np.nan if self._last_s is None else self._last_s, times_s)
        self._last_s = float(times_s[-1])
        self._rows.append(rows + base)
        self._from_s.append(before_s[rows])
        self._until_s.append(times_s[rows])

    def gaps(self, clock: ClockRepair) -> list[Gap]:
        """Return the gaps. Between frames out of order, what is missing may lie anywhere."""
        rows = np.concatenate([np.empty(0, np.intp), *self._rows])
        before_s = clock.move(np.concatenate([np.empty(0), *self._from_s]), rows - 1)
        behind_s = clock.move(np.concatenate([np.empty(0), *self._until_s]), rows)
        from_s, until_s = np.minimum(before_s, behind_s), np.maximum(before_s, behind_s)
        order = np.argsort(from_s, kind="stable")
        return join_gaps(from_s[order], until_s[order])


class _Spread:
    """How the wanted frames are spread over time, from a sample of them."""

    def __init__(self) -> None:
        self._count = 0
        self._rows: list[npt.NDArray[np.intp]] = []
        self._times_s: list[Times] = []

    def add(self, base: int, stretch: Stretch) -> None:
        """Take a stretch whose first frame is row `base` of the file."""
        first = -self._count % _SAMPLE
        self._count += len(stretch.kept)
        self._rows.append(stretch.kept_rows[first::_SAMPLE] + base)
        self._times_s.append(stretch.kept.timestamp_s[first::_SAMPLE])

    def spans(self, clock: ClockRepair, kept_frames: int) -> Iterable[tuple[float, float]]:
        """Return spans of time, on end, each with some half of `kept_frames` frames."""
        times_s = np.sort(clock.move(np.concatenate(self._times_s), np.concatenate(self._rows)))
        step = max(1, kept_frames // (2 * _SAMPLE))
        edges = [-np.inf, *np.unique(times_s[step::step]).tolist(), np.inf]
        return pairwise(edges)


def _read_span(
    source: FrameSource,
    wanted: Wanted,
    log: DamageLog,
    clock: ClockRepair,
    span: tuple[float, float],
) -> _KeptFrames:
    """Return the wanted frames whose moved times lie in a span, its end left out."""
    kept = _KeptFrames()
    base = 0
    for stretch in source.stretches(wanted, DamageLog(log.path)):
        rows = stretch.kept_rows + base
        times_s = clock.move(stretch.kept.timestamp_s, rows)
        is_within = (times_s >= span[0]) & (times_s < span[1])
        kept.take(stretch.kept.take(is_within), rows[is_within])
        base += len(stretch.timestamp_s)
    return kept


def _tell(source: FrameSource, finder: StepFinder, clock: ClockRepair, tally: Tally) -> None:
    """Count and locate what was found."""
    tally.clock_jumps = len(clock.jumps)
    tally.out_of_order = finder.steps - len(clock.jumps)
    if tally.frames:
        tally.first_s, tally.last_s = clock.extent(finder)
    tally.finish(source.unit)
    for jump in clock.jumps[:PLACES]:
        tally.log.tell(
            "jump",
            f"{source.unit} {jump.step.number}",
            f"found the clock set back from {jump.from_s:.6f} to {jump.to_s:.6f}, expected time "
            "to go on: what comes behind is moved to follow on",
        )
    blocks = [jump.step for jump in finder.jumps if jump not in clock.jumps]
    steps = sorted([*finder.first_steps, *blocks], key=lambda step: step.number)
    for step in steps[:PLACES]:
        tally.log.tell(
            "order",
            f"{source.unit} {step.number}",
            f"found a time stamp {step.back_s:.6f} s before the one above, expected the order of "
            "time: put in order",
        )
