"""Reads candump logs in columns, with no Python object a frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, NO_DATA, FrameBatch, join_batches
from canlock.sources.candump_channels import ChannelNames
from canlock.sources.candump_columns import parse_columns
from canlock.sources.candump_fields import parse_payload
from canlock.sources.candump_grammar import SHAPE, explain, quote
from canlock.sources.candump_lines import FrameLines, parse_lines
from canlock.sources.candump_plain import PlainLines
from canlock.sources.candump_skim import SkimmedLines, skim_lines
from canlock.sources.damage import DamageLog
from canlock.sources.lines import BLOCK_BYTES, BlockSize, LineBlock, find_newlines, read_blocks
from canlock.sources.streams import open_stream
from canlock.sources.stretch import Skim, Stretch, Wanted, keys_of, rows_before

_RECENT: Final = 4096
"""Frames before the last one among which its like are looked for."""

_RECENT_BYTES: Final = 1 << 17
"""Text of lines that were not parsed, in which they are looked for too."""

_KEPT_LINES: Final = 1 << 15
"""So many wanted lines of plain blocks are parsed at once: each parsing costs some time."""


class CandumpSource:
    """The reader of one candump log."""

    format = "candump"
    unit = "line"

    def __init__(self, path: Path, block_bytes: int = BLOCK_BYTES) -> None:
        self._path = path
        self._block_bytes = block_bytes

    def stretches(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        """Yield the file's frames; only the payloads of wanted ones are parsed."""
        for stretch in self._read(wanted, log, is_skimming=False):
            if isinstance(stretch, Stretch):
                yield stretch

    def skims(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch | Skim]:
        """Yield the file's frames, with no more parsed than is wanted."""
        return self._read(wanted, log, is_skimming=True)

    def _read(
        self, wanted: Wanted, log: DamageLog, *, is_skimming: bool
    ) -> Iterator[Stretch | Skim]:
        channels = ChannelNames()
        recent = _RecentFrames()
        size = BlockSize(self._block_bytes)
        plain = PlainLines(wanted, channels, size)
        lines = 0
        with open_stream(self._path) as stream:
            for block in read_blocks(stream, size):
                may_skim = is_skimming and not block.is_unended
                if may_skim and plain.count < _KEPT_LINES and plain.take(block):
                    recent.pass_over()
                    continue
                if plain.lines:
                    lines += plain.lines
                    yield _skim_of_plain(plain)
                    if may_skim and plain.take(block):
                        recent.pass_over()
                        continue
                is_partial = may_skim and not wanted.is_everything
                skimmed = skim_lines(block, wanted) if is_partial else None
                if skimmed is not None:
                    recent.pass_over()
                    _report(block, lines, skimmed, log, stream.fault)
                    yield _skim_of(skimmed, channels)
                    lines += skimmed.lines
                    continue
                found = parse_columns(block) or parse_lines(block)
                keys = keys_of(found.frames.arbitration_id, found.frames.flags)
                if block.is_unended and recent.is_last_cut(block, found, keys):
                    found = _without_last(found)
                    keys = keys[:-1]
                recent.add(keys, found)
                _report(block, lines, found, log, stream.fault)
                rows = wanted.rows(keys, found.frames.flags)
                yield Stretch(
                    found.timestamp_s,
                    keys,
                    found.frames.flags,
                    found.frames.length,
                    found.line + (lines + 1),
                    rows_before(found.line, found.bad),
                    _kept(block, found.take(rows), channels),
                    rows,
                )
                lines += found.lines
            if plain.lines:
                lines += plain.lines
                yield _skim_of_plain(plain)
            if stream.fault is not None and not log.is_truncated:
                log.end(f"line {lines + 1}", stream.fault)


def _skim_of_plain(plain: PlainLines) -> Skim:
    """Return what there is of some plain blocks, and begin anew."""
    lines, goes_back, times_s = plain.lines, plain.goes_back, [plain.first_s, plain.last_s]
    kept = plain.release()
    return Skim(lines, 0, goes_back, np.array(times_s), np.empty(0, np.intp), kept)


def _skim_of(skimmed: SkimmedLines, channels: ChannelNames) -> Skim:
    parts = [_kept(block, found, channels) for block, found in skimmed.wanted]
    kept = join_batches(parts)
    if len(parts) > 1:
        line = np.concatenate([found.line for _, found in skimmed.wanted])
        kept = kept.take(np.argsort(line, kind="stable"))
    return Skim(
        skimmed.frame_count,
        skimmed.error_count,
        skimmed.goes_back,
        skimmed.timestamp_s,
        skimmed.bad_before,
        kept,
    )


