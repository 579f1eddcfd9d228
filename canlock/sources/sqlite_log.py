"""Reads the databases of python-can in columns, with no Python object a frame.

What SQLite alone can read (changes that are not in the file yet, tables of another make) is left to
python-can.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.errors import CaptureUnreadableError, one_line
from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameBatch, FrameFlag
from canlock.sources.damage import DamageLog
from canlock.sources.merging import take_rows
from canlock.sources.python_can_reader import PythonCanSource
from canlock.sources.screening import are_possible
from canlock.sources.sqlite_pages import Database, Leaves
from canlock.sources.sqlite_rows import COLUMNS, Values, read_rows
from canlock.sources.stretch import Stretch, Wanted, keys_of
from canlock.sources.unpacked import unpacked

_TABLE: Final = "messages"
_BESIDE: Final = ("-wal", "-journal")
"""Files in which SQLite keeps changes that are not in the database yet."""


class SqliteSource:
    """The reader of one database."""

    format = "sqlite"
    unit = "frame"

    def __init__(self, path: Path) -> None:
        self._path = path

    def stretches(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        """Yield the file's frames; only the payloads of wanted ones are taken out.

        Raises:
            SourceError: the file cannot be read at all.
        """
        with unpacked(self._path, log) as path:
            reason = "changes lie in a file beside it"
            if not _has_changes(path):
                reason = "it is no database as python-can makes them"
                root = self._find_root(path)
                if root is not None:
                    with path.open("rb") as file:
                        database = Database(file)
                        if database.is_plain:
                            yield from _Reading(wanted, log).read(database, root)
                            return
        yield from PythonCanSource(self._path, self.format, reason).stretches(wanted, log)

    def _find_root(self, path: Path) -> int | None:
        """Return the page at which the table's tree begins; None where the table is another."""
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as it:
                it.text_factory = bytes  # What is damaged need not be text.
                found = it.execute(
                    "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?",
                    (_TABLE,),
                ).fetchone()
                columns = it.execute(f"PRAGMA table_info({_TABLE})").fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            # Even what SQLite says of damage may hold bytes of it that are no text.
            raise CaptureUnreadableError(
                f"{self._path}: found a file that cannot be read ({one_line(error)}), expected a "
                "sqlite log as python-can writes it: save it in another format"
            ) from None
        if found is None or len(columns) != COLUMNS or any(column[5] for column in columns):
            return None
        return int(found[0])


def _has_changes(path: Path) -> bool:
    beside = [path.with_name(path.name + suffix) for suffix in _BESIDE]
    return any(other.exists() and other.stat().st_size for other in beside)


class _Reading:
    """One reading of a table."""

    def __init__(self, wanted: Wanted, log: DamageLog) -> None:
        self._wanted = wanted
        self._log = log
        self._rows = 0

    def read(self, database: Database, root: int) -> Iterator[Stretch]:
        """Yield the frames."""
        for leaves in database.leaves(root):
            stretch = self._stretch(leaves)
            if leaves.lost:
                self._log.bad_lines += leaves.lost
                text = f"found {leaves.lost} damaged pages, expected rows: they are left out"
                self._log.tell("line", f"frame {self._rows + 1}", text)
            self._rows += len(leaves.cell)
            yield stretch

    def _stretch(self, leaves: Leaves) -> Stretch:
        (time, number, extended, remote, error, code, data), is_good = read_rows(leaves)
        is_good = is_good & _are_frames(time, number, code, data)
        for mark in (extended, remote, error):
            is_good &= mark.is_whole
        flags = (extended.whole() != 0) * np.uint8(FrameFlag.EXTENDED)
        flags |= (remote.whole() != 0) * np.uint8(FrameFlag.REMOTE)
        flags |= (error.whole() != 0) * np.uint8(FrameFlag.ERROR)
        timestamp_s = time.real()
        arbitration_id = np.clip(number.whole(), 0, 0xFFFF_FFFF).astype(np.uint32)
        with np.errstate(invalid="ignore"):
            is_good &= are_possible(timestamp_s, arbitration_id, flags)
        is_remote = flags & np.uint8(FrameFlag.REMOTE) != 0
        told = np.clip(code.whole(), 0, FD_BYTES)
        stored = data.blob_bytes()
        # What is too long is no payload; a remote frame has none whatever stands there.
        has_room = (stored <= FD_BYTES) | is_remote | (flags & np.uint8(FrameFlag.ERROR) != 0)
        is_good &= has_room
        length = np.where(is_remote, told, np.minimum(told, stored)).astype(np.uint8)
        keys = keys_of(arbitration_id, flags)
        rows = self._wanted.rows(keys, flags)
        rows = rows[is_good[rows]]
        payload = _payloads(data, rows, np.where(is_remote, 0, length)[rows])
        batch = FrameBatch(
            timestamp_s[rows],
            arbitration_id[rows],
            flags[rows],
            length[rows],
            np.zeros(len(rows), np.uint8),
            payload,
        )
        numbers = np.arange(self._rows + 1, self._rows + 1 + len(is_good))
        before = np.zeros(1 if leaves.lost else 0, np.intp)
        stretch = Stretch(timestamp_s, keys, flags, length, numbers, before, batch, rows)
        return stretch if is_good.all() else self._without(stretch, is_good)

    def _without(self, stretch: Stretch, is_good: npt.NDArray[np.bool_]) -> Stretch:
        bad = np.flatnonzero(~is_good)
        self._log.bad_lines += len(bad)
        for row in bad[:8].tolist():
            text = "found a row whose values are none of a frame, expected time, id and data"
            self._log.tell("line", f"frame {stretch.number[row]}", text)
        return take_rows(stretch, is_good)


def _are_frames(time: Values, number: Values, code: Values, data: Values) -> npt.NDArray[np.bool_]:
    """Return which rows hold values of the kinds that a frame has."""
    are_numbers = (time.is_real | time.is_whole) & number.is_whole & code.is_whole
    are_frames: npt.NDArray[np.bool_] = are_numbers & (data.is_blob | data.is_null)
    return are_frames


def _payloads(
    data: Values, rows: npt.NDArray[np.intp], length: npt.NDArray[np.intp]
) -> npt.NDArray[np.uint8]:
    """Return shape (m, 8) or (m, 64): payloads of some rows, zeros behind their lengths."""
    width = FD_BYTES if np.max(length, initial=0) > CLASSIC_BYTES else CLASSIC_BYTES
    payload = data.blobs(rows, width)
    payload *= np.arange(width) < length[:, None]
    return payload
