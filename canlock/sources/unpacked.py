"""A capture as a file that can be read at any place: unpacked into another where it is packed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from canlock.sources.damage import DamageLog
from canlock.sources.streams import GZIP_MAGIC, ZSTD_MAGIC, open_stream


@contextmanager
def unpacked(path: Path, log: DamageLog) -> Iterator[Path]:
    """Give a file that holds the capture unpacked, and tell the log where that fails.

    Raises:
        SourceError: the file cannot be read.
    """
    with open_stream(path), path.open("rb") as file:
        is_packed = file.read(len(ZSTD_MAGIC)).startswith((GZIP_MAGIC, ZSTD_MAGIC))
    if not is_packed:
        yield path
        return
    with tempfile.TemporaryDirectory() as directory, open_stream(path) as stream:
        whole = Path(directory) / "capture"
        with whole.open("wb") as file:
            shutil.copyfileobj(stream, file)
        if stream.fault is not None:
            log.end("frame 1", stream.fault)
        yield whole
