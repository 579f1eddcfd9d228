"""The ids of candump lines told by their text: those met before are known, others are looked at.

A log has some dozens of ids. A table, indexed by a hash of the four characters `130#`, holds each
one that was met, and whether it is wanted; what differs from its place in the table is new or is no
id at all.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.stretch import Wanted

IdWords = npt.NDArray[np.uint32]
"""Shape (n,): four characters each, the first as the lowest byte."""

_STANDARD_ID: Final = re.compile(rb"[0-7][0-9A-Fa-f]{2}#")
_WANTED: Final = np.uint32(1 << 31)
"""Set in the table where an id is wanted; the character `#` lacks this bit."""

_SHIFT: Final = 16
_FACTORS: Final = (0x9E37_79B1, 0x85EB_CA6B, 0xC2B2_AE35, 0x27D4_EB2F, 0x1656_67B1, 0xD3A2_646D)
"""Odd numbers without a pattern. Where two ids share a place with one, the next is tried."""

_NONE: Final = np.empty(0, np.intp)
_MOST_NEW: Final = 512
"""New words of a block that are looked at; where there are more, it is no common log."""


class KnownIds:
    """The ids that were met so far."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._known: dict[int, tuple[int, int]] = {}
        """By word: what stands in the table for it, and the id that it spells."""

        self._taken: dict[int, int] = {}
        """Which word is at which place."""

        self._factors = list(_FACTORS)
        self._table = np.zeros(1 << (32 - _SHIFT), np.uint32)
        self._numbers = np.zeros(1 << (32 - _SHIFT), np.uint32)
        self._rebuild()

    def numbers(self, words: IdWords) -> npt.NDArray[np.uint32]:
        """Return shape (n,): the ids that known words spell; of others, anything."""
        return self._numbers.take((words * self._factor) >> np.uint32(_SHIFT))

    def find(
        self, words: IdWords, place: IdWords, found: IdWords, marks: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]] | None:
        """Return the rows that are wanted and those that are no 11-bit ids.

        None: there are too many of these, or too many ids. The other columns are but memory.
        """
        rows, is_wanted = self._compare(words, place, found, marks)
        if is_wanted.all():
            return rows, _NONE
        if not self._learn(words[rows[~is_wanted]]):
            return None
        rows, is_wanted = self._compare(words, place, found, marks)
        return rows[is_wanted], rows[~is_wanted]

    def _compare(
        self, words: IdWords, place: IdWords, found: IdWords, marks: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """Return the rows of words other than known, unwanted ones, and which of them are wanted.

        The few that are wanted are looked at once more, so that the many need but one comparison.
        """
        np.multiply(words, self._factor, out=place)
        # The upper halves of the products: the places in the table.
        self._table.take(place.view("<u2")[1::2], out=found, mode="wrap")
        rows = np.not_equal(found, words, out=marks).nonzero()[0]
        if len(rows) == len(words):
            return rows, np.bitwise_xor(found, words, out=found) == _WANTED
        return rows, found[rows] ^ words[rows] == _WANTED

    def _learn(self, words: IdWords) -> bool:
        """Look at words that are not known; False where they are too many."""
        ordered = np.sort(words)
        distinct = ordered[np.insert(ordered[1:] != ordered[:-1], 0, values=True)].tolist()
        if len(distinct) > _MOST_NEW:
            return False
        ids = [word for word in distinct if _STANDARD_ID.fullmatch(word.to_bytes(4, "little"))]
        numbers = [int(word.to_bytes(4, "little")[:3], 16) for word in ids]
        are_wanted = self._wanted.standard(np.array(numbers, np.uint32)).tolist()
        for word, number, is_wanted in zip(ids, numbers, are_wanted, strict=True):
            self._known[word] = (word | (int(_WANTED) if is_wanted else 0), number)
            if not self._enter(word):
                return False
        return True

    def _enter(self, word: int) -> bool:
        """Put a word into the table, which is made anew where its place is taken."""
        while self._factors:
            place = self._place(word)
            if self._taken.get(place, word) == word:
                self._take(place, word)
                return True
            self._factors.pop(0)
            if self._factors and self._rebuild():
                return True
        return False

    def _rebuild(self) -> bool:
        """Make the table anew; False where two words share a place."""
        # What stands at an empty place is a word of another place, so no word is equal to it.
        self._factor = np.uint32(self._factors[0])
        filler = 1
        self._table[:] = filler
        self._table[self._place(filler)] = next(
            word for word in range(2, 99) if self._place(word) != self._place(filler)
        )
        self._taken = {}
        for word in self._known:
            place = self._place(word)
            if place in self._taken:
                return False
            self._take(place, word)
        return True

    def _take(self, place: int, word: int) -> None:
        self._taken[place] = word
        self._table[place], self._numbers[place] = self._known[word]

    def _place(self, word: int) -> int:
        return (word * self._factors[0] & 0xFFFF_FFFF) >> _SHIFT
