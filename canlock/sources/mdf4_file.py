"""The blocks of an MDF4 file: a header, links to other blocks, and data of its own (ASAM MDF 4).

Links lead anywhere in the file. A block that is not there, is of another kind or is longer than
the file is told as `Mdf4Error`; what lies behind it is lost and nothing else.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from threading import Lock
from typing import Final

_ID_BYTES: Final = 64
_UNFINISHED_AT: Final = 60
_HEADER: Final = struct.Struct("<4s4xQQ")
HEADER_BYTES: Final = _HEADER.size
_LONGEST: Final = 1 << 24
"""Bytes of a block that is no data. Comments may be long; beyond that lies damage."""

_MOST_LINKS: Final = 1 << 16
_START: Final = struct.Struct("<QhhBB")
_LOCAL_TIME: Final = 1
_DT_LENGTH_UNKNOWN: Final = 0x4
_LAST_DAY_NS: Final = 10**20


class Mdf4Error(ValueError):
    """A block is not as it ought to be; the text tells what was found and expected."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block."""

    position: int
    kind: str
    """`HD`, `DG` ..."""

    links: tuple[int, ...]
    """Positions of other blocks, 0 where there is none."""

    content: bytes
    """What stands behind the links; nothing of a data block."""

    data_at: int
    """Where that begins."""

    data_bytes: int
    """How long it is."""


class Mdf4File:
    """One file, open for reading."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file
        self._lock = Lock()
        self.size = file.seek(0, io.SEEK_END)
        head = self.read(0, _ID_BYTES)
        self.is_unfinished = head.startswith(b"UnFinMF")
        flags = int.from_bytes(head[_UNFINISHED_AT : _UNFINISHED_AT + 2], "little")
        self.is_open_ended = self.is_unfinished and bool(flags & _DT_LENGTH_UNKNOWN)
        """The last data block goes on to the end of the file, whatever its length says."""

    def read(self, position: int, size: int) -> bytes:
        """Return bytes of the file, fewer only at its end."""
        if position >= self.size:
            return b""
        # Data is read in a thread of its own.
        with self._lock:
            self._file.seek(position)
            return self._file.read(min(size, self.size - position))

    def block(self, position: int, *kinds: str) -> Block:
        """Return a block.

        Raises:
            Mdf4Error: there is none, or of none of the kinds.
        """
        head = self.read(position, HEADER_BYTES)
        if len(head) < HEADER_BYTES:
            raise Mdf4Error(f"found the end of the file at byte {position}, expected a block")
        sign, length, links = _HEADER.unpack(head)
        kind = sign[2:].decode("ascii", "replace")
        if not sign.startswith(b"##") or kind not in kinds:
            found = head[:4].hex(" ")
            expected = " or ".join(kinds)
            raise Mdf4Error(f"found {found} at byte {position}, expected a block {expected}")
        data_at = position + HEADER_BYTES + 8 * links
        if links > _MOST_LINKS or length < HEADER_BYTES + 8 * links:
            raise Mdf4Error(f"found a block {kind} of {length} bytes with {links} links")
        table = self.read(position + HEADER_BYTES, 8 * links)
        data_bytes = position + length - data_at
        is_data = kind in DATA_KINDS
        content = b"" if is_data else self.read(data_at, min(data_bytes, _LONGEST))
        if len(table) < 8 * links or (not is_data and len(content) < min(data_bytes, _LONGEST)):
            raise Mdf4Error(f"found the end of the file in a block {kind} at byte {position}")
        return Block(
            position, kind, struct.unpack(f"<{links}Q", table), content, data_at, data_bytes
        )

    def chain(self, position: int, kind: str) -> Iterator[Block]:
        """Yield a block and those that follow it: the first link of each leads to the next.

        Raises:
            Mdf4Error: one of them is none, or the chain has no end.
        """
        seen: set[int] = set()
        while position:
            if position in seen:
                raise Mdf4Error(f"found blocks {kind} that lead in a circle, expected an end")
            seen.add(position)
            block = self.block(position, kind)
            yield block
            position = link_of(block, 0)

    def text(self, position: int) -> str:
        """Return the text of a block; nothing where there is none."""
        if not position:
            return ""
        return self.block(position, "TX", "MD").content.split(b"\0")[0].decode("utf-8", "replace")

    def begin_s(self, header: Block) -> float:
        """Return the seconds since 1970 that times count from, as python-can reckons them."""
        nanoseconds, zone, summer, flags, _ = field_of(header, _START, 0)
        if nanoseconds > _LAST_DAY_NS:
            return 0.0
        try:
            if flags & _LOCAL_TIME:
                begun = datetime.fromtimestamp(nanoseconds / 10**9, UTC).replace(tzinfo=None)
            else:
                zone_of = timezone(timedelta(minutes=zone + summer))
                begun = datetime.fromtimestamp(nanoseconds / 10**9, zone_of)
            return max(begun.timestamp(), 0.0)
        except (ValueError, OverflowError, OSError):
            return 0.0


DATA_KINDS: Final = ("DT", "DV", "SD", "DZ")
"""Blocks that hold records or signal data, which may be long."""


def link_of(block: Block, index: int) -> int:
    """Return one link of a block, 0 where it has fewer."""
    return block.links[index] if index < len(block.links) else 0


def field_of(block: Block, layout: struct.Struct, at: int) -> tuple[int, ...]:
    """Return numbers that stand in the content of a block.

    Raises:
        Mdf4Error: the block is too short for them.
    """
    if at + layout.size > len(block.content):
        found = f"{len(block.content)} bytes at byte {block.position}"
        raise Mdf4Error(f"found a block {block.kind} with {found}, expected {at + layout.size}")
    return layout.unpack_from(block.content, at)
