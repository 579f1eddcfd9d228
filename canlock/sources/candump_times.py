"""The time stamps of a whole block: whether they are such, and whether they go back.

The order of time is seen in the text itself: digits in the same columns compare as their numbers
do, so next to none of them are turned into numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.candump_heads import Indexes, LineHeads
from canlock.sources.words import WORD, Words
from canlock.sources.workspace import Workspace

_RUNS: Final = 256
"""Times whose leading digits change more often than this in a block are left for others."""

_TO_TENS: Final = np.uint64(0x7676_7676_7676_7676)
"""Added to 0-9 it leaves the high bit of a byte unset; to more, it sets it."""

_HIGH: Final = 0x8080_8080_8080_8080
_ZEROS: Final = 0x3030_3030_3030_3030


class TimeText(ABC):
    """Where time stamps stand in lines that are alike, and how to read a few of them."""

    def __init__(self, start: int, end: int, decimals: int) -> None:
        """Take the first column, the one behind the last digit, and digits behind the point."""
        self.start = start
        self.end = end
        self.decimals = decimals
        """Nought: there is no point."""

    @abstractmethod
    def read(self, rows: Indexes) -> list[float] | None:
        """Return the times of a few lines in seconds; None where one is none."""


@dataclass(frozen=True, slots=True, eq=False)
class TimeCheck:
    """What the time stamps of a block say."""

    first_s: float
    last_s: float
    goes_back: bool
    low: Words
    """Shape (n,): the last eight characters of each, a digit a byte, the last one lowest; the point
    is nought. Valid until the next block is looked at."""

    starts: Indexes
    """Ascending rows, the first one 0, from which on the characters before those are the same."""


def check_times(heads: LineHeads, text: TimeText, workspace: Workspace) -> TimeCheck | None:
    """Return what the times of a block say; None where they are not all like the first."""
    if not WORD <= text.end - text.start <= 3 * WORD:
        return None
    low = heads.words(text.end - WORD, "low", ">u8")
    is_new = _find_changes(heads, text, workspace)
    later = workspace.column("later", heads.count - 1, "?")
    np.less(low[1:], low[:-1], out=later)
    first = np.zeros(1, np.intp)
    if is_new is not None:
        later &= ~is_new
        first = np.concatenate((first, is_new.nonzero()[0] + 1))
        if len(first) > _RUNS:
            return None
    goes_back = bool(later.any())
    if not _are_digits(low, text.decimals, workspace):
        return None
    begins = text.read(first)
    ends = text.read(np.append(first[1:], heads.count) - 1)
    if begins is None or ends is None:
        return None
    goes_back |= any(begin_s < end_s for begin_s, end_s in zip(begins[1:], ends, strict=False))
    return TimeCheck(begins[0], ends[-1], goes_back, low, first)


def _find_changes(
    heads: LineHeads, text: TimeText, workspace: Workspace
) -> npt.NDArray[np.bool_] | None:
    """Return shape (n - 1,): where what stands before the last eight digits changes.

    None: nowhere.
    """
    first, end = text.start, text.end - WORD
    # Of the first columns, some may be known to be the same.
    first = max(first, min(heads.same, end))
    is_new: npt.NDArray[np.bool_] | None = None
    while end > first:
        # Most often ten characters: eight, and two of which half a word is enough.
        size = WORD if end - first > WORD // 2 else WORD // 2
        at = max(end - size, 0)
        words = heads.words(at, f"high {size}", f"<u{size}")
        if at < first or at + size > end:
            mask = (1 << 8 * (end - at)) - (1 << 8 * max(first - at, 0))
            np.bitwise_and(words, words.dtype.type(mask), out=words)
        is_same = workspace.column("is same", heads.count, "?")
        if not np.equal(words, words[0], out=is_same).all():
            changes = words[1:] != words[:-1]
            is_new = changes if is_new is None else is_new | changes
        end = at
    return is_new


def _are_digits(low: npt.NDArray[np.uint64], decimals: int, workspace: Workspace) -> bool:
    """Tell whether the last eight characters of all times are digits, and a point among them."""
    zeros, point = _ZEROS, 0
    if 0 < decimals < WORD:
        point = 0xFF << 8 * decimals
        zeros = _ZEROS & ~point | ord(".") << 8 * decimals
    over = workspace.column("over", len(low), "<u8")
    np.bitwise_xor(low, np.uint64(zeros), out=low)
    np.add(low, _TO_TENS, out=over)
    left = int(np.bitwise_or.reduce(low))
    # Where the point stands there must be nothing left at all.
    return not (left | int(np.bitwise_or.reduce(over))) & _HIGH and not left & point
