"""The beginnings of many lines as rows of a table, from which columns of words are taken.

Lines of equal length are such a table as they stand in the file; the heads of others are gathered
into one.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.sources.lines import LineBlock, find_newlines
from canlock.sources.workspace import Workspace

Indexes = npt.NDArray[np.intp]

HEAD_BYTES: Final = 40
"""Time, channel and id of a line that is not of a usual length: all that is looked at of most."""

_NEWLINE: Final = ord("\n")


class LineHeads:
    """The lines of one block."""

    def __init__(
        self, block: LineBlock, stride: int, workspace: Workspace, *, has_return: bool
    ) -> None:
        """Take a block and its first line's length, newline included.

        Nothing but `is_table` may be asked before that was, or `split`.
        """
        self.block = block
        self.has_return = has_return
        """The first line has a carriage return before its newline."""

        self.stride: int | None = stride
        """Characters from line to line; None: it differs."""

        self.same = 0
        """So many characters at the beginning are the same in all lines, as far as was looked."""

        self._workspace = workspace
        self._start: Indexes | None = None
        self._end: Indexes | None = None
        size = block.end - block.start
        self.count = size // stride
        self._table: npt.NDArray[Any] = block.text
        self._first, self._step = block.start, stride

    @property
    def start(self) -> Indexes:
        """Return shape (n,): where the lines begin."""
        if self._start is None:
            self._start = np.arange(self.block.start, self.block.end, self._step)
        return self._start

    @property
    def end(self) -> Indexes:
        """Return shape (n,): where the lines end, before a return or the newline."""
        if self._end is None:
            self._end = self.start + (self._step - 1 - self.has_return)
        return self._end

    @property
    def width(self) -> int:
        """Return how many columns can be asked for."""
        return HEAD_BYTES if self.stride is None else self.stride

    def starts(self, rows: Indexes) -> Indexes:
        """Return where some lines begin."""
        if self._start is not None:
            return self._start[rows]
        return rows * self._step + self.block.start

    def ends(self, rows: Indexes) -> Indexes:
        """Return where some lines end."""
        if self._end is not None:
            return self._end[rows]
        return self.starts(rows) + (self._step - 1 - self.has_return)

    def gather(self, column: int, size: int, rows: Indexes) -> npt.NDArray[np.void]:
        """Return shape (m,): so many characters of some lines, from a column on."""
        text = self.block.text
        if self._start is not None:
            return gather(text, self._start[rows] + column, size)
        table: npt.NDArray[np.void] = np.ndarray(
            (self.count,), f"V{size}", text.data, self._first + column, (self._step,)
        )
        return table[rows]

    def words(self, column: int, name: str, dtype: str = "<u8") -> npt.NDArray[Any]:
        """Return shape (n,): the characters from a column on as numbers of a type.

        Args:
            column: the first character of the words.
            name: that of the column in the workspace.
            dtype: `<u8` or `<u4`; `>u8` makes numbers that compare as their text does.
        """
        found = self._workspace.column(name, self.count, dtype.replace(">", "<"))
        np.copyto(found, self._rows(dtype, column))
        return found

    def characters(self, column: int, size: int) -> npt.NDArray[np.void]:
        """Return shape (n,): so many characters from a column on."""
        found = self._workspace.column("characters", self.count, f"V{size}")
        np.copyto(found, self._rows(f"V{size}", column))
        return found

    def are(self, column: int, character: str) -> bool:
        """Tell whether all lines, of equal length, have a character in a column."""
        found = self._workspace.column("character", self.count, "u1")
        np.copyto(found, self._rows("u1", column))
        return bool((found == ord(character)).all())

    def _rows(self, dtype: str, column: int) -> npt.NDArray[Any]:
        return np.ndarray(
            (self.count,), dtype, self._table.data, self._first + column, (self._step,)
        )

    def is_table(self) -> bool:
        """Tell whether lines end where the first one's length says; compare how they begin."""
        if (self.block.end - self.block.start) % self._step:
            return False
        # What stands behind the last line is none of it, and its newline ends the block.
        ends = self.words(self._step - 1, "ends", "<u4")[:-1]
        if not len(ends):
            return True
        first = int(ends[0])
        np.bitwise_xor(ends, ends[0], out=ends)
        differs = int(np.bitwise_or.reduce(ends))
        begin = self.block.text[self._first : self._first + 3].tobytes()
        self.same = 0 if differs or first >> 8 != int.from_bytes(begin, "little") else 3
        return not differs & 0xFF and first & 0xFF == _NEWLINE

    def split(self) -> None:
        """Find the lines, which are not all of one length, and fetch their heads."""
        block = self.block
        end = find_newlines(block)
        start = np.empty_like(end)
        start[0] = block.start
        np.add(end[:-1], 1, out=start[1:])
        self.stride, self.count, self.same = None, len(end), 0
        self._start, self._end = start, end - 1 if self.has_return else end
        # As many bytes as a line's head takes cost little more to fetch than eight.
        self._table = gather(block.text, start, HEAD_BYTES)
        self._first, self._step = 0, HEAD_BYTES


def gather(text: npt.NDArray[np.uint8], at: Indexes, size: int) -> npt.NDArray[np.void]:
    """Return shape (m,): so many characters from each index of a text on."""
    # Bytes without a meaning are copied whole: three times as fast as a matrix.
    everywhere: npt.NDArray[np.void] = np.ndarray(
        (len(text) - size + 1,), f"V{size}", text.data, strides=(1,)
    )
    return everywhere[at]
