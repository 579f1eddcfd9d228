"""A text file as blocks of whole lines in a few buffers that are used again and again.

Reading into the same megabytes keeps memory flat, whatever the size of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.read_ahead import AHEAD, ReadAhead
from canlock.sources.streams import ByteStream

BLOCK_BYTES: Final = 1 << 21
"""How much is handed on at a time. Of less, the steps in Python weigh more than the work on the
characters; of more, what is made of it leaves the processor's caches."""

_FIRST_BYTES: Final = 1 << 17
"""The first block is shorter: it is looked at with more care, to learn what its lines are like."""

LONGEST_LINE: Final = 4096
"""Characters. No log has such lines (64 bytes of CAN FD take about 180): what exceeds it is
dropped, so that a file with no line ends at all cannot fill the memory."""

MARGIN: Final = 256
"""Bytes that can be read before the first and behind the last line of a block without harm: more
than the payload of any frame takes."""

_NEWLINE: Final = b"\n"
_GROUP: Final = 16
_MARKED: Final = 1 << 18
"""So many characters are marked at a time: with the marks of more, a block would not be left in the
second cache."""

_MANTISSA_BITS: Final = 23
_MANTISSA: Final = (1 << _MANTISSA_BITS) - 1
_EXPONENT_BIAS: Final = 127
"""Of a float of 32 bits."""


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
    """Memory for marks at `_MARKED` characters, used again and again: fresh memory is slow."""

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


class BlockSize:
    """How long blocks are; whoever reads them may ask for others while it reads."""

    def __init__(self, most: int = BLOCK_BYTES) -> None:
        self.most = most
        self.ahead = 0
        """Blocks that are read while one is in use."""

        self.unit = 1
        """Length of the lines where all are alike: then blocks are cut so that all are alike too.
        """


def read_blocks(stream: ByteStream, size: BlockSize | int = BLOCK_BYTES) -> Iterator[LineBlock]:
    """Yield the lines of a stream in blocks; each block must be done with before the next."""
    size = BlockSize(size) if isinstance(size, int) else size
    blocks = _read_blocks(stream, size)
    first = next(blocks, None)
    if first is None:
        return
    yield first
    # Unpacking is work for a thread, and so is reading where little is done with a block. Where it
    # is taken apart in many steps, two threads wait for each other's turn of the interpreter longer
    # than reading takes. What fits into one block has been read by now.
    is_long = first.end - first.start >= _FIRST_BYTES // 2
    if is_long and (stream.is_packed or size.unit > 1):
        size.ahead = AHEAD
        yield from ReadAhead(blocks)
    else:
        yield from blocks


def _read_blocks(stream: ByteStream, size: BlockSize) -> Iterator[LineBlock]:
    """Yield the lines of a stream in blocks; the last two are valid, and those read ahead."""
    buffers: list[tuple[bytearray, npt.NDArray[np.uint8]]] = []
    room = np.zeros(_MARKED, np.bool_)
    before: LineBlock | None = None
    rest = b""
    is_at_end = False
    place = -1
    while not is_at_end:
        place = (place + 1) % (2 + size.ahead)
        if place == len(buffers):
            memory = bytearray(MARGIN + LONGEST_LINE + size.most + 1 + MARGIN)
            buffers.append((memory, np.frombuffer(memory, np.uint8)))
        buffer, text = buffers[place]
        filled = MARGIN + len(rest)
        buffer[MARGIN:filled] = rest
        most = size.most if before is not None else min(size.most, _FIRST_BYTES)
        full = MARGIN + most - most % size.unit
        full = full if full > filled else filled + most
        while filled < full and not is_at_end:
            with memoryview(buffer) as view:
                read = stream.readinto(view[filled:full])
            is_at_end = not read
            filled += read
        end = buffer.rfind(_NEWLINE, MARGIN, filled) + 1
        if end:
            before = LineBlock(text, MARGIN, end, room=room)
            yield before
        # What is longer than any line is dropped, or a file without ends of lines fills the memory.
        rest = bytes(buffer[end or MARGIN : min(filled, (end or MARGIN) + LONGEST_LINE)])
    if rest:
        last = bytearray(MARGIN) + rest + _NEWLINE + bytes(MARGIN)
        end = MARGIN + len(rest) + 1
        yield LineBlock(np.frombuffer(last, np.uint8), MARGIN, end, is_unended=True, before=before)


def find_newlines(block: LineBlock) -> npt.NDArray[np.intp]:
    """Return the index of each newline."""
    groups = np.concatenate(
        [
            _group_newlines(block.text[at : min(at + _MARKED, block.end)], block.room)
            for at in range(block.start, block.end, _MARKED)
        ]
    ).view("<u2")
    at = (groups != 0).nonzero()[0]
    # Of a number with one bit set, the exponent as a float tells which bit that is.
    places = groups.take(at).astype("<f4").view("<i4")
    if int(np.bitwise_or.reduce(places)) & _MANTISSA:
        bits = np.unpackbits(groups.view(np.uint8), bitorder="little")
        return np.flatnonzero(bits) + block.start
    places >>= _MANTISSA_BITS
    places += block.start - _EXPONENT_BIAS
    newlines: npt.NDArray[np.intp] = at
    newlines *= _GROUP
    newlines += places
    return newlines


def _group_newlines(
    text: npt.NDArray[np.uint8], room: npt.NDArray[np.bool_] | None
) -> npt.NDArray[np.uint8]:
    """Return a bit for each character, in groups of sixteen: whether it is a newline.

    A newline is rare enough to be alone among its neighbours.
    """
    count = -(-len(text) // _GROUP) * _GROUP
    is_newline = np.empty(count, np.bool_) if room is None else room[:count]
    is_newline[len(text) :] = False
    np.equal(text, ord(_NEWLINE), out=is_newline[: len(text)])
    return np.packbits(is_newline, bitorder="little")
