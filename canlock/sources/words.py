"""Arithmetic on eight characters at a time: each element of an array is one machine word of text.

The first character of a word is its lowest byte, whatever the machine's own byte order. Characters
are ASCII; a byte of 0x80 or more spoils only the word that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
"""Shape (n,): eight characters an element."""

Counts = int | npt.NDArray[np.intp]
"""A number of characters: one for all words, or one each."""

WORD: Final = 8
"""Characters in a word."""


def _repeat(byte: int) -> np.uint64:
    return np.uint64(byte * 0x0101_0101_0101_0101)


_ONES: Final = _repeat(0x01)
_HIGH: Final = _repeat(0x80)
_ZEROS: Final = _repeat(ord("0"))
_LOW_NIBBLES: Final = _repeat(0x0F)
_LOWER_CASE: Final = _repeat(0x20)

# Adding 0x80 - c sets a byte's high bit where the character is at least c.
_FROM_0: Final = _repeat(0x80 - ord("0"))
_BEHIND_9: Final = _repeat(0x80 - ord("9") - 1)
_FROM_A: Final = _repeat(0x80 - ord("a"))
_BEHIND_F: Final = _repeat(0x80 - ord("f") - 1)

_FIRST: Final = np.array([(1 << 8 * count) - 1 for count in range(WORD + 1)], np.uint64)
"""Indexed by a count: ones in that many first characters."""

_LAST: Final = np.array([~((1 << 8 * (WORD - n)) - 1) & (2**64 - 1) for n in range(9)], np.uint64)
"""Indexed by a count: ones in that many last characters."""

_MISSING_BITS: Final = np.array([8 * (WORD - count) % 64 for count in range(WORD + 1)], np.uint64)


def common_count(counts: Counts) -> Counts:
    """Return the one number where all counts are equal, which makes the arithmetic cheaper."""
    if isinstance(counts, int):
        return counts
    first = int(counts[0]) if len(counts) else 0
    return first if (counts == first).all() else counts


def part_count(counts: Counts, start: int) -> Counts:
    """Return how many of some characters lie in the word that begins at the character `start`."""
    if isinstance(counts, int):
        return min(max(counts - start, 0), WORD)
    return np.minimum(np.maximum(counts - start, 0), WORD)


def keep_first(words: Words, count: Counts) -> Words:
    """Return the words with all but their first `count` (0-8) characters replaced by "0"."""
    if isinstance(count, int) and count == WORD:
        return words
    kept: Words = np.asarray(_FIRST[count])
    return (words & kept) | (_ZEROS & ~kept)


def keep_last(words: Words, count: Counts) -> Words:
    """Return the words with all but their last `count` (0-8) characters replaced by "0"."""
    if isinstance(count, int) and count == WORD:
        return words
    kept: Words = np.asarray(_LAST[count])
    return (words & kept) | (_ZEROS & ~kept)


def mask_first(words: Words, count: Counts) -> Words:
    """Return the words with all but their first `count` (0-8) characters set to zero bytes."""
    kept: Words = np.asarray(_FIRST[count])
    return words & kept


def align_last(words: Words, count: Counts) -> Words:
    """Return the first `count` (1-8) characters of each word as its last ones, "0" before them."""
    kept: Words = np.asarray(_LAST[count])
    shift: Words = np.asarray(_MISSING_BITS[count])
    return (words << shift) | (_ZEROS & ~kept)


def is_decimal(*words: Words) -> npt.NDArray[np.bool_]:
    """Return shape (n,): all eight characters are decimal digits, in each of the words."""
    return _are_all(_digits(word) & ~word for word in words)


def decimal_value(words: Words) -> npt.NDArray[np.uint64]:
    """Return shape (n,): the number that eight decimal digits spell."""
    pairs = ((words & _LOW_NIBBLES) * np.uint64(10 << 8 | 1)) >> np.uint64(8)
    fours = (pairs & np.uint64(0x00FF_00FF_00FF_00FF)) * np.uint64(100 << 16 | 1) >> np.uint64(16)
    return (fours & np.uint64(0x0000_FFFF_0000_FFFF)) * np.uint64(10_000 << 32 | 1) >> np.uint64(32)


def is_hexadecimal(*words: Words) -> npt.NDArray[np.bool_]:
    """Return shape (n,): all characters are hexadecimal digits, in each of the words."""
    return _are_all((_digits(word) | _letters(word)) & ~word for word in words)


def hexadecimal_bytes(words: Words) -> npt.NDArray[np.uint32]:
    """Return shape (n,): the four bytes that eight digits spell, the first as the lowest byte."""
    # Bit 6 tells letters from digits, and a letter's low nibble counts from 1.
    nibbles = (words & _LOW_NIBBLES) + ((words >> np.uint64(6)) & _ONES) * np.uint64(9)
    pairs = ((nibbles << np.uint64(4)) | (nibbles >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    fours = (pairs | (pairs >> np.uint64(8))) & np.uint64(0x0000_FFFF_0000_FFFF)
    return (fours | (fours >> np.uint64(16))).astype("<u4")


def hexadecimal_value(words: Words) -> npt.NDArray[np.uint32]:
    """Return shape (n,): the number that eight hexadecimal digits spell."""
    value: npt.NDArray[np.uint32] = hexadecimal_bytes(words).byteswap()
    return value


def _digits(words: Words) -> Words:
    """Return words whose high bits tell which characters are decimal digits."""
    return (words + _FROM_0) ^ (words + _BEHIND_9)


def _letters(words: Words) -> Words:
    """Return words whose high bits tell which characters are a-f or A-F."""
    lower = words | _LOWER_CASE
    return (lower + _FROM_A) ^ (lower + _BEHIND_F)


def _are_all(marks: Iterable[Words]) -> npt.NDArray[np.bool_]:
    """Return where the high bits of all bytes are set in all words."""
    is_set: npt.NDArray[np.bool_] = reduce(np.bitwise_and, marks) & _HIGH == _HIGH
    return is_set
