"""Channel names of candump lines, numbered in the order in which they are met."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.candump_frames import Indexes
from canlock.sources.lines import LineBlock
from canlock.sources.words import WORD, common_count, mask_first, part_count

_LIMIT: Final = 255
"""The channel column holds a byte; names beyond so many share one number."""

_OTHERS: Final = "others"


class ChannelNames:
    """The channels of one capture so far."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names by number; one empty name where there is none yet."""
        return tuple(self._numbers) or ("",)

    def number(self, block: LineBlock, start: Indexes, end: Indexes) -> npt.NDArray[np.uint8]:
        """Return shape (n,): the number of the channel named between two indexes of the text."""
        width = common_count(end - start)
        words = [
            mask_first(block.words(start + column), part_count(width, column))
            for column in range(0, int(np.max(width, initial=0)), WORD)
        ]
        numbers = np.empty(len(start), np.uint8)
        rows = np.arange(len(start))
        while len(rows):
            first = rows[0]
            is_same = np.logical_and.reduce([word == word[first] for word in words])
            number = self.name_number(block.line(start[first], end[first]).decode())
            if is_same.all():
                numbers[:] = number
                break
            numbers[is_same] = number
            rows = rows[~is_same[rows]]
        return numbers

    def name_number(self, name: str) -> int:
        """Return the number of a channel, a new one where it has none yet."""
        if name not in self._numbers and len(self._numbers) >= _LIMIT:
            name = _OTHERS
        return self._numbers.setdefault(name, len(self._numbers))
