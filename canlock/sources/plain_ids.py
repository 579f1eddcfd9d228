"""11-bit ids of three hexadecimal digits, of very many lines at once: whether they are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.candump_fields import HIGHEST_STANDARD, Mask
from canlock.sources.stretch import Wanted
from canlock.sources.workspace import Workspace

_DIGITS: Final = b"0123456789ABCDEFabcdef"
_BLANK: Final = ord(" ")
_BEHIND: Final = np.uint32(_BLANK << 24)
_UNWANTED, _WANTED = 1, 2


@dataclass(frozen=True, slots=True)
class IdField:
    """Where ids stand."""

    start: int
    """The first of three columns."""

    is_padded: bool
    """Ids of fewer digits have blanks behind them, and a blank stands behind the three columns."""


class PlainIds:
    """The ids that somebody asked for."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._classes: dict[bool, npt.NDArray[np.uint8]] = {}

    def find(
        self, words: npt.NDArray[np.uint32], field: IdField, workspace: Workspace
    ) -> Mask | None:
        """Return which ids are wanted; None where something is no id.

        Args:
            words: shape (n,), four characters each.
            field: what they are.
            workspace: memory.
        """
        union = int(np.bitwise_or.reduce(words))
        place, part = (workspace.column(name, len(words), "<u4") for name in ("place", "part"))
        if field.is_padded:
            np.bitwise_xor(words, _BEHIND, out=part)
            if int(np.bitwise_or.reduce(part)) >> 24:
                return None
        if union & 0x0080_8080:
            return None
        np.bitwise_and(words, np.uint32(0x7F), out=place)
        np.right_shift(words, np.uint32(1), out=part)
        np.bitwise_and(part, np.uint32(0x3F80), out=part)
        np.bitwise_or(place, part, out=place)
        np.right_shift(words, np.uint32(2), out=part)
        np.bitwise_and(part, np.uint32(0x1F_C000), out=part)
        np.bitwise_or(place, part, out=place)
        kinds = workspace.column("kinds", len(words), "u1")
        self._table(is_padded=field.is_padded).take(place, out=kinds, mode="clip")
        if not kinds.all():
            return None
        is_wanted: Mask = np.equal(kinds, _WANTED, out=workspace.column("wanted", len(words), "?"))
        return is_wanted

    def _table(self, *, is_padded: bool) -> npt.NDArray[np.uint8]:
        """Return a table of three characters: 0 no id, then unwanted and wanted.

        Its index is made of seven bits of each character, the first lowest.
        """
        if is_padded not in self._classes:
            texts = [
                bytes([one, two, three]) for one in _DIGITS for two in _DIGITS for three in _DIGITS
            ]
            if is_padded:
                texts += [bytes([one, two, _BLANK]) for one in _DIGITS for two in _DIGITS]
                texts += [bytes([one, _BLANK, _BLANK]) for one in _DIGITS]
            numbers = np.array([int(text, 16) for text in texts], np.uint32)
            signs = np.frombuffer(b"".join(texts), np.uint8).reshape(-1, 3).astype(np.intp)
            place = signs[:, 0] | signs[:, 1] << 7 | signs[:, 2] << 14
            classes = np.zeros(1 << 21, np.uint8)
            is_id = numbers <= HIGHEST_STANDARD
            kinds = self._wanted.standard(numbers) + np.uint8(_UNWANTED)
            classes[place[is_id]] = kinds[is_id]
            self._classes[is_padded] = classes
        return self._classes[is_padded]
