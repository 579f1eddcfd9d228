"""Rows of an SQLite table as columns: where their values lie, of what kind they are, what they say.

A row tells the kinds of all its values first. Numbers take as many bytes as they need, and a real
number without a fraction is stored as a whole one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.sqlite_pages import Bytes, Indexes, Leaves

COLUMNS: Final = 7

_REAL: Final = 7
_ZERO, _ONE = 8, 9
_FIRST_BLOB: Final = 12
_NUMBER_BYTES: Final = np.array([0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0], np.intp)
"""Indexed by a kind of value below that of blobs."""

_LONGEST_VARINT: Final = 9
_LONGEST_ROW: Final = 400
"""Bytes. A frame takes a hundred at most; a longer row is none, and may lie on several pages."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One column of n rows."""

    kind: Indexes
    """Shape (n,): as SQLite numbers them."""

    at: Indexes
    """Shape (n,): where the values begin."""

    content: Bytes

    @property
    def is_whole(self) -> Mask:
        """Return which values are whole numbers."""
        is_constant = (self.kind == _ZERO) | (self.kind == _ONE)
        is_whole: Mask = (self.kind >= 1) & (self.kind < _REAL) | is_constant
        return is_whole

    @property
    def is_real(self) -> Mask:
        """Return which values are real numbers with a fraction."""
        is_real: Mask = self.kind == _REAL
        return is_real

    @property
    def is_blob(self) -> Mask:
        """Return which values are bytes."""
        is_blob: Mask = (self.kind >= _FIRST_BLOB) & (self.kind % 2 == 0)
        return is_blob

    @property
    def is_null(self) -> Mask:
        """Return which values are none."""
        is_null: Mask = self.kind == 0
        return is_null

    def whole(self) -> npt.NDArray[np.int64]:
        """Return the whole numbers; nonsense where there are none."""
        size = _NUMBER_BYTES[np.minimum(self.kind, len(_NUMBER_BYTES) - 1)]
        words = self._words().view(np.int64)
        # Shifted as signed numbers, they keep their sign; nothing is left of those of no bytes.
        values = (words >> np.minimum(64 - 8 * size, 63)) * (size > 0)
        values[self.kind == _ONE] = 1
        return values

    def real(self) -> npt.NDArray[np.float64]:
        """Return the numbers, whole ones too; nonsense where there are none."""
        with np.errstate(all="ignore"):
            return np.where(self.is_real, self._words().view(np.float64), self.whole())

    def blob_bytes(self) -> Indexes:
        """Return how many bytes the blobs have, nought where there are none."""
        return np.where(self.is_blob, (self.kind - _FIRST_BLOB) // 2, 0)

    def blobs(self, rows: Indexes, width: int) -> Bytes:
        """Return shape (m, width): the first bytes of some blobs, zeros behind them."""
        everywhere: npt.NDArray[np.void] = np.ndarray(
            (len(self.content) - width + 1,), f"V{width}", self.content.data, strides=(1,)
        )
        found = everywhere[self.at[rows]].view(np.uint8).reshape(-1, width)
        found *= np.arange(width) < self.blob_bytes()[rows][:, None]
        return found

    def _words(self) -> npt.NDArray[np.uint64]:
        everywhere: npt.NDArray[np.uint64] = np.ndarray(
            (len(self.content) - 7,), ">u8", self.content.data, strides=(1,)
        )
        return everywhere[self.at].astype(np.uint64)


def read_rows(leaves: Leaves) -> tuple[list[Values], Mask]:
    """Return the columns of all rows, and which rows are whole and have so many."""
    content, end = leaves.content, leaves.end
    last = len(content) - 1
    size, at = _read_varints(content, np.minimum(leaves.cell, last))
    _, at = _read_varints(content, at)
    is_good = (leaves.cell < end) & (size <= _LONGEST_ROW) & (at + size <= end)
    header_at = at
    header, at = _read_varints(content, at)
    value_at = header_at + header
    row_end = header_at + size
    columns = []
    for _ in range(COLUMNS):
        is_good &= at < header_at + header
        kind, at = _read_varints(content, at)
        columns.append(Values(kind, np.clip(value_at, 0, last - 8), content))
        blob = np.maximum((kind - _FIRST_BLOB) // 2, 0)
        number = _NUMBER_BYTES[np.minimum(kind, len(_NUMBER_BYTES) - 1)]
        value_at = value_at + np.where(kind >= _FIRST_BLOB, np.minimum(blob, last), number)
    is_good &= (at == header_at + header) & (value_at == row_end)
    return columns, is_good


def _read_varints(content: Bytes, at: Indexes) -> tuple[Indexes, Indexes]:
    """Return numbers that begin at some places, and where they end: at most the last byte."""
    last = len(content) - 1
    byte = content[at]
    value = (byte & 0x7F).astype(np.intp)
    behind = np.minimum(at + 1, last)
    rows = np.flatnonzero(byte >= 0x80)  # noqa: PLR2004 - The highest bit.
    for place in range(1, _LONGEST_VARINT):
        if not len(rows):
            break
        byte = content[behind[rows]]
        is_ninth = place == _LONGEST_VARINT - 1
        part = byte if is_ninth else byte & 0x7F
        # What no longer fits is far too large for anything that is asked here.
        value[rows] = np.minimum(value[rows], 1 << 40) << (8 if is_ninth else 7) | part
        behind[rows] = np.minimum(behind[rows] + 1, last)
        rows = rows[byte >= 0x80]  # noqa: PLR2004
    return value, behind
