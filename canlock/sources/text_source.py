"""Reads text logs in columns: lines of one shape at once, and only what is left line by line.

Which shapes there are is learnt from the lines themselves: the first line that no shape explains
gives the next. What a line says of those behind it (a base, a date, names of columns) begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.errors import CaptureUnreadableError
from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameBatch, FrameFlag
from canlock.sources.candump_grammar import quote
from canlock.sources.channel_numbers import ChannelNumbers
from canlock.sources.damage import DamageLog
from canlock.sources.lines import BLOCK_BYTES, LONGEST_LINE, LineBlock, read_blocks
from canlock.sources.screening import are_possible, describe_fault
from canlock.sources.streams import open_stream
from canlock.sources.stretch import Stretch, Wanted, keys_of
from canlock.sources.text_grammar import (
    HeaderError,
    LineFault,
    LineFrame,
    LineNote,
    LineTime,
    TextGrammar,
)
from canlock.sources.text_lines import Indexes, TextLines, split_lines
from canlock.sources.text_shape import Shape, ShapedLines, read_shape

_SHAPES: Final = 64
"""So many shapes a block are tried; a log with more is none for this reader."""

_RARE: Final = 16
"""A shape that so few lines have is not worth its trial."""

_CHANGES: Final = 4
"""After so many changes in a block, the rest of it is read line by line: each costs a new trial."""

_SLOW_LINES: Final = 1000
_SLOW_SHARE: Final = 0.2
"""More lines than this, and more of them, read one by one make the reading slow."""

_BOM: Final = b"\xef\xbb\xbf"

_UNKNOWN, _FRAME, _OTHER, _BAD = 0, 1, 2, 3


class TextSource:
    """The reader of one text log."""

    unit = "line"

    def __init__(
        self, path: Path, grammar: Callable[[], TextGrammar], block_bytes: int = BLOCK_BYTES
    ) -> None:
        self._path = path
        self._grammar = grammar
        self._block_bytes = block_bytes
        self.format = grammar().format

    def stretches(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        """Yield the file's frames; only the payloads of wanted ones are parsed.

        Raises:
            CaptureUnreadableError: the header does not tell what the lines mean.
        """
        try:
            yield from self._read(wanted, log)
        except HeaderError as error:
            raise CaptureUnreadableError(
                f"{self._path}: found a {self.format.upper()} log whose header does not do "
                f"({error}), expected one that tells what its lines mean: save it again"
            ) from None

    def _read(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        reader = _Reader(self._grammar(), wanted, log)
        with open_stream(self._path) as stream:
            for block in read_blocks(stream, self._block_bytes):
                yield from reader.read(block, stream.fault)
            if stream.fault is not None and not log.is_truncated:
                log.end(f"line {reader.lines + 1}", stream.fault)
        if reader.single_lines > max(_SLOW_LINES, _SLOW_SHARE * reader.lines):
            log.slow = f"{reader.single_lines} of {reader.lines} lines had to be read one by one"


class _Reader:
    """What goes on from block to block."""

    def __init__(self, grammar: TextGrammar, wanted: Wanted, log: DamageLog) -> None:
        self.lines = 0
        """Lines so far."""
        self.single_lines = 0
        """Of these, those that were read one by one."""
        self.grammar = grammar
        self.log = log
        self.channels = ChannelNumbers()
        self._wanted = wanted
        self._elapsed_s = 0.0

    def read(self, block: LineBlock, fault: str | None) -> Iterator[Stretch]:
        """Yield the frames of a block. `fault` tells why the file ends early, if it does."""
        if self.lines == 0 and block.text[block.start : block.start + 3].tobytes() == _BOM:
            block = LineBlock(block.text, block.start + 3, block.end, block.is_unended)
        lines = split_lines(block)
        changes = 0
        while len(lines):
            found = _BlockLines(self, lines)
            count = len(lines) - block.is_unended
            read = found.read(count, by_shape=changes < _CHANGES)
            is_last = read == count
            found.cut(len(lines) if is_last else read)
            if is_last and block.is_unended:
                self._read_unended(found, fault)
            yield self._stretch(found)
            self.lines += len(found.lines)
            self.single_lines += found.single_lines
            lines = lines.take(slice(len(found.lines), None))
            changes += 1

    def _read_unended(self, found: _BlockLines, fault: str | None) -> None:
        line = found.lines.text(-1)
        if not line.strip() or self.grammar.is_whole(line):
            return
        found.state[-1] = _BAD
        text = f"found {quote(line)} at the end, expected a whole line: the file was cut off"
        self.log.end(f"line {self.lines + len(found.lines)}", fault or text)

    def _stretch(self, found: _BlockLines) -> Stretch:
        rows = np.flatnonzero(found.state == _FRAME)
        times_s = self._times(found)[rows]
        is_good = are_possible(times_s, found.arbitration_id[rows], found.flags[rows])
        for row in np.flatnonzero(~is_good).tolist():
            line = int(rows[row])
            if isinstance(self.grammar.read(found.lines.text(line)), LineNote):
                # It has the shape of a frame, but is none by what it says.
                found.state[line] = _OTHER
                continue
            reason = describe_fault(
                float(times_s[row]), int(found.arbitration_id[line]), int(found.flags[line])
            )
            found.fault(line, reason)
        keys = keys_of(found.arbitration_id[rows], found.flags[rows])
        kept = self._wanted.rows(keys, found.flags[rows])
        payload, is_payload = found.payloads(rows[kept])
        for line in rows[kept[~is_payload]].tolist():
            found.fault(line, "")
        self._report(found)
        if not (is_good.all() and is_payload.all()):
            is_good = found.state[rows] == _FRAME
            is_left = is_good[kept]
            payload = payload[is_left]
            rows, times_s, keys = rows[is_good], times_s[is_good], keys[is_good]
            kept = (np.cumsum(is_good) - 1)[kept[is_left]]
        flags, length = found.flags[rows], found.length[rows]
        chosen = rows[kept]
        batch = FrameBatch(
            times_s[kept],
            found.arbitration_id[chosen],
            flags[kept],
            length[kept],
            found.channel[chosen],
            payload,
            self.channels.names,
        )
        bad_before = np.searchsorted(rows, np.flatnonzero(found.state == _BAD))
        bad_before = bad_before[np.diff(bad_before, prepend=-1) > 0]
        number = rows + (self.lines + 1)
        return Stretch(times_s, keys, flags, length, number, bad_before, batch, kept)

    def _times(self, found: _BlockLines) -> npt.NDArray[np.float64]:
        """Return shape (lines,): times, those that count from line to line added up."""
        if not found.is_relative.any():
            return found.time_s
        times_s = found.time_s.copy()
        rows = np.flatnonzero((found.is_relative & found.has_time)[: len(found.lines)])
        if len(rows):
            # Added up in whole nanoseconds, or small errors would add up too.
            steps = np.rint(np.clip(times_s[rows], 0, 1e9) * 1e9).astype(np.int64)
            total = self._elapsed_s + np.cumsum(steps) / 1e9
            self._elapsed_s = float(total[-1])
            times_s[rows] = total + found.base_s[rows]
        return times_s

    def _report(self, found: _BlockLines) -> None:
        bad = np.flatnonzero(found.state == _BAD)
        self.log.bad_lines += len(bad)
        is_cut = self.log.is_truncated and len(bad) > 0 and bad[-1] == len(found.lines) - 1
        for line in bad[: len(bad) - is_cut].tolist():
            if not self.log.has_room("line"):
                return
            reason = found.reasons.get(line) or self._reason(found.lines.text(line))
            shown = quote(found.lines.text(line))
            text = f"found {shown}{f' ({reason})' if reason else ''}"
            self.log.tell(
                "line",
                f"line {self.lines + line + 1}",
                f"{text}, expected a line of a {self.grammar.format.upper()} log",
            )

    def _reason(self, line: bytes) -> str:
        meaning = self.grammar.read(line)
        return meaning.reason if isinstance(meaning, LineFault) else ""


class _BlockLines:
    """All lines of a block and what they say, shape (lines,) each."""

    def __init__(self, reader: _Reader, lines: TextLines) -> None:
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
        self._reader = reader
        self._grammar = reader.grammar
        self._payload = reader.grammar.payload
        """How payloads are spelt up to the next change."""

    def fault(self, line: int, reason: str) -> None:
        """Count a line as bad."""
        self.state[line] = _BAD
        if reason and self._reader.log.has_room("line"):
            self.reasons.setdefault(line, reason)

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
        for line in np.flatnonzero(self.state[:count] == _UNKNOWN).tolist():
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

    def _read_header(self, count: int) -> int:
        """Read the lines up to the first frame; return which line that is."""
        for line in range(count):
            if self._grammar.shape_of(self.lines.text(line)) is not None:
                return line
            self._read_line(line)
        return count

    def _read_shapes(self, begin: int, count: int) -> None:
        """Read all lines that have a common shape."""
        rows = np.arange(begin, count)
        lines = self.lines.take(slice(begin, count))
        shapes = misses = 0
        while len(rows) and shapes < _SHAPES and misses < _SHAPES:
            shape = self._grammar.shape_of(lines.text(0))
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
            self.has_time[begin:count] = self.state[begin:count] == _FRAME
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
        self.channel[at] = self._reader.channels.name_index(shape.channel)
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
            base_s = 0.0 if self._grammar.is_relative else self._grammar.base_s
            self.state[line] = _FRAME
            self.has_time[line] = True
            self.time_s[line] = meaning.time_s + base_s
            self.arbitration_id[line] = min(meaning.arbitration_id, 0xFFFF_FFFF)
            self.flags[line] = meaning.flags
            self.length[line] = meaning.length
            self.channel[line] = self._reader.channels.name_index(meaning.channel)
            self.data_at[line] = 0
            self._single_payloads[line] = meaning.payload
        elif isinstance(meaning, LineFault):
            self.fault(line, meaning.reason)
        else:
            self.state[line] = _OTHER
            if isinstance(meaning, LineTime):
                self.has_time[line] = True
                self.time_s[line] = meaning.time_s
        return meaning is LineNote.CHANGE
