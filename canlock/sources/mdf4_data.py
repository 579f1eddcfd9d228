"""The data that MDF4 blocks hold: records or signal data on end, packed or not, in some pieces.

Data may lie in one block, in lists of blocks, deflated, or deflated with its bytes sorted by their
place in the record. Such pieces are left sorted: most columns are never looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.inflate import INFLATED_LIMIT, InflateError, inflate
from canlock.sources.mdf4_file import Block, Mdf4Error, Mdf4File, link_of

PIECE_BYTES: Final = 1 << 22
"""Of data that is not packed, so much is read at a time."""

_PACKED: Final = struct.Struct("<2sBBIQQ")
_TRANSPOSED: Final = 1
_LISTS: Final = 1 << 20

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
        for block in _data_blocks(file, position):
            yield from _read_packed(file, block) if block.kind == "DZ" else _read_plain(file, block)
    except Mdf4Error as error:
        yield DataPiece(np.empty(0, np.uint8), text=str(error), is_end=True)


def _data_blocks(file: Mdf4File, position: int) -> Iterator[Block]:
    if not position:
        return
    sign = file.read(position, 4)[2:].decode("ascii", "replace")
    if sign == "HL":
        position = link_of(file.block(position, "HL"), 0)
        sign = "DL"
    if sign != "DL":
        yield file.block(position, "DT", "DV", "SD", "DZ")
        return
    for block in file.chain(position, "DL"):
        for link in block.links[1:]:
            if link:
                yield file.block(link, "DT", "DV", "SD", "DZ")


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
