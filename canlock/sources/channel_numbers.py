"""Channels that a format numbers, as names in the order in which they are met."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

_LIMIT: Final = 255
"""The channel column holds a byte; whatever comes after that many names shares the last one."""

_OTHERS: Final = "others"


class ChannelNumbers:
    """The channels of one capture so far."""

    def __init__(self, first: int = 0) -> None:
        """Take what the format counts its channels from; names count from 0, as python-can does."""
        self._first = first
        self._indexes: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names by index; one empty name where there is none yet."""
        return tuple(self._indexes) or ("",)

    def index(self, numbers: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """Return shape (n,): the index of each channel, given the numbers of the format."""
        indexes = np.zeros(len(numbers), np.uint8)
        rows = np.arange(len(numbers))
        while len(rows):
            number = int(numbers[rows[0]])
            is_same = numbers[rows] == number
            if len(rows) == len(numbers) and is_same.all():
                indexes[:] = self.name_index(str(number - self._first))
                break
            indexes[rows[is_same]] = self.name_index(str(number - self._first))
            rows = rows[~is_same]
        return indexes

    def name_index(self, name: str) -> int:
        """Return the index of a name."""
        if name not in self._indexes and len(self._indexes) >= _LIMIT:
            name = _OTHERS
        return self._indexes.setdefault(name, len(self._indexes))
