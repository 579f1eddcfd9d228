"""Candump lines of one length and one channel: a table whose columns are looked at as they stand.

The commonest of logs. The least and the greatest character of each column tell whether every line
is what it ought to be. What the lines have in common is known from the first block on; for each
further one nothing is made anew, neither memory nor views of it, as every step in Python costs more
than the work on some thousand lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.sources.candump_records import DATA_DIGITS, Form
from canlock.sources.extremes import Bytes, find_extremes
from canlock.sources.id_words import KnownIds
from canlock.sources.lines import LineBlock
from canlock.sources.words import WORD, Words

Indexes = npt.NDArray[np.intp]

LEAST_LINES: Final = 64
"""Shorter blocks are no table."""

_ID: Final = len("130#")
_ZEROS: Final = np.uint64(0x3030_3030_3030_3030)
_DIGITS: Final = (ord("0"), ord("9"))
_LETTERS: Final = (ord("0"), ord("f"))
"""All hexadecimal digits lie between; blanks, ends of lines, brackets, points and `#` do not. So a
line that ends before its time is seen, whatever its payload says."""


@dataclass(frozen=True, slots=True)
class TableForm:
    """What all lines of such a log have in common; no return, no direction, eight bytes."""

    form: Form
    stride: int
    id_column: int
    leading: bytes
    """The digits of the times before the last sixteen characters: they change in decades."""

    between: bytes
    """What stands between time and id."""

    @property
    def is_common(self) -> bool:
        """Tell whether a table can be made of it."""
        end = self.form.time_end
        return (
            end > 2 * WORD
            and self.form.decimals < WORD
            and self.form.suffix == 0
            and self.stride == self.id_column + _ID + DATA_DIGITS + 1
        )


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """What a block holds."""

    goes_back: bool
    """A time is before the one above it."""

    high: Words
    """Shape (m,): the eight characters before the last eight of the wanted lines' times, a digit a
    byte, the last one lowest."""

    low: Words
    """Shape (m,): the last eight characters of them, likewise."""

    numbers: npt.NDArray[np.uint32]
    """Shape (m,): their ids."""

    data: npt.NDArray[np.void]
    """Shape (m,): the digits of their payloads."""


class LineTable:
    """The lines of one buffer, as often as it is filled anew."""

    def __init__(self, block: LineBlock, form: TableForm) -> None:
        """Take a block of at least `LEAST_LINES` lines."""
        self.form = form
        self._text = block.text
        self._start, self._end = block.start, block.end
        count = (block.end - block.start) // form.stride
        self.count = count
        column, end = form.id_column, form.form.time_end
        self._high_view = self._view(end - 2 * WORD, ">u8", count)
        self._low_view = self._view(end - WORD, ">u8", count)
        self._ids_view = self._view(column, "<u4", count)
        self._data_view = self._view(column + _ID, f"V{DATA_DIGITS}", count)
        self._lines = block.text[block.start : block.end]
        lowest, highest = zip(*_ranges(form), strict=True)
        self._lowest = np.array(lowest, np.uint8)
        self._highest = np.array(highest, np.uint8)
        point = 8 * form.form.decimals
        self._zeros = _ZEROS ^ np.uint64((ord("0") ^ ord(".")) << point)

    def fits(self, block: LineBlock, form: TableForm) -> bool:
        """Tell whether a block fills the same part of the same buffer with the same lines."""
        return (
            block.text is self._text
            and block.start == self._start
            and block.end == self._end
            and form is self.form
        )

    def look(self, known: KnownIds, room: TableRoom) -> TableRows | None:
        """Return what the buffer holds; None where a line is not as it ought to be."""
        room.fit(self.count)
        least, most = find_extremes(self._lines, self.form.stride)
        if (least < self._lowest).any() or (most > self._highest).any():
            return None
        np.copyto(room.ids, self._ids_view)
        found = known.find(room.ids, room.place, room.found, room.marks)
        if found is None or len(found[1]):
            return None
        rows = found[0]
        return TableRows(
            self._do_times_go_back(least, most, room),
            self._high_view[rows] ^ _ZEROS,
            self._low_view[rows] ^ self._zeros,
            known.numbers(room.ids[rows]),
            self._data_view[rows],
        )

    def _do_times_go_back(self, least: Bytes, most: Bytes, room: TableRoom) -> bool:
        """Tell whether a time is before the one above it.

        Their text compares as they do. Eight characters are looked at, from the first one on that
        differs in the block; only where these are equal the last eight are.
        """
        end = self.form.form.time_end
        differs = (least != most)[:end]
        at = min(int(differs.argmax()) if differs.any() else end, end - WORD)
        np.copyto(room.times, self._view(at, ">u8", self.count))
        earlier, later = room.times[:-1], room.times[1:]
        doubtful = np.less_equal(later, earlier, out=room.marks[1:])
        if not doubtful.any():
            return False
        rows = doubtful.nonzero()[0]
        if (later[rows] < earlier[rows]).any():
            return True
        return bool((self._low_view[rows + 1] < self._low_view[rows]).any())

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
        self.times = np.empty(count, np.uint64)
        self.ids, self.place, self.found = (np.empty(count, "<u4") for _ in range(3))
        self.marks = np.empty(count, np.bool_)


def _ranges(form: TableForm) -> list[tuple[int, int]]:
    """Return the least and the greatest character that may stand in each column."""
    decimals = form.form.decimals
    seconds = [_DIGITS] * (form.form.time_end - len("(.") - len(form.leading) - decimals)
    before = [*_exactly(b"(" + form.leading), *seconds, *_exactly(b"."), *[_DIGITS] * decimals]
    behind = [*[_LETTERS] * 3, *_exactly(b"#"), *[_LETTERS] * DATA_DIGITS, *_exactly(b"\n")]
    return [*before, *_exactly(form.between), *behind]


def _exactly(text: bytes) -> list[tuple[int, int]]:
    return [(character, character) for character in text]
