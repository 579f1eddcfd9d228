"""The data that MDF4 blocks hold: records or signal data on end, packed or not, in some pieces.

Data may lie in one block, in lists of blocks, deflated, or deflated with its bytes sorted by their
place in the record. Such pieces are left sorted: most columns are never looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.inflate import INFLATED_LIMIT, InflateError, inflate
from canlock.sources.mdf4_file import (
    DATA_KINDS,
    Block,
    Mdf4Error,
    Mdf4File,
    field_of,
    link_of,
)

PIECE_BYTES: Final = 1 << 22
"""Of data that is not packed, so much is read at a time."""

_PACKED: Final = struct.Struct("<2sBBIQQ")
_TRANSPOSED: Final = 1
_LIST: Final = struct.Struct("<BxxxI")
_NUMBER: Final = struct.Struct("<Q")
_EQUAL_LENGTHS: Final = 1

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class DataPiece:
    """Some data."""

    content: Bytes
    """Shape (size,)."""

    columns: int = 0
    """Bytes of a record, where the data is sorted by the place in it: first all first bytes, then
    all second ones; what does not fill a record stands behind. Nought: it is not sorted."""

    lost: int = 0
    """So many bytes are missing here instead."""

    text: str = ""
    """Why."""

    is_end: bool = False
    """Nothing can follow."""

    def plain(self) -> Bytes:
        """Return the data in its own order."""
        if not self.columns:
            return self.content
        rows = len(self.content) // self.columns
        sorted_bytes = self.content[: rows * self.columns].reshape(self.columns, rows)
        return np.concatenate((sorted_bytes.T.reshape(-1), self.content[rows * self.columns :]))


def read_data(file: Mdf4File, position: int) -> Iterator[DataPiece]:
    """Yield the data that begins at a block; nothing raises."""
    try:
        for place, size in _places(file, position):
            yield from _read_place(file, place, size)
    except Mdf4Error as error:
        yield DataPiece(np.empty(0, np.uint8), text=str(error), is_end=True)


def _places(file: Mdf4File, position: int) -> Iterator[tuple[int, int | None]]:
    """Yield where blocks of data are, and how much each holds, where a list tells."""
    if not position:
        return
    sign = file.read(position, 4)[2:].decode("ascii", "replace")
    if sign == "HL":
        position = link_of(file.block(position, "HL"), 0)
        sign = "DL"
    if sign != "DL":
        yield position, None
        return
    before: tuple[int, int | None] | None = None
    for block in file.chain(position, "DL"):
        starts = _starts(block)
        for number, link in enumerate(block.links[1:]):
            start = starts[number] if number < len(starts) else None
            if before is not None:
                yield before[0], _between(before[1], start)
            before = (link, start)
    if before is not None:
        yield before[0], None


def _starts(block: Block) -> Sequence[int]:
    """Return at which byte of all data each block of a list begins; nothing where it is not told.

    Only the distances count: lists of equal lengths begin anew with each.
    """
    flags, count = field_of(block, _LIST, 0)
    if flags & _EQUAL_LENGTHS:
        length = field_of(block, _NUMBER, _LIST.size)[0]
        return range(0, length * (len(block.links) - 1), length) if length else ()
    room = (len(block.content) - _LIST.size) // _NUMBER.size
    return struct.unpack_from(f"<{min(count, room)}Q", block.content, _LIST.size)


def _between(start: int | None, following: int | None) -> int | None:
    if start is None or following is None or not 0 < following - start <= INFLATED_LIMIT:
        return None
    return following - start


def _read_place(file: Mdf4File, place: int, size: int | None) -> Iterator[DataPiece]:
    """Yield the data of one block, and what is missing of it."""
    try:
        block = file.block(place, *DATA_KINDS)
        read = _read_packed if block.kind == "DZ" else _read_plain
        found = 0
        for piece in read(file, block):
            if size is not None and found + len(piece.content) + piece.lost > size:
                raise Mdf4Error(f"found a block at byte {place} that holds more than {size} bytes")
            if not piece.lost:
                found += len(piece.content)
                yield piece
            elif size is None:
                yield piece
            else:
                found = size
                yield replace(piece, lost=size)
    except Mdf4Error as error:
        if size is None:
            raise
        yield DataPiece(np.empty(0, np.uint8), lost=size, text=str(error))
        return
    if size is not None and found < size and not file.is_unfinished:
        text = f"found a block at byte {place} that holds {found} bytes, expected {size}"
        yield DataPiece(np.empty(0, np.uint8), lost=size - found, text=text)


def _read_plain(file: Mdf4File, block: Block) -> Iterator[DataPiece]:
    end = block.data_at + block.data_bytes
    if file.is_open_ended and not block.data_bytes:
        end = file.size
    for start in range(block.data_at, min(end, file.size), PIECE_BYTES):
        content = file.read(start, min(PIECE_BYTES, end - start))
        yield DataPiece(np.frombuffer(content, np.uint8))
    if end > file.size:
        text = f"found the end of the file in a block {block.kind}, expected the rest of it"
        yield DataPiece(np.empty(0, np.uint8), text=text, is_end=True)


def _read_packed(file: Mdf4File, block: Block) -> Iterator[DataPiece]:
    head = file.read(block.data_at, _PACKED.size)
    if len(head) < _PACKED.size:
        raise Mdf4Error("found the end of the file in a packed block, expected the rest of it")
    _, method, _, columns, size, packed_bytes = _PACKED.unpack(head)
    lost = min(size, INFLATED_LIMIT)
    begin = block.data_at + _PACKED.size
    if size > INFLATED_LIMIT or packed_bytes > file.size - begin:
        what = f"{packed_bytes} bytes that hold {size}"
        text = f"found a packed block of {what} at byte {block.position}, expected it to be there"
        is_end = packed_bytes > file.size - begin
        yield DataPiece(np.empty(0, np.uint8), lost=lost, text=text, is_end=is_end)
        return
    try:
        content = np.frombuffer(inflate(file.read(begin, packed_bytes), size), np.uint8)
    except InflateError as error:
        text = f"found damaged data at byte {block.position} ({error}), expected whole data"
        yield DataPiece(np.empty(0, np.uint8), lost=lost, text=text)
        return
    yield DataPiece(content, columns if method == _TRANSPOSED and columns > 1 else 0)
