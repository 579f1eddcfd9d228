"""The last million frames, kept as columns for the trace and the plots of a live view.

One thread hands in what comes, another takes windows of it. A frame costs 33 bytes, or 145 where
CAN FD payloads come.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.signal_book import SignalBook, compile_book
from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.model.frames import CLASSIC_BYTES, FrameBatch, FrameFlag
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Gap, Mark, MarkUndone, StreamItem
from canlock.pipeline.frame_window import (
    NO_LENGTH,
    FrameRows,
    FrameWindow,
    Ident,
    IdentTotals,
    Part,
    kind_of,
    make_rows,
    write_rows,
)

KEPT_FRAMES: Final = 1_000_000
BLOCK_ROWS: Final = 1 << 16
"""Rows that are written, and later let go, together."""

ROWS_AT_ONCE: Final = 1 << 13
"""Rows that are taken in before somebody who waits for a window gets it."""

MOST_IDENTS: Final = 1 << 16
"""As many as the column can tell apart. A car has some hundred; when a bus that is fuzzed has shown
them all, the history begins anew."""

KEPT_SIDE_ITEMS: Final = 1000

_CHANNEL_SHIFT: Final = np.uint64(32)
_KIND_SHIFT: Final = np.uint64(40)
_KINDS: Final = np.uint8(FrameFlag.ERROR | FrameFlag.REMOTE)


class FrameHistory:
    """Keeps frames of all ids, bounded; `window` may be asked from any thread.

    It serves as a consumer of a watched bus; `follow` hangs it into any other stream.
    """

    def __init__(
        self,
        loaded: LoadedVehicle | None = None,
        kept_frames: int = KEPT_FRAMES,
        block_rows: int = BLOCK_ROWS,
    ) -> None:
        """Begin empty.

        Args:
            loaded: What the frames mean; None: they are shown raw.
            kept_frames: At least so many are kept, and at most `block_rows` more.
            block_rows: Rows that are let go together.
        """
        self.loaded = loaded
        self._kept_frames = kept_frames
        self._block_rows = block_rows
        self._lock = threading.Lock()
        self._blocks: deque[_Block] = deque()
        self._end = 0
        self._idents = _Idents()
        self._gaps: deque[Gap] = deque(maxlen=KEPT_SIDE_ITEMS)
        self._marks: deque[Mark] = deque(maxlen=KEPT_SIDE_ITEMS)
        self._first_s: float | None = None
        self._beginnings = 0
        self._book_lock = threading.Lock()
        self._book: SignalBook | None = None

    def book(self) -> SignalBook:
        """Return what the frames mean; slow when first asked for, since it reads the databases.

        Raises:
            VehicleFileError: A database cannot be read.
        """
        with self._book_lock:
            if self._book is None:
                self._book = compile_book(self.loaded)
            return self._book

    @property
    def notes(self) -> tuple[str, ...]:
        """Return nothing: what was let go is told where the frames are shown."""
        return ()

    def look(self, snapshot: Snapshot) -> None:
        """Do nothing: frames are kept whatever is made of them."""

    def close(self) -> None:
        """Do nothing: what was kept can be looked at after the end."""

    def follow(self, stream: Iterable[StreamItem]) -> Iterator[StreamItem]:
        """Yield the items of a stream, and keep them."""
        for item in stream:
            self.take(item)
            yield item

    def take(self, item: StreamItem) -> None:
        """Keep an item."""
        if isinstance(item, FrameBatch):
            for start in range(0, len(item), ROWS_AT_ONCE):
                with self._lock:
                    self._append(item.take(slice(start, start + ROWS_AT_ONCE)))
            return
        with self._lock:
            if isinstance(item, Gap):
                self._gaps.append(item)
            elif isinstance(item, Mark):
                self._marks.append(item)
            elif isinstance(item, MarkUndone) and item.mark in self._marks:
                self._marks.remove(item.mark)

    def begin_again(self) -> None:
        """Let go of everything: the capture is played from its beginning again."""
        with self._lock:
            self._begin_again()
            self._first_s = None
            self._gaps.clear()
            self._marks.clear()

    def window(self) -> FrameWindow:
        """Return what is kept now."""
        with self._lock:
            return FrameWindow(
                tuple(block.part() for block in self._blocks),
                self._idents.all,
                self._idents.totals(),
                self._first_s,
                tuple(self._gaps),
                tuple(self._marks),
                self._beginnings,
            )

    def _begin_again(self) -> None:
        self._blocks.clear()
        self._end = 0
        self._idents = _Idents()
        self._beginnings += 1

    def _append(self, batch: FrameBatch) -> None:
        """Keep a batch of at most `ROWS_AT_ONCE` frames."""
        if self._first_s is None:
            self._first_s = float(batch.timestamp_s[0])
        if not self._idents.learn(batch):
            self._begin_again()
            self._idents.learn(batch)
        rows = self._idents.compare(batch, self._end)
        while len(rows):
            written = self._room(rows.payload.shape[1]).write(rows)
            self._end += written
            rows = rows.take(slice(written, None))
        while self._end - self._blocks[0].first - self._blocks[0].used >= self._kept_frames:
            self._blocks.popleft()

    def _room(self, width: int) -> _Block:
        last = self._blocks[-1] if self._blocks else None
        if last is None or last.is_full or last.width < width:
            last = _Block(self._end, self._block_rows, width)
            self._blocks.append(last)
        return last


class _Block:
    """Rows of which the first `used` are written."""

    def __init__(self, first: int, count: int, width: int) -> None:
        self.first = first
        self.used = 0
        self.width = width
        self._rows = make_rows(count, width)
        self._part: Part | None = None

    @property
    def is_full(self) -> bool:
        return self.used == len(self._rows)

    def write(self, rows: FrameRows) -> int:
        """Write as many rows as there is room for; return how many."""
        written = min(len(rows), len(self._rows) - self.used)
        write_rows(self._rows, self.used, rows.take(slice(0, written)))
        self.used += written
        return written

    def part(self) -> Part:
        if self._part is None or self._part.end < self.first + self.used:
            self._part = Part(self.first, self._rows.take(slice(0, self.used)))
        return self._part


class _Idents:
    """The idents seen so far, and the last frame of each."""

    def __init__(self) -> None:
        self.all: tuple[Ident, ...] = ()
        self._channels: dict[str, int] = {}
        self._codes = np.empty(0, np.uint64)
        """Ascending; what stands in a code is told in `_encode`."""

        self._numbers = np.empty(0, np.uint16)
        """Of each code: its ident."""

        self._count = np.empty(0, np.int64)
        self._first_s = np.empty(0)
        self._last_s = np.empty(0)
        self._last_row = np.empty(0, np.int64)
        self._length = np.empty(0, np.uint8)
        self._payload = np.empty((0, CLASSIC_BYTES), np.uint8)

    def totals(self) -> IdentTotals:
        return IdentTotals(
            self._count.copy(), self._first_s.copy(), self._last_s.copy(), self._last_row.copy()
        )

    def learn(self, batch: FrameBatch) -> bool:
        """Note the idents of a batch that are new; say whether there was room for them."""
        code = self._encode(batch)
        _, is_known = self._find(code)
        strange = np.flatnonzero(~is_known)
        if not len(strange):
            return True
        codes, firsts = np.unique(code[strange], return_index=True)
        codes = codes[np.argsort(firsts, kind="stable")]
        if len(self.all) + len(codes) > MOST_IDENTS:
            return False
        names = {number: name for name, number in self._channels.items()}
        numbers = np.arange(len(self.all), len(self.all) + len(codes)).astype(np.uint16)
        self.all += tuple(_decode(value, names) for value in codes.tolist())
        joined = np.concatenate([self._codes, codes])
        order = np.argsort(joined)
        self._codes = joined[order]
        self._numbers = np.concatenate([self._numbers, numbers])[order]
        self._grow(len(codes))
        return True

    def compare(self, batch: FrameBatch, first_row: int) -> FrameRows:
        """Return a batch whose idents are known as rows, and note the last frame of each ident."""
        place, _ = self._find(self._encode(batch))
        ident = self._numbers[place]
        payload = batch.payload
        if payload.shape[1] > CLASSIC_BYTES and batch.length.max() <= CLASSIC_BYTES:
            payload = payload[:, :CLASSIC_BYTES]
        self._widen(payload.shape[1])
        width = payload.shape[1]
        # Ordered by ident, each row's neighbour is the frame to compare it with.
        order = np.argsort(ident, kind="stable")
        ordered = ident[order]
        is_start = np.ones(len(ident), np.bool_)
        is_start[1:] = ordered[1:] != ordered[:-1]
        before = np.empty(len(ident), np.intp)
        before[order[1:]] = order[:-1]
        starts = order[is_start]
        before[starts] = starts
        known = ident[starts]
        previous_length = batch.length[before]
        previous_length[starts] = self._length[known]
        previous_s = batch.timestamp_s[before]
        previous_s[starts] = self._last_s[known]
        previous = payload[before]
        previous[starts] = self._payload[known, :width]
        difference = payload ^ previous
        difference[starts[previous_length[starts] == NO_LENGTH]] = 0
        self._note(batch, payload, ident, first_row, (order, is_start))
        return FrameRows(
            batch.timestamp_s,
            ident,
            batch.flags,
            batch.length,
            previous_length,
            (batch.timestamp_s - previous_s).astype(np.float32),
            difference,
            payload,
        )

    def _note(
        self,
        batch: FrameBatch,
        payload: npt.NDArray[np.uint8],
        ident: npt.NDArray[np.uint16],
        first_row: int,
        ordered: tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]],
    ) -> None:
        order, is_start = ordered
        starts = order[is_start]
        ends = order[np.append(np.flatnonzero(is_start)[1:] - 1, len(order) - 1)]
        known = ident[ends]
        is_new = self._length[known] == NO_LENGTH
        self._first_s[known[is_new]] = batch.timestamp_s[starts[is_new]]
        self._count += np.bincount(ident, minlength=len(self.all))
        self._last_s[known] = batch.timestamp_s[ends]
        self._last_row[known] = first_row + ends
        self._length[known] = batch.length[ends]
        self._payload[known] = 0
        self._payload[known, : payload.shape[1]] = payload[ends]

    def _encode(self, batch: FrameBatch) -> npt.NDArray[np.uint64]:
        """Return shape (n,): key, channel and kind of each row in one number."""
        for name in batch.channels:
            self._channels.setdefault(name, len(self._channels))
        table = np.array([self._channels[name] for name in batch.channels] or [0], np.uint64)
        code: npt.NDArray[np.uint64] = batch.keys.astype(np.uint64)
        code |= table[batch.channel] << _CHANNEL_SHIFT
        code |= (batch.flags & _KINDS).astype(np.uint64) << _KIND_SHIFT
        return code

    def _find(
        self, code: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """Return shape (n,) each: places among the known codes, and which of them are right."""
        if not len(self._codes):
            return np.zeros(len(code), np.intp), np.zeros(len(code), np.bool_)
        place = np.minimum(np.searchsorted(self._codes, code), len(self._codes) - 1)
        return place, self._codes[place] == code

    def _grow(self, more: int) -> None:
        self._count = np.append(self._count, np.zeros(more, np.int64))
        self._first_s = np.append(self._first_s, np.full(more, np.nan))
        self._last_s = np.append(self._last_s, np.full(more, np.nan))
        self._last_row = np.append(self._last_row, np.full(more, -1, np.int64))
        self._length = np.append(self._length, np.full(more, NO_LENGTH, np.uint8))
        blank = np.zeros((more, self._payload.shape[1]), np.uint8)
        self._payload = np.concatenate([self._payload, blank])

    def _widen(self, width: int) -> None:
        missing = width - self._payload.shape[1]
        if missing > 0:
            self._payload = np.pad(self._payload, ((0, 0), (0, missing)))


def _decode(code: int, channels: dict[int, str]) -> Ident:
    channel = (code >> int(_CHANNEL_SHIFT)) & 0xFF
    return Ident(code & 0xFFFF_FFFF, channels[channel], kind_of(code >> int(_KIND_SHIFT)))
