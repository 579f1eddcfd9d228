"""Stretches of a capture whose time stamps never go back, as batches and gaps.

A gap comes before the frames behind its beginning, so nobody reasons about them without knowing of
it; the frames between wait until the gap is known, at most `damage.SPAN_S` of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import Gap
from canlock.sources.damage import GapFinder
from canlock.sources.stretch import FrameSource, Skim, Stretch, Wanted
from canlock.sources.tally import Tally

BATCH_FRAMES: Final = 1 << 15
"""Batches grow to this many frames before they are handed on: each costs its taker some time."""

WAITING_FRAMES: Final = 1 << 20
"""So many frames never wait, not even for a gap: a clock that stands still must not fill memory."""


class OutOfOrderError(Exception):
    """A time stamp goes back, so the capture cannot be streamed as it is written.

    Not meant for users: whoever reads the capture opens it again with `in_order=False`.
    """


def stream_batches(source: FrameSource, wanted: Wanted, tally: Tally) -> Iterator[FrameBatch | Gap]:
    """Yield the wanted frames as the file has them.

    Raises:
        OutOfOrderError: the time stamp of some frame, wanted or not, goes back.
    """
    gaps = GapFinder()
    waiting = _WaitingFrames()
    skims = getattr(source, "skims", source.stretches)
    for stretch in skims(wanted, tally.log):
        tally.count(stretch)
        _follow_clock(stretch, tally)
        yield from gaps.add(stretch.timestamp_s, stretch.bad_before)
        waiting.add(stretch.kept)
        yield from waiting.release(gaps.open_at_s)
    yield from gaps.finish()
    tally.finish(source.unit)
    yield from waiting.release_all()


def _follow_clock(stretch: Stretch | Skim, tally: Tally) -> None:
    times_s = stretch.timestamp_s
    if not len(times_s):
        return
    first_s = float(times_s[0])
    if tally.last_s is not None and first_s < tally.last_s:
        raise OutOfOrderError
    if stretch.goes_back:
        raise OutOfOrderError
    tally.first_s = first_s if tally.first_s is None else tally.first_s
    tally.last_s = float(times_s[-1])


class _WaitingFrames:
    """Frames that are not handed on yet: too few, or a gap among them is not known in full."""

    def __init__(self) -> None:
        self._batches: list[FrameBatch] = []
        self._count = 0

    def add(self, batch: FrameBatch) -> None:
        """Take some more frames."""
        if len(batch):
            self._batches.append(batch)
            self._count += len(batch)

    def release(self, open_at_s: float | None) -> Iterator[FrameBatch]:
        """Yield what may go: nothing behind the beginning of a gap that may still grow."""
        if self._count < BATCH_FRAMES:
            return
        if open_at_s is None or self._count >= WAITING_FRAMES:
            yield from self.release_all()
            return
        batch = join_batches(self._batches)
        ready = int(np.searchsorted(batch.timestamp_s, open_at_s, side="right"))
        rest = batch.take(slice(ready, None))
        self._batches = [rest] if len(rest) else []
        self._count = len(rest)
        if ready:
            yield batch.take(slice(0, ready))

    def release_all(self) -> Iterator[FrameBatch]:
        """Yield all that waits."""
        if self._batches:
            batch = join_batches(self._batches)
            self._batches = []
            self._count = 0
            yield batch
