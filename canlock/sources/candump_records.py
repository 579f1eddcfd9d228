"""Wanted candump lines, copied out of blocks that are gone and parsed many at once.

Of each line two pieces of one size are kept: its time, and its frame from the id on. All but the
payloads has been checked before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FrameBatch, FrameFlag
from canlock.sources.candump_fields import (
    EXTENDED_DIGITS,
    STANDARD_DIGITS,
    Mask,
    parse_identifier,
    parse_time,
)
from canlock.sources.candump_heads import Indexes
from canlock.sources.words import (
    WORD,
    Words,
    common_count,
    hexadecimal_bytes,
    is_hexadecimal,
    keep_first,
    part_count,
)

TIME_BYTES: Final = 24
FRAME_BYTES: Final = 32
"""Eight digits of an id, `#` and sixteen of a payload are 25."""

_DATA_BYTES: Final = 2 * CLASSIC_BYTES
_BEFORE: Final = 2 * WORD
"""Bytes before the first time: sixteen digits are read backwards from a time's end."""


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

    times: npt.NDArray[np.void]
    """Shape (m,): `TIME_BYTES` characters from the beginning on."""

    frames: npt.NDArray[np.void]
    """Shape (m,): `FRAME_BYTES` characters from the id on."""

    digits: int | Indexes
    """Of the payloads: one number for all, or one each."""

    channel: int | npt.NDArray[np.uint8]
    """Its number: one for all, or one each."""

    is_extended: Mask | None
    """Which ids have eight digits; None: none of them."""

    is_sent: Mask | None
    """Which frames the host sent itself; None: none of them."""

    def has_payloads(self) -> bool:
        """Tell whether all payloads are hexadecimal digits."""
        words = self.payload_words()
        if not (isinstance(self.digits, int) and self.digits == _DATA_BYTES):
            for column in range(2):
                count = part_count(self.digits, WORD * column)
                words[:, column] = keep_first(words[:, column], count)
        return bool(is_hexadecimal(words.ravel()).all())

    def payload_words(self) -> npt.NDArray[np.uint64]:
        """Return shape (m, 2): the first sixteen characters of payloads, whatever they are."""
        table = self.frames.view(np.uint8).reshape(-1, FRAME_BYTES)
        begin = STANDARD_DIGITS + 1
        text = np.ascontiguousarray(table[:, begin : begin + _DATA_BYTES])
        if self.is_extended is not None:
            begin = EXTENDED_DIGITS + 1
            text[self.is_extended] = table[self.is_extended, begin : begin + _DATA_BYTES]
        return text.view("<u8")


class Records:
    """Wanted lines of several blocks."""

    def __init__(self) -> None:
        self.count = 0
        self._parts: list[WantedLines] = []

    def add(self, lines: WantedLines) -> None:
        """Take some lines."""
        self.count += len(lines.times)
        self._parts.append(lines)

    def parse(self, form: Form, channels: tuple[str, ...]) -> FrameBatch:
        """Return all lines, of one form, as frames."""
        if not self.count:
            return FrameBatch(
                np.empty(0, np.float64),
                np.empty(0, np.uint32),
                np.empty(0, np.uint8),
                np.empty(0, np.uint8),
                np.empty(0, np.uint8),
                np.empty((0, CLASSIC_BYTES), np.uint8),
                channels,
            )
        times = np.zeros(_BEFORE + self.count * TIME_BYTES, np.uint8)
        np.concatenate(
            [part.times for part in self._parts], out=times[_BEFORE:].view(f"V{TIME_BYTES}")
        )

        def load(column: int) -> Words:
            rows: Words = np.ndarray(
                (self.count,), "<u8", times.data, _BEFORE + column, (TIME_BYTES,)
            )
            return rows.copy()

        arbitration_id, flags = self._identifiers()
        digits = self._spread([part.digits for part in self._parts], np.intp)
        return FrameBatch(
            parse_time(load, 1, form.time_end, form.decimals)[0],
            arbitration_id,
            flags,
            (digits >> 1).astype(np.uint8),
            self._spread([part.channel for part in self._parts], np.uint8),
            self._payloads(common_count(digits)),
            channels,
        )

    def _identifiers(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
        """Return arbitration ids and flags."""
        words = np.concatenate(
            [part.frames.view("<u8")[:: FRAME_BYTES // WORD] for part in self._parts]
        )
        arbitration_id, flags, _ = parse_identifier(words, STANDARD_DIGITS)
        first = 0
        for part in self._parts:
            rows = slice(first, first + len(part.times))
            if part.is_extended is not None:
                extended = part.is_extended.nonzero()[0] + first
                arbitration_id[extended], flags[extended], _ = parse_identifier(
                    words[extended], EXTENDED_DIGITS
                )
            if part.is_sent is not None:
                flags[rows] |= part.is_sent * np.uint8(FrameFlag.TRANSMITTED)
            first = rows.stop
        return arbitration_id, flags

    def _payloads(self, digits: int | Indexes) -> npt.NDArray[np.uint8]:
        words = np.concatenate([part.payload_words() for part in self._parts])
        fours = np.empty((self.count, 2), "<u4")
        for column in range(2):
            count = part_count(digits, WORD * column)
            part = np.ascontiguousarray(words[:, column])
            fours[:, column] = hexadecimal_bytes(keep_first(part, count))
        return fours.view(np.uint8)

    def _spread(self, facts: list[Any], dtype: type[Any]) -> npt.NDArray[Any]:
        """Return shape (count,): what was told of all lines of a block, or of each."""
        spread = np.empty(self.count, dtype)
        first = 0
        for part, fact in zip(self._parts, facts, strict=True):
            last = first + len(part.times)
            spread[first:last] = fact
            first = last
        return spread