class _RecentFrames:
    """The last frames before the end of a file, to see whether its very last one was cut."""

    def __init__(self) -> None:
        self._keys = np.empty(0, np.uint32)
        self._length = np.empty(0, np.uint8)
        self._are_unparsed = False
        """The lines of the last block were not parsed; their text still stands behind the next."""

    def pass_over(self) -> None:
        """Note that the lines of a block were not parsed."""
        self._are_unparsed = True

    def add(self, keys: npt.NDArray[np.uint32], found: FrameLines) -> None:
        """Remember some more frames."""
        self._are_unparsed = False
        self._keys = np.append(self._keys, keys[-_RECENT:])[-_RECENT:]
        self._length = np.append(self._length, found.frames.length[-_RECENT:])[-_RECENT:]

    def is_last_cut(
        self, block: LineBlock, found: FrameLines, keys: npt.NDArray[np.uint32]
    ) -> bool:
        """Return True where the last line, which has no end, lacks bytes that its like have.

        A line that was cut between two digits of a byte is no frame; one that was cut between
        bytes looks like a shorter frame.
        """
        last = found.lines - 1
        if not len(found.line) or found.line[-1] != last or found.frames.flags[-1] & NO_DATA:
            return False
        before = _lines_before(block) if self._are_unparsed else None
        if before is not None:
            parsed = parse_lines(before)
            self.add(keys_of(parsed.frames.arbitration_id, parsed.frames.flags), parsed)
        keys = np.append(self._keys, keys)[-_RECENT - 1 :]
        length = np.append(self._length, found.frames.length)[-_RECENT - 1 :]
        like = length[:-1][keys[:-1] == keys[-1]]
        return len(like) > 0 and bool((like > length[-1]).all())


def _lines_before(block: LineBlock) -> LineBlock | None:
    """Return some of the lines before the last one; None where there are none."""
    before = block.before
    if before is None or before.end - before.start <= _RECENT_BYTES:
        return before
    first = before.end - _RECENT_BYTES
    start = first + before.text[first : before.end].tobytes().find(b"\n") + 1
    return LineBlock(before.text, start, before.end)


def _without_last(found: FrameLines) -> FrameLines:
    """Return the lines with the last one, a frame, counted as bad."""
    rest = found.take(np.arange(len(found.line) - 1))
    return FrameLines(
        rest.lines,
        np.append(rest.bad, found.line[-1]),
        rest.line,
        rest.timestamp_s,
        rest.channel_start,
        rest.channel_end,
        rest.frames,
    )


def _report(
    block: LineBlock,
    lines: int,
    found: FrameLines | SkimmedLines,
    log: DamageLog,
    fault: str | None,
) -> None:
    """Count the bad lines of a block and tell the first few.

    Args:
        block: the text.
        lines: how many lines lie before it.
        found: what was found in it.
        log: takes what is wrong.
        fault: why the file ends early, where that is known.
    """
    log.bad_lines += len(found.bad)
    is_cut = block.is_unended and len(found.bad) > 0 and found.bad[-1] == found.lines - 1
    if not len(found.bad) or not (is_cut or log.has_room("line")):
        return
    ends = find_newlines(block)
    for line in found.bad[: len(found.bad) - is_cut]:
        if not log.has_room("line"):
            break
        log.tell("line", f"line {lines + line + 1}", explain(_line(block, ends, line)))
    if is_cut:
        cut = quote(_line(block, ends, found.lines - 1))
        text = f"found {cut} at the end, expected {SHAPE}: the file was cut off in mid-line"
        log.end(f"line {lines + found.lines}", fault or text)


def _line(block: LineBlock, ends: npt.NDArray[np.intp], line: int) -> bytes:
    start = block.start if line == 0 else int(ends[line - 1]) + 1
    return block.line(start, int(ends[line]))


def _kept(block: LineBlock, found: FrameLines, channels: ChannelNames) -> FrameBatch:
    """Return all of some frames as a batch."""
    frames = found.frames
    is_long = len(frames.length) > 0 and int(frames.digits.max()) > 2 * CLASSIC_BYTES
    width = FD_BYTES if is_long else CLASSIC_BYTES
    number = channels.number(block, found.channel_start, found.channel_end)
    return FrameBatch(
        found.timestamp_s,
        frames.arbitration_id,
        frames.flags,
        frames.length,
        number,
        parse_payload(block.words, frames.data_start, frames.digits, width),
        channels.names,
    )
