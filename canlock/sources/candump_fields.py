"""The fields of candump lines, parsed for many lines at once.

A position is either one column (all lines alike, see `candump_grid`) or one index into the text for
each line (see `candump_lines`); what loads the eight characters from there on is handed in, so one
arithmetic serves both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FrameFlag
from canlock.sources.words import (
    WORD,
    Counts,
    Words,
    align_last,
    common_count,
    decimal_value,
    hexadecimal_bytes,
    hexadecimal_value,
    is_decimal,
    is_hexadecimal,
    keep_first,
    keep_last,
    part_count,
)

Mask = npt.NDArray[np.bool_]
Position = TypeVar("Position", int, npt.NDArray[np.intp])
"""One column for all lines, or one index into the text for each."""

LAST_TIME_S: Final = 1e11
"""Time stamps behind this (the year 5138) are damage, not time."""

DIGITS: Final = 2 * WORD
"""Most digits before and behind the decimal point of a time stamp."""

STANDARD_DIGITS: Final = 3
EXTENDED_DIGITS: Final = 8
"""Hexadecimal digits of an 11-bit and of a 29-bit arbitration id, as candump writes them."""

HIGHEST_STANDARD: Final = 0x7FF
HIGHEST_EXTENDED: Final = 0x1FFF_FFFF
ERROR_BIT: Final = 0x2000_0000
"""Set in an arbitration id of eight digits where the adapter reports an error (linux/can.h)."""

_ADAPTER_BITS: Final = 0xE000_0000

_MICROSECOND_DIGITS: Final = 6


def parse_time(
    load: Callable[[Position], Words], start: Position, end: Position, decimals: int | None
) -> tuple[npt.NDArray[np.float64], Mask]:
    """Return the seconds that the digits between two positions spell, and where they do.

    Args:
        load: gives the eight characters from a position on.
        start: the first digit.
        end: behind the last digit; at least 40 characters of text lie before it.
        decimals: how many digits stand behind the decimal point; None: there is no point.
    """
    whole_end = end if decimals is None else end - decimals - 1
    seconds, is_number = _parse_digits(load, whole_end, common_count(whole_end - start))
    is_time = is_number & (seconds <= LAST_TIME_S)
    if not decimals:
        return seconds.astype(np.float64), is_time
    fraction, is_fraction = _parse_digits(load, end, decimals)
    if decimals > _MICROSECOND_DIGITS:
        times_s = seconds + fraction / 10.0**decimals
    else:
        # One division of two exact integers gives the float nearest to the text, as float() does.
        scale = np.uint64(10**decimals)
        times_s = (seconds * scale + fraction) / float(scale)
    return times_s, is_time & is_fraction & (times_s <= LAST_TIME_S)


def _parse_digits(
    load: Callable[[Position], Words], end: Position, count: Counts
) -> tuple[Words, Mask]:
    """Return the number that `count` digits before a position spell, and where there is one."""
    low = keep_last(load(end - WORD), part_count(count, 0))
    if np.max(count, initial=0) <= WORD:
        is_number, value = is_decimal(low), decimal_value(low)
    else:
        high = keep_last(load(end - DIGITS), part_count(count, WORD))
        is_number, value = _parse_runs(low, high)
    if isinstance(count, int):
        is_number &= 1 <= count <= DIGITS
    else:
        is_number &= (count >= 1) & (count <= DIGITS)
    return value, is_number


def _parse_runs(low: Words, high: Words) -> tuple[Mask, Words]:
    """Parse sixteen digits, those that are the same in lines on end only once."""
    is_new = np.empty(len(low), np.bool_)
    is_new[0] = True
    np.not_equal(low[1:], low[:-1], out=is_new[1:])
    is_new[1:] |= high[1:] != high[:-1]
    first = np.flatnonzero(is_new)
    low, high = low[first], high[first]
    value = decimal_value(low) + decimal_value(high) * np.uint64(10**WORD)
    count = np.diff(first, append=len(is_new))
    return np.repeat(is_decimal(low, high), count), np.repeat(value, count)


def parse_identifier(
    words: Words, digits: Counts
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8], Mask]:
    """Return arbitration ids, flags and where they are valid.

    As for python-can, more than three digits make a 29-bit id.

    Args:
        words: eight characters from the first digit on.
        digits: how many digits there are, 1-8.
    """
    text = align_last(words, digits)
    value = hexadecimal_value(text)
    is_valid = is_hexadecimal(text)
    is_extended = np.greater(digits, STANDARD_DIGITS)
    flags = np.zeros(len(words), np.uint8)
    if is_extended.any():
        is_error = is_extended & (value & np.uint32(_ADAPTER_BITS) == ERROR_BIT)
        flags |= is_error * np.uint8(FrameFlag.ERROR)
        flags |= (is_extended & ~is_error) * np.uint8(FrameFlag.EXTENDED)
        is_valid &= np.where(is_extended, value < ERROR_BIT << 1, value <= HIGHEST_STANDARD)
        value &= np.uint32(HIGHEST_EXTENDED)
    else:
        is_valid &= value <= HIGHEST_STANDARD
    return value, flags, is_valid


def are_digits(load: Callable[[Position], Words], start: Position, count: Counts) -> Mask:
    """Return where the `count` (0-16) characters from a position on are hexadecimal digits."""
    first = keep_first(load(start), part_count(count, 0))
    if np.max(count, initial=0) <= WORD:
        return is_hexadecimal(first)
    return is_hexadecimal(first, keep_first(load(start + WORD), part_count(count, WORD)))


def parse_payload(
    load: Callable[[npt.NDArray[np.intp]], Words],
    start: npt.NDArray[np.intp],
    digits: npt.NDArray[np.intp],
    width: int,
) -> npt.NDArray[np.uint8]:
    """Return shape (n, width): the bytes that digits spell, zeros behind them.

    Args:
        load: gives the eight characters from a position on, even behind the end of a line.
        start: shape (n,), the first digit.
        digits: shape (n,), how many there are.
        width: 8 or 64.
    """
    fours = np.zeros((len(start), width // 4), "<u4")
    count = common_count(digits)
    for column in range(-(-int(np.max(count, initial=0)) // WORD)):
        words = keep_first(load(start + WORD * column), part_count(count, WORD * column))
        fours[:, column] = hexadecimal_bytes(words)
    return fours.view(np.uint8)
