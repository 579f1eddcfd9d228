"""The bytes of a capture file, unpacked where they are packed, with a note of why they ended early.

gzip is always understood; zstd where the package `zstandard` is installed.

Nothing here raises once a stream is open: a disk that fails, a gzip file that was cut off or is
damaged ends the stream, and `ByteStream.fault` tells what happened. What was before is delivered.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from canlock.errors import CaptureNotFoundError, CaptureUnreadableError

GZIP_MAGIC: Final = b"\x1f\x8b\x08"
"""Two bytes of magic, and the only way of packing that there ever was."""

ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"

_ANY_GZIP: Final = 16 + zlib.MAX_WBITS
"""Tells zlib to expect a gzip header and to check the sum behind the data."""

_PACKED_BYTES: Final = 1 << 16
"""How much packed data is read at a time."""

_ZSTD_BYTES: Final = 1 << 10
_ZSTD_WINDOW: Final = 1 << 27
"""Memory that zstd data may ask for: as much as `zstd --long` uses."""


class ByteStream(io.RawIOBase):
    """The bytes of a file as they are."""

    is_packed = False
    """Its bytes are those of the file, not what was packed in them."""

    def __init__(self, file: io.FileIO) -> None:
        super().__init__()
        self._file = file
        self.fault: str | None = None
        """Why the stream ended before its time: what was found, what was expected."""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill as much of `buffer` as there is at once; 0 only at the end."""
        try:
            return self._file.readinto(buffer) or 0
        except OSError as error:
            self.fault = f"found that reading fails ({error.strerror}), expected more of the file"
            return 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class GzipStream(ByteStream):
    """The bytes that gzip packed, of one member or of several on end."""

    is_packed = True

    def __init__(self, file: io.FileIO) -> None:
        super().__init__(file)
        self._inflater = zlib.decompressobj(_ANY_GZIP)
        self._packed = b""
        self._is_at_end = False

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill some of `buffer`; 0 only at the end."""
        while not self._is_at_end:
            unpacked = self._unpack(len(buffer))
            if unpacked:
                memoryview(buffer)[: len(unpacked)] = unpacked
                return len(unpacked)
        return 0

    def _unpack(self, size: int) -> bytes:
        if self._inflater.eof:
            return self._begin_member()
        packed = self._packed or self._read_packed()
        try:
            # Without packed data this gives what the inflater still holds, or nothing.
            unpacked = self._inflater.decompress(packed, size)
        except zlib.error as error:
            self._end(f"found damaged gzip data ({error}), expected whole data: the rest is lost")
            return b""
        self._packed = self._inflater.unconsumed_tail or self._inflater.unused_data
        if not packed and not unpacked and not self._inflater.eof:
            self._end("found the end of the file in the middle of its gzip data, expected more")
        return unpacked

    def _begin_member(self) -> bytes:
        """Go on with the gzip member behind this one; what is no gzip there is padding."""
        while len(self._packed) < len(GZIP_MAGIC) and (packed := self._read_packed()):
            self._packed += packed
        if not self._packed.startswith(GZIP_MAGIC):
            self._end(None)
        self._inflater = zlib.decompressobj(_ANY_GZIP)
        return b""

    def _read_packed(self) -> bytes:
        packed = bytearray(_PACKED_BYTES)
        return bytes(packed[: super().readinto(packed)])

    def _end(self, fault: str | None) -> None:
        self._is_at_end = True
        self.fault = self.fault or fault


class ZstdStream(ByteStream):
    """The bytes that zstd packed, of one frame or of several on end."""

    is_packed = True

    def __init__(self, file: io.FileIO, zstandard: ModuleType) -> None:
        super().__init__(file)
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._error = zstandard.ZstdError
        self._part: Any = None
        """What unpacks the present frame; None between frames."""

        self._packed = b""
        self._unpacked = memoryview(b"")
        self._is_at_end = False

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill some of `buffer`; 0 only at the end."""
        while not len(self._unpacked) and not self._is_at_end:
            self._unpacked = memoryview(self._unpack())
        count = min(len(buffer), len(self._unpacked))
        memoryview(buffer)[:count] = self._unpacked[:count]
        self._unpacked = self._unpacked[count:]
        return count

    def _unpack(self) -> bytes:
        packed = self._packed or self._read_packed()
        self._packed = b""
        if not packed:
            self._is_at_end = True
            if self._part is not None and self.fault is None:
                self.fault = (
                    "found the end of the file in the middle of its zstd data, expected more"
                )
            return b""
        if self._part is None:
            self._part = self._unpacker.decompressobj()
        try:
            unpacked: bytes = self._part.decompress(packed)
        except self._error as error:
            self._is_at_end = True
            self.fault = f"found damaged zstd data ({error}), expected whole data: the rest is lost"
            return b""
        if self._part.eof:
            self._packed = self._part.unused_data
            self._part = None
        return unpacked

    def _read_packed(self) -> bytes:
        # Little at a time: a few bytes of zstd may stand for very many.
        packed = bytearray(_ZSTD_BYTES)
        return bytes(packed[: super().readinto(packed)])


@contextmanager
def open_stream(path: Path) -> Iterator[ByteStream]:
    """Open a capture's bytes, whether they are packed or not.

    Raises:
        CaptureNotFoundError: there is no such file.
        CaptureUnreadableError: it is no file, or may not be read.
    """
    with _open_file(path) as file, _stream_of(file) as stream:
        yield stream


def read_head(path: Path, size: int) -> tuple[bytes, str | None]:
    """Return the first `size` bytes of a capture, unpacked, and the fault that ended them early.

    Raises:
        CaptureNotFoundError: there is no such file.
        CaptureUnreadableError: it is no file, or may not be read.
    """
    with open_stream(path) as stream:
        head = io.BufferedReader(stream, size).read(size)
        return head, stream.fault


def _stream_of(file: io.FileIO) -> ByteStream:
    magic = file.read(len(ZSTD_MAGIC))
    file.seek(0)
    if magic.startswith(GZIP_MAGIC):
        return GzipStream(file)
    # Whole: a candump log begins with the first byte of it.
    zstandard = _find_zstandard() if magic == ZSTD_MAGIC else None
    return ByteStream(file) if zstandard is None else ZstdStream(file, zstandard)


def _find_zstandard() -> ModuleType | None:
    try:
        return import_module("zstandard")
    except ImportError:
        return None


def _open_file(path: Path) -> io.FileIO:
    try:
        if path.is_dir():
            raise CaptureUnreadableError(
                f"{path}: found a directory, expected a capture file: name one of the files in it"
            )
        if path.exists() and not path.is_file():
            raise CaptureUnreadableError(
                f"{path}: found a pipe or a device, expected a file: save the frames to one first"
            )
        return io.FileIO(path, "rb")
    except FileNotFoundError:
        raise CaptureNotFoundError(
            f"{path}: found no such file, expected a CAN capture: check the path"
        ) from None
    except OSError as error:
        raise CaptureUnreadableError(
            f"{path}: found a file that cannot be opened ({error.strerror}), "
            "expected a CAN capture: check its path and who may read it"
        ) from None
