"""Candump lines whose heads are all alike: time and channel stand in the same columns.

Nearly every log is so. What the first line of a block looks like is taken for the layout of all,
and every character is checked against it; where one line differs, the block goes to
`candump_lines`, which takes any shape and is slower. Where even the lengths agree, the lines are
rows of a table and nothing needs to be searched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from canlock.model.frames import FrameFlag
from canlock.sources.candump_fields import are_digits, parse_identifier, parse_time
from canlock.sources.candump_frames import Frames, Indexes, parse_frames
from canlock.sources.candump_lines import (
    FIRST_VISIBLE,
    LAST_VISIBLE,
    FrameLines,
    parse_directions,
)
from canlock.sources.lines import LineBlock, find_newlines
from canlock.sources.words import WORD, Words, mask_first

_FIRST_LINE: Final = re.compile(
    rb"\(\d{1,16}\.(?P<fraction>\d{1,16})\) (?P<channel>[!-~]{1,8}) "
    rb"(?P<id>\w{3}|\w{8})#(?P<data>[^\s]*)(?P<direction> [RTrt])?(?P<return>\r)?\n"
)
_LONGEST_FIRST_LINE: Final = 512
_LONGEST_PLAIN: Final = 16
"""Digits of a classic payload."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of the first line; ends are behind the last character."""

    decimals: int
    fraction_end: int
    channel_start: int
    channel_end: int
    id_digits: int
    data_digits: int
    length: int
    """Of the whole line, its newline included."""

    is_directed: bool
    """A blank and a direction follow the frame."""

    is_returned: bool
    """A carriage return stands before the newline."""

    @property
    def frame_start(self) -> int:
        return self.channel_end + 1

    @property
    def data_start(self) -> int:
        return self.frame_start + self.id_digits + 1

    @property
    def suffix(self) -> int:
        """Return how many characters stand between the frame and the newline."""
        return len(" R") * self.is_directed + self.is_returned


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """The lines of a block and how to load their columns."""

    block: LineBlock
    start: Indexes
    end: Indexes
    """Shape (n,): index of each line's newline."""

    stride: int | None
    """Characters from line to line where that is the same for all."""

    def words(self, column: int) -> Words:
        """Return shape (n,): the eight characters from a column on."""
        if self.stride is None:
            return self.block.words(self.start + column)
        at = self.block.start + column
        rows: Words = np.ndarray(
            (len(self.start),), "<u8", self.block.text.data, at, (self.stride,)
        )
        # Arithmetic on scattered words would fetch the whole block each time.
        return rows.copy()

    def are(self, column: int, character: str) -> bool:
        """Return True where all lines have the character in a column."""
        if self.stride is None:
            found = self.block.text[self.start + column]
        else:
            found = self.block.text[self.block.start + column : self.block.end : self.stride]
        return bool((found == ord(character)).all())


def parse_columns(block: LineBlock) -> FrameLines | None:
    """Return what the lines of a block say; None where they are not alike, or one is no frame."""
    head = block.text[block.start : block.end][:_LONGEST_FIRST_LINE].tobytes()
    match = _FIRST_LINE.match(head)
    if match is None:
        return None
    layout = _layout_of(match)
    lines = _find_lines(block, layout)
    timestamp_s, is_time = parse_time(lines.words, 1, layout.fraction_end, layout.decimals)
    if not is_time.all() or not _are_alike(lines, layout):
        return None
    frames = _parse_table(lines, layout) or parse_frames(
        block, lines.start + layout.frame_start, lines.end - layout.suffix
    )
    if not frames.is_good.all():
        return None
    if layout.is_directed:
        is_sent, is_direction = parse_directions(block.text[lines.end - layout.suffix + 1])
        if not is_direction.all():
            return None
        frames.flags[is_sent] |= np.uint8(FrameFlag.TRANSMITTED)
    return FrameLines(
        len(lines.start),
        np.empty(0, np.intp),
        np.arange(len(lines.start)),
        timestamp_s,
        lines.start + layout.channel_start,
        lines.start + layout.channel_end,
        frames,
    )


def _layout_of(match: re.Match[bytes]) -> _Layout:
    return _Layout(
        decimals=len(match["fraction"]),
        fraction_end=match.end("fraction"),
        channel_start=match.start("channel"),
        channel_end=match.end("channel"),
        id_digits=len(match["id"]),
        data_digits=len(match["data"]),
        length=match.end(),
        is_directed=match["direction"] is not None,
        is_returned=match["return"] is not None,
    )


def _find_lines(block: LineBlock, layout: _Layout) -> _Lines:
    size, stride = block.end - block.start, layout.length
    ends = block.text[block.start + stride - 1 : block.end : stride]
    if size % stride == 0 and (ends == ord("\n")).all():
        start = np.arange(block.start, block.end, stride)
        return _Lines(block, start, start + (stride - 1), stride)
    end = find_newlines(block)
    start = np.empty_like(end)
    start[0] = block.start
    start[1:] = end[:-1] + 1
    return _Lines(block, start, end, None)


def _are_alike(lines: _Lines, layout: _Layout) -> bool:
    """Return True where all that is neither number nor frame is as the layout says."""
    if not lines.are(0, "(") or not lines.are(layout.fraction_end - layout.decimals - 1, "."):
        return False
    if not _are_channels(lines, layout):
        return False
    text = lines.block.text
    if layout.is_returned and not (text[lines.end - 1] == ord("\r")).all():
        return False
    return not layout.is_directed or bool((text[lines.end - layout.suffix] == ord(" ")).all())


def _are_channels(lines: _Lines, layout: _Layout) -> bool:
    """Return True where between time and frame there is `) channel `, the same or not."""
    width = layout.frame_start - layout.fraction_end
    between = mask_first(lines.words(layout.fraction_end), min(width, WORD))
    if width <= WORD and (between == between[0]).all():
        return True
    blanks = (layout.fraction_end + 1, layout.channel_end)
    if not lines.are(layout.fraction_end, ")") or not all(lines.are(at, " ") for at in blanks):
        return False
    names = lines.words(layout.channel_start)
    letters = names.view(np.uint8).reshape(-1, WORD)[:, : layout.channel_end - layout.channel_start]
    return bool(((letters >= FIRST_VISIBLE) & (letters <= LAST_VISIBLE)).all())


def _parse_table(lines: _Lines, layout: _Layout) -> Frames | None:
    """Return frames that are classic ones of the same length; None where they are not."""
    digits = layout.data_digits
    if lines.stride is None or digits > _LONGEST_PLAIN or digits % 2:
        return None
    words = lines.words(layout.frame_start)
    arbitration_id, flags, is_good = parse_identifier(words, layout.id_digits)
    is_good &= are_digits(lines.words, layout.data_start, digits)
    if not is_good.all() or not lines.are(layout.data_start - 1, "#"):
        return None
    return Frames(
        arbitration_id,
        flags,
        np.full(len(words), digits // 2, np.uint8),
        lines.start + layout.data_start,
        np.full(len(words), digits),
        is_good,
    )
