"""The outside of a BLF file: its header, and the containers that hold its objects.

A container holds some part of one long row of objects, deflated or not; an object may begin in one
container and end in the next. Objects that lie outside of any container are read too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from canlock.sources.inflate import InflateError, inflate, inflate_start
from canlock.sources.streams import ByteStream

SIGNATURE: Final = b"LOBJ"
BASE_BYTES: Final = 16
"""Of the header that every object has."""

PADDING: Final = 4
"""Bytes that may lie between two objects. Vector's programs write three at most."""

_HEADER: Final = struct.Struct("<4sLBBBBBBBBQQLL8H8H")
_USUAL_HEADER_BYTES: Final = 144
_LONGEST_HEADER: Final = 4096
_BASE: Final = struct.Struct("<4sHHLL")
_CONTAINER: Final = struct.Struct("<H6xL4x")
_CONTAINER_TYPE: Final = 10
_STORED, _DEFLATED = 0, 2
_LONGEST_OBJECT: Final = 1 << 26
"""Bytes. Containers hold 128 KB as a rule; a length beyond this is damage and is not believed."""

_READ_BYTES: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class FileHeader:
    """What stands at the beginning of the file."""

    begin_s: float
    """When the recording began, 0 where that is not told: the times count from there."""

    file_bytes: int
    """How long the file says that it is; less than it is where its writer was never stopped."""

    is_whole: bool
    """False: the file ends in its header."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One step through the file."""

    kind: Literal["inside", "loose", "lost", "cut"]
    """Content of a container; an object outside of any; something unreadable; an early end."""

    position: int
    """Byte of the file at which it begins, or at which the file ends."""

    content: bytes | bytearray = b""
    text: str = ""
    """What was found and expected where something is wrong."""


class ContainerReader:
    """Steps through one file. Nothing raises: what is wrong comes as a piece."""

    def __init__(self, stream: ByteStream) -> None:
        self._bytes = _Bytes(stream)
        self.header = self._read_header()

    @property
    def position(self) -> int:
        """Return how many bytes have been read."""
        return self._bytes.position

    def pieces(self) -> Iterator[Piece]:
        """Yield what lies behind the header."""
        while True:
            begin = self._bytes.position
            base = self._take_base()
            if base is None:
                if self._bytes.position - begin > PADDING:
                    yield self._cut()
                return
            signature, _, _, size, kind = _BASE.unpack(base)
            if signature != SIGNATURE or not BASE_BYTES <= size <= _LONGEST_OBJECT:
                # What is found behind it may be whole again.
                self._bytes.put_back(base[1:])
                yield Piece("lost", begin, text=_describe_stranger(base))
                if not self._bytes.find(SIGNATURE):
                    return
                continue
            content = self._bytes.take(size - BASE_BYTES)
            if len(content) < size - BASE_BYTES:
                yield from self._last_piece(begin, base, kind, content)
                return
            if kind == _CONTAINER_TYPE:
                yield _open_container(begin, content)
                self._check_end(content)
            else:
                yield Piece("loose", begin, base + content)

    def _read_header(self) -> FileHeader:
        head = self._bytes.take(_HEADER.size)
        if len(head) < _HEADER.size:
            return FileHeader(0.0, 0, is_whole=False)
        fields = _HEADER.unpack(head)
        size = fields[1]
        if not _HEADER.size <= size <= _LONGEST_HEADER:
            size = _USUAL_HEADER_BYTES
        rest = self._bytes.take(size - _HEADER.size)
        is_whole = len(rest) == size - _HEADER.size
        return FileHeader(_time_of(fields[14:22]), fields[10], is_whole)

    def _take_base(self) -> bytes | None:
        """Return the next header, whose signature may be wrong; None at the end of the file."""
        padding = self._bytes.peek(PADDING + len(SIGNATURE)).find(SIGNATURE)
        self._bytes.take(max(padding, 0))
        base = self._bytes.take(BASE_BYTES)
        return base if len(base) == BASE_BYTES else None

    def _check_end(self, content: bytes) -> None:
        """Go back into a container that does not end where the next object begins."""
        ahead = self._bytes.peek(PADDING + len(SIGNATURE))
        is_end = len(ahead) < PADDING + len(SIGNATURE)
        if not is_end and SIGNATURE not in ahead:
            self._bytes.put_back(content)

    def _last_piece(self, begin: int, base: bytes, kind: int, content: bytes) -> Iterator[Piece]:
        """Yield what is left of an object in whose middle the file ends."""
        if kind == _CONTAINER_TYPE and len(content) > _CONTAINER.size:
            method, _ = _CONTAINER.unpack_from(content)
            packed = content[_CONTAINER.size :]
            if method == _STORED:
                yield Piece("inside", begin, packed)
            elif method == _DEFLATED:
                yield Piece("inside", begin, inflate_start(packed))
        else:
            # Its length may be what is damaged: there may be whole objects in it.
            at = content.find(SIGNATURE)
            if kind != _CONTAINER_TYPE and at >= 0:
                yield Piece("loose", begin, base + content)
        yield self._cut()

    def _cut(self) -> Piece:
        text = "found the end of the file in the middle of a record, expected the rest of it"
        return Piece("cut", self._bytes.position, text=text)


