"""Candump lines of any shape, many at once.

White space gives the tokens, tokens give the fields, and fields are parsed in columns: no Python
object a line. What a line may look like is told in `candump_grammar`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FrameFlag
from canlock.sources.candump_fields import DIGITS, Mask, parse_time
from canlock.sources.candump_frames import Frames, Indexes, parse_frames
from canlock.sources.lines import LONGEST_LINE, LineBlock

LONGEST_CHANNEL: Final = 64
"""Characters of a channel's name. Linux allows 15; what is far longer is damage."""

FIRST_VISIBLE: Final = ord("!")
LAST_VISIBLE: Final = ord("~")

_NEWLINE: Final = ord("\n")
_IS_BLANK: Final = np.isin(np.arange(256), np.frombuffer(b" \t\n\v\f\r", np.uint8))
_FIELDS: Final = 3
"""Time, channel, frame; the direction may follow."""

_USUAL_DECIMALS: Final = 6
_LOWER_CASE_BIT: Final = 0x20


@dataclass(frozen=True, slots=True, eq=False)
class FrameLines:
    """What the lines of a block say, their payloads left as text; n good lines among `lines`."""

    lines: int
    """All lines, blank ones too."""

    bad: Indexes
    """Indexes of the lines that are no frames and not blank."""

    line: Indexes
    """Shape (n,): index of each frame's line."""

    timestamp_s: npt.NDArray[np.float64]
    """Shape (n,)."""

    channel_start: Indexes
    channel_end: Indexes
    frames: Frames
    """Columns of shape (n,)."""

    def take(self, rows: Indexes | Mask) -> FrameLines:
        """Return the chosen frames; the lines stay."""
        return FrameLines(
            self.lines,
            self.bad,
            self.line[rows],
            self.timestamp_s[rows],
            self.channel_start[rows],
            self.channel_end[rows],
            self.frames.take(rows),
        )

    def with_lines(self, line: Indexes) -> FrameLines:
        """Return the frames with other indexes of their lines."""
        return FrameLines(
            self.lines,
            self.bad,
            line,
            self.timestamp_s,
            self.channel_start,
            self.channel_end,
            self.frames,
        )


def parse_lines(block: LineBlock) -> FrameLines:
    """Return what the lines of a block say."""
    tokens = _split(block)
    is_candidate = (tokens.count == _FIELDS) | (tokens.count == _FIELDS + 1)
    is_candidate &= tokens.is_text
    line = np.flatnonzero(is_candidate)
    first = tokens.first[line]
    timestamp_s, is_good = _parse_times(block, tokens.start[first], tokens.end[first])
    channel_start, channel_end = tokens.start[first + 1], tokens.end[first + 1]
    is_good &= channel_end - channel_start <= LONGEST_CHANNEL
    frames = parse_frames(block, tokens.start[first + 2], tokens.end[first + 2])
    is_good &= frames.is_good
    rows = np.flatnonzero(tokens.count[line] > _FIELDS)
    if len(rows):
        token = first[rows] + _FIELDS
        is_good[rows] &= tokens.end[token] - tokens.start[token] == 1
        is_sent, is_direction = parse_directions(block.text[tokens.start[token]])
        is_good[rows] &= is_direction
        frames.flags[rows] |= is_sent * np.uint8(FrameFlag.TRANSMITTED)

    is_bad = (tokens.count > 0) | ~tokens.is_text
    is_bad[line[is_good]] = False
    found = FrameLines(
        len(is_bad), np.flatnonzero(is_bad), line, timestamp_s, channel_start, channel_end, frames
    )
    return found if is_good.all() else found.take(is_good)


def parse_directions(letters: npt.NDArray[np.uint8]) -> tuple[Mask, Mask]:
    """Return where letters say that the host sent a frame, and where they are a direction."""
    lower = letters | np.uint8(_LOWER_CASE_BIT)
    is_sent = lower == ord("t")
    return is_sent, is_sent | (lower == ord("r"))


@dataclass(frozen=True, slots=True, eq=False)
class _Tokens:
    start: Indexes
    end: Indexes
    first: Indexes
    """Shape (lines,): index of each line's first token."""

    count: Indexes
    """Shape (lines,): how many tokens it has."""

    is_text: Mask
    """Shape (lines,): it has no control characters and nothing but ASCII, and is not too long."""


def _split(block: LineBlock) -> _Tokens:
    text = block.text[block.start : block.end]
    at = np.flatnonzero(text < FIRST_VISIBLE)
    kind = text[at]
    at += block.start
    before = np.empty_like(at)
    before[0] = block.start - 1
    before[1:] = at[:-1]
    is_end = at - before > 1
    is_newline = kind == _NEWLINE
    line_end = at[is_newline]
    behind = np.cumsum(is_end)[is_newline]
    first = np.empty_like(behind)
    first[0] = 0
    first[1:] = behind[:-1]

    is_text = np.diff(line_end, prepend=block.start - 1) <= LONGEST_LINE
    is_blank = _IS_BLANK[kind]
    if not is_blank.all():
        is_text[np.searchsorted(line_end, at[~is_blank])] = False
    is_strange = text > LAST_VISIBLE
    if is_strange.any():
        is_text[np.searchsorted(line_end, np.flatnonzero(is_strange) + block.start)] = False
    return _Tokens(before[is_end] + 1, at[is_end], first, behind - first, is_text)


def _parse_times(
    block: LineBlock, start: Indexes, end: Indexes
) -> tuple[npt.NDArray[np.float64], Mask]:
    """Return the time stamps of tokens like `(1700000000.000000)`, and where they are such."""
    text = block.text
    start, end = start + 1, end - 1
    seconds, is_time = parse_time(block.words, start, end, _USUAL_DECIMALS)
    is_time &= text[end - _USUAL_DECIMALS - 1] == ord(".")
    others = np.flatnonzero(~is_time)
    for decimals in (None, *range(DIGITS + 1)):
        if not len(others):
            break
        first, last = start[others], end[others]
        seconds[others], is_found = parse_time(block.words, first, last, decimals)
        if decimals is not None:
            is_found &= text[last - decimals - 1] == ord(".")
        is_time[others] = is_found
        others = others[~is_found]
    is_time &= (text[start - 1] == ord("(")) & (text[end] == ord(")"))
    return seconds, is_time
