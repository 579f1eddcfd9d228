"""A recording played over a virtual bus, so that it is analysed as a live bus would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.errors import SourceError
from canlock.model.frames import FrameBatch
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Gap
from canlock.pipeline.analysis import Analysis, in_step
from canlock.pipeline.live import SideQueue, steps
from canlock.pipeline.recorded import Recording, read_side_items
from canlock.sources.capture import CaptureReader, open_capture
from canlock.sources.order import OutOfOrderError
from canlock.sources.player import replay_over_virtual_bus


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay that has been made ready; it starts when the first step is asked for."""

    steps: Iterator[Snapshot]
    side: SideQueue
    """Takes the marks that are made while it runs."""


def replay_steps(recording: Recording, loaded: LoadedVehicle, speed: float) -> Replay:
    """Return the Snapshots of a recording, played `speed` times as fast as it happened.

    Raises:
        SourceError: The capture cannot be read.
        SideFileError: A side file cannot be read.
    """
    reader = open_capture(recording.path)
    batches = _in_time_order(reader, recording)
    head: list[FrameBatch | Gap] = []
    for item in batches:
        head.append(item)
        if isinstance(item, FrameBatch) and len(item):
            break
    side_items = read_side_items(recording, loaded, reader.info.first_s)

    def frames() -> Iterator[FrameBatch | Gap]:
        yield from head
        yield from batches

    side = SideQueue()
    stream = in_step(replay_over_virtual_bus(frames(), speed), side_items.items)
    analysis = Analysis(loaded)
    return Replay(
        steps(analysis, stream, lambda: reader.info, side, side_items.notes),
        side,
    )


def _in_time_order(reader: CaptureReader, recording: Recording) -> Iterator[FrameBatch | Gap]:
    try:
        yield from reader.batches()
    except OutOfOrderError as error:
        raise SourceError(
            f"{recording.path}: found lines that are not in the order of time, expected a capture "
            "that can be played as it stands; `canlock diagnose` puts them in order"
        ) from error
