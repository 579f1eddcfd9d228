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
from canlock.model.frames import FrameBatch, empty_batch
from canlock.sources.candump_grammar import quote
from canlock.sources.channel_numbers import ChannelNumbers
from canlock.sources.damage import DamageLog
from canlock.sources.lines import BLOCK_BYTES, LineBlock, read_blocks
from canlock.sources.screening import are_possible, describe_fault
from canlock.sources.streams import open_stream
from canlock.sources.stretch import Skim, Stretch, Wanted, keys_of
from canlock.sources.text_block import BAD, FRAME, OTHER, BlockLines
from canlock.sources.text_endings import is_complete
from canlock.sources.text_grammar import (
    HeaderError,
    LineFault,
    LineFrame,
    LineNote,
    TextGrammar,
)
from canlock.sources.text_lines import TextLines, split_lines
from canlock.sources.text_plain import PlainText

_CHANGES: Final = 4
"""After so many changes in a block, the rest of it is read line by line: each costs a new trial."""

_SLOW_LINES: Final = 1000
_SLOW_SHARE: Final = 0.2
"""More lines than this, and more of them, read one by one make the reading slow."""

_KEPT_LINES: Final = 1 << 15
"""So many wanted lines of plain blocks are parsed at once: each parsing costs some time."""

_RECENT_LINES: Final = 4096
"""Lines before the last one of a file among which its like are looked for."""

