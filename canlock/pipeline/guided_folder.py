"""The folder of a guided check: its parts, one each time that it was taken up, and what they hold.

A part is an ordinary recording: `part-1.log` with its marks and session files. So everything that
reads captures reads a check, and nothing else is needed to take it up again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.errors import SourceError
from canlock.model.frames import FrameBatch
from canlock.model.stream import Gap, Mark, StreamItem
from canlock.pipeline.analysis import Analysis
from canlock.pipeline.recorded import RecordedStream, find_recording
from canlock.sources.capture import open_capture
from canlock.sources.sidefile import reason

PAUSE_S: Final = 300.0
"""Where the clock began anew between two parts, the earlier is taken for so much older."""

PAUSED: Final = "the check was left and taken up again"

_PART: Final = re.compile(r"part-([0-9]+)\.log")


class CheckFolder:
    """Where a guided check is kept."""

    def __init__(self, path: Path) -> None:
        """Look at what it holds; it need not be there yet.

        Raises:
            SourceError: It is no folder, or cannot be read.
        """
        self.path = path
        try:
            names = [entry.name for entry in path.iterdir()] if path.exists() else []
        except OSError as error:
            raise self._error(error) from error
        numbers = sorted(int(match[1]) for match in map(_PART.fullmatch, names) if match)
        self._last = numbers[-1] if numbers else 0
        self.parts: tuple[Path, ...] = tuple(path / f"part-{number}.log" for number in numbers)
        """The recordings so far, in their order; those without a frame are left out."""

        self.parts = tuple(part for part in self.parts if part.stat().st_size)

    def make(self) -> None:
        """Make the folder where it is not there yet.

        Raises:
            SourceError: It cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._error(error) from error

    def _error(self, error: OSError) -> SourceError:
        return SourceError(f"{self.path}: {reason(error)}, expected a folder for the check")

    @property
    def next_part(self) -> Path:
        """Return the recording to be written now."""
        return self.path / f"part-{self._last + 1}.log"

    def read(self, loaded: LoadedVehicle) -> tuple[StreamItem, ...]:
        """Return all frames that the vehicle maps, marks and the rest of what was recorded.

        Raises:
            SourceError: A part cannot be read.
            SideFileError: A side file cannot be read.
        """
        items: list[StreamItem] = []
        wanted = Analysis(loaded).wanted
        for part in self.parts:
            reader = open_capture(part, wanted)
            stream = list(RecordedStream(find_recording(part), loaded, reader))
            items = [*before(items, first_time(stream)), *stream]
        return tuple(items)


def marks_of(items: Iterable[StreamItem]) -> Iterator[Mark]:
    """Yield the marks among some items."""
    return (item for item in items if isinstance(item, Mark))


def first_time(items: Iterable[StreamItem]) -> float | None:
    """Return the time of the first frame; None: there is none."""
    batches = (item for item in items if isinstance(item, FrameBatch))
    return next((float(batch.timestamp_s[0]) for batch in batches if len(batch)), None)


def last_time(items: Sequence[StreamItem]) -> float | None:
    """Return the time of the last frame or side item; None: there is none."""
    times = [
        float(item.timestamp_s[-1]) if isinstance(item, FrameBatch) else item.at_s
        for item in items
        if not isinstance(item, FrameBatch) or len(item)
    ]
    return max(times, default=None)


def before(items: Sequence[StreamItem], next_s: float | None) -> list[StreamItem]:
    """Return items of an earlier part so that they lie before the next one's first frame.

    Behind them stands the gap of the time between, in which nothing could be seen.
    """
    last_s = last_time(items)
    if last_s is None or next_s is None:
        return list(items)
    shift_s = next_s - PAUSE_S - last_s if last_s >= next_s else 0.0
    moved = [_moved(item, shift_s) for item in items] if shift_s else list(items)
    return [*moved, Gap(last_s + shift_s, next_s, PAUSED)]


def _moved(item: StreamItem, shift_s: float) -> StreamItem:
    if isinstance(item, FrameBatch):
        return replace(item, timestamp_s=item.timestamp_s + shift_s)
    if isinstance(item, Gap):
        return replace(item, at_s=item.at_s + shift_s, until_s=item.until_s + shift_s)
    return replace(item, at_s=item.at_s + shift_s)
