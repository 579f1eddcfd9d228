"""Several live buses as one stream in the order of time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

import numpy as np

from canlock.model.capture import CaptureInfo
from canlock.model.frames import FrameBatch, empty_batch, join_batches
from canlock.model.link import LinkStatus
from canlock.model.stream import Gap, StreamItem
from canlock.model.vehicle import Vehicle
from canlock.sources.bus import BATCH_S, BusReader

HOLD_S: Final = 0.05
"""With several buses the newest frames wait so long for older ones of another bus."""

SAME_CLOCK_S: Final = 1.0
"""Adapters whose times differ by more do not tell the time of day: the second is put on the clock
of the first."""


class BusGroup:
    """Reads some buses, each in a thread of its own."""

    def __init__(self, readers: Sequence[BusReader], batch_s: float = BATCH_S) -> None:
        """Take the readers, which `open` opens."""
        self._readers = tuple(readers)
        self._batch_s = batch_s
        self._shifts: list[float | None] = [None] * len(self._readers)
        self._lead_offset_s: float | None = None
        self._waiting = empty_batch()
        self._given_s = -np.inf

    @property
    def links(self) -> tuple[LinkStatus, ...]:
        """How it stands with each bus."""
        return tuple(reader.status for reader in self._readers)

    @property
    def info(self) -> CaptureInfo:
        """What has been read so far, all buses together."""
        infos = [reader.info for reader in self._readers]
        firsts = [
            info.first_s + (shift or 0.0)
            for info, shift in zip(infos, self._shifts, strict=True)
            if info.first_s is not None
        ]
        return replace(
            infos[0],
            path=", ".join(info.path for info in infos),
            frames=sum(info.frames for info in infos),
            first_s=min(firsts, default=None),
            last_s=self._given_s if np.isfinite(self._given_s) else None,
            out_of_order=sum(info.out_of_order for info in infos),
            clock_jumps=sum(info.clock_jumps for info in infos),
            error_frames=sum(info.error_frames for info in infos),
        )

    @property
    def bitrate(self) -> int | None:
        """Bits a second as they were given, of a single bus; None: not known."""
        return self._readers[0].bitrate if len(self._readers) == 1 else None

    def narrow(self, wanted: AbstractSet[int]) -> None:
        """Deliver only some frame keys, and error frames, from now on."""
        for reader in self._readers:
            reader.narrow(wanted)

    def plan(self, vehicle: Vehicle) -> None:
        """Let adapters with a narrow line plan for a vehicle."""
        for reader in self._readers:
            reader.plan(vehicle)

    def open(self) -> None:
        """Open all buses.

        Raises:
            BusError: One of them cannot be opened; none is then left open.
        """
        try:
            for reader in self._readers:
                reader.open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close all buses."""
        for reader in self._readers:
            reader.close()

    def items(self, stop: threading.Event) -> Iterator[StreamItem]:
        """Yield what comes, an empty batch where nothing did, and what is left after `stop`.

        Raises:
            BusError: A bus cannot be opened, or a reading thread broke.
        """
        self.open()
        try:
            while not stop.wait(self._batch_s):
                yield from self._taken(is_last=False)
        finally:
            self.close()
        yield from self._taken(is_last=True)

    def _taken(self, *, is_last: bool) -> Iterator[StreamItem]:
        batches = []
        for index, reader in enumerate(self._readers):
            for item in reader.take():
                shifted = self._on_one_clock(index, item)
                if not isinstance(shifted, FrameBatch):
                    yield shifted
                elif len(shifted):
                    batches.append(shifted)
        has_news = bool(batches)
        if len(self._readers) > 1:
            batches.insert(0, self._waiting)
        joined = _in_order(join_batches(batches), self._given_s)
        ready = len(joined)
        if len(self._readers) > 1 and has_news and not is_last:
            until_s = joined.timestamp_s[-1] - HOLD_S
            ready = int(np.searchsorted(joined.timestamp_s, until_s, side="right"))
        self._waiting = joined.take(slice(ready, None))
        batch = joined.take(slice(0, ready))
        if len(batch):
            self._given_s = float(batch.timestamp_s[-1])
        if len(batch) or not is_last:
            yield batch

    def _on_one_clock(self, index: int, item: StreamItem) -> StreamItem:
        """Return what came with its times on the clock of the bus that spoke first."""
        if isinstance(item, Gap):
            shift_s = self._shifts[index] or 0.0
            return replace(item, at_s=item.at_s + shift_s, until_s=item.until_s + shift_s)
        if not isinstance(item, FrameBatch):
            return replace(item, at_s=item.at_s + (self._shifts[index] or 0.0))
        shift = self._shifts[index]
        if shift is None and len(item):
            offset_s = time.time() - float(item.timestamp_s[-1])
            if self._lead_offset_s is None:
                self._lead_offset_s = offset_s
            shift = offset_s - self._lead_offset_s
            shift = shift if abs(shift) > SAME_CLOCK_S else 0.0
            self._shifts[index] = shift
        return replace(item, timestamp_s=item.timestamp_s + shift) if shift else item


def _in_order(batch: FrameBatch, given_s: float) -> FrameBatch:
    """Return a batch sorted by time; what is older than what was given before counts as that old.

    Adapters hand frames on a little out of order, by milliseconds.
    """
    times_s = batch.timestamp_s
    if not len(times_s):
        return batch
    if (np.diff(times_s) < 0).any():
        batch = batch.take(np.argsort(times_s, kind="stable"))
        times_s = batch.timestamp_s
    if times_s[0] < given_s:
        batch = replace(batch, timestamp_s=np.maximum(times_s, given_s))
    return batch
