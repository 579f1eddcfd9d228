"""Steps of a running analysis: a Snapshot each time that something came."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue

from canlock.model.capture import CaptureInfo
from canlock.model.frames import FrameBatch
from canlock.model.snapshot import Snapshot
from canlock.model.stream import SideItem, StreamItem
from canlock.pipeline.analysis import Analysis


class SideQueue:
    """Side items that other threads hand in while the steps go on: marks of the live view."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[SideItem] = SimpleQueue()

    def put(self, item: SideItem) -> None:
        """Hand in an item, from any thread."""
        self._queue.put(item)

    def take(self) -> Iterator[SideItem]:
        """Yield what has been handed in."""
        while True:
            try:
                yield self._queue.get_nowait()
            except Empty:
                return


def steps(
    analysis: Analysis,
    stream: Iterable[StreamItem],
    info: Callable[[], CaptureInfo],
    side: SideQueue | None = None,
    notes: tuple[str, ...] = (),
    *,
    least_s: float = 0.0,
) -> Iterator[Snapshot]:
    """Yield a Snapshot after an item of a stream, and a last one at its end.

    An empty batch brings none, but lets what was handed in meanwhile come through.

    Args:
        analysis: Takes the items in.
        stream: The items.
        info: What is known of the capture so far.
        side: Items that are handed in meanwhile.
        notes: What a reader must know besides.
        least_s: Time between two Snapshots, by the host's clock; 0: one after each item. Items that
            come between two are in the second.
    """
    due_at = -math.inf
    has_news = False
    for item in stream:
        has_news |= not isinstance(item, FrameBatch) or len(item) > 0
        for handed_in in side.take() if side is not None else ():
            analysis.take(handed_in)
            has_news = True
        analysis.take(item)
        if has_news and time.monotonic() >= due_at:
            yield analysis.snapshot(info(), notes)
            due_at = time.monotonic() + least_s
            has_news = False
    for handed_in in side.take() if side is not None else ():
        analysis.take(handed_in)
    yield analysis.snapshot(info(), notes)
