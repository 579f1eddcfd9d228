"""The log formats that python-can writes, each as this package wants it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from canlock.model.frames import FrameBatch
from canlock.sources.canmessage import messages_of

if TYPE_CHECKING:
    from can import Message
    from can.io.generic import MessageWriter

CREATE_TABLE: Final = (
    "CREATE TABLE messages (ts REAL, arbitration_id INTEGER, extended INTEGER, "
    "remote INTEGER, error INTEGER, dlc INTEGER, data BLOB)"
)
INSERT_ROW: Final = "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)"
"""The table that python-can's SqliteReader reads. Its own writer works in a thread of its own and
loses what is not written when it is stopped, so nobody uses it here."""

Row = tuple[float, int, bool, bool, bool, int, bytes]


def database_rows(batch: FrameBatch) -> Iterator[Row]:
    """Yield the rows of the table, one a frame."""
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


def named_messages(batch: FrameBatch) -> Iterator[Message]:
    """Yield the messages of a batch, each with its channel's name, or number where it is one."""
    for message, channel in zip(messages_of(batch), batch.channel.tolist(), strict=True):
        name = batch.channels[channel]
        message.channel = int(name) if name.isdecimal() else name or None
        yield message


def open_writer(path: Path) -> MessageWriter:
    """Open a file that python-can writes; its suffix tells the format.

    Raises:
        OSError: It cannot be written.
    """
    from can import BLFWriter, CSVWriter, MF4Writer, TRCWriter

    classes: dict[str, type[MessageWriter]] = {
        ".blf": BLFWriter,
        ".csv": CSVWriter,
        ".mf4": MF4Writer,
        ".trc": TRCWriter,
    }
    suffix = path.suffix.lower()
    writer = classes[suffix](path) if suffix in classes else _open_asc(path)
    if isinstance(writer, TRCWriter):
        # Its head names the file; a whole path would make each place's bytes others.
        writer.filepath = path.name
    return writer


def _open_asc(path: Path) -> MessageWriter:
    from can import ASCWriter

    class WholeMilliseconds(ASCWriter):
        """Begins at a whole millisecond, which is all that the header can tell."""

        # python-can writes 7 ms as `.7`, which other programs and itself read as 700 ms.
        FORMAT_DATE = "%a %b %d %H:%M:%S.{:03d} %Y"

        def on_message_received(self, msg: Message) -> None:
            if not self.header_written:
                begun_s = math.floor(msg.timestamp * 1000) / 1000
                self._begin(datetime.fromtimestamp(begun_s))  # noqa: DTZ006 - ASC is local time.
                self.log_event("Start of measurement", begun_s)
            super().on_message_received(msg)

        def _begin(self, begun: datetime) -> None:
            # python-can dates the header by the clock of the moment at which it was written.
            self.file.seek(0)
            self.file.truncate()
            self.file.write(f"date {self._format_header_datetime(begun)}\n")
            self.file.write("base hex  timestamps absolute\ninternal events logged\n")

    return WholeMilliseconds(path)
