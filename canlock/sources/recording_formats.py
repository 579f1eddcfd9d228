"""Writing a recording so that what is old enough is on the disk, in each log format.

Each writer here can be flushed in mid-stream, and what was flushed can be read without an end:
a recording ends as often with a cut cable or a flat battery as with a key.
"""

from __future__ import annotations

import logging
import math
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from canlock.errors import SourceError
from canlock.model.frames import FrameBatch
from canlock.sources.candump_writer import candump_lines
from canlock.sources.canmessage import messages_of

if TYPE_CHECKING:
    from can import Message

LACKS: Final = {
    ".csv": "names of channels, what is CAN FD",
    ".db": "names of channels, what is CAN FD",
    ".trc": "error frames, remote frames, CAN FD",
}
"""What a format cannot hold, so that it is missing from the recording."""


class Sink(Protocol):
    """One file that is being recorded."""

    def write(self, batch: FrameBatch) -> None:
        """Write frames. Raises OSError where the disk is full or gone."""
        ...

    def flush(self) -> None:
        """Have all of it on the disk itself. Raises OSError likewise."""
        ...

    def size(self) -> int:
        """Return the bytes written so far, some of which may not be on the disk."""
        ...

    def close(self) -> None:
        """Finish the file. Raises OSError likewise."""
        ...


def open_sink(path: Path) -> Sink:
    """Begin a recording whose format is told by its suffix.

    Raises:
        SourceError: The suffix is not known, or what its format needs is not installed.
        OSError: The file cannot be written.
    """
    suffix = path.suffix.lower()
    openers: dict[str, Callable[[Path], Sink]] = {
        ".log": _CandumpSink,
        ".db": _DatabaseSink,
        ".asc": _PythonCanSink,
        ".blf": _PythonCanSink,
        ".csv": _PythonCanSink,
        ".trc": _PythonCanSink,
        ".mf4": _ConvertedSink,
    }
    if suffix not in openers:
        raise SourceError(
            f"{path}: found the suffix `{suffix}`, expected one of {' '.join(openers)}: give the "
            "recording a name that tells its format"
        )
    if suffix == ".mf4" and find_spec("asammdf") is None:
        raise SourceError(
            f"{path}: found the suffix .mf4, expected asammdf to be there to write it: install it "
            "with `pip install asammdf`, or choose another format"
        )
    return openers[suffix](path)


class _CandumpSink:
    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")

    def write(self, batch: FrameBatch) -> None:
        self._file.write(candump_lines(batch))

    def flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def size(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


class _ConvertedSink(_CandumpSink):
    """An MF4 file is made at the end; until then the frames are in a candump log beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(f"{path.stem}.until-converted.log")
        path.open("xb").close()
        super().__init__(self._log)

    def close(self) -> None:
        from canlock.sources.capture import open_capture
        from canlock.sources.writer import write_capture

        super().close()
        items = open_capture(self._log).batches()
        write_capture(self._path, (item for item in items if isinstance(item, FrameBatch)))
        self._log.unlink()


class _PythonCanSink:
    """A file that a writer of python-can writes."""

    def __init__(self, path: Path) -> None:
        # python-can tells of each frame that a format cannot hold; `LACKS` says it once.
        logging.getLogger("can").addHandler(logging.NullHandler())
        path.open("xb").close()
        self._writer = _open_writer(path)
        self._is_blf = path.suffix.lower() == ".blf"

    def write(self, batch: FrameBatch) -> None:
        for message, channel in zip(messages_of(batch), batch.channel.tolist(), strict=True):
            name = batch.channels[channel]
            message.channel = int(name) if name.isdecimal() else name or None
            self._writer.on_message_received(message)

    def flush(self) -> None:
        if self._is_blf:
            self._pack()
        self._writer.file.flush()
        os.fsync(self._writer.file.fileno())

    def _pack(self) -> None:
        """Have the frames that a BLF writer keeps in the file, and its head true.

        The head has the time of the first frame, from which all others count; python-can writes it
        only at the end.
        """
        writer = self._writer
        while writer._buffer_size:  # noqa: SLF001 - python-can has no other way to flush.
            writer._flush()  # noqa: SLF001
        end = writer.file.tell()
        writer.file.seek(0)
        writer._write_header(end)  # noqa: SLF001
        writer.file.seek(end)

    def size(self) -> int:
        # BLF keeps frames to pack them; elsewhere the file's own place is all.
        return int(self._writer.file.tell())

    def close(self) -> None:
        try:
            self._writer.stop()
        finally:
            with suppress(OSError, ValueError):
                self._writer.file.close()


class _DatabaseSink:
    """The table that python-can's SqliteReader reads; its own writer loses frames at the stop."""

    def __init__(self, path: Path) -> None:
        path.open("xb").close()
        self._path = path
        # A sink is made and used in the thread that records, and closed there.
        self._database = sqlite3.connect(path)
        self._do(
            "CREATE TABLE messages (ts REAL, arbitration_id INTEGER, extended INTEGER, "
            "remote INTEGER, error INTEGER, dlc INTEGER, data BLOB)"
        )

    def write(self, batch: FrameBatch) -> None:
        try:
            self._database.executemany(
                "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)", _rows(batch)
            )
        except sqlite3.Error as error:
            raise OSError(None, str(error)) from error

    def flush(self) -> None:
        try:
            self._database.commit()
        except sqlite3.Error as error:
            raise OSError(None, str(error)) from error

    def size(self) -> int:
        return self._path.stat().st_size

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._database.close()

    def _do(self, statement: str) -> None:
        try:
            self._database.execute(statement)
            self._database.commit()
        except sqlite3.Error as error:
            raise OSError(None, str(error)) from error


def _rows(batch: FrameBatch) -> Iterator[tuple[float, int, bool, bool, bool, int, bytes]]:
    for message in messages_of(batch):
        yield (
            message.timestamp,
            message.arbitration_id,
            message.is_extended_id,
            message.is_remote_frame,
            message.is_error_frame,
            message.dlc,
            bytes(message.data),
        )


def _open_writer(path: Path) -> Any:  # noqa: ANN401 - python-can's writers share no useful type.
    from can import BLFWriter, CSVWriter, TRCWriter

    match path.suffix.lower():
        case ".blf":
            return BLFWriter(path)
        case ".csv":
            return CSVWriter(path)
        case ".trc":
            return TRCWriter(path)
        case _:
            return _open_asc(path)


def _open_asc(path: Path) -> Any:  # noqa: ANN401
    from can import ASCWriter

    class DatedByItsFrames(ASCWriter):
        """Has the time of its first frame in its head, to the millisecond that it can tell."""

        # python-can writes 7 ms as `.7`, which other programs and itself read as 700 ms.
        FORMAT_DATE = "%a %b %d %H:%M:%S.{:03d} %Y"

        def on_message_received(self, msg: Message) -> None:
            if not self.header_written:
                begun_s = math.floor(msg.timestamp * 1000) / 1000
                begun = datetime.fromtimestamp(begun_s)  # noqa: DTZ006 - ASC is local time.
                self.file.seek(0)
                self.file.truncate()
                self.file.write(f"date {self._format_header_datetime(begun)}\n")
                self.file.write("base hex  timestamps absolute\ninternal events logged\n")
                self.log_event("Start of measurement", begun_s)
            super().on_message_received(msg)

    return DatedByItsFrames(path)
