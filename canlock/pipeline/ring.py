"""The last minutes of what came, bounded in time and in memory."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import SideItem, StreamItem

KEPT_S: Final = 180.0
KEPT_FRAMES: Final = 1_000_000
"""Some 25 MB; two minutes of a full 1 Mbit/s bus."""

JOINED_FRAMES: Final = 4096
"""Small batches become one of so many: hundreds of small arrays that live for minutes would keep
the memory between them from being used again."""


class Ring:
    """Keeps what came within some seconds of the last frame."""

    def __init__(self, kept_s: float = KEPT_S, kept_frames: int = KEPT_FRAMES) -> None:
        """Begin empty."""
        self._kept_s = kept_s
        self._kept_frames = kept_frames
        self._joined_frames = min(JOINED_FRAMES, kept_frames // 8)
        self._batches: deque[FrameBatch] = deque()
        self._small: list[FrameBatch] = []
        """The newest, which are not joined yet."""

        self._side: deque[SideItem] = deque()
        self.frames = 0
        """Frames that are kept now."""

        self.last_s: float | None = None
        self.dropped = 0
        """Frames that were kept too short, for there were too many."""

    def take(self, item: StreamItem) -> None:
        """Keep an item, and let go of what is too old."""
        if not isinstance(item, FrameBatch):
            self._side.append(item)
            return
        if not len(item):
            return
        self._small.append(item)
        if sum(map(len, self._small)) >= self._joined_frames:
            self._batches.append(join_batches(self._small))
            self._small = []
        self.frames += len(item)
        self.last_s = float(item.timestamp_s[-1])
        since_s = self.last_s - self._kept_s
        while self._has_older() and self._batches[0].timestamp_s[-1] < since_s:
            self.frames -= len(self._batches.popleft())
        while self._has_older() and self.frames > self._kept_frames:
            lost = len(self._batches.popleft())
            self.frames -= lost
            self.dropped += lost
        while self._side and self._side[0].at_s < since_s:
            self._side.popleft()

    def _has_older(self) -> bool:
        return len(self._batches) + bool(self._small) > 1

    def between(self, from_s: float, until_s: float) -> tuple[list[FrameBatch], list[SideItem]]:
        """Return what is kept of a span of time, both ends included."""
        batches = []
        for batch in (*self._batches, *self._small):
            first = int(np.searchsorted(batch.timestamp_s, from_s, side="left"))
            last = int(np.searchsorted(batch.timestamp_s, until_s, side="right"))
            if first < last:
                batches.append(batch.take(slice(first, last)))
        return batches, [item for item in self._side if from_s <= item.at_s <= until_s]
