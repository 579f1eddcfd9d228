"""Wanted candump lines, taken out of blocks that are gone and made into frames many at once."""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FrameBatch, empty_batch
from canlock.sources.candump_heads import Indexes
from canlock.sources.words import WORD, Words, keep_first, part_count

DATA_DIGITS: Final = 2 * CLASSIC_BYTES

_PARTS: Final = (
    (8, np.uint64(0x00FF_00FF_00FF_00FF)),
    (16, np.uint64(0x0000_FFFF_0000_FFFF)),
    (32, np.uint64(0x0000_0000_FFFF_FFFF)),
)
"""One digit, two and four of them are taken together: bits of each, and the lower ones of two."""

Number = TypeVar("Number", np.uint8, np.uint64)


@dataclass(frozen=True, slots=True)
class Form:
    """What the lines of some blocks have in common."""

    time_end: int
    """Column of the bracket behind the time."""

    decimals: int
    suffix: int
    """Characters of the direction behind the frame, the blank included."""


@dataclass(frozen=True, slots=True, eq=False)
class WantedLines:
    """Some lines of one block, m of them."""

    head: int | npt.NDArray[np.uint64]
    """The digits of the times before the last eight characters, as a number: for all, or each."""

    low: Words
    """Shape (m,): the last eight characters of the times, a digit a byte, the last one lowest."""

    arbitration_id: npt.NDArray[np.uint32]
    """Shape (m,)."""

    flags: npt.NDArray[np.uint8] | None
    """Shape (m,); None: there are none."""

    length: int | npt.NDArray[np.uint8]
    """Bytes of payload: one number for all, or one each."""

    channel: int | npt.NDArray[np.uint8]
    """Its number: for all, or each."""

    payload: npt.NDArray[np.uint8]
    """Shape (m, 8)."""

    high: Words | None = None
    """Shape (m,): digits to be added to the heads, a digit a byte, the last one lowest."""


class Records:
    """Wanted lines of several blocks."""

    def __init__(self) -> None:
        self.count = 0
        self._parts: list[WantedLines] = []

    def add(self, lines: WantedLines) -> None:
        """Take some lines."""
        self.count += len(lines.low)
        self._parts.append(lines)

    def join(self, form: Form, channels: tuple[str, ...]) -> FrameBatch:
        """Return all lines, of one form, as frames."""
        if not self.count:
            return replace(empty_batch(), channels=channels)
        parts = self._parts
        low = np.concatenate([part.low for part in parts])
        return FrameBatch(
            _times(low, self._heads(), form.decimals),
            np.concatenate([part.arbitration_id for part in parts]),
            self._spread([0 if part.flags is None else part.flags for part in parts], np.uint8),
            self._spread([part.length for part in parts], np.uint8),
            self._spread([part.channel for part in parts], np.uint8),
            np.concatenate([part.payload for part in parts]),
            channels,
        )

    def _heads(self) -> Words:
        heads = self._spread([part.head for part in self._parts], np.uint64)
        if any(part.high is not None for part in self._parts):
            high = self._spread(
                [0 if part.high is None else part.high for part in self._parts], np.uint64
            )
            heads += _number(high)
        return heads

    def _spread(self, facts: Sequence[Any], dtype: type[Number]) -> npt.NDArray[Number]:
        """Return shape (count,): what was told of all lines of a block, or of each."""
        spread = np.empty(self.count, dtype)
        first = 0
        for part, fact in zip(self._parts, facts, strict=True):
            last = first + len(part.low)
            spread[first:last] = fact
            first = last
        return spread


def parse_payloads(
    text: npt.NDArray[np.void], digits: int | Indexes
) -> npt.NDArray[np.uint8] | None:
    """Return shape (m, 8): what digits spell, zeros behind them; None where some are no digits.

    Args:
        text: shape (m,), `DATA_DIGITS` characters each.
        digits: how many of them count: one number, or one each.
    """
    if isinstance(digits, int) and digits == DATA_DIGITS:
        whole = text
    else:
        words = text.view("<u8").reshape(-1, 2)
        whole = np.empty_like(words)
        for column in range(2):
            count = part_count(digits, WORD * column)
            whole[:, column] = keep_first(words[:, column], count)
    try:
        # Written in C, it also checks what it reads, and takes a third of the time of words.
        content = binascii.unhexlify(whole.tobytes())
    except binascii.Error:
        return None
    return np.frombuffer(content, np.uint8).reshape(-1, CLASSIC_BYTES)


def read_times(text: npt.NDArray[np.uint8], places: list[int], form: Form) -> list[float] | None:
    """Return the times of a few lines, given where they begin; None where one is none."""
    times_s = []
    for at in places:
        told = text[at : at + form.time_end].tobytes()
        whole, _, fraction = told[1:].partition(b".")
        is_time = whole.isdigit() and len(fraction) == form.decimals and fraction.isdigit()
        if not is_time or told[:1] != b"(":
            return None
        times_s.append(float(told[1:]))
    return times_s


def read_heads(text: npt.NDArray[np.uint8], places: list[int], form: Form) -> list[int]:
    """Return the digits of a few times before their last eight characters, as numbers."""
    end = form.time_end - WORD
    return [int(text[at + 1 : at + end].tobytes() or b"0") for at in places]


def spread_heads(heads: list[int], starts: Indexes, rows: Indexes) -> int | npt.NDArray[np.uint64]:
    """Return the heads of some times, one number for all where they are the same.

    Args:
        heads: what `read_heads` gave for the starts.
        starts: ascending rows, the first one 0, from which on these digits are the same.
        rows: ascending, those whose times are asked for.
    """
    if len(heads) == 1:
        return heads[0]
    spread = np.empty(len(rows), np.uint64)
    begins = np.searchsorted(rows, starts).tolist()
    # They change every ten seconds, so there are few of them.
    for head, begin, end in zip(heads, begins, [*begins[1:], len(rows)], strict=True):
        spread[begin:end] = head
    return spread


def _times(low: Words, head: Words, decimals: int) -> npt.NDArray[np.float64]:
    """Return the times of some lines."""
    whole_digits = WORD - 1 - decimals
    whole = low >> np.uint64(8 * (decimals + 1))
    whole = _number(whole) if whole_digits > 1 else whole
    whole += head * np.uint64(10**whole_digits)
    # One division of two exact integers gives the float nearest to the text, as float() does.
    scale = 10**decimals
    whole *= np.uint64(scale)
    whole += _number(low & np.uint64((1 << 8 * decimals) - 1))
    times_s: npt.NDArray[np.float64] = whole / float(scale)
    return times_s


def _number(digits: Words) -> Words:
    """Return shape (m,): the numbers that words spell, a digit a byte, the last one lowest."""
    # Fresh memory for each step would take longer than the arithmetic.
    number = digits.copy()
    upper = np.empty_like(number)
    for bits, mask in _PARTS:
        np.right_shift(number, np.uint64(bits), out=upper)
        upper &= mask
        upper *= np.uint64(10 ** (bits // 8))
        number &= mask
        number += upper
    return number
