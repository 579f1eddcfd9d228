"""Captures: recorded frames in a file, whatever its format, as batches of columns.

reader = open_capture(Path("drive.log"), wanted=frozenset({0x35D}))
for item in reader.batches():
    ...  # FrameBatch, or a Gap where lines were unreadable
print(reader.info)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from canlock.errors import CaptureNotFoundError, CaptureUnreadableError
from canlock.model.capture import CaptureInfo
from canlock.model.frames import NO_DATA, FrameBatch
from canlock.model.stream import Gap
from canlock.sources.batches import stream_batches
from canlock.sources.candump import CandumpSource
from canlock.sources.content import recognise_format
from canlock.sources.damage import DamageLog
from canlock.sources.lines import BLOCK_BYTES
from canlock.sources.order import sort_batches
from canlock.sources.stretch import FrameSource, Wanted
from canlock.sources.tally import Tally
from canlock.sources.workspace import keep_freed_memory

TEXT_FORMATS: Final = ("asc", "csv", "trc", "gvret", "crtd", "candump-screen", "candump-delta")
"""Formats of lines besides candump, see `text_formats`."""

LOGGER: Final = "canlock"
"""Whoever wants to know why reading took its time listens to this logger."""

_SIDE_FILES: Final = (".marks.csv", ".session.jsonl", ".truth.json", ".toml", ".dbc", ".md", ".py")
"""What lies beside captures and is none."""


class CaptureReader:
    """One capture that can be read. Each call of `batches` reads it from its beginning."""

    def __init__(
        self, path: Path, source: FrameSource, wanted: frozenset[int] | None, *, in_order: bool
    ) -> None:
        self._path = path
        self._source = source
        self._wanted = Wanted(wanted)
        self._in_order = in_order
        self._tally = Tally(DamageLog(path))

    @property
    def info(self) -> CaptureInfo:
        """Return what has been found so far; in the end, all of it."""
        return self._tally.info(self._source.format)

    @property
    def slow(self) -> str | None:
        """Return why the reading took longer than it could have, once it is done."""
        return self._tally.log.slow

    def find_first_s(self) -> float | None:
        """Return the time of the first frame, wanted or not; None where there is none.

        Raises:
            SourceError: the file went away, or a part that its format needs is not installed.
        """
        nothing = Wanted(frozenset())
        for stretch in self._source.stretches(nothing, DamageLog(self._path)):
            if len(stretch.timestamp_s):
                return float(stretch.timestamp_s[0])
        return None

    def batches(self) -> Iterator[FrameBatch | Gap]:
        """Yield the wanted frames in time order, and a gap where lines were unreadable.

        A gap comes before the frames behind its beginning. No batch is empty; what batches hold
        besides is arbitrary.

        Raises:
            OutOfOrderError: a time stamp goes back and the reader was opened as `in_order`.
            SourceError: the file went away, or a part that its format needs is not installed.
        """
        self._tally = Tally(DamageLog(self._path))
        read = stream_batches if self._in_order else sort_batches
        return self._tell(read(self._source, self._wanted, self._tally))

    def _tell(self, items: Iterator[FrameBatch | Gap]) -> Iterator[FrameBatch | Gap]:
        """Yield what is read, and note in the end why that took its time."""
        yield from items
        if self.slow is not None:
            import logging

            logging.getLogger(LOGGER).info("%s: read slowly: %s", self._path, self.slow)


def open_capture(
    path: Path | str,
    wanted: frozenset[int] | None = None,
    *,
    in_order: bool = True,
    block_bytes: int = BLOCK_BYTES,
) -> CaptureReader:
    """Return a reader for a capture, gzip-packed or not, chosen by what is in the file.

    Args:
        path: the capture.
        wanted: frame keys (`model.frames.frame_key`) of the frames to yield, error frames besides;
            None: all. The others are counted and located all the same.
        in_order: trust that time stamps never go back, and stream. Otherwise the frames are put
            in order first, see `order`.
        block_bytes: how much is read at a time.

    Raises:
        CaptureNotFoundError: there is no such file.
        CaptureUnreadableError: no known log format explains its content.
    """
    path = Path(path)
    keep_freed_memory()
    return CaptureReader(path, _source(path, block_bytes), wanted, in_order=in_order)


def take_census(path: Path | str, frames: int = 200_000) -> dict[int, set[int]]:
    """Return frame keys and the payload lengths seen with each in the first frames of a capture.

    Error and remote frames, which carry no payload, are left out.

    Args:
        path: the capture.
        frames: how many frames are looked at; 0: all.

    Raises:
        SourceError: the capture cannot be read.
    """
    path = Path(path)
    left = frames
    pairs = np.empty(0, np.uint64)
    for stretch in _source(path, BLOCK_BYTES).stretches(Wanted(frozenset()), DamageLog(path)):
        taken = slice(0, left if frames else None)
        has_data = stretch.flags[taken] & np.uint8(NO_DATA) == 0
        keys = stretch.keys[taken][has_data].astype(np.uint64)
        # Sorted by hand: `np.union1d` would import the masked arrays, which take a while.
        found = np.sort(
            np.concatenate((pairs, keys << np.uint64(8) | stretch.length[taken][has_data]))
        )
        pairs = found[np.append(True, found[1:] != found[:-1])[: len(found)]]
        left -= len(stretch.timestamp_s)
        if frames and left <= 0:
            break
    census: dict[int, set[int]] = {}
    for pair in pairs.tolist():
        census.setdefault(pair >> 8, set()).add(pair & 0xFF)
    return census


def find_captures(paths: Iterable[Path | str]) -> list[Path]:
    """Return the captures that some paths name: files as they are given, and those in directories.

    In a directory, not in those below it, captures are told by their content and sorted by name.

    Raises:
        CaptureNotFoundError: a path does not exist, or a directory holds no capture.
        CaptureUnreadableError: a path or a directory may not be read.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        try:
            if not path.exists():
                raise CaptureNotFoundError(
                    f"{path}: found no such file or directory, expected a CAN capture: "
                    "check the path"
                )
            found += _captures_in(path) if path.is_dir() else [path]
        except OSError as error:
            raise CaptureUnreadableError(
                f"{path}: found a path that cannot be read ({error.strerror}), expected a CAN "
                "capture or a directory of them: check the path and who may read it"
            ) from None
    return found


def _captures_in(directory: Path) -> list[Path]:
    entries = sorted(directory.iterdir())
    captures = [entry for entry in entries if _is_capture(entry)]
    if not captures:
        raise CaptureNotFoundError(
            f"{directory}: found no capture among its {len(entries)} entries, expected CAN logs "
            "in it: name the directory that holds them, or a file"
        )
    return captures


def _is_capture(path: Path) -> bool:
    if path.name.startswith(".") or path.name.endswith(_SIDE_FILES) or not path.is_file():
        return False
    try:
        recognise_format(path)
    except (CaptureNotFoundError, CaptureUnreadableError):
        return False
    return True


def _source(path: Path, block_bytes: int) -> FrameSource:
    capture_format = recognise_format(path)
    if capture_format == CandumpSource.format:
        return CandumpSource(path, block_bytes)
    if capture_format == "blf":
        from canlock.sources.blf import BlfSource

        return BlfSource(path, block_bytes)
    if capture_format == "mf4":
        from canlock.sources.mdf4 import Mdf4Source

        return Mdf4Source(path)
    if capture_format in TEXT_FORMATS:
        from canlock.sources.text_formats import open_text

        return open_text(path, capture_format, block_bytes)
    from canlock.sources.sqlite_log import SqliteSource

    return SqliteSource(path)
