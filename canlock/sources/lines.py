"""A text file as blocks of whole lines in a few buffers that are used again and again.

Reading into the same megabytes keeps memory flat, whatever the size of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.read_ahead import AHEAD, ReadAhead
from canlock.sources.streams import ByteStream

BLOCK_BYTES: Final = 1 << 20
"""How much is handed on at a time: it and what is made of it fit into a processor's second cache.
"""

_CHUNK_BLOCKS: Final = 2
"""How many blocks are read at a time: threads wait for each other once each."""

LONGEST_LINE: Final = 4096
"""Characters. No log has such lines (64 bytes of CAN FD take about 180): what exceeds it is
dropped, so that a file with no line ends at all cannot fill the memory."""

MARGIN: Final = 256
"""Bytes that can be read before the first and behind the last line of a block without harm: more
than the payload of any frame takes."""

_NEWLINE: Final = b"\n"
_WORD: Final = 8
_PLACES: Final = np.uint64(0x0001_0203_0405_0607)
"""Times a word with a one in byte k and nothing else, its highest byte is k."""


@dataclass(frozen=True, slots=True, eq=False)
class LineBlock:
    """Some whole lines. Valid until the next block is asked for."""

    text: npt.NDArray[np.uint8]
    """The buffer, `MARGIN` bytes and more around the lines included."""

    start: int
    """Index in `text` of the first character of the first line."""

    end: int
    """Index in `text` behind the newline of the last line."""

    is_unended: bool = False
    """The file ends with these lines and the last one has no newline of its own."""

    room: npt.NDArray[np.bool_] | None = None
    """Memory for a mark at each character, used again and again: fresh memory is slow."""

    before: LineBlock | None = None
    """The block before one that is not ended: still valid, as nothing is read any more."""

    def words(self, at: npt.NDArray[np.intp]) -> npt.NDArray[np.uint64]:
        """Return shape (n,): the eight characters from each index of `text` on."""
        # One unaligned load an element, from overlapping words that begin at each byte.
        everywhere: npt.NDArray[np.uint64] = np.ndarray(
            (len(self.text) - 7,), "<u8", self.text.data, strides=(1,)
        )
        return everywhere[at]

    def line(self, start: int, end: int) -> bytes:
        """Return the text between two indexes, without what ends a line."""
        return self.text[start:end].tobytes().rstrip(b"\r\n")


def read_blocks(stream: ByteStream, block_bytes: int = BLOCK_BYTES) -> Iterator[LineBlock]:
    """Yield the lines of a stream in blocks; each block must be done with before the next."""
    chunks = _read_chunks(stream, block_bytes)
    first = next(chunks, None)
    if first is None:
        return
    yield from first
    # What fits into one chunk has been read by now: a thread would only cost.
    is_long = first[-1].end - first[0].start > BLOCK_BYTES
    for chunk in ReadAhead(chunks) if is_long else chunks:
        yield from chunk


def _read_chunks(stream: ByteStream, block_bytes: int) -> Iterator[list[LineBlock]]:
    """Yield the lines of a stream, some blocks at a time; `AHEAD` more than two are valid."""
    chunk_bytes = block_bytes * _CHUNK_BLOCKS
    size = MARGIN + LONGEST_LINE + chunk_bytes + 1 + MARGIN
    buffers = cycle([bytearray(size) for _ in range(AHEAD + 2)])
    room = np.zeros(block_bytes + LONGEST_LINE + _WORD, np.bool_)
    before: LineBlock | None = None
    rest = b""
    is_at_end = False
    while not is_at_end:
        buffer = next(buffers)
        filled = MARGIN + len(rest)
        buffer[MARGIN:filled] = rest
        full = filled + chunk_bytes
        while filled < full and not is_at_end:
            with memoryview(buffer) as view:
                read = stream.readinto(view[filled:full])
            is_at_end = not read
            filled += read
        end = buffer.rfind(_NEWLINE, MARGIN, filled) + 1
        if end:
            blocks = _cut(buffer, end, block_bytes, room)
            before = blocks[-1]
            yield blocks
        # What is longer than any line is dropped, or a file without ends of lines fills the memory.
        rest = bytes(buffer[end or MARGIN : min(filled, (end or MARGIN) + LONGEST_LINE)])
    if rest:
        last = bytearray(MARGIN) + rest + _NEWLINE + bytes(MARGIN)
        end = MARGIN + len(rest) + 1
        text = np.frombuffer(last, np.uint8)
        yield [LineBlock(text, MARGIN, end, is_unended=True, before=before)]


def _cut(
    buffer: bytearray, end: int, block_bytes: int, room: npt.NDArray[np.bool_]
) -> list[LineBlock]:
    """Return the lines of a buffer in blocks."""
    text = np.frombuffer(buffer, np.uint8)
    blocks = []
    start = MARGIN
    while start < end:
        # A last block of a few lines would cost as much as any.
        is_last = end - start <= block_bytes + LONGEST_LINE
        stop = end if is_last else buffer.rfind(_NEWLINE, start, start + block_bytes) + 1
        stop = stop or buffer.find(_NEWLINE, start) + 1
        blocks.append(LineBlock(text, start, stop, room=room))
        start = stop
    return blocks


def find_newlines(block: LineBlock) -> npt.NDArray[np.intp]:
    """Return the index of each newline."""
    size = block.end - block.start
    count = -(-size // _WORD) * _WORD
    is_newline = np.zeros(0, np.bool_) if block.room is None else block.room[:count]
    if len(is_newline) < count:
        is_newline = np.zeros(count, np.bool_)
    is_newline[size:] = False
    np.equal(block.text[block.start : block.end], ord(_NEWLINE), out=is_newline[:size])
    # Eight characters at a time: a newline is rare enough to be alone among its neighbours.
    words = is_newline.view("<u8")
    at = np.flatnonzero(words != 0)
    found = words[at]
    if (found & (found - np.uint64(1))).any():
        return np.flatnonzero(is_newline) + block.start
    place = ((found * _PLACES) >> np.uint64(56)).astype(np.intp)
    newlines: npt.NDArray[np.intp] = at * _WORD + place + block.start
    return newlines
