"""A recording played over a virtual bus, so that it is analysed as a live bus would be."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Final

from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.errors import SourceError
from canlock.model.frames import FrameBatch
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Gap, Mark, MarkUndone, SideItem
from canlock.pipeline.analysis import Analysis, in_step
from canlock.pipeline.bus_meter import BusMeter
from canlock.pipeline.frame_history import FrameHistory
from canlock.pipeline.live import SideQueue, steps
from canlock.pipeline.recorded import Recording, read_side_items
from canlock.pipeline.survey import SurveyTask
from canlock.sources.capture import CaptureReader, open_capture
from canlock.sources.order import OutOfOrderError
from canlock.sources.player import Mirror, replay_over_virtual_bus
from canlock.sources.player_transport import Transport

LOOK_S: Final = 0.1
"""Least time between two Snapshots while it plays."""


class Replay:
    """A replay that has been made ready; it starts when the first step is asked for.

    `steps` plays it. Everything else may be called from any thread meanwhile. To go back is to play
    from the beginning, as fast as it goes, up to the place: the verdict at a place is that of all
    that was before.
    """

    def __init__(
        self,
        recording: Recording,
        loaded: LoadedVehicle,
        speed: float,
        *,
        is_looping: bool = False,
        mirror: Mirror | None = None,
    ) -> None:
        """Read the first frames and what lies beside the capture.

        Raises:
            SourceError: The capture cannot be read, or the speed is no speed.
            SideFileError: A side file cannot be read.
        """
        self._recording = recording
        self._loaded = loaded
        self._mirror = mirror
        self._made: list[SideItem] = []
        self._again = threading.Event()
        self._stop = threading.Event()
        self._target_s: float | None = None
        self.transport = Transport(speed)
        self.is_looping = is_looping
        self.waits_at_end = False
        """At the end it stays, so that one can go back; `stop` ends it."""

        self.is_at_end = False
        """It waits there."""

        self.side = SideQueue()
        """Takes the marks that are made while it runs."""

        self.frames = FrameHistory(loaded)
        """The frames that were played last."""

        self.ahead = SurveyTask(recording, loaded)
        """Looks through the whole recording, once it is started."""

        self._reader, self._head, self._rest = self._open()
        self.first_s = self._reader.info.first_s
        """Time of the capture's first frame; None: it has none."""

        self._side_items = read_side_items(recording, loaded, self.first_s)
        self.steps = self._steps()

    def mark(self, mark: Mark) -> None:
        """Take a mark; it is kept when the replay begins again."""
        self.put(mark)

    def put(self, item: SideItem) -> None:
        """Take what frames cannot show; a mark, and one taken back, hold for every beginning."""
        if isinstance(item, Mark):
            self._made.append(item)
        elif isinstance(item, MarkUndone) and item.mark in self._made:
            self._made.remove(item.mark)
        self.side.put(item)

    def seek(self, after_s: float) -> float:
        """Go to a place, in seconds after the first frame; return the place, at least 0."""
        after_s = max(0.0, after_s)
        target_s = (self.first_s or 0.0) + after_s
        at_s = self.transport.at_s
        if at_s is not None and target_s < at_s:
            self._target_s = target_s
            self._again.set()
            self.transport.wake()
        else:
            self.transport.hasten(target_s)
        return after_s

    def skip(self, seconds: float) -> float:
        """Go so many seconds on, or back where negative; return the place after the first frame."""
        at_s = self.transport.at_s
        after_s = 0.0 if at_s is None or self.first_s is None else at_s - self.first_s
        return self.seek(after_s + seconds)

    def stop(self) -> None:
        """End it, in the middle of a wait too."""
        self._stop.set()
        self._again.set()
        self.ahead.stop()
        self.transport.wake()

    def _steps(self) -> Generator[Snapshot]:
        while True:
            yield from self._once()
            if not self._stop.is_set() and self.waits_at_end:
                self._wait_at_end()
            if self._stop.is_set() or not (self._again.is_set() or self.is_looping):
                return
            self._begin_again()

    def _wait_at_end(self) -> None:
        """Wait until it is played again or stopped."""
        self.is_at_end = True
        while not self.is_looping and not self._again.wait(LOOK_S):
            pass
        self.is_at_end = False

    def _once(self) -> Iterator[Snapshot]:
        played = replay_over_virtual_bus(
            self._frames(),
            self.transport,
            mirror=self._mirror,
            stop=self._again,
            has_ticks=True,
        )
        stream = in_step(played, (*self._side_items.items, *self._made))
        reader, notes = self._reader, self._side_items.notes
        meter = BusMeter()
        for snapshot in steps(
            Analysis(self._loaded),
            meter.follow(self.frames.follow(stream)),
            lambda: reader.info,
            self.side,
            notes,
            least_s=LOOK_S,
        ):
            yield replace(snapshot, bus=meter.rate)

    def _begin_again(self) -> None:
        self._reader, self._head, self._rest = self._open()
        self.transport.rewind()
        self.frames.begin_again()
        target_s, self._target_s = self._target_s, None
        self._again.clear()
        if self._stop.is_set():
            self._again.set()
        if target_s is not None:
            self.transport.hasten(target_s)

    def _frames(self) -> Iterator[FrameBatch | Gap]:
        yield from self._head
        yield from self._rest

    def _open(
        self,
    ) -> tuple[CaptureReader, list[FrameBatch | Gap], Iterator[FrameBatch | Gap]]:
        reader = open_capture(self._recording.path)
        rest = _in_time_order(reader, self._recording)
        head: list[FrameBatch | Gap] = []
        for item in rest:
            head.append(item)
            if isinstance(item, FrameBatch) and len(item):
                break
        return reader, head, rest


def replay_steps(recording: Recording, loaded: LoadedVehicle, speed: float) -> Replay:
    """Return a replay of a recording, played `speed` times as fast as it happened.

    Raises:
        SourceError: The capture cannot be read.
        SideFileError: A side file cannot be read.
    """
    return Replay(recording, loaded, speed)


def _in_time_order(reader: CaptureReader, recording: Recording) -> Iterator[FrameBatch | Gap]:
    try:
        yield from reader.batches()
    except OutOfOrderError as error:
        raise SourceError(
            f"{recording.path}: found lines that are not in the order of time, expected a capture "
            "that can be played as it stands; `canlock diagnose` puts them in order"
        ) from error
