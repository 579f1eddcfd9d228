"""Lines of a text log, loaded and compared many at once.

Columns count from the beginning of a line. What is loaded may reach over a line's end or before its
beginning; whoever loads it masks that away.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.sources.candump_fields import Mask
from canlock.sources.lines import LineBlock, find_newlines
from canlock.sources.words import (
    WORD,
    Words,
    align_last,
    decimal_value,
    hexadecimal_value,
    is_decimal,
    is_hexadecimal,
    keep_last,
)

Indexes = npt.NDArray[np.intp]

_BLANKS: Final = np.uint64(0x2020_2020_2020_2020)
_SIXTEENS: Final = np.uint64(0x1010_1010_1010_1010)
_KEPT: Final = np.array([~((1 << 8 * (WORD - n)) - 1) & (2**64 - 1) for n in range(9)], np.uint64)
"""Indexed by a count: ones in that many last characters."""

_RETURN: Final = ord("\r")

_HEAD_BYTES: Final = 48
"""Characters of a line's head: time, channel and id of most formats."""


class TextLines:
    """Some lines of a block."""

    def __init__(
        self, block: LineBlock, start: Indexes, end: Indexes, stride: int | None = None
    ) -> None:
        """Take where lines begin and where they end, and their distance where it is the same."""
        self.block = block
        self.start = start
        self.end = end
        """Shape (n,): behind the last character; a newline, or a return before it, stands there."""
        self.stride = stride
        self._heads: npt.NDArray[np.void] | None = None
        """Shape (n,): the beginnings of lines of different lengths, fetched once for all."""

    def __len__(self) -> int:
        return len(self.start)

    def take(self, rows: Indexes | slice) -> TextLines:
        """Return the chosen lines."""
        stride = self.stride if isinstance(rows, slice) else None
        return TextLines(self.block, self.start[rows], self.end[rows], stride)

    def text(self, row: int) -> bytes:
        """Return one line."""
        return self.block.text[self.start[row] : self.end[row]].tobytes()

    def words(self, column: int) -> Words:
        """Return shape (n,): the eight characters from a column on."""
        if self.stride is not None:
            first = int(self.start[0]) + column
            rows = self._rows("<u8", self.block.text, first, self.stride)
        elif 0 <= column <= _HEAD_BYTES - WORD:
            rows = self._rows("<u8", self._find_heads(), column, _HEAD_BYTES)
        else:
            return self.block.words(self.start + column)
        # Arithmetic on scattered words would fetch the whole block each time.
        copied: Words = rows.copy()
        return copied

    def _rows(self, kind: str, table: npt.NDArray[Any], first: int, stride: int) -> Any:  # noqa: ANN401
        return np.ndarray((len(self.start),), kind, table.data, first, (stride,))

    def _find_heads(self) -> npt.NDArray[np.void]:
        if self._heads is None:
            text = self.block.text
            everywhere = np.ndarray(
                (len(text) - _HEAD_BYTES + 1,), f"V{_HEAD_BYTES}", text.data, strides=(1,)
            )
            # As many bytes as a line's head takes cost little more to fetch than eight.
            self._heads = everywhere[self.start]
        return self._heads

    def short_words(self, column: int) -> npt.NDArray[np.uint32]:
        """Return shape (n,): the four characters from a column on."""
        if self.stride is not None:
            first = int(self.start[0]) + column
            rows = self._rows("<u4", self.block.text, first, self.stride)
        elif 0 <= column <= _HEAD_BYTES - WORD:
            rows = self._rows("<u4", self._find_heads(), column, _HEAD_BYTES)
        else:
            return short_words(self.block, self.start + column)
        copied: npt.NDArray[np.uint32] = rows.copy()
        return copied

    def characters(self, column: int) -> npt.NDArray[np.uint8]:
        """Return shape (n,): the character in a column."""
        if self.stride is None:
            return self.block.text[self.start + column]
        first = int(self.start[0]) + column
        return self.block.text[first : int(self.start[-1]) + column + 1 : self.stride]


def short_words(block: LineBlock, at: Indexes) -> npt.NDArray[np.uint32]:
    """Return shape (n,): the four characters from each index of the text on."""
    text = block.text
    everywhere: npt.NDArray[np.uint32] = np.ndarray(
        (len(text) - 3,), "<u4", text.data, strides=(1,)
    )
    return everywhere[at]


def split_lines(block: LineBlock) -> TextLines:
    """Return the lines of a block."""
    newline = find_newlines(block)
    start = np.empty_like(newline)
    start[0] = block.start
    start[1:] = newline[:-1] + 1
    length = newline - start
    stride = int(length[0]) + 1 if len(length) > 1 and (length == length[0]).all() else None
    end = newline
    has_return = (block.text[newline - 1] == _RETURN) & (length > 0)
    if has_return.any():
        end = newline - has_return
    return TextLines(block, start, end, stride)


