"""Where the objects of a stretch of BLF data begin.

Most logs hold runs of objects of one size, which are rows of a table: that is guessed and checked.
Else every place at which `LOBJ` stands is taken for an object, and each must end where the next one
begins. Only where that fails, because data happens to spell `LOBJ` or because something is damaged,
objects are followed one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.blf_container import BASE_BYTES, PADDING, SIGNATURE

Buffer = npt.NDArray[np.uint8]
Indexes = npt.NDArray[np.intp]

MARGIN: Final = 128
"""Bytes that can be read behind the last object without harm: more than any frame takes."""

LONGEST_OBJECT: Final = 1 << 22
"""Bytes. A frame takes some hundred; a length beyond this is damage and is not waited for."""

_SIGNATURE: Final = np.uint32(int.from_bytes(SIGNATURE, "little"))
_FIRST_LETTER: Final = np.uint8(SIGNATURE[0])
_SIZE_AT: Final = 8
_HEADER_SIZES: Final = (16, 32, 40)
_VERSIONS: Final = (1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """The whole objects in some data, n of them."""

    at: Indexes
    """Shape (n,): where they begin."""

    stride: int | None
    """Bytes from one to the next, where all have the same size and type."""

    bad_before: Indexes
    """Ascending rows, 0 to n, directly before which something unreadable lies."""

    rest: int
    """Where an object begins that is not there in full; the end of the data where there is none."""

    followed: int = 0
    """How many of them had to be followed one by one."""


def find_objects(data: Buffer, end: int, *, is_adrift: bool, is_last: bool) -> Objects:
    """Return the objects of some data.

    Args:
        data: objects on end, and at least `MARGIN` bytes behind them.
        end: index behind the last byte of the objects.
        is_adrift: the data may begin in the middle of an object whose beginning is lost.
        is_last: no data will follow, so what is incomplete will never be complete.
    """
    run = None if is_adrift else _find_run(data, end)
    if run is not None and run.rest == end:
        return run
    begin = 0 if run is None else run.rest
    places = _find_signatures(data, begin, end)
    found = _follow_links(data, begin, end, places)
    if found is None or is_adrift or (is_last and found.rest < end):
        walk = _Walk(data, end, places, is_last=is_last)
        found = walk.objects(begin, is_adrift=is_adrift)
    if run is None or not len(run.at):
        return found
    bad_before = found.bad_before + len(run.at)
    if not len(found.at):
        return Objects(run.at, run.stride, bad_before, found.rest)
    return Objects(np.append(run.at, found.at), None, bad_before, found.rest, found.followed)


def _words(data: Buffer) -> npt.NDArray[np.uint32]:
    """Return the 32-bit words that begin at each byte."""
    return np.ndarray((len(data) - 3,), "<u4", data.data, strides=(1,))


def _find_run(data: Buffer, end: int) -> Objects | None:
    """Return the first objects as long as all have type and size of the first; None: none."""
    words = _words(data)
    if end < BASE_BYTES or words[0] != _SIGNATURE:
        return None
    size = int(words[_SIZE_AT])
    if not BASE_BYTES <= size <= end:
        return None
    stride = size + _padding_behind(data, size, end)
    count = (end - size) // stride + 1
    first = np.ndarray((count,), "<u8", data.data, 0, (stride,))
    second = np.ndarray((count,), "<u8", data.data, _SIZE_AT, (stride,))
    is_like = (first == first[0]) & (second == second[0])
    count = count if is_like.all() else int(np.argmin(is_like))
    rest = min(count * stride, end)
    if rest + PADDING >= end and not data[rest:end].any():
        rest = end
    return Objects(np.arange(count) * stride, stride, np.empty(0, np.intp), rest)


def _padding_behind(data: Buffer, at: int, end: int) -> int:
    ahead = data[at : min(at + PADDING + len(SIGNATURE), end)].tobytes()
    return max(ahead.find(SIGNATURE), 0)


def _find_signatures(data: Buffer, begin: int, end: int) -> Indexes:
    """Return where `LOBJ` stands, with a whole header behind it or not."""
    places = np.flatnonzero(data[begin : max(end - 3, begin)] == _FIRST_LETTER) + begin
    is_whole: npt.NDArray[np.bool_] = _words(data)[places] == _SIGNATURE
    return places[is_whole]


def _follow_links(data: Buffer, begin: int, end: int, places: Indexes) -> Objects | None:
    """Return the objects at all the places; None where some are none, or something is between."""
    if not len(places) or places[0] > begin + PADDING:
        return None
    sizes = _words(data)[np.minimum(places + _SIZE_AT, end)].astype(np.intp)
    stop = places + sizes
    behind = places[1:] - stop[:-1]
    if not ((behind >= 0) & (behind <= PADDING) & (sizes[:-1] >= BASE_BYTES)).all():
        return None
    last = int(stop[-1])
    none = np.empty(0, np.intp)
    if int(places[-1]) + BASE_BYTES > end:
        return Objects(places[:-1], None, none, int(places[-1]))
    if not BASE_BYTES <= sizes[-1] <= LONGEST_OBJECT:
        return None
    if last > end:
        return Objects(places[:-1], None, none, int(places[-1]))
    # Less than a signature is left: the beginning of one, or padding.
    return Objects(places, None, none, last) if end - last < BASE_BYTES else None


class _Walk:
    """Follows objects one by one, over damage and over data that looks like an object."""

    def __init__(self, data: Buffer, end: int, places: Indexes, *, is_last: bool) -> None:
        self._data = data
        self._end = end
        self._places: list[int] = places.tolist()
        self._is_last = is_last
        self._at: list[int] = []
        self._bad_before: list[int] = []

    def objects(self, begin: int, *, is_adrift: bool) -> Objects:
        """Return the objects from an index on."""
        expected: int | None = None if is_adrift else begin
        rest: int | None = None
        for place in self._places:
            if expected is not None and place < expected:
                continue
            is_linked = expected is not None and place <= expected + PADDING
            if not is_linked and not self._is_plausible(place):
                continue
            if expected is not None and not is_linked:
                self._pass_over()
            stop = self._stop_of(place)
            if stop is None:
                expected = None
                self._pass_over()
            elif stop > self._end:
                if not self._is_last:
                    rest = place
                    break
                # Nothing will follow: perhaps its length is damaged, and whole objects lie in it.
                rest = place if rest is None else rest
                expected = None
            else:
                if rest is not None:
                    rest = None
                    self._pass_over()
                self._at.append(place)
                expected = stop
        if rest is None:
            rest = self._end_of(expected)
        at, bad_before = np.array(self._at, np.intp), np.array(self._bad_before, np.intp)
        return Objects(at, None, bad_before, rest, followed=len(at))

    def _end_of(self, expected: int | None) -> int:
        """Return what the next data goes on with, given where the last object ended."""
        if expected is None:
            return self._end
        if self._end - expected < BASE_BYTES:
            return expected
        self._pass_over()
        return self._end

    def _pass_over(self) -> None:
        if len(self._at) not in self._bad_before[-1:]:
            self._bad_before.append(len(self._at))

    def _stop_of(self, place: int) -> int | None:
        """Return where an object ends; None: it is none. What has no whole header ends behind."""
        if place + BASE_BYTES > self._end:
            return self._end + 1
        size = int(_words(self._data)[place + _SIZE_AT])
        return place + size if BASE_BYTES <= size <= LONGEST_OBJECT else None

    def _is_plausible(self, place: int) -> bool:
        """Tell whether an object begins where none was expected."""
        stop = self._stop_of(place)
        if stop is None:
            return False
        if place + BASE_BYTES > self._end:
            return True
        header = self._data[place : place + _SIZE_AT].view("<u2")
        if int(header[2]) not in _HEADER_SIZES or int(header[3]) not in _VERSIONS:
            return False
        if stop + len(SIGNATURE) > self._end:
            return True
        ahead = self._data[stop : min(stop + PADDING + len(SIGNATURE), self._end)].tobytes()
        return SIGNATURE in ahead or stop + PADDING + len(SIGNATURE) > self._end
