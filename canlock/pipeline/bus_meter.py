"""How busy a bus is just now: frames and error frames a second, and the share of its time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from canlock.model.frames import FrameBatch, FrameFlag
from canlock.model.link import BusRate
from canlock.model.stream import StreamItem
from canlock.pipeline.bus_load import BusLoad

WINDOW_S: Final = 2.0
"""What came within so many seconds counts, by the capture's clock."""

BUCKET_S: Final = 0.25
"""Frames are counted together in stretches of so long."""


@dataclass(slots=True)
class _Bucket:
    from_s: float
    frames: int
    errors: int
    load: BusLoad


class BusMeter:
    """Takes batches in a thread of its own; `rate` may be read from any."""

    def __init__(self, bitrate: int | None = None) -> None:
        """Begin with nothing heard.

        Args:
            bitrate: Bits a second of the bus; None: not known, and so no load.
        """
        self._bitrate = bitrate
        self._buckets: deque[_Bucket] = deque()
        self.rate: BusRate | None = None
        """As of the last batch; None: nothing has come yet."""

    def follow(self, stream: Iterable[StreamItem]) -> Iterator[StreamItem]:
        """Yield the items of a stream, and count them."""
        for item in stream:
            self.take(item)
            yield item

    def take(self, item: StreamItem) -> None:
        """Count the frames of an item."""
        if not isinstance(item, FrameBatch) or not len(item):
            return
        until_s = float(item.timestamp_s[-1])
        # Of a long batch only its end can still count.
        start = int(np.searchsorted(item.timestamp_s, until_s - WINDOW_S))
        self._add(item.take(slice(start, None)) if start else item)
        # The newest holds what has just come, however long ago it began.
        while len(self._buckets) > 1 and self._buckets[0].from_s < until_s - WINDOW_S:
            self._buckets.popleft()
        self.rate = self._rate(until_s)

    def _add(self, batch: FrameBatch) -> None:
        first_s = float(batch.timestamp_s[0])
        newest = self._buckets[-1] if self._buckets else None
        if newest is not None and first_s < newest.from_s:
            self._buckets.clear()  # The clock went back: what was counted is of another time.
            newest = None
        if newest is None or first_s >= newest.from_s + BUCKET_S:
            newest = _Bucket(first_s, 0, 0, BusLoad())
            self._buckets.append(newest)
        errors = int(np.count_nonzero(batch.flags & np.uint8(FrameFlag.ERROR)))
        newest.frames += len(batch) - errors
        newest.errors += errors
        newest.load.take(batch)

    def _rate(self, until_s: float) -> BusRate | None:
        if not self._buckets:
            return None
        # A stretch that has only just begun would read as a burst.
        seconds = max(until_s - self._buckets[0].from_s, BUCKET_S)
        total = BusLoad()
        for bucket in self._buckets:
            total.least_bits += bucket.load.least_bits
            total.most_bits += bucket.load.most_bits
            total.has_fd |= bucket.load.has_fd
        return BusRate(
            sum(bucket.frames for bucket in self._buckets) / seconds,
            sum(bucket.errors for bucket in self._buckets) / seconds,
            total.share(self._bitrate, seconds),
        )
