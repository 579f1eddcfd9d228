"""A live bus, or a capture played onto a virtual one, for a guided check that may be taken up."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from canlock.model.frames import FrameBatch
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Gap, StreamItem
from canlock.pipeline.bus_group import BusGroup
from canlock.pipeline.guided_folder import before, first_time
from canlock.pipeline.watching import Consumer
from canlock.sources.bus import BusReader
from canlock.sources.capture import open_capture
from canlock.sources.player import CapturePlayer, open_replay_bus

PLAYED_ON: Final = "canlock-check"


class FromNow:
    """A consumer that takes only what comes from now on: the earlier parts are recorded already."""

    def __init__(self, consumer: Consumer) -> None:
        """Hold everything back until `begin`."""
        self._consumer = consumer
        self._has_begun = False
        self.first_s: float | None = None
        """Time of the first frame of the earlier parts; None: there is none."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of it."""
        return self._consumer.notes

    def begin(self) -> None:
        """Take everything from here on."""
        self._has_begun = True

    def take(self, item: StreamItem) -> None:
        """Take an item; quick, and never raises."""
        if self._has_begun:
            self._consumer.take(item)

    def look(self, snapshot: Snapshot) -> None:
        """See what the analysis makes of it."""
        self._consumer.look(snapshot)

    def close(self) -> None:
        """End."""
        self._consumer.close()


def take_up(
    earlier: Sequence[StreamItem], live: Iterable[StreamItem], recording: FromNow
) -> Iterator[StreamItem]:
    """Yield what was recorded before, and then what comes live, which alone is recorded.

    Args:
        earlier: What the earlier parts held.
        live: What comes now.
        recording: Begins with the first live item that is yielded.
    """
    waiting: list[StreamItem] = []
    live = iter(live)
    for item in live:
        waiting.append(item)
        if isinstance(item, FrameBatch) and len(item):
            break
        if isinstance(item, FrameBatch):
            yield waiting.pop()  # Whoever listens wants his turn while nothing comes.
    past = before(earlier, first_time(waiting))
    recording.first_s = first_time(past)
    yield from past
    recording.begin()
    yield from waiting
    yield from live


def told_from_first(
    steps: Generator[Snapshot], recording: FromNow, folder: Path
) -> Generator[Snapshot]:
    """Yield Snapshots that count from the first part and name the folder of them all."""
    with closing(steps):
        for snapshot in steps:
            capture = replace(snapshot.capture, path=str(folder))
            first_s = snapshot.first_s if recording.first_s is None else recording.first_s
            yield replace(snapshot, capture=capture, first_s=first_s)


class PlayedBus:
    """A capture that is played onto a virtual bus, and the bus to listen to."""

    def __init__(self, path: Path, speed: float) -> None:
        """Make it ready; `items` plays it.

        Raises:
            SourceError: The capture cannot be read, or the speed is no speed.
        """
        channel = f"{PLAYED_ON}-{id(self)}"
        self.group = BusGroup([BusReader("virtual", channel)])
        self._bus = open_replay_bus("virtual", channel)
        batches: Iterator[FrameBatch | Gap] = iter(open_capture(path).batches())
        self._player = CapturePlayer(batches, self._bus, speed)

    def items(self, stop: threading.Event) -> Iterator[StreamItem]:
        """Play it, and yield what comes on the bus until `stop`; at its end the bus is silent."""
        self.group.open()
        try:
            self._player.start()
            yield from self.group.items(stop)
        finally:
            self._player.stop()
            self._bus.shutdown()
