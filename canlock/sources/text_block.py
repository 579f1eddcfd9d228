"""The lines of one block of a text log: lines of one shape at once, what is left line by line."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameFlag
from canlock.sources.channel_numbers import ChannelNumbers
from canlock.sources.damage import DamageLog
from canlock.sources.lines import LONGEST_LINE
from canlock.sources.text_grammar import LineFault, LineFrame, LineNote, LineTime, TextGrammar
from canlock.sources.text_lines import Indexes, TextLines
from canlock.sources.text_shape import Shape, ShapedLines, read_shape

_SHAPES: Final = 64
"""So many shapes a block are tried; a log with more is none for this reader."""

_RARE: Final = 16
"""A shape that so few lines have is not worth its trial."""

UNKNOWN, FRAME, OTHER, BAD = 0, 1, 2, 3
"""States of a line."""


class BlockLines:
    """All lines of a block and what they say, shape (lines,) each."""

    def __init__(
        self, lines: TextLines, grammar: TextGrammar, channels: ChannelNumbers, log: DamageLog
    ) -> None:
        count = len(lines)
        self.lines = lines
        self.state = np.zeros(count, np.uint8)
        self.time_s = np.zeros(count, np.float64)
        self.arbitration_id = np.zeros(count, np.uint32)
        self.flags = np.zeros(count, np.uint8)
        self.length = np.zeros(count, np.uint8)
        self.channel = np.zeros(count, np.uint8)
        self.data_at = np.zeros(count, np.intp)
        self.base_s = np.zeros(count, np.float64)
        self.is_relative = np.zeros(count, np.bool_)
        self.has_time = np.zeros(count, np.bool_)
        self.reasons: dict[int, str] = {}
        """Why lines are bad, of the first few."""
        self.single_lines = 0
        self._single_payloads: dict[int, bytes] = {}
        self._channels = channels
        self._log = log
        self._grammar = grammar
        self._payload = grammar.payload
        """How payloads are spelt up to the next change."""

    def fault(self, line: int, reason: str) -> None:
        """Count a line as bad."""
        self.state[line] = BAD
        if reason and self._log.has_room("line"):
            self.reasons.setdefault(line, reason)

    def take_single(self, line: int, frame: LineFrame) -> None:
        """Take what one line says that was read by itself."""
        grammar = self._grammar
        self.is_relative[line] = grammar.is_relative
        self.base_s[line] = grammar.base_s
        self.state[line] = FRAME
        self.has_time[line] = True
        self.time_s[line] = frame.time_s + (0.0 if grammar.is_relative else grammar.base_s)
        self.arbitration_id[line] = min(frame.arbitration_id, 0xFFFF_FFFF)
        self.flags[line] = frame.flags
        self.length[line] = frame.length
        self.channel[line] = self._channels.name_index(frame.channel)
        self.data_at[line] = 0
        self._single_payloads[line] = frame.payload

    def read(self, count: int, *, by_shape: bool) -> int:
        """Read lines up to `count` or to a change of their meaning; return how many that are."""
        if not by_shape:
            for line in range(count):
                self._read_line(line)
            return count
        begin = self._read_header(count)
        self._payload = self._grammar.payload
        if begin < count:
            self._read_shapes(begin, count)
        for line in np.flatnonzero(self.state[:count] == UNKNOWN).tolist():
            if self._read_line(line):
                return int(line) + 1
        return count

    def cut(self, count: int) -> None:
        """Forget all but the first lines."""
        self.lines = self.lines.take(slice(0, count))
        self.state = self.state[:count]

    def payloads(self, lines: Indexes) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
        """Return shape (n, 8) or (n, 64): payloads of some lines, and where they are such."""
        length = self.length[lines].astype(np.intp)
        length[self.flags[lines] & np.uint8(FrameFlag.REMOTE) != 0] = 0
        width = FD_BYTES if np.max(length, initial=0) > CLASSIC_BYTES else CLASSIC_BYTES
        payload, is_good = self._payload.read(
            self.lines.take(lines), self.data_at[lines], length, width
        )
        if self._single_payloads:
            for row in np.flatnonzero(self.data_at[lines] == 0).tolist():
                content = self._single_payloads.get(int(lines[row]))
                if content is not None:
                    payload[row] = np.frombuffer(content[:width].ljust(width, b"\0"), np.uint8)
                    is_good[row] = True
        return payload, is_good

    def read_payload(self, line: int) -> None:
        """Read the payload of a frame by itself, where its shape has led to none."""
        meaning = self._grammar.read(self.lines.text(line))
        if isinstance(meaning, LineFrame) and meaning.length == self.length[line]:
            self.data_at[line] = 0
            self._single_payloads[line] = meaning.payload

    def _shape_of(self, line: bytes) -> Shape | None:
        """Return the shape of a line; None where it has none, or is no frame in spite of it."""
        shape = self._grammar.shape_of(line)
        # The shape of a damaged line would fit others, and spoil them.
        if shape is None or not isinstance(self._grammar.read(line), LineFrame):
            return None
        return shape

    def _read_header(self, count: int) -> int:
        """Read the lines up to the first frame; return which line that is."""
        for line in range(count):
            if self._shape_of(self.lines.text(line)) is not None:
                return line
            self._read_line(line)
        return count

    def _read_shapes(self, begin: int, count: int) -> None:
        """Read all lines that have a common shape."""
        rows = np.arange(begin, count)
        lines = self.lines.take(slice(begin, count))
        shapes = misses = 0
        while len(rows) and shapes < _SHAPES and misses < _SHAPES:
            shape = self._shape_of(lines.text(0))
            if shape is None:
                rows, lines = rows[1:], lines.take(slice(1, None))
                begin += shapes == 0
                continue
            shapes += 1
            found = read_shape(lines, shape, self._grammar.payload)
            self._take(found, shape, lines, slice(begin, count) if shapes == 1 else rows)
            if found.fits.all():
                break
            misses += int(np.count_nonzero(found.fits) < _RARE)
            # The first line is done with in any case: it must not be tried for ever.
            left = np.flatnonzero(~found.fits[1:]) + 1
            rows, lines = rows[left], lines.take(left)
        if self._grammar.base_s and not self._grammar.is_relative:
            self.time_s[begin:count] += self._grammar.base_s
        if self._grammar.is_relative:
            self.is_relative[begin:count] = True
            self.has_time[begin:count] = self.state[begin:count] == FRAME
            self.base_s[begin:count] = self._grammar.base_s

    def _take(
        self, found: ShapedLines, shape: Shape, lines: TextLines, rows: Indexes | slice
    ) -> None:
        """Take what lines of one shape say; those that lack it are left for others."""
        # The first shape is that of most lines: writing all of them is cheaper than choosing.
        hits = slice(None) if isinstance(rows, slice) else np.flatnonzero(found.fits)
        at = rows if isinstance(rows, slice) else rows[hits]
        self.state[at] = found.fits[hits]
        self.time_s[at] = found.time_s[hits]
        self.arbitration_id[at] = found.arbitration_id[hits]
        self.flags[at] = shape.flags
        self.length[at] = found.length[hits]
        self.channel[at] = self._channels.name_index(shape.channel)
        self.data_at[at] = lines.start[hits] + shape.data

    def _read_line(self, line: int) -> bool:
        """Read one line by itself; return True where it changes the meaning of the next."""
        self.single_lines += 1
        text = self.lines.text(line)
        if len(text) >= LONGEST_LINE:
            self.fault(line, "far too long")
            return False
        meaning = self._grammar.read(text)
        self.is_relative[line] = self._grammar.is_relative
        self.base_s[line] = self._grammar.base_s
        if isinstance(meaning, LineFrame):
            self.take_single(line, meaning)
        elif isinstance(meaning, LineFault):
            self.fault(line, meaning.reason)
        else:
            self.state[line] = OTHER
            if isinstance(meaning, LineTime):
                self.has_time[line] = True
                self.time_s[line] = meaning.time_s
        return meaning is LineNote.CHANGE
