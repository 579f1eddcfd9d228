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
from canlock.sources.candump_skim import SkimmedLines, copy_end, skim_lines
from canlock.sources.damage import DamageLog
from canlock.sources.lines import BLOCK_BYTES, LineBlock, find_newlines, read_blocks
from canlock.sources.streams import open_stream
from canlock.sources.stretch import Skim, Stretch, Wanted, keys_of, rows_before

_RECENT: Final = 4096
"""Frames before the last one among which its like are looked for."""

_RECENT_BYTES: Final = 1 << 17
"""Text of lines that were not parsed, in which they are looked for too."""


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
        return self._read(wanted, log, is_skimming=not wanted.is_everything)

    def _read(
        self, wanted: Wanted, log: DamageLog, *, is_skimming: bool
    ) -> Iterator[Stretch | Skim]:
        channels = ChannelNames()
        recent = _RecentFrames()
        lines = 0
        with open_stream(self._path) as stream:
            for block in read_blocks(stream, self._block_bytes):
                skimmed = None
                if is_skimming and not block.is_unended:
                    skimmed = skim_lines(block, wanted)
                if skimmed is not None:
                    recent.add_skimmed(block)
                    _report(block, lines, skimmed, log, stream.fault)
                    yield _skim_of(skimmed, channels)
                    lines += skimmed.lines
                    continue
                found = parse_columns(block) or parse_lines(block)
                keys = keys_of(found.frames.arbitration_id, found.frames.flags)
                if block.is_unended and recent.is_last_cut(found, keys):
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
            if stream.fault is not None and not log.is_truncated:
                log.end(f"line {lines + 1}", stream.fault)


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
        self._skimmed: LineBlock | None = None
        """Text of the last lines, where these were not parsed."""

    def add_skimmed(self, block: LineBlock) -> None:
        """Remember the end of a block whose lines were not parsed."""
        self._skimmed = copy_end(block, _RECENT_BYTES)

    def add(self, keys: npt.NDArray[np.uint32], found: FrameLines) -> None:
        """Remember some more frames."""
        self._skimmed = None
        self._keys = np.append(self._keys, keys[-_RECENT:])[-_RECENT:]
        self._length = np.append(self._length, found.frames.length[-_RECENT:])[-_RECENT:]

    def is_last_cut(self, found: FrameLines, keys: npt.NDArray[np.uint32]) -> bool:
        """Return True where the last line, which has no end, lacks bytes that its like have.

        A line that was cut between two digits of a byte is no frame; one that was cut between
        bytes looks like a shorter frame.
        """
        last = found.lines - 1
        if not len(found.line) or found.line[-1] != last or found.frames.flags[-1] & NO_DATA:
            return False
        if self._skimmed is not None:
            before = parse_lines(self._skimmed)
            self.add(keys_of(before.frames.arbitration_id, before.frames.flags), before)
        keys = np.append(self._keys, keys)[-_RECENT - 1 :]
        length = np.append(self._length, found.frames.length)[-_RECENT - 1 :]
        like = length[:-1][keys[:-1] == keys[-1]]
        return len(like) > 0 and bool((like > length[-1]).all())


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
