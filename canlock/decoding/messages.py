"""One message's frames in a batch, and the stretches in which nothing changes that anybody reads.

Most frames repeat the frame before them in every mapped bit. They are joined here, once for all the
entries that read the message, so that extraction and comparison run over a few rows; and where a
whole batch repeats the frame before it, nothing needs to be read at all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.extraction import Mask, Payloads
from canlock.decoding.fields import Bits, Field
from canlock.model.frames import FD_BYTES

NEW_PRESS_AFTER_S: Final = 0.5
"""A message that is sent only on events and comes again, unchanged, after this has a new event.

Held buttons repeat at about 0.1 s (DOMAIN 2.1: n-fold bursts within 0.2 s are one event).
"""

_WORD_BYTES: Final = 8

Column = npt.NDArray[Any]
Rows = npt.NDArray[np.intp]
Times = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MessageFrames:
    """Frames of one message, or stretches of like ones, in row order; there is at least one."""

    row: Rows
    """Shape (n,), ascending: rows of the (first) frames in the batch."""

    first_s: Times
    """Shape (n,): times of the (first) frames."""

    last_s: Times
    """Shape (n,): times of the last frames of the stretches."""

    payloads: Payloads
    """n payloads."""

    pause: Column | None = None
    """Shape (n,): how many pauses of more than `NEW_PRESS_AFTER_S` came before; None where nobody
    asks."""


@dataclass(frozen=True, slots=True, eq=False)
class MessageBatch:
    """What a batch holds of one message."""

    frames: MessageFrames
    """Frame by frame."""

    runs: MessageFrames
    """Neighbours joined that agree in all bits that entries of kind state and event read."""

    is_still: bool
    """All of them agree with the last frame before the batch too, without a pause."""


class MessageReader:
    """Joins the like frames of one message, batch after batch."""

    def __init__(self, fields: Collection[Field], *, counts_pauses: bool) -> None:
        """Take what entries of kind state and event read of the message."""
        self._mask = _mark_bits(fields)
        words = self._mask.view(np.uint64)
        self._words = [(int(place), words[place]) for place in np.flatnonzero(words)]
        self._pauses = PauseCounter() if counts_pauses else None
        self._last: bytes | None = None

    def join(
        self,
        row: Rows,
        at_s: Times,
        payload: npt.NDArray[np.uint8],
        length: npt.NDArray[np.uint8],
    ) -> MessageBatch:
        """Return the message's frames of a batch, at least one, and their stretches."""
        pauses_before = 0 if self._pauses is None else self._pauses.count
        pause = None if self._pauses is None else self._pauses.number(at_s)
        frames = MessageFrames(row, at_s, at_s, Payloads(payload, length), pause)
        last = bytes([length[-1]]) + (payload[-1] & self._mask[: payload.shape[1]]).tobytes()
        columns: list[Column] = [] if pause is None else [pause]
        if length.min() != length.max():
            columns.append(length)
        words = payload.view(np.uint64)
        columns += [words[:, at] & mask for at, mask in self._words if at < words.shape[1]]
        starts = find_runs(columns) if columns else np.zeros(1, np.intp)
        runs = frames
        is_still = False
        if len(starts) < len(row):
            ends = find_ends(starts, len(row))
            runs = MessageFrames(
                row[starts],
                at_s[starts],
                at_s[ends],
                Payloads(payload.take(starts, axis=0), length[starts]),
                None if pause is None else pause[starts],
            )
        if len(starts) == 1 and self._last is not None:
            is_paused = pause is not None and pauses_before != pause[0]
            is_still = not is_paused and last == self._last
        self._last = last
        return MessageBatch(frames, runs, is_still)


class PauseCounter:
    """Counts the pauses of more than `NEW_PRESS_AFTER_S` between frames."""

    def __init__(self) -> None:
        self.count = 0
        self._last_s: float | None = None

    def number(self, at_s: Times) -> npt.NDArray[np.int64]:
        """Return shape (n,): how many pauses came before each frame; counts on between calls."""
        last_s = float(at_s[0]) if self._last_s is None else self._last_s
        pauses = np.cumsum(at_s - follow_on(last_s, at_s) > NEW_PRESS_AFTER_S, dtype=np.int64)
        pauses += self.count
        self.count = int(pauses[-1])
        self._last_s = float(at_s[-1])
        return pauses


def find_stretches(columns: Sequence[Column], mask: Mask) -> tuple[Rows, Rows] | None:
    """Return first and last rows of stretches of equal rows, among those that a mask lets through.

    Rows that the mask hides do not end a stretch. None where it hides all.
    """
    if mask is None:
        starts = find_runs(columns)
        return starts, find_ends(starts, len(columns[0]))
    chosen = mask.nonzero()[0]
    if not len(chosen):
        return None
    starts = find_runs([column[chosen] for column in columns])
    return chosen[starts], chosen[find_ends(starts, len(chosen))]


def find_runs(columns: Collection[Column]) -> Rows:
    """Return the first rows of stretches in which no column changes; there must be rows."""
    changed: npt.NDArray[np.bool_] | None = None
    for column in columns:
        differs = column[1:] != column[:-1]
        changed = differs if changed is None else np.logical_or(changed, differs, out=changed)
    if changed is None:
        raise ValueError("no columns to compare")
    later = changed.nonzero()[0]
    starts = np.empty(len(later) + 1, np.intp)
    starts[0] = 0
    np.add(later, 1, out=starts[1:])
    return starts


def find_ends(starts: Rows, count: int) -> Rows:
    """Return the last rows of stretches that begin at `starts` and fill `count` rows."""
    ends = np.empty_like(starts)
    np.subtract(starts[1:], 1, out=ends[:-1])
    ends[-1] = count - 1
    return ends


def follow_on(before: float, column: Column) -> Column:
    """Return for each row the value of the row before it; `before` is that of the first."""
    moved = np.empty_like(column)
    moved[0] = before
    moved[1:] = column[:-1]
    return moved


def _mark_bits(fields: Collection[Field]) -> npt.NDArray[np.uint8]:
    """Return `FD_BYTES` bytes with ones where some field, or a multiplexer above it, has a bit."""
    mask = np.zeros(FD_BYTES, np.uint8)
    places: set[Bits] = {field.bits for field in fields}
    places.update(selector.bits for field in fields for selector in field.selectors)
    for bits in places:
        for bit in range(bits.first, min(bits.first + bits.length, 8 * FD_BYTES)):
            mask[bit // 8] |= 0x80 >> bit % 8 if bits.is_big_endian else 1 << bit % 8
    return mask
