"""Vector extraction: raw and physical values out of payload matrices.

A value is first cut out as its *pattern*, the plain unsigned bits in the narrowest integer that
holds them. Changes are looked for in patterns; sign, float and scale come afterwards, for the rows
that matter. A payload is read through words of eight bytes, each loaded once for all the signals
that lie in it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.fields import Bits, Field, Selector

Pattern = npt.NDArray[np.unsignedinteger[Any]]
Raw = npt.NDArray[np.integer[Any]] | npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_] | None
"""Shape (n,); None where it would be true in all rows."""

WORD_BYTES: Final = 8
WORD_BITS: Final = 64
EXACT_BITS: Final = 53
"""Whole numbers below two to this are exact as float64."""


class Payloads:
    """The payloads of some frames of one message, and the patterns cut out of them so far."""

    def __init__(self, payload: npt.NDArray[np.uint8], length: npt.NDArray[np.uint8]) -> None:
        """Take payloads of shape (n, 8) or (n, 64) and their lengths in bytes, shape (n,)."""
        self._payload = np.ascontiguousarray(payload)
        self._length = length
        self._shortest = int(length.min()) if len(length) else 0
        self._words: dict[tuple[int, bool], npt.NDArray[np.uint64]] = {}
        self._patterns: dict[Bits, Pattern] = {}
        self._agreed: dict[Selector, npt.NDArray[np.bool_]] = {}

    def pattern(self, bits: Bits) -> Pattern:
        """Return shape (n,): the bits as an unsigned number; meaningless where too short."""
        found = self._patterns.get(bits)
        if found is None:
            found = self._patterns[bits] = self._cut(bits)
        return found

    def covers(self, end: int) -> Mask:
        """Return which payloads have at least so many bytes."""
        return None if self._shortest >= end else self._length >= end

    def valid(self, field: Field) -> Mask:
        """Return which frames carry the signal: selected by its multiplexers and long enough."""
        return both(self.selected(field), self.covers(field.bits.end))

    def selected(self, field: Field) -> Mask:
        """Return in which frames all multiplexers above the signal select it."""
        mask: Mask = None
        for selector in field.selectors:
            mask = both(mask, both(self.covers(selector.bits.end), self._agrees(selector)))
        return mask

    def short(self, fields: Collection[Field]) -> Mask:
        """Return which frames end before one of some signals that they ought to carry.

        Returns:
            Shape (n,); None where no frame does. Frames whose multiplexers do not select a signal
            need not hold it, but they must hold the multiplexers.
        """
        if all(self._shortest >= field.end for field in fields):
            return None
        found = np.zeros(len(self._length), np.bool_)
        for field in fields:
            needed = np.ones(len(self._length), np.bool_)
            for selector in field.selectors:
                found |= needed & (self._length < selector.bits.end)
                needed &= (self._length >= selector.bits.end) & self._agrees(selector)
            found |= needed & (self._length < field.bits.end)
        return found if found.any() else None

    def count_short(self, fields: Collection[Field]) -> int:
        """Return how many frames end before one of some signals that they ought to carry."""
        short = self.short(fields)
        return 0 if short is None else int(np.count_nonzero(short))

    def _agrees(self, selector: Selector) -> npt.NDArray[np.bool_]:
        found = self._agreed.get(selector)
        if found is None:
            raw = raw_values(self.pattern(selector.bits), selector.bits)
            found = self._agreed[selector] = _in_ranges(raw, selector.ranges)
        return found

    def _cut(self, bits: Bits) -> Pattern:
        dtype = narrowest(bits.length)
        if bits.end > self._payload.shape[1]:
            return np.zeros(len(self._payload), dtype)
        first_byte = bits.first // 8
        if bits.end == first_byte + 1:
            return self._cut_byte(bits, first_byte)
        window = min(first_byte, self._payload.shape[1] - WORD_BYTES)
        word = self._word(window, is_big_endian=bits.is_big_endian)
        at = bits.first - 8 * window
        over = at + bits.length - WORD_BITS
        # Up to 7 bits of a long value may lie in a ninth byte, behind the word.
        rest = self._payload[:, bits.end - 1].astype(np.uint64) if over > 0 else None
        if bits.is_big_endian:
            cut = word >> np.uint64(-over) if rest is None else word << np.uint64(over)
            if rest is not None:
                cut |= rest >> np.uint64(8 - over)
        else:
            cut = word >> np.uint64(at)
            if rest is not None:
                cut |= rest << np.uint64(WORD_BITS - at)
        cut &= np.uint64((1 << bits.length) - 1)
        narrow: Pattern = cut.astype(dtype, copy=False)
        return narrow

    def _cut_byte(self, bits: Bits, at: int) -> Pattern:
        column = self._payload[:, at]
        below = bits.first % 8
        shift = 8 - below - bits.length if bits.is_big_endian else below
        cut: Pattern = (column >> np.uint8(shift)) & np.uint8((1 << bits.length) - 1)
        return cut

    def _word(self, at: int, *, is_big_endian: bool) -> npt.NDArray[np.uint64]:
        """Return shape (n,): the eight bytes from `at` on as one number."""
        key = (at, is_big_endian)
        found = self._words.get(key)
        if found is None:
            window = np.ascontiguousarray(self._payload[:, at : at + WORD_BYTES])
            stored = window.view(">u8" if is_big_endian else "<u8")[:, 0]
            found = self._words[key] = stored.astype(np.uint64, copy=False)
        return found


def narrowest(length: int) -> type[np.unsignedinteger[Any]]:
    """Return the smallest unsigned type that holds so many bits."""
    sizes: tuple[tuple[int, type[np.unsignedinteger[Any]]], ...] = (
        (8, np.uint8),
        (16, np.uint16),
        (32, np.uint32),
    )
    return next((dtype for size, dtype in sizes if length <= size), np.uint64)


def raw_values(pattern: Pattern, bits: Bits) -> Raw:
    """Return the raw values of patterns: sign extended, or read as IEEE floats."""
    size = pattern.dtype.itemsize
    if bits.is_float:
        with np.errstate(all="ignore"):
            return pattern.view(f"f{size}").astype(np.float64)
    if not bits.is_signed:
        return pattern
    unused = pattern.dtype.type(8 * size - bits.length)
    signed: Raw = (pattern << unused).view(f"i{size}") >> unused.astype(f"i{size}")
    return signed


def physical_values(raw: Raw, field: Field) -> npt.NDArray[np.float64]:
    """Return raw x scale + offset, rounded as Python (and so cantools) rounds it."""
    if field.scale == 1 and field.offset == 0:
        return raw.astype(np.float64)
    with np.errstate(all="ignore"):
        product = raw.astype(np.float64) * float(field.scale)
        values: npt.NDArray[np.float64] = product + float(field.offset)
    if isinstance(field.scale, int) and not field.bits.is_float:
        # Whole numbers that no float64 holds: Python's integers round once, at the end.
        limit = float(1 << EXACT_BITS)
        is_far = abs(field.offset) > limit
        for row in np.flatnonzero((np.abs(product) >= limit) | is_far).tolist():
            values[row] = int(raw[row]) * field.scale + field.offset
    return values


def both(one: Mask, other: Mask) -> Mask:
    """Return where both masks are true."""
    if one is None:
        return other
    return one if other is None else one & other


def _in_ranges(raw: Raw, ranges: tuple[tuple[int, int], ...]) -> npt.NDArray[np.bool_]:
    mask = np.zeros(len(raw), np.bool_)
    for lowest, highest in ranges:
        if lowest == highest:
            mask |= raw == lowest
        else:
            mask |= (raw >= lowest) & (raw <= highest)
    return mask
