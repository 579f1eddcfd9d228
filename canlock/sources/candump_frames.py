"""The third token of candump lines: arbitration id, `#` and what the frame carries.

`130#4142A10FD2`, `12DD546C##14142` (CAN FD, flags 1), `130#R8` (remote), `20000080#` (error).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameFlag
from canlock.sources.candump_fields import (
    DIGITS,
    EXTENDED_DIGITS,
    STANDARD_DIGITS,
    Mask,
    are_digits,
    parse_identifier,
)
from canlock.sources.lines import LineBlock
from canlock.sources.words import common_count

Indexes = npt.NDArray[np.intp]

_HASH: Final = ord("#")
_CODE_MARK: Final = ord("_")
"""`130#0011223344556677_F`: the raw length code of eight bytes (can-utils, lib.h)."""

_CODE_CHARACTERS: Final = 2
_FD_CHARACTERS: Final = 2
"""The second `#` and the digit of flags."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """What n tokens say, one array of shape (n,) a field; nonsense where `is_good` is False."""

    arbitration_id: npt.NDArray[np.uint32]
    flags: npt.NDArray[np.uint8]
    length: npt.NDArray[np.uint8]
    data_start: Indexes
    """Index in the text of the payload's first digit."""

    digits: Indexes
    """Digits of the payload."""

    is_good: Mask

    def take(self, rows: Indexes | Mask) -> Frames:
        """Return the chosen tokens."""
        return Frames(
            self.arbitration_id[rows],
            self.flags[rows],
            self.length[rows],
            self.data_start[rows],
            self.digits[rows],
            self.is_good[rows],
        )


def parse_frames(block: LineBlock, start: Indexes, end: Indexes) -> Frames:
    """Return what the tokens between two indexes of the text say."""
    text = block.text
    words = block.words(start)
    width = np.where(text[start + STANDARD_DIGITS] == _HASH, STANDARD_DIGITS, EXTENDED_DIGITS)
    arbitration_id, flags, is_good = parse_identifier(words, common_count(width))
    is_good &= text[start + width] == _HASH
    others = np.flatnonzero(~is_good)
    if len(others):
        # Other lengths are rare, and most of these lines are damaged.
        around = text[start[others, None] + np.arange(1, EXTENDED_DIGITS + 1)] == _HASH
        width[others] = 1 + np.argmax(around, axis=1)
        arbitration_id[others], flags[others], is_good[others] = parse_identifier(
            words[others], width[others]
        )
        is_good[others] &= around.any(axis=1)

    data_start = start + width + 1
    digits = end - data_start
    is_good &= digits >= 0
    full = 2 * CLASSIC_BYTES
    is_classic = is_good & (digits <= full) & (digits & 1 == 0)
    is_classic &= are_digits(block.words, data_start, common_count(np.minimum(digits, full)))
    length = (digits >> 1).astype(np.uint8)
    frames = Frames(arbitration_id, flags, length, data_start, digits, is_classic)
    others = np.flatnonzero(is_good & ~is_classic)
    if len(others):
        _parse_remote(block, frames, others)
        _parse_length_code(block, frames, others)
        _parse_fd(block, frames, others)
    return frames


def _parse_remote(block: LineBlock, frames: Frames, rows: Indexes) -> None:
    """Fill in remote frames: `#R` or `#R8`, with a length code behind the 8 or not."""
    at, count = frames.data_start[rows], frames.digits[rows]
    text = block.text
    length = np.where(count > 1, text[at + 1] - np.uint8(ord("0")), np.uint8(0))
    is_remote = (text[at] | 0x20 == ord("r")) & (count >= 1) & (length <= CLASSIC_BYTES)
    code = count - len("R8")
    is_remote &= (code <= 0) | (
        (code == _CODE_CHARACTERS) & (length == CLASSIC_BYTES) & _is_code(text, at + len("R8"))
    )
    rows, length = rows[is_remote], length[is_remote]
    frames.flags[rows] |= np.uint8(FrameFlag.REMOTE)
    frames.length[rows] = length
    frames.digits[rows] = 0
    frames.is_good[rows] = True


def _parse_length_code(block: LineBlock, frames: Frames, rows: Indexes) -> None:
    """Fill in frames of eight bytes with a length code behind them."""
    full = 2 * CLASSIC_BYTES
    at = frames.data_start[rows]
    is_coded = frames.digits[rows] == full + _CODE_CHARACTERS
    is_coded &= are_digits(block.words, at, full) & _is_code(block.text, at + full)
    rows = rows[is_coded]
    frames.length[rows] = CLASSIC_BYTES
    frames.digits[rows] = full
    frames.is_good[rows] = True


def _is_code(text: npt.NDArray[np.uint8], at: Indexes) -> Mask:
    """Return where a length code stands: `_9` to `_F`."""
    digit = text[at + 1]
    lower = digit | np.uint8(0x20)
    is_digit = (digit == ord("9")) | ((lower >= ord("a")) & (lower <= ord("f")))
    is_code: Mask = (text[at] == _CODE_MARK) & is_digit
    return is_code


def _parse_fd(block: LineBlock, frames: Frames, rows: Indexes) -> None:
    """Fill in CAN FD frames: `##`, one digit of flags, up to 64 bytes."""
    at = frames.data_start[rows]
    digits = frames.digits[rows] - _FD_CHARACTERS
    is_fd = (block.text[at] == _HASH) & (digits >= 0) & (digits <= 2 * FD_BYTES)
    is_fd &= (digits & 1 == 0) & are_digits(block.words, at + 1, 1)
    rows, at, digits = rows[is_fd], at[is_fd] + _FD_CHARACTERS, digits[is_fd]
    is_good = np.ones(len(rows), np.bool_)
    for column in range(0, int(np.max(digits, initial=0)), DIGITS):
        count = np.minimum(np.maximum(digits - column, 0), DIGITS)
        is_good &= are_digits(block.words, at + column, count)
    rows, at, digits = rows[is_good], at[is_good], digits[is_good]
    mode = block.text[at - 1]
    bits = mode + np.uint8(9) * (mode > ord("9"))
    frames.flags[rows] |= np.uint8(FrameFlag.FD)
    frames.flags[rows] |= (bits & 1) * np.uint8(FrameFlag.BITRATE_SWITCH)
    frames.flags[rows] |= (bits >> 1 & 1) * np.uint8(FrameFlag.ERROR_STATE)
    frames.length[rows] = digits >> 1
    frames.digits[rows] = digits
    frames.data_start[rows] = at
    frames.is_good[rows] = True
