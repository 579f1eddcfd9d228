"""Steps of a running analysis: a Snapshot each time that something came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue

from canlock.model.capture import CaptureInfo
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
) -> Iterator[Snapshot]:
    """Yield a Snapshot after each item of a stream, and a last one at its end."""
    for item in stream:
        for handed_in in side.take() if side is not None else ():
            analysis.take(handed_in)
        analysis.take(item)
        yield analysis.snapshot(info(), notes)
    for handed_in in side.take() if side is not None else ():
        analysis.take(handed_in)
    yield analysis.snapshot(info(), notes)
