"""Candump lines looked at only as closely as is needed: what nobody wants is checked, not parsed.

In every line time, channel and id must be what they ought to be and the payload must have a length
that can be; only lines with wanted ids are parsed in full. The order of time is seen in the text
itself: digits in the same columns compare as their numbers do. Lines that are strange in any way
are copied out and given to `candump_lines`, which knows them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FrameFlag
from canlock.sources.candump_fields import (
    EXTENDED_DIGITS,
    LAST_TIME_S,
    Mask,
    parse_identifier,
    parse_time,
)
from canlock.sources.candump_frames import Indexes, parse_frames
from canlock.sources.candump_lines import FrameLines, parse_directions, parse_lines
from canlock.sources.lines import MARGIN, LineBlock
from canlock.sources.short_words import HIGHEST_STANDARD, standard_ids
from canlock.sources.stretch import Wanted, keys_of, rows_before
from canlock.sources.text_lines import TextLines, short_words, split_lines
from canlock.sources.words import WORD, Words, is_decimal, mask_first

_FIRST_LINE: Final = re.compile(
    rb"\((?P<time>\d{1,14}\.(?P<fraction>\d{1,6}))\) [!-~]{1,64} "
    rb"(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})#[^\s]*(?P<direction> [RTrt])?\r?\n"
)
_TIME: Final = re.compile(rb"\((?P<time>\d{1,14}\.(?P<fraction>\d{1,6}))")
_CHANNEL: Final = re.compile(rb"\) [!-~]{1,64} ")
_LONGEST_FIRST_LINE: Final = 512
_SHORTEST_TIME: Final = 1 + WORD
_NEWLINE: Final = ord("\n")
_HASH: Final = ord("#")
_OPENING: Final = ord("(")
_BLANK: Final = ord(" ")
_ZERO: Final = ord("0")

_FEW: Final = 8
"""One line in so many may be strange; where more are, skimming does not pay."""

_FEW_TIMES: Final = 32
_CHANNELS: Final = 16
_LEAST_LINES: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class SkimmedLines:
    """What is known of a block of lines."""

    lines: int
    bad: Indexes
    """Lines that are no frames."""

    frame_count: int
    error_count: int
    goes_back: bool
    """A time stamp is before that of the frame above it."""

    timestamp_s: npt.NDArray[np.float64]
    """Of the first frame and the last; of all frames where there are strange lines."""

    bad_before: Indexes
    """Rows of `timestamp_s`, or one more, directly before which there are bad lines."""

    wanted: list[tuple[LineBlock, FrameLines]]
    """The wanted frames, and the text that they stand in; their lines are those of the block."""


def skim_lines(block: LineBlock, wanted: Wanted) -> SkimmedLines | None:
    """Return what is wanted of a block of lines; None where it must be looked at more closely."""
    match = _FIRST_LINE.match(block.text[block.start : block.end][:_LONGEST_FIRST_LINE].tobytes())
    if match is None or match.end("time") < _SHORTEST_TIME:
        return None
    lines = _split(block, match.end())
    if len(lines) < _LEAST_LINES:
        return None
    skimmer = _Skimmer(block, lines, wanted, match)
    return skimmer.skim()


def _split(block: LineBlock, stride: int) -> TextLines:
    size = block.end - block.start
    text = block.text[block.start : block.end]
    ends = text[stride - 1 :: stride]
    is_table = size % stride == 0 and bool((ends == _NEWLINE).all())
    # Lines that end before their time are seen nowhere else.
    is_table = is_table and np.count_nonzero(text == _NEWLINE) == len(ends)
    if not is_table:
        return split_lines(block)
    has_return = text[stride - 2 :: stride] == ord("\r")
    start = np.arange(block.start, block.end, stride)
    if has_return.any() and not has_return.all():
        return split_lines(block)
    return TextLines(block, start, start + (stride - 1 - bool(has_return[0])), stride)


def _have(lines: TextLines, match: re.Match[bytes]) -> Mask:
    """Return where what lies between time and id is the same as in the first line."""
    is_same = np.ones(len(lines), np.bool_)
    for column in range(match.start(), match.end(), WORD):
        words = mask_first(lines.words(column), min(match.end() - column, WORD))
        is_same &= words == words[0]
    return is_same


class _Skimmer:
    """One block on its way."""

    def __init__(
        self, block: LineBlock, lines: TextLines, wanted: Wanted, match: re.Match[bytes]
    ) -> None:
        self._block = block
        self._lines = lines
        self._wanted = wanted
        self._time_end = match.end("time")
        self._decimals = len(match["fraction"])
        self._suffix = len(match["direction"] or b"")
        count = len(lines)
        self._is_good = np.ones(count, np.bool_)
        self._is_wanted = np.zeros(count, np.bool_)
        self._id_at = np.zeros(count, np.intp)
        """Where ids begin, of wanted lines."""
        self._goes_back = False
        self._errors = 0

    def skim(self) -> SkimmedLines | None:
        """Return what is known of the block; None where too much is strange."""
        if not self._check_times():
            return None
        if self._suffix:
            self._is_good &= self._lines.block.text[self._lines.end - self._suffix] == _BLANK
        if not self._check_frames() or self._are_too_many_strange():
            return None
        wanted = self._parse_wanted()
        if self._is_good.all():
            ends = self._parse_times(np.array([0, len(self._lines) - 1]))[0]
            none = np.empty(0, np.intp)
            return SkimmedLines(
                len(self._lines),
                none,
                len(self._lines),
                self._errors,
                self._goes_back,
                ends,
                none,
                [(self._block, wanted)],
            )
        return None if self._are_too_many_strange() else self._with_strange(wanted)

    def _are_too_many_strange(self) -> bool:
        return bool(np.count_nonzero(self._is_good) * _FEW < len(self._lines) * (_FEW - 1))

    def _check_times(self) -> bool:
        """Check that times are times, and whether they go back; False: they change too much."""
        lines, time_end = self._lines, self._time_end
        low = lines.words(time_end - WORD)
        heads: list[Words] = [lines.words(0)]
        if time_end > 2 * WORD:
            heads.append(mask_first(lines.words(WORD), min(time_end - 2 * WORD, WORD)))
        is_new = np.zeros(len(lines), np.bool_)
        is_new[0] = True
        for head in heads:
            is_new[1:] |= head[1:] != head[:-1]
        first = np.flatnonzero(is_new)
        if 4 * len(first) > len(lines) or time_end > 3 * WORD:
            return False
        times_s, is_time = self._parse_times(first)
        if not is_time.all():
            count = np.diff(first, append=len(lines))
            self._is_good &= np.repeat(is_time, count)
        point = np.uint64(0xFF << 8 * (WORD - 1 - self._decimals))
        zero = point & np.uint64(_ZERO * 0x0101_0101_0101_0101)
        self._is_good &= is_decimal((low & ~point) | zero)
        self._is_good &= low & point == point & np.uint64(ord(".") * 0x0101_0101_0101_0101)
        number = low.byteswap()
        is_back = number[1:] < number[:-1]
        is_back &= ~is_new[1:]
        before_s, _ = self._parse_times(first[1:] - 1)
        self._goes_back = bool(is_back.any()) or bool((times_s[1:] < before_s).any())
        return True

    def _check_frames(self) -> bool:
        """Check channels, ids and lengths; False: there are too many channels."""
        columns = self._find_columns()
        if columns is None:
            return False
        lines = self._lines
        if isinstance(columns, int):
            value, is_good = standard_ids(lines.short_words(columns))
        else:
            value, is_good = standard_ids(short_words(self._block, lines.start + columns))
        is_good &= value <= HIGHEST_STANDARD
        is_wanted = self._wanted.standard(value)
        if is_good.all():
            # Where ids and lines are equally long, payloads are too: one stands for all.
            count = 1 if isinstance(columns, int) and lines.stride is not None else len(lines)
            digits = lines.end[:count] - lines.start[:count] - columns
        else:
            digits = lines.end - lines.start - columns
            self._check_extended(lines.start + columns, is_good, is_wanted, digits)
        digits = digits - (len("130#") + self._suffix)
        # A negative number is a very large one without its sign.
        is_payload = (digits.view(np.uintp) <= 2 * CLASSIC_BYTES) & (digits & 1 == 0)
        self._is_good &= is_good
        if not is_payload.all():
            self._is_good &= is_payload
        self._is_wanted = is_wanted
        rows = np.flatnonzero(is_wanted)
        column = columns if isinstance(columns, int) else columns[rows]
        self._id_at[rows] = lines.start[rows] + column
        return True

    def _check_extended(
        self, id_at: Indexes, is_good: Mask, is_wanted: Mask, digits: Indexes
    ) -> None:
        """Check the ids that are not of three digits, and correct what is thought of them."""
        rows = np.flatnonzero(~is_good)
        rows = rows[self._block.text[id_at[rows] + EXTENDED_DIGITS] == _HASH]
        number, flags, is_id = parse_identifier(self._block.words(id_at[rows]), EXTENDED_DIGITS)
        is_good[rows] = is_id
        digits[rows] -= EXTENDED_DIGITS - len("130")
        is_chosen = np.zeros(len(rows), np.bool_)
        is_chosen[self._wanted.rows(keys_of(number, flags), flags)] = True
        is_wanted[rows] = is_chosen
        # Error frames are always wanted: they are counted where they are parsed.

    def _find_columns(self) -> int | Indexes | None:
        """Return where ids begin: one column, or one each; None: there are too many channels."""
        lines = self._lines
        rows: Indexes | None = None
        columns = np.zeros(len(lines), np.intp)
        for _ in range(_CHANNELS):
            match = _CHANNEL.match(lines.text(0), self._time_end)
            is_same = _have(lines, match) if match is not None else np.arange(len(lines)) == 0
            column = match.end() if match is not None else 0
            if rows is None and is_same.all():
                return column
            chosen = np.flatnonzero(is_same)
            if match is None:
                self._is_good[chosen if rows is None else rows[chosen]] = False
            if rows is None:
                columns[:] = column
                rows = np.flatnonzero(~is_same)
            else:
                columns[rows[chosen]] = column
                rows = rows[~is_same]
            if not len(rows):
                return columns
            lines = self._lines.take(rows)
        return None

    def _parse_times(self, rows: Indexes) -> tuple[npt.NDArray[np.float64], Mask]:
        start = self._lines.start[rows]
        if len(start) <= _FEW_TIMES:
            return self._parse_few_times(start)
        times_s, is_time = parse_time(
            self._block.words, start + 1, start + self._time_end, self._decimals
        )
        return times_s, is_time & (self._block.text[start] == _OPENING)

    def _parse_few_times(self, start: Indexes) -> tuple[npt.NDArray[np.float64], Mask]:
        """Return the same one by one: for a few, that is quicker than any vector."""
        times_s = np.zeros(len(start), np.float64)
        is_time = np.zeros(len(start), np.bool_)
        for row, at in enumerate(start.tolist()):
            match = _TIME.fullmatch(self._block.text[at : at + self._time_end].tobytes())
            if match is not None and len(match["fraction"]) == self._decimals:
                times_s[row] = float(match["time"])
                is_time[row] = times_s[row] <= LAST_TIME_S
        return times_s, is_time

    def _parse_wanted(self) -> FrameLines:
        """Return the wanted frames among the good lines; those with a bad payload turn strange."""
        rows = np.flatnonzero(self._is_good & self._is_wanted)
        text = self._block.text
        timestamp_s, is_good = self._parse_times(rows)
        id_at, end = self._id_at[rows], self._lines.end[rows]
        frames = parse_frames(self._block, id_at, end - self._suffix)
        is_good = is_good & frames.is_good
        if self._suffix:
            is_sent, is_direction = parse_directions(text[end - 1])
            is_good &= is_direction
            frames.flags[is_sent] |= np.uint8(FrameFlag.TRANSMITTED)
        found = FrameLines(
            len(self._lines),
            np.empty(0, np.intp),
            rows,
            timestamp_s,
            self._lines.start[rows] + self._time_end + len(") "),
            id_at - 1,
            frames,
        )
        is_error = frames.flags & np.uint8(FrameFlag.ERROR) != 0
        self._errors = int(np.count_nonzero(is_error & is_good))
        if is_good.all():
            return found
        self._is_good[rows[~is_good]] = False
        return found.take(is_good)

    def _with_strange(self, wanted: FrameLines) -> SkimmedLines | None:
        """Return what is known of the block, its strange lines read by those who know them.

        None: one of them is two, as lines were told by their length.
        """
        strange = np.flatnonzero(~self._is_good)
        copied = _copy_lines(self._lines, strange)
        found = parse_lines(copied)
        if found.lines != len(strange):
            return None
        count = len(self._lines)
        times_s = np.zeros(count, np.float64)
        is_frame = self._is_good.copy()
        good = np.flatnonzero(is_frame)
        times_s[good] = self._parse_times(good)[0]
        lines = strange[found.line]
        times_s[lines] = found.timestamp_s
        is_frame[lines] = True
        rows = np.flatnonzero(is_frame)
        bad = strange[found.bad]
        flags = found.frames.flags
        chosen = self._wanted.rows(keys_of(found.frames.arbitration_id, flags), flags)
        kept = found.take(chosen)
        errors = int(np.count_nonzero(flags & np.uint8(FrameFlag.ERROR)))
        parts = [(self._block, wanted), (copied, kept.with_lines(lines[chosen]))]
        times_s = times_s[rows]
        return SkimmedLines(
            lines=count,
            bad=bad,
            frame_count=len(rows),
            error_count=self._errors + errors,
            goes_back=bool((times_s[1:] < times_s[:-1]).any()),
            timestamp_s=times_s,
            bad_before=rows_before(rows, bad),
            wanted=parts,
        )


def _copy_lines(lines: TextLines, rows: Indexes) -> LineBlock:
    """Return some lines as a block of their own."""
    content = b"".join(lines.text(row) + b"\n" for row in rows.tolist())
    text = np.frombuffer(bytes(MARGIN) + content + bytes(MARGIN), np.uint8)
    return LineBlock(text, MARGIN, MARGIN + len(content))
