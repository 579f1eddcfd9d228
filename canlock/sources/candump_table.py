"""Candump lines of one length and one channel: a table whose columns are looked at as they stand.

The commonest of logs. What the lines have in common is known from the first block on; for each
further one nothing is made anew, neither memory nor views of it, as every step in Python costs more
than the work on some thousand lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.sources.candump_records import DATA_DIGITS, Form
from canlock.sources.id_words import KnownIds
from canlock.sources.lines import LineBlock
from canlock.sources.words import WORD, Words

Indexes = npt.NDArray[np.intp]

_ID: Final = len("130#")
_PAYLOAD_BITS: Final = np.uint64(0x1010_1010_1010_1010)
"""In digits and letters up to `o` bit 4 and bit 6 differ; in blanks, ends of lines, brackets and
`#` they do not. So a line that ends before its time is seen, whatever its payload says."""

_TO_TENS: Final = np.uint64(0x7676_7676_7676_7676)
_HIGH: Final = 0x8080_8080_8080_8080
_ZEROS: Final = 0x3030_3030_3030_3030
_TWO: Final = np.uint64(2)
_RUNS: Final = 256


@dataclass(frozen=True, slots=True)
class TableForm:
    """What all lines of such a log have in common; no return, no direction, eight bytes."""

    form: Form
    stride: int
    id_column: int
    between: bytes
    """What stands between time and id."""

    @property
    def is_common(self) -> bool:
        """Tell whether a table can be made of it."""
        end = self.form.time_end
        return (
            2 * WORD < end <= 2 * WORD + 3
            and self.form.suffix == 0
            and self.stride == self.id_column + _ID + DATA_DIGITS + 1
            and len(self.between) <= WORD
        )


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """What a block holds; `data` is valid until the next one is looked at."""

    low: Words
    """Shape (m,): the last eight characters of the wanted lines' times, a digit a byte, the last
    one lowest."""

    starts: Indexes
    """Ascending rows, the first one 0, from which on the characters before those are the same."""

    goes_back: bool
    """Within one such run a time is before the one above it."""

    rows: Indexes
    """Shape (m,): of the wanted lines."""

    numbers: npt.NDArray[np.uint32]
    """Shape (m,): their ids."""

    data: npt.NDArray[np.void]
    """Shape (m,): the digits of their payloads."""


class LineTable:
    """The lines of one buffer, as often as it is filled anew."""

    def __init__(self, block: LineBlock, form: TableForm) -> None:
        self.form = form
        self._text = block.text
        self._start, self._end = block.start, block.end
        count = (block.end - block.start) // form.stride
        self.count = count
        column, end = form.id_column, form.form.time_end
        self._ends_view = self._view(form.stride - 1, "<u4", count - 1)
        self._high_view = self._view(end - 2 * WORD, "<u8", count)
        self._low_view = self._view(end - WORD, ">u8", count)
        self._between_view = self._view(end, "<u8", count)
        self._ids_view = self._view(column, "<u4", count)
        self._data_view = self._view(column + _ID, f"V{DATA_DIGITS}", count)
        point = 8 * form.form.decimals
        self._zeros = np.uint64(_ZEROS & ~(0xFF << point) | ord(".") << point)
        self._point = 0xFF << point
        self._between = np.uint64(int.from_bytes(form.between, "little"))
        self._between_bits = (1 << 8 * len(form.between)) - 1

    def fits(self, block: LineBlock, form: TableForm) -> bool:
        """Tell whether a block fills the same part of the same buffer with the same lines."""
        return (
            block.text is self._text
            and block.start == self._start
            and block.end == self._end
            and form == self.form
        )

    def look(self, known: KnownIds, room: TableRoom) -> TableRows | None:
        """Return what the buffer holds; None where a line is not as it ought to be."""
        room.fit(self.count)
        if not self._are_alike(room):
            return None
        is_same = np.equal(room.high, room.high[0], out=room.marks).all()
        starts = np.zeros(1, np.intp)
        np.less(room.low[1:], room.low[:-1], out=room.later)
        if not is_same:
            is_new = room.high[1:] != room.high[:-1]
            starts = np.concatenate((starts, is_new.nonzero()[0] + 1))
            np.logical_and(room.later, ~is_new, out=room.later)
            if len(starts) > _RUNS:
                return None
        if not self._are_times(room):
            return None
        found = known.find(room.ids, room.place, room.found, room.marks)
        if found is None or len(found[1]) or not self._are_payloads(room):
            return None
        rows = found[0]
        goes_back = bool(room.later.any())
        if len(rows) == self.count:
            # Where all is wanted, nothing needs to be gathered.
            numbers = known.numbers(room.ids)
            return TableRows(room.low.copy(), starts, goes_back, rows, numbers, room.data)
        numbers = known.numbers(room.ids[rows])
        data = self._data_view[rows]
        return TableRows(room.low[rows], starts, goes_back, rows, numbers, data)

    def _are_alike(self, room: TableRoom) -> bool:
        """Fetch the columns and tell whether ends of lines and what stands between are the same."""
        np.copyto(room.ends, self._ends_view)
        first = room.ends[0]
        begin = int.from_bytes(self._text[self._start : self._start + 3].tobytes(), "little")
        is_first = int(first) == begin << 8 | ord("\n")
        if not is_first or not np.equal(room.ends, first, out=room.later).all():
            return False
        np.copyto(room.between, self._between_view)
        np.bitwise_xor(room.between, self._between, out=room.between)
        if int(np.bitwise_or.reduce(room.between)) & self._between_bits:
            return False
        np.copyto(room.high, self._high_view)
        np.copyto(room.low, self._low_view)
        np.copyto(room.ids, self._ids_view)
        return True

    def _are_times(self, room: TableRoom) -> bool:
        """Tell whether the last characters of all times are digits, and leave their values."""
        np.bitwise_xor(room.low, self._zeros, out=room.low)
        np.add(room.low, _TO_TENS, out=room.between)
        left = int(np.bitwise_or.reduce(room.low))
        over = int(np.bitwise_or.reduce(room.between))
        # Where the point stands there must be nothing left at all.
        return not (left | over) & _HIGH and not left & self._point

    def _are_payloads(self, room: TableRoom) -> bool:
        """Tell whether no line ends within another's payload."""
        np.copyto(room.data, self._data_view)
        np.right_shift(room.data_words, _TWO, out=room.shifted)
        np.bitwise_xor(room.data_words, room.shifted, out=room.shifted)
        return bool(np.bitwise_and.reduce(room.shifted) & _PAYLOAD_BITS == _PAYLOAD_BITS)

    def _view(self, column: int, dtype: str, count: int) -> npt.NDArray[Any]:
        first = self._start + column
        return np.ndarray((count,), dtype, self._text.data, first, (self.form.stride,))


class TableRoom:
    """Columns for what is fetched and worked out, used again and again."""

    def __init__(self) -> None:
        self._count = 0

    def fit(self, count: int) -> None:
        """Make the columns as long as a block has lines."""
        if count == self._count:
            return
        self._count = count
        self.ends = np.empty(count - 1, np.uint32)
        self.high, self.low, self.between = (np.empty(count, np.uint64) for _ in range(3))
        self.ids, self.place, self.found = (np.empty(count, np.uint32) for _ in range(3))
        self.data = np.empty(count, f"V{DATA_DIGITS}")
        self.data_words = self.data.view("<u8")
        self.shifted = np.empty(2 * count, np.uint64)
        self.marks = np.empty(count, np.bool_)
        self.later = np.empty(count - 1, np.bool_)
