"""Reads candump logs in columns, with no Python object a frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, NO_DATA, FrameBatch
from canlock.sources.candump_channels import ChannelNames
from canlock.sources.candump_columns import parse_columns
from canlock.sources.candump_fields import parse_payload
from canlock.sources.candump_grammar import SHAPE, explain, quote
from canlock.sources.candump_lines import FrameLines, parse_lines
from canlock.sources.damage import DamageLog
from canlock.sources.lines import BLOCK_BYTES, LineBlock, find_newlines, read_blocks
from canlock.sources.streams import open_stream
from canlock.sources.stretch import Stretch, Wanted, keys_of, rows_before

_RECENT: Final = 4096
"""Frames before the last one among which its like are looked for."""


class CandumpSource:
    """The reader of one candump log."""

    format = "candump"
    unit = "line"

    def __init__(self, path: Path, block_bytes: int = BLOCK_BYTES) -> None:
        self._path = path
        self._block_bytes = block_bytes

    def stretches(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        """Yield the file's frames; only the payloads of wanted ones are parsed."""
        channels = ChannelNames()
        recent = _RecentFrames()
        lines = 0
        with open_stream(self._path) as stream:
            for block in read_blocks(stream, self._block_bytes):
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


class _RecentFrames:
    """The last frames before the end of a file, to see whether its very last one was cut."""

    def __init__(self) -> None:
        self._keys = np.empty(0, np.uint32)
        self._length = np.empty(0, np.uint8)

    def add(self, keys: npt.NDArray[np.uint32], found: FrameLines) -> None:
        """Remember some more frames."""
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
    block: LineBlock, lines: int, found: FrameLines, log: DamageLog, fault: str | None
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
