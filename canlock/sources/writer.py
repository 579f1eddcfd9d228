"""Writes captures: candump logs by canlock itself, the other formats through python-can."""

from __future__ import annotations

import gzip
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Final

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

SUFFIXES: Final = (".log", ".asc", ".blf", ".csv", ".trc", ".db", ".mf4")

_PACKED: Final = ".gz"


def write_capture(path: Path | str, batches: Iterable[FrameBatch]) -> None:
    """Write frames to a capture whose format is told by its suffix, `.gz` behind it packs it.

    What a format cannot hold is left out, as python-can's writers do: CSV and databases know no
    channels and no CAN FD, TRC knows neither CAN FD nor error and remote frames.

    Args:
        path: a name that ends in one of `SUFFIXES`, or in one of them and `.gz`.
        batches: the frames in time order.

    Raises:
        SourceError: the suffix is not known, the file cannot be written, or what its format needs
            is not installed.
    """
    path = Path(path)
    is_packed = path.suffix.lower() == _PACKED
    suffix = Path(path.stem).suffix.lower() if is_packed else path.suffix.lower()
    write = _writer_for(path, suffix)
    try:
        if is_packed:
            with tempfile.TemporaryDirectory() as directory:
                unpacked = Path(directory) / f"capture{suffix}"
                write(unpacked, batches)
                _pack(unpacked, path)
        else:
            write(path, batches)
    except OSError as error:
        raise SourceError(
            f"{path}: found that it cannot be written ({error.strerror}), expected a place for a "
            "capture: check the directory and who may write there"
        ) from None


def _writer_for(path: Path, suffix: str) -> Callable[[Path, Iterable[FrameBatch]], None]:
    if suffix == ".log":
        return _write_candump
    if suffix == ".db":
        return _write_database
    if suffix not in SUFFIXES:
        raise SourceError(
            f"{path}: found the suffix `{suffix}`, expected one of {' '.join(SUFFIXES)}: give the "
            "capture a name that tells its format"
        )
    if suffix == ".mf4" and find_spec("asammdf") is None:
        raise SourceError(
            f"{path}: found the suffix .mf4, expected asammdf to be there to write it: install it "
            "with `pip install asammdf`, or choose another format"
        )
    return _write_with_python_can


def _pack(unpacked: Path, path: Path) -> None:
    # Neither a time nor a name goes into the file, so that the same frames give the same bytes.
    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        unpacked.open("rb") as source,
    ):
        shutil.copyfileobj(source, packed)


def _write_candump(path: Path, batches: Iterable[FrameBatch]) -> None:
    with path.open("wb") as file:
        for batch in batches:
            file.write(candump_lines(batch))


def _write_database(path: Path, batches: Iterable[FrameBatch]) -> None:
    path.open("wb").close()
    try:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(CREATE_TABLE)
            for batch in batches:
                database.executemany(INSERT_ROW, database_rows(batch))
    except sqlite3.Error as error:
        raise SourceError(
            f"{path}: found that the database cannot be written ({error}), expected a place for a "
            "capture: check the directory and the room on the disk"
        ) from None


def _write_with_python_can(path: Path, batches: Iterable[FrameBatch]) -> None:
    # python-can tells of frames that a format cannot hold; `write_capture` says it beforehand.
    logging.getLogger("can").addHandler(logging.NullHandler())
    with open_writer(path) as writer:
        for batch in batches:
            for message in named_messages(batch):
                writer.on_message_received(message)
