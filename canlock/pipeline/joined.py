"""Several captures of one drive as one recording: files that a logger cut, or one for each bus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from canlock.decoding.fit import recognise_vehicle
from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.errors import VehicleUnknownError
from canlock.model.snapshot import Snapshot
from canlock.model.stream import SideItem
from canlock.pipeline.analysis import Analysis, in_step
from canlock.pipeline.recorded import (
    CENSUS_FRAMES,
    Recording,
    notes_outside,
    read_side_items,
)
from canlock.sources.capture import take_census
from canlock.sources.drive import open_captures
from canlock.sources.order import OutOfOrderError


def vehicle_for_drive(
    paths: Sequence[Path],
    name: str | None,
    load: Callable[[str | Path], LoadedVehicle] = load_vehicle,
) -> LoadedVehicle:
    """Return the named vehicle, or the one shipped vehicle that fits all captures together.

    Raises:
        VehicleError: It cannot be loaded, or none or several fit.
        SourceError: A capture cannot be read.
    """
    if name is not None:
        return load(name)
    try:
        return recognise_vehicle(_census(paths, CENSUS_FRAMES), load)
    except VehicleUnknownError:
        return recognise_vehicle(_census(paths, 0), load)


def diagnose_drive(
    recordings: Sequence[Recording], loaded: LoadedVehicle, notes: tuple[str, ...] = ()
) -> Snapshot:
    """Return the verdict on all captures of a drive as one, their frames in the order of time.

    Raises:
        SourceError: A capture cannot be read.
        SideFileError: A side file cannot be read.
    """
    try:
        return _diagnose(recordings, loaded, notes, in_order=True)
    except OutOfOrderError:
        # Lines of one are not in the order of time: everything is put in order first, and again.
        return _diagnose(recordings, loaded, notes, in_order=False)


def _diagnose(
    recordings: Sequence[Recording],
    loaded: LoadedVehicle,
    notes: tuple[str, ...],
    *,
    in_order: bool,
) -> Snapshot:
    analysis = Analysis(loaded)
    # One that is named twice is read once.
    recordings = list({one.path.resolve(): one for one in reversed(recordings)}.values())[::-1]
    paths = [recording.path for recording in recordings]
    reader = open_captures(paths, analysis.wanted, in_order=in_order)
    items: list[SideItem] = []
    for recording, one in zip(recordings, reader.readers, strict=True):
        # Relative marks count from the first frame of the capture that they lie beside.
        side = read_side_items(recording, loaded, one.find_first_s())
        # Captures that overlap may have copies of their side files: what is the same is one.
        before = frozenset(items)
        items += [item for item in side.items if item not in before]
        notes += side.notes
    for item in in_step(reader.batches(), items):
        analysis.take(item)
    info = reader.info
    notes += _notes_on_repeats(reader.repeated)
    return analysis.snapshot(info, (*notes, *notes_outside(items, info.first_s, info.last_s)))


def _notes_on_repeats(count: int) -> tuple[str, ...]:
    """Return what a reader must know where captures overlap."""
    if not count:
        return ()
    return (
        "Frames of the car's messages that stand in more than one of the captures, at the same "
        f"time and on the same channel, were taken once: {count}.",
    )


def _census(paths: Sequence[Path], frames: int) -> dict[int, set[int]]:
    census: dict[int, set[int]] = {}
    for path in paths:
        for key, lengths in take_census(path, frames).items():
            census.setdefault(key, set()).update(lengths)
    return census
