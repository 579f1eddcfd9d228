"""Writing a recording so that what is old enough is on the disk, in each log format.

Each writer here can be flushed in mid-stream, and what was flushed can be read without an end:
a recording ends as often with a cut cable or a flat battery as with a key.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

from canlock.errors import SourceError
from canlock.model.frames import FrameBatch
from canlock.sources.candump_writer import candump_lines
from canlock.sources.python_can_writers import (
    CREATE_TABLE,
    INSERT_ROW,
    database_rows,
    named_messages,
    open_writer,
)

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
        try:
            write_capture(self._path, (item for item in items if isinstance(item, FrameBatch)))
        except Exception as error:
            # asammdf raises anything; whatever it is, the frames are there.
            self._path.unlink(missing_ok=True)
            raise SourceError(
                f"{self._path}: could not be made ({error}); its frames are all in {self._log}"
            ) from error
        self._log.unlink()


class _PythonCanSink:
    """A file that a writer of python-can writes."""

    def __init__(self, path: Path) -> None:
        # python-can tells of each frame that a format cannot hold; `LACKS` says it once.
        logging.getLogger("can").addHandler(logging.NullHandler())
        path.open("xb").close()
        self._writer: Any = open_writer(path)
        self._is_blf = path.suffix.lower() == ".blf"

    def write(self, batch: FrameBatch) -> None:
        for message in named_messages(batch):
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
    """A table in a database, see `python_can_writers`."""

    def __init__(self, path: Path) -> None:
        path.open("xb").close()
        self._path = path
        # A sink is made and used in the thread that records, and closed there.
        self._database = sqlite3.connect(path)
        self._do(CREATE_TABLE)

    def write(self, batch: FrameBatch) -> None:
        try:
            self._database.executemany(INSERT_ROW, database_rows(batch))
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