class _Bytes:
    """A stream that can be looked ahead in, and gone back in."""

    def __init__(self, stream: ByteStream) -> None:
        self.position = 0
        self._stream = stream
        self._window = bytearray()
        self._at = 0
        """Index in the window of the next byte."""

    def take(self, size: int) -> bytes:
        """Return so many bytes, fewer only at the end."""
        if len(self._window) - self._at < size:
            self._fill(size)
        taken = bytes(memoryview(self._window)[self._at : self._at + size])
        self._at += len(taken)
        self.position += len(taken)
        return taken

    def put_back(self, taken: bytes) -> None:
        """Return to before the bytes that were taken last."""
        if len(taken) <= self._at:
            self._at -= len(taken)
        else:
            self._window[: self._at] = taken
            self._at = 0
        self.position -= len(taken)

    def peek(self, size: int) -> bytes:
        """Return the next bytes without taking them."""
        if len(self._window) - self._at < size:
            self._fill(size)
        return bytes(self._window[self._at : self._at + size])

    def find(self, wanted: bytes) -> bool:
        """Go to the next place at which some bytes stand; False: to the end, they are nowhere."""
        while True:
            self._fill(_READ_BYTES)
            at = self._window.find(wanted, self._at)
            ahead = len(self._window) - self._at
            passed = at - self._at if at >= 0 else max(ahead - len(wanted) + 1, 0)
            if at < 0 and ahead < _READ_BYTES:
                passed = ahead
            self._at += passed
            self.position += passed
            if at >= 0 or ahead < _READ_BYTES:
                return at >= 0

    def _fill(self, size: int) -> None:
        """Read on until so many bytes lie ahead, or the stream ends."""
        del self._window[: self._at]
        self._at = 0
        while len(self._window) < size and (read := self._stream.read(_READ_BYTES)):
            self._window += read


def _open_container(begin: int, content: bytes) -> Piece:
    if len(content) < _CONTAINER.size:
        return Piece("lost", begin, text="found a container without content, expected objects")
    method, size = _CONTAINER.unpack_from(content)
    if method == _STORED:
        return Piece("inside", begin, content[_CONTAINER.size :])
    if method != _DEFLATED:
        text = f"found a container packed by method {method}, expected {_STORED} or {_DEFLATED}"
        return Piece("lost", begin, text=text)
    try:
        # Not copied: it is as much as the whole file.
        return Piece("inside", begin, inflate(memoryview(content)[_CONTAINER.size :], size))
    except InflateError as error:
        text = f"found damaged data in a container ({error}), expected whole data: it is left out"
        return Piece("lost", begin, text=text)


def _describe_stranger(base: bytes) -> str:
    if base.startswith(SIGNATURE):
        size = int.from_bytes(base[8:12], "little")
        return f"found a record of {size} bytes, expected {BASE_BYTES} to {_LONGEST_OBJECT}"
    return f"found {base[:4].hex(' ')}, expected a record, which begins with `LOBJ`"


def _time_of(system_time: tuple[int, ...]) -> float:
    """Return seconds since 1970 of a Windows SYSTEMTIME in UTC, 0 where it is none."""
    year, month, _, day, hour, minute, second, millisecond = system_time
    try:
        begun = datetime(year, month, day, hour, minute, second, millisecond * 1000, tzinfo=UTC)
        return max(begun.timestamp(), 0.0)
    except ValueError:
        return 0.0
