"""Payloads of ASC logs: `41 42 A1` where the base is hexadecimal, ` 65  66 161` where decimal."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.candump_fields import Mask
from canlock.sources.text_lines import TextLines
from canlock.sources.text_shape import SpacedBytes

_NUMBER: Final = re.compile(rb"\s*(\d{1,3})(?!\S)")
_WIDEST: Final = 6
"""Characters that a decimal number and the blanks before it may take."""


class AscBytes(SpacedBytes):
    """Bytes with blanks between, in either base."""

    def __init__(self, *, is_decimal: bool = False) -> None:
        super().__init__()
        self.is_decimal = is_decimal

    def width(self, length: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return how many characters payloads of some lengths take, at least."""
        # Decimal numbers differ in width: nothing can be said before they are read.
        return np.zeros_like(length) if self.is_decimal else super().width(length)

    def read(
        self, lines: TextLines, at: npt.NDArray[np.intp], length: npt.NDArray[np.intp], width: int
    ) -> tuple[npt.NDArray[np.uint8], Mask]:
        """Return shape (n, width): the bytes, zeros behind them, and where they are such."""
        if not self.is_decimal:
            return super().read(lines, at, length, width)
        payload = np.zeros((len(lines), width), np.uint8)
        is_good = np.zeros(len(lines), np.bool_)
        rows = zip(at.tolist(), lines.end.tolist(), length.tolist(), strict=True)
        for row, (begin, end, count) in enumerate(rows):
            text = lines.block.text[begin : min(end, begin + _WIDEST * width)].tobytes()
            numbers = _read_numbers(text, count)
            if numbers is not None:
                payload[row, :count] = numbers
                is_good[row] = True
        return payload, is_good


def _read_numbers(text: bytes, count: int) -> list[int] | None:
    """Return the first numbers of a text; None where they are not bytes."""
    numbers: list[int] = []
    at = 0
    while len(numbers) < count:
        match = _NUMBER.match(text, at)
        if match is None or int(match[1]) > 0xFF:  # noqa: PLR2004
            return None
        numbers.append(int(match[1]))
        at = match.end()
    return numbers