def parse_decimal(
    lines: TextLines, start: int, end: int, *, is_padded: bool = False
) -> tuple[npt.NDArray[np.uint64], Mask]:
    """Return the numbers that stand in some columns, at most sixteen, and where there are such.

    Args:
        lines: n lines.
        start: the first column.
        end: behind the last one.
        is_padded: blanks may stand before the digits.
    """
    width = end - start
    low = _load(lines, end, min(width, WORD), is_padded=is_padded)
    if width <= WORD:
        return _parse_runs(low, None, is_padded=is_padded)
    high = _load(lines, end - WORD, width - WORD, is_padded=is_padded)
    return _parse_runs(low, high, is_padded=is_padded)


def _parse_runs(
    low: Words, high: Words | None, *, is_padded: bool
) -> tuple[npt.NDArray[np.uint64], Mask]:
    """Parse digits, those that are the same in lines on end only once."""
    is_new = np.empty(len(low), np.bool_)
    is_new[:1] = True
    np.not_equal(low[1:], low[:-1], out=is_new[1:])
    if high is not None:
        is_new[1:] |= high[1:] != high[:-1]
    first = np.flatnonzero(is_new)
    if 2 * len(first) > len(low):
        return _parse_digits(low, high, is_padded=is_padded)
    high = None if high is None else high[first]
    value, is_number = _parse_digits(low[first], high, is_padded=is_padded)
    count = np.diff(first, append=len(low))
    return np.repeat(value, count), np.repeat(is_number, count)


def _parse_digits(
    low: Words, high: Words | None, *, is_padded: bool
) -> tuple[npt.NDArray[np.uint64], Mask]:
    if not is_padded:
        if high is None:
            return decimal_value(low), is_decimal(low)
        value = decimal_value(low) + decimal_value(high) * np.uint64(10**WORD)
        return value, is_decimal(low, high)
    low, low_blanks, is_number = _fill_blanks(low)
    if high is None:
        return decimal_value(low), is_number
    high, high_blanks, is_high = _fill_blanks(high)
    # Blanks in the last eight characters are padding only where all before them are blank.
    is_number &= is_high & ((low_blanks == 0) | (high_blanks == ~np.uint64(0)))
    return decimal_value(low) + decimal_value(high) * np.uint64(10**WORD), is_number


def _load(lines: TextLines, end: int, count: int, *, is_padded: bool) -> Words:
    """Return words whose last `count` characters are those before a column."""
    words = lines.words(end - WORD)
    if not is_padded:
        return keep_last(words, count)
    kept: Words = _KEPT[count]
    return (words & kept) | (_BLANKS & ~kept)


def _fill_blanks(words: Words) -> tuple[Words, Words, Mask]:
    """Return words with zeros for leading blanks, where these were, and where all is well."""
    # A blank lacks the bit 0x10 that all digits have: with it, it is the digit 0.
    blanks: Words = ((~words & _SIXTEENS) >> np.uint64(4)) * np.uint64(0xFF)
    is_padding = ((words ^ _BLANKS) & blanks == 0) & (blanks & (blanks + np.uint64(1)) == 0)
    filled: Words = words | _SIXTEENS
    return filled, blanks, is_padding & is_decimal(filled)


def parse_hexadecimal(
    lines: TextLines, start: int, end: int
) -> tuple[npt.NDArray[np.uint32], Mask]:
    """Return the numbers that hexadecimal digits in some columns, at most eight, spell."""
    words = align_last(lines.words(start), end - start)
    return hexadecimal_value(words), is_hexadecimal(words)


class Literal:
    """Characters that must stand in some columns of each line, all else left open."""

    def __init__(self, line: bytes, fixed: list[tuple[int, int]]) -> None:
        """Take a line and the columns, from and until, that must be as in it."""
        mask = bytearray(len(line) + WORD)
        for start, end in fixed:
            mask[start:end] = b"\xff" * (end - start)
        padded = line.ljust(len(mask), b"\0")
        self._parts: list[tuple[int, np.uint64, np.uint64]] = []
        column = 0
        while column < len(line):
            if not mask[column]:
                column += 1
                continue
            bits = int.from_bytes(mask[column : column + WORD], "little")
            wanted = int.from_bytes(padded[column : column + WORD], "little") & bits
            self._parts.append((column, np.uint64(bits), np.uint64(wanted)))
            column += WORD

    def fits(self, lines: TextLines) -> Mask:
        """Return shape (n,): where the characters are the same."""
        fits = np.ones(len(lines), np.bool_)
        for column, bits, wanted in self._parts:
            fits &= lines.words(column) & bits == wanted
        return fits
