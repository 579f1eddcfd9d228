"""Frames that stand in several captures of one drive, as where a logger's files overlap.

A bus carries one frame at a time, and none is over within a microsecond. So frames of two captures
that are the same in everything, time and channel included, are one frame. Within one capture they
are not: its clock may be coarse.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FrameBatch, empty_batch, join_batches

Sources = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

_MICROSECONDS: Final = 1e6
_HELD: Final = 1 << 16
"""Frames of one time that are remembered, at most: a clock may stand still."""


class Repeats:
    """Tells the frames that were there before, while captures are being merged."""

    def __init__(self) -> None:
        self.count = 0
        """Frames that were there before."""

        self._held = empty_batch()
        """The last frames, those that were there before too, as far as they are of one time."""

        self._held_sources = np.empty(0, np.uint32)

    def drop(self, batch: FrameBatch, sources: Sources) -> FrameBatch:
        """Return the frames that were not there before.

        Args:
            batch: n frames in the order of time, none before those of the last call.
            sources: shape (n,): which capture each is from.
        """
        times_us = _microseconds(batch)
        if len(self._held) and _microseconds(self._held)[-1] < times_us[0]:
            self._hold(empty_batch(), sources[:0])
        held = len(self._held)
        if held:
            batch = join_batches([self._held, batch])
            sources = np.concatenate((self._held_sources, sources))
            times_us = _microseconds(batch)
        first = max(int(np.searchsorted(times_us, times_us[-1])), len(batch) - _HELD)
        self._hold(batch.take(slice(first, None)), sources[first:])
        is_repeated = _find_repeated(batch, times_us, sources)
        self.count += int(np.count_nonzero(is_repeated[held:]))
        is_repeated[:held] = True
        return batch.take(~is_repeated) if is_repeated.any() else batch

    def _hold(self, batch: FrameBatch, sources: Sources) -> None:
        self._held, self._held_sources = batch, sources


def _microseconds(batch: FrameBatch) -> npt.NDArray[np.float64]:
    """Return shape (n,): times in whole microseconds."""
    times_us: npt.NDArray[np.float64] = np.rint(batch.timestamp_s * _MICROSECONDS)
    return times_us


def _find_repeated(batch: FrameBatch, times_us: npt.NDArray[np.float64], sources: Sources) -> Mask:
    """Return shape (n,): where a frame is one of an earlier capture."""
    is_repeated = np.zeros(len(batch), np.bool_)
    if (sources == sources[0]).all():
        return is_repeated
    is_like_next = np.append(times_us[1:] == times_us[:-1], False)
    is_like_last = np.append(False, is_like_next[:-1])
    rows = np.flatnonzero(is_like_next | is_like_last)
    if not len(rows):
        return is_repeated
    columns = (times_us, batch.arbitration_id, batch.flags, batch.length, batch.channel)
    texts = [np.ascontiguousarray(column[rows]).view(np.uint8) for column in columns]
    parts = [*(text.reshape(len(rows), -1) for text in texts), batch.payload[rows]]
    # A capture may have a frame several times: the second one is like the second one of another.
    turn = _count_before([*parts, _bytes_of(sources[rows])])
    is_repeated[rows] = _count_before([*parts, _bytes_of(turn)], by=sources[rows]) > 0
    return is_repeated


def _count_before(parts: list[npt.NDArray[np.uint8]], by: Sources | None = None) -> Sources:
    """Return shape (n,): how many equal rows are before each, in their order or in that of `by`."""
    order = np.arange(len(parts[0])) if by is None else np.argsort(by, kind="stable")
    table = np.ascontiguousarray(np.concatenate(parts, axis=1)[order])
    rows = table.view(f"V{table.shape[1]}").reshape(-1)
    by_row = np.argsort(rows, kind="stable")
    places = np.arange(len(rows))
    is_first = np.append(True, rows[by_row][1:] != rows[by_row][:-1])
    count = np.empty(len(rows), np.uint32)
    count[order[by_row]] = places - np.maximum.accumulate(np.where(is_first, places, 0))
    return count


def _bytes_of(numbers: Sources) -> npt.NDArray[np.uint8]:
    return numbers.view(np.uint8).reshape(len(numbers), -1)
