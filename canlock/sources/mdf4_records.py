"""Records of one MDF4 group as columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.sources.mdf4_data import Bytes, DataPiece
from canlock.sources.mdf4_groups import Place

_TABLE_ROWS: Final = 1 << 16
"""Records that are looked at together."""

_SIZES: Final = (1, 2, 4, 8)
Rows = npt.NDArray[np.intp]


class RecordTable:
    """Some whole records, n of them."""

    def __init__(self, content: Bytes, size: int, *, is_sorted: bool) -> None:
        """Take n * size bytes; sorted: by their place in the record, see `DataPiece`."""
        self.count = len(content) // size
        self.size = size
        self._content = content
        self._is_sorted = is_sorted

    def slice(self, first: int, last: int) -> RecordTable:
        """Return some records on end, of data that is not sorted."""
        return RecordTable(
            self._content[first * self.size : last * self.size], self.size, is_sorted=False
        )

    def numbers(self, place: Place, rows: Rows | None = None) -> npt.NDArray[Any]:
        """Return shape (n,): a number of all records or of some, floats as such."""
        if place.is_float:
            return self._words(place.byte, 8, rows).view(np.float64)
        # A word may begin before the number, where it would reach over the record's end.
        width = next(size for size in _SIZES if size >= place.size)
        byte = min(place.byte, self.size - width)
        if byte < 0:
            chosen = np.arange(self.count) if rows is None else rows
            words = self.characters(place.byte, 8, chosen).view("<u8")[:, 0]
            return _bits(words, place, 0)
        return _bits(self._words(byte, width, rows), place, 8 * (place.byte - byte))

    def characters(self, byte: int, width: int, rows: Rows) -> Bytes:
        """Return shape (m, width): bytes of some records, zeros where they have no more."""
        found = np.zeros((len(rows), width), np.uint8)
        there = max(min(width, self.size - byte), 0)
        if self._is_sorted:
            planes = self._content.reshape(self.size, self.count)[byte : byte + there]
            found[:, :there] = planes[:, rows].T
        elif there and self.count:
            table: npt.NDArray[np.void] = np.ndarray(
                (self.count,), f"V{there}", self._content.data, byte, (self.size,)
            )
            found[:, :there] = table[rows].view(np.uint8).reshape(len(rows), there)
        return found

    def _words(self, byte: int, width: int, rows: Rows | None) -> npt.NDArray[Any]:
        """Return shape (n,): numbers of so many bytes, the first the lowest."""
        dtype = f"<u{width}"
        if self._is_sorted:
            planes = self._content.reshape(self.size, self.count)[byte : byte + width]
            chosen = planes if rows is None else planes[:, rows]
            # A copy in any case: the numbers are changed in place.
            return np.array(chosen.T, order="C").view(dtype)[:, 0]
        if not self.count:
            # An empty buffer ends before any place in a record.
            return np.empty(0, dtype)
        table: npt.NDArray[Any] = np.ndarray(
            (self.count,), dtype, self._content.data, byte, (self.size,)
        )
        return table.copy() if rows is None else table[rows]


def _bits(words: npt.NDArray[Any], place: Place, before: int) -> npt.NDArray[Any]:
    """Return the bits of a place, given words that begin so many bits before its byte."""
    if place.is_big_endian:
        moved = words.astype(np.uint64) >> np.uint64(before)
        return moved.byteswap() >> np.uint64(64 - place.bits)
    kind = words.dtype.type
    shift = before + place.bit
    if shift:
        words >>= kind(shift)
    if place.bits < 8 * words.itemsize - shift:
        words &= kind((1 << place.bits) - 1)
    return words


def read_records(
    pieces: Iterable[DataPiece], size: int, most: int
) -> Iterator[RecordTable | DataPiece]:
    """Yield the records that lie in some data, and what is wrong with it.

    Args:
        pieces: the data.
        size: bytes of a record.
        most: how many records there are; those behind them are none.
    """
    carried = b""
    left = most
    skipped = 0
    """Bytes of a record whose beginning was lost."""

    for piece in pieces:
        if piece.lost or piece.is_end:
            skipped = -(len(carried) + piece.lost) % size
            left -= (len(carried) + piece.lost + skipped) // size
            carried = b""
            yield piece
            continue
        is_whole = not carried and not skipped and not len(piece.content) % size
        if is_whole and piece.columns == size and len(piece.content) // size <= left:
            table = RecordTable(piece.content, size, is_sorted=True)
            left -= table.count
            yield table
            continue
        content = piece.plain()[skipped:]
        skipped = max(skipped - len(piece.content), 0)
        if carried:
            content = np.concatenate((np.frombuffer(carried, np.uint8), content))
        count = min(len(content) // size, max(left, 0))
        table = RecordTable(content[: count * size], size, is_sorted=False)
        for first in range(0, count, _TABLE_ROWS):
            yield table.slice(first, min(first + _TABLE_ROWS, count))
        left -= count
        carried = content[len(content) // size * size :].tobytes() if left > 0 else b""
