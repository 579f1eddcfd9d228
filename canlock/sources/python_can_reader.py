"""Reads databases through python-can, and turns its messages into columns."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from canlock.errors import CaptureUnreadableError, one_line
from canlock.model.frames import FD_BYTES
from canlock.sources.candump_fields import HIGHEST_EXTENDED, HIGHEST_STANDARD, LAST_TIME_S
from canlock.sources.canmessage import MessageColumns
from canlock.sources.damage import DamageLog
from canlock.sources.stretch import Stretch, Wanted
from canlock.sources.unpacked import unpacked

if TYPE_CHECKING:
    from can import Message

CHUNK_FRAMES: Final = 8192
"""Messages that exist as objects at the same time."""


class PythonCanSource:
    """The reader of one log in a format that python-can reads."""

    unit = "frame"

    def __init__(self, path: Path, capture_format: str, reason: str) -> None:
        """Take a file, what it is, and why it is left to python-can, which is slow."""
        self.format = capture_format
        self._path = path
        self._reason = reason

    def stretches(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        """Yield the file's frames.

        Raises:
            SourceError: the file cannot be read at all.
        """
        # python-can tells of lines that it passes over; the damage log does that better.
        logging.getLogger("can").addHandler(logging.NullHandler())
        chunk = _Chunk(wanted)
        log.tell_slow(f"{self._reason}, so each frame was read by python-can on its own")
        for number, message in self._read_file(log):
            fault = _fault_of(message)
            if fault is not None:
                log.bad_lines += 1
                log.tell("line", f"{self.unit} {number}", fault)
                chunk.pass_over()
                continue
            chunk.add(number, message)
            if len(chunk.messages) == CHUNK_FRAMES:
                yield chunk.stretch()
        yield chunk.stretch()

    def _read_file(self, log: DamageLog) -> Iterator[tuple[int, Message]]:
        """Read a database, which needs a file, not a stream."""
        from can import SqliteReader

        number = 0
        with unpacked(self._path, log) as path:
            try:
                with SqliteReader(path) as reader:
                    for number, message in enumerate(reader, 1):
                        yield number, message
            except Exception as error:
                # What sqlite3 raises for a damaged log is not told.
                if not number:
                    raise CaptureUnreadableError(
                        f"{self._path}: found a file that cannot be read ({one_line(error)}), "
                        f"expected a {self.format} log as python-can writes it: save it in "
                        "another format"
                    ) from None
                log.bad_lines += 1
                log.end(
                    f"frame {number + 1}",
                    f"found damaged data ({one_line(error)}), expected a frame: the rest was not "
                    "read",
                )


class _Chunk:
    """Messages on the way to becoming a stretch."""

    def __init__(self, wanted: Wanted) -> None:
        self.messages: list[Message] = []
        self._wanted = wanted
        self._columns = MessageColumns()
        self._numbers: list[int] = []
        self._bad_before: list[int] = []

    def add(self, number: int, message: Message) -> None:
        """Take a frame."""
        self._numbers.append(number)
        self.messages.append(message)

    def pass_over(self) -> None:
        """Note that something was unreadable here."""
        row = len(self.messages)
        if row not in self._bad_before[-1:]:
            self._bad_before.append(row)

    def stretch(self) -> Stretch:
        """Return what there is, and begin anew."""
        batch = self._columns.batch(self.messages)
        keys = batch.keys
        rows = self._wanted.rows(keys, batch.flags)
        stretch = Stretch(
            batch.timestamp_s,
            keys,
            batch.flags,
            batch.length,
            np.array(self._numbers, np.intp),
            np.array(self._bad_before, np.intp),
            batch.take(rows),
            rows,
        )
        self.messages, self._numbers, self._bad_before = [], [], []
        return stretch


def _fault_of(message: Message) -> str | None:
    """Return what is wrong with a message; None: nothing."""
    numbers = (message.timestamp, message.arbitration_id, message.dlc)
    if not all(map(isinstance, numbers, (int | float, int, int))):
        # A database holds whatever somebody put into it.
        return f"found {numbers!r} for time stamp, id and length, expected numbers"
    if not (math.isfinite(message.timestamp) and 0 <= message.timestamp <= LAST_TIME_S):
        return f"found the time stamp {message.timestamp}, expected seconds since 1970 or less"
    highest = HIGHEST_EXTENDED if message.is_extended_id else HIGHEST_STANDARD
    if not 0 <= message.arbitration_id <= highest:
        return f"found the id {message.arbitration_id:X}, expected {highest:X} at most"
    if message.is_remote_frame or message.is_error_frame:
        return None
    count = len(message.data)
    if count > FD_BYTES:
        return f"found {count} bytes of data, expected {FD_BYTES} at most"
    return None
