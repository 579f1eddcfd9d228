"""Recorded captures: from a path to the stream of its frames and all that lies beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from canlock.decoding.fit import recognise_vehicle
from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.errors import VehicleUnknownError
from canlock.model.capture import Damage
from canlock.model.frames import FrameBatch
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Gap, Mark, SideItem, StreamItem
from canlock.pipeline.analysis import Analysis, in_step
from canlock.sources.capture import CaptureReader, open_capture, take_census
from canlock.sources.elm327.coverage import describe_gaps
from canlock.sources.marks import describe_outside, find_marks, read_marks
from canlock.sources.order import OutOfOrderError
from canlock.sources.session import find_session, read_session

CENSUS_FRAMES: Final = 200_000
"""The vehicle is recognised from this many frames first, and from all where they do not do."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A capture and the side files that go with it."""

    path: Path
    marks: Path | None = None
    session: Path | None = None


@dataclass(frozen=True, slots=True)
class SideItems:
    """What the side files gave, and what was wrong with them."""

    items: tuple[SideItem, ...] = ()
    notes: tuple[str, ...] = ()


def find_recording(path: Path, marks: Path | None = None, session: Path | None = None) -> Recording:
    """Return a capture with the side files given, or else those that lie beside it."""
    return Recording(path, marks or find_marks(path), session or find_session(path))


def vehicle_for(
    path: Path,
    name: str | None,
    load: Callable[[str | Path], LoadedVehicle] = load_vehicle,
) -> LoadedVehicle:
    """Return the named vehicle, or the one shipped vehicle that fits a capture.

    Args:
        path: The capture.
        name: A vehicle's name or file; None: the capture tells.
        load: Loads a vehicle, or remembers one.

    Raises:
        VehicleError: It cannot be loaded, or none or several fit.
        SourceError: The capture cannot be read.
    """
    if name is not None:
        return load(name)
    try:
        return recognise_vehicle(take_census(path, CENSUS_FRAMES), load)
    except VehicleUnknownError:
        return recognise_vehicle(take_census(path, 0), load)


def diagnose_recording(
    recording: Recording, loaded: LoadedVehicle, notes: tuple[str, ...] = ()
) -> Snapshot:
    """Return the verdict on a whole recording.

    Raises:
        SourceError: The capture cannot be read.
        SideFileError: A side file cannot be read.
    """
    try:
        return _diagnose(recording, loaded, notes, in_order=True)
    except OutOfOrderError:
        # Its lines are not in the order of time: everything is put in order first, and again.
        return _diagnose(recording, loaded, notes, in_order=False)


def _diagnose(
    recording: Recording, loaded: LoadedVehicle, notes: tuple[str, ...], *, in_order: bool
) -> Snapshot:
    analysis = Analysis(loaded)
    reader = open_capture(recording.path, analysis.wanted, in_order=in_order)
    stream = RecordedStream(recording, loaded, reader)
    for item in stream:
        analysis.take(item)
    return analysis.snapshot(reader.info, (*notes, *stream.notes))


class RecordedStream:
    """The items of a recording in time order: its frames, its gaps, and the side files' items.

    `notes` tells what was wrong with the side files, once the iteration is over.
    """

    def __init__(self, recording: Recording, loaded: LoadedVehicle, reader: CaptureReader) -> None:
        self._recording = recording
        self._loaded = loaded
        self._reader = reader
        self.notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[StreamItem]:
        """Yield the items.

        Raises:
            SourceError: The capture cannot be read.
            SideFileError: A side file cannot be read.
        """
        batches = self._reader.batches()
        head: list[FrameBatch | Gap] = []
        for item in batches:
            head.append(item)
            if isinstance(item, FrameBatch) and len(item):
                break
        # Relative marks count from the first frame, wanted or not, so it must have been read.
        first_s = self._reader.info.first_s
        side = read_side_items(self._recording, self._loaded, first_s)
        self.notes = side.notes
        yield from in_step(_chain(head, batches), side.items)
        info = self._reader.info
        self.notes += notes_outside(side.items, info.first_s, info.last_s)


def _chain(
    head: list[FrameBatch | Gap], rest: Iterator[FrameBatch | Gap]
) -> Iterator[FrameBatch | Gap]:
    yield from head
    yield from rest


def read_side_items(
    recording: Recording, loaded: LoadedVehicle, first_s: float | None
) -> SideItems:
    """Return what the side files of a recording hold.

    Raises:
        SideFileError: A side file cannot be read.
    """
    doors = loaded.vehicle.doors
    items: list[SideItem] = []
    notes: list[str] = []
    if recording.marks is not None:
        marks = read_marks(recording.marks, first_s or 0.0, doors=doors)
        items.extend(marks.marks)
        notes.extend(_problem_notes(marks.problems, marks.left_out - max(0, marks.far - 1)))
    if recording.session is not None:
        session = read_session(recording.session, doors=doors)
        items.extend(session)
        notes.extend(_problem_notes(session.problems, session.left_out))
        sampled = describe_gaps(item for item in items if isinstance(item, Gap))
        notes.extend(() if sampled is None else (sampled,))
    return SideItems(tuple(items), tuple(notes))


def notes_outside(
    items: Iterable[SideItem], first_s: float | None, last_s: float | None
) -> tuple[str, ...]:
    """Return what a reader must know of marks that lie far outside a capture."""
    marks = (item for item in items if isinstance(item, Mark))
    text = describe_outside(marks, first_s, last_s)
    return () if text is None else (text,)


def _problem_notes(problems: tuple[Damage, ...], left_out: int) -> list[str]:
    notes = [f"{problem.place}: {problem.text}" for problem in problems]
    if left_out > len(problems):
        notes.append(f"... and {left_out - len(problems)} more lines left out")
    return notes
