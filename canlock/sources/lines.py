"""A text file as blocks of whole lines in one buffer that is used again and again.

Reading into the same megabyte stays in the processor's cache and keeps memory flat, whatever the
size of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.streams import ByteStream

BLOCK_BYTES: Final = 1 << 21
"""How much is read at a time. Measured: 1 MB is a tenth slower, 512 KB a third; beyond, no gain."""

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
    buffer = bytearray(MARGIN + LONGEST_LINE + block_bytes + 1 + MARGIN)
    text = np.frombuffer(buffer, np.uint8)
    room = np.zeros(len(text) + _WORD, np.bool_)
    view = memoryview(buffer)
    filled = MARGIN
    while read := stream.readinto(view[filled : filled + block_bytes]):
        end = buffer.rfind(_NEWLINE, filled, filled + read) + 1
        filled += read
        if end:
            yield LineBlock(text, MARGIN, end, room=room)
            rest = filled - end
            buffer[MARGIN : MARGIN + rest] = buffer[end:filled]
            filled = MARGIN + rest
        filled = min(filled, MARGIN + LONGEST_LINE)
    if filled > MARGIN:
        buffer[filled : filled + 1] = _NEWLINE
        yield LineBlock(text, MARGIN, filled + 1, is_unended=True, room=room)


def find_newlines(block: LineBlock) -> npt.NDArray[np.intp]:
    """Return the index of each newline."""
    size = block.end - block.start
    count = -(-size // _WORD) * _WORD
    is_newline = np.zeros(count, np.bool_) if block.room is None else block.room[:count]
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
