"""The shape that many lines of a text log share, and what it says of all of them at once.

A shape is taken from one line: where time, id and payload stand, while everything between must be
the same in each line that has the shape. Lines of other shapes are left for others.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FrameFlag
from canlock.sources.candump_fields import Mask
from canlock.sources.text_lines import (
    Literal,
    TextLines,
    parse_decimal,
    parse_hexadecimal,
)

_NIBBLES: Final = np.full(256, 0xFF, np.uint8)
for _value, _pair in enumerate(zip(b"0123456789abcdef", b"0123456789ABCDEF", strict=True)):
    _NIBBLES[list(_pair)] = _value

_LAST_UNIT: Final = 10**17
"""Times beyond it, in whatever unit, are damage: they must not overflow."""

Columns = tuple[int, int]
"""From, and until before."""


_BLANK: Final = ord(" ")


class PayloadForm(Protocol):
    """How a format spells payloads."""

    @property
    def behind(self) -> int:
        """Return the character that may stand behind a payload, besides the end of the line."""
        ...

    def width(self, length: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return how many characters payloads of some lengths take."""
        ...

    def read(
        self, lines: TextLines, at: npt.NDArray[np.intp], length: npt.NDArray[np.intp], width: int
    ) -> tuple[npt.NDArray[np.uint8], Mask]:
        """Return shape (n, width): the bytes, zeros behind them, and where they are such."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """Where things stand in lines of one shape."""

    line: bytes
    """One such line up to where the payload begins."""

    times: tuple[tuple[Columns, int], ...]
    """Numbers that together make the time, and the units that each counts."""

    units_a_second: int
    arbitration_id: Columns
    channel: str
    flags: int
    """`FrameFlag` bits that all such frames have."""

    data: int
    """Column at which the payload begins."""

    length: int | None = None
    """Bytes of payload where all such frames have the same."""

    code: int | None = None
    """Column of the one digit that tells them else; where there is none, the line's end does."""

    skipped: tuple[Columns, ...] = ()
    """Where a number stands that does not matter, blanks before it or not."""

    is_decimal_id: bool = False
    base_s: float = 0.0
    """Where the times count from; a day, for times of the day."""

    @property
    def literal(self) -> Literal:
        """Return what must be the same in each line."""
        variable = [columns for columns, _ in self.times] + [self.arbitration_id, *self.skipped]
        if self.code is not None:
            variable.append((self.code, self.code + 1))
        fixed = []
        column = 0
        for start, end in sorted(variable):
            fixed.append((column, start))
            column = end
        fixed.append((column, len(self.line)))
        return Literal(self.line, fixed)


@dataclass(frozen=True, slots=True, eq=False)
class ShapedLines:
    """What lines say, shape (n,) each; nonsense where `fits` is False."""

    fits: Mask
    time_s: npt.NDArray[np.float64]
    arbitration_id: npt.NDArray[np.uint32]
    length: npt.NDArray[np.uint8]


def read_shape(lines: TextLines, shape: Shape, payload: PayloadForm) -> ShapedLines:
    """Return what lines say that have a shape, and which have it."""
    fits = shape.literal.fits(lines)
    units: npt.NDArray[np.uint64] = np.zeros((), np.uint64)
    for (start, end), weight in shape.times:
        is_padded = shape.line[start : start + 1] == b" "
        value, is_number = parse_decimal(lines, start, end, is_padded=is_padded)
        units = value * np.uint64(weight) + units
        fits &= is_number
        if 10 ** (end - start) * weight > _LAST_UNIT:
            fits &= value <= _LAST_UNIT // weight
    for start, end in shape.skipped:
        fits &= parse_decimal(lines, start, end, is_padded=True)[1]
    start, end = shape.arbitration_id
    if shape.is_decimal_id:
        value, is_number = parse_decimal(lines, start, end)
        arbitration_id = np.minimum(value, np.uint64(0xFFFF_FFFF)).astype(np.uint32)
    else:
        arbitration_id, is_number = parse_hexadecimal(lines, start, end)
    fits &= is_number
    length, is_length = _read_length(lines, shape)
    fits &= is_length
    if not shape.flags & FrameFlag.REMOTE:
        fits &= _has_payload(lines, shape, payload, length)
    # One division of two exact integers gives the float nearest to the text, as float() does.
    time_s: npt.NDArray[np.float64] = units / float(shape.units_a_second) + shape.base_s
    return ShapedLines(fits, time_s, arbitration_id, length)