_BOM: Final = b"\xef\xbb\xbf"


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
        for stretch in self._read_file(wanted, log, is_skimming=False):
            if isinstance(stretch, Stretch):
                yield stretch

    def skims(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch | Skim]:
        """Yield the file's frames, with no more parsed than is wanted.

        Raises:
            CaptureUnreadableError: the header does not tell what the lines mean.
        """
        return self._read_file(wanted, log, is_skimming=not wanted.is_everything)

    def _read_file(
        self, wanted: Wanted, log: DamageLog, *, is_skimming: bool
    ) -> Iterator[Stretch | Skim]:
        try:
            yield from self._read(wanted, log, is_skimming=is_skimming)
        except HeaderError as error:
            raise CaptureUnreadableError(
                f"{self._path}: found a {self.format.upper()} log whose header does not do "
                f"({error}), expected one that tells what its lines mean: save it again"
            ) from None

    def _read(
        self, wanted: Wanted, log: DamageLog, *, is_skimming: bool
    ) -> Iterator[Stretch | Skim]:
        reader = _Reader(self._grammar(), wanted, log)
        plain = PlainText(wanted)
        with open_stream(self._path) as stream:
            for block in read_blocks(stream, self._block_bytes):
                may_skim = is_skimming and not block.is_unended
                if may_skim and plain.count < _KEPT_LINES and plain.take(block, reader.grammar):
                    continue
                if plain.lines:
                    yield reader.skim(plain)
                    if may_skim and plain.take(block, reader.grammar):
                        continue
                yield from reader.read(block, stream.fault)
            if plain.lines:
                yield reader.skim(plain)
            if stream.fault is not None and not log.is_truncated:
                log.end(f"line {reader.lines + 1}", stream.fault)
        if reader.single_lines > max(_SLOW_LINES, _SLOW_SHARE * reader.lines):
            log.tell_slow(
                f"{reader.single_lines} of {reader.lines} lines had to be read one by one, as they "
                "are not like others"
            )


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

    def _block_lines(self, lines: TextLines) -> BlockLines:
        return BlockLines(lines, self.grammar, self.channels, self.log)

    def read(self, block: LineBlock, fault: str | None) -> Iterator[Stretch]:
        """Yield the frames of a block. `fault` tells why the file ends early, if it does."""
        if self.lines == 0 and block.text[block.start : block.start + 3].tobytes() == _BOM:
            block = LineBlock(block.text, block.start + 3, block.end, block.is_unended)
        lines = split_lines(block)
        changes = 0
        while len(lines):
            found = self._block_lines(lines)
            count = len(lines) - block.is_unended
            read = found.read(count, by_shape=changes < _CHANGES)
            is_last = read == count
            found.cut(len(lines) if is_last else read)
            if is_last and block.is_unended:
                self._read_unended(found, block, fault)
            yield self._stretch(found)
            self.lines += len(found.lines)
            self.single_lines += found.single_lines
            lines = lines.take(slice(len(found.lines), None))
            changes += 1

    def skim(self, plain: PlainText) -> Skim:
        """Return what there is of some plain blocks, and begin them anew."""
        lines, goes_back, times_s = plain.lines, plain.goes_back, [plain.first_s, plain.last_s]
        block = plain.release()
        kept = empty_batch()
        if block.end > block.start:
            found = self._block_lines(split_lines(block))
            found.read(len(found.lines), by_shape=True)
            kept = self._stretch(found).kept
        self.lines += lines
        return Skim(lines, 0, goes_back, np.array(times_s), np.empty(0, np.intp), kept)

    def _read_unended(self, found: BlockLines, block: LineBlock, fault: str | None) -> None:
        """Read the last line of a file, which has no end: a frame where all of it is there."""
        line = found.lines.text(-1)
        if not line.strip() or self.grammar.is_whole(line):
            return
        meaning = self.grammar.read(line)
        if isinstance(meaning, LineFrame) and fault is None and self._is_all(line, meaning, block):
            found.take_single(len(found.lines) - 1, meaning)
            return
        found.state[-1] = BAD
        text = f"found {quote(line)} at the end, expected a whole line: the file was cut off"
        self.log.end(f"line {self.lines + len(found.lines)}", fault or text)

    def _is_all(self, line: bytes, frame: LineFrame, block: LineBlock) -> bool:
        """Tell whether nothing of a frame is missing, as far as that can be told."""
        if not is_complete(line, frame, self.grammar.payload):
            return False
        return self.grammar.tells_length(line) or not self._is_short(frame, block.before)

    def _is_short(self, frame: LineFrame, before: LineBlock | None) -> bool:
        """Tell whether all that is like a frame, in the lines before it, is longer."""
        if before is None:
            return False
        lines = split_lines(before)
        lines = lines.take(slice(max(0, len(lines) - _RECENT_LINES), None))
        found = self._block_lines(lines)
        found.read(len(lines), by_shape=True)
        is_like = (found.state == FRAME) & (found.arbitration_id == frame.arbitration_id)
        is_like &= found.flags == frame.flags
        return bool(is_like.any() and (found.length[is_like] > frame.length).all())

    def _stretch(self, found: BlockLines) -> Stretch:
        rows = np.flatnonzero(found.state == FRAME)
        times_s = self._times(found)[rows]
        is_good = are_possible(times_s, found.arbitration_id[rows], found.flags[rows])
        for row in np.flatnonzero(~is_good).tolist():
            line = int(rows[row])
            if isinstance(self.grammar.read(found.lines.text(line)), LineNote):
                # It has the shape of a frame, but is none by what it says.
                found.state[line] = OTHER
                continue
            reason = describe_fault(
                float(times_s[row]), int(found.arbitration_id[line]), int(found.flags[line])
            )
            found.fault(line, reason)
        keys = keys_of(found.arbitration_id[rows], found.flags[rows])
        kept = self._wanted.rows(keys, found.flags[rows])
        payload, is_payload = found.payloads(rows[kept])
        if not is_payload.all():
            # A damaged line may have had a shape that fits others but for their payload.
            for line in rows[kept[~is_payload]].tolist():
                found.read_payload(line)
            payload, is_payload = found.payloads(rows[kept])
        for line in rows[kept[~is_payload]].tolist():
            found.fault(line, "")
        self._report(found)
        if not (is_good.all() and is_payload.all()):
            is_good = found.state[rows] == FRAME
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
        bad_before = np.searchsorted(rows, np.flatnonzero(found.state == BAD))
        bad_before = bad_before[np.diff(bad_before, prepend=-1) > 0]
        number = rows + (self.lines + 1)
        return Stretch(times_s, keys, flags, length, number, bad_before, batch, kept)

    def _times(self, found: BlockLines) -> npt.NDArray[np.float64]:
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

    def _report(self, found: BlockLines) -> None:
        bad = np.flatnonzero(found.state == BAD)
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