def _read_length(lines: TextLines, shape: Shape) -> tuple[npt.NDArray[np.uint8], Mask]:
    if shape.length is not None:
        return np.full(len(lines), shape.length, np.uint8), np.ones(len(lines), np.bool_)
    if shape.code is not None:
        code = _NIBBLES[lines.characters(shape.code)]
        return np.minimum(code, np.uint8(CLASSIC_BYTES)), code <= 0xF  # noqa: PLR2004
    # Without a payload, the line may end where the blank before one would stand.
    room = np.maximum(lines.end - lines.start - shape.data, -1)
    count = (room + 1) // 3
    is_length = (count * 3 == room + 1) & (count <= CLASSIC_BYTES)
    return np.minimum(count, CLASSIC_BYTES).astype(np.uint8), is_length


def _has_payload(
    lines: TextLines, shape: Shape, payload: PayloadForm, length: npt.NDArray[np.uint8]
) -> Mask:
    """Return where the lines are long enough, and a blank or nothing is behind the payload."""
    is_same = lines.stride is not None and bool((length == length[0]).all())
    if is_same:
        # All lines end in the same column too.
        lines_end, lines_start, length = lines.end[:1], lines.start[:1], length[:1]
    else:
        lines_end, lines_start = lines.end, lines.start
    width = payload.width(length.astype(np.intp))
    room = lines_end - lines_start - shape.data
    is_whole = (width == room) | (length == 0)
    if not is_whole.all():
        at = np.minimum(lines.start + (width + shape.data), lines.end)
        is_ended = lines.block.text[at] == payload.behind
        if payload.behind != _BLANK:
            # More words may follow a blank; a separator that is followed joins two lines.
            is_ended = is_ended & (room <= width + 1)
        is_whole = is_whole | is_ended
    fits: Mask = is_whole & (width <= np.maximum(room, 0))
    return fits


class SpacedBytes:
    """Two hexadecimal digits a byte and one character between: `41 42 A1`, or `41,42,A1`."""

    def __init__(self, between: bytes = b" ") -> None:
        self._between = between[0]
        self.behind = between[0]

    def width(self, length: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return how many characters payloads of some lengths take."""
        return np.maximum(3 * length - 1, 0)

    def read(
        self, lines: TextLines, at: npt.NDArray[np.intp], length: npt.NDArray[np.intp], width: int
    ) -> tuple[npt.NDArray[np.uint8], Mask]:
        """Return shape (n, width): the bytes, zeros behind them, and where they are such."""
        text = lines.block.text
        everywhere = np.ndarray(
            (len(text) - 3 * width + 1,), f"V{3 * width}", text.data, strides=(1,)
        )
        triples = everywhere[at].view(np.uint8).reshape(-1, width, 3)
        is_there = np.arange(width) < length[:, None]
        is_last = np.arange(1, width + 1) == length[:, None]
        is_apart = (triples[:, :, 2] == self._between) | is_last | ~is_there
        pairs = np.ascontiguousarray(triples[:, :, :2])
        if not is_there.all():
            pairs[~is_there] = ord("0")
        try:
            # Written in C, it also checks what it reads.
            content = binascii.unhexlify(pairs.tobytes())
        except binascii.Error:
            high, low = _NIBBLES[pairs[:, :, 0]], _NIBBLES[pairs[:, :, 1]]
            is_byte = (high | low) < 0x10  # noqa: PLR2004
            payload = ((high << np.uint8(4)) | low) * is_there
            return payload, (is_byte & is_apart).all(axis=1)
        return np.frombuffer(content, np.uint8).reshape(-1, width).copy(), is_apart.all(axis=1)
