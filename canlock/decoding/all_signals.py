"""Every signal of every message, as columns: for whoever wants to look at more than the lock.

The decoder of a vehicle reads mapped signals and keeps sparse changes; here nothing is left out, so
nothing is made that is not asked for: patterns stay in the narrowest integers, and a change is a
mark at a frame. Physical values are worked out where somebody wants them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.decoder import Routes
from canlock.decoding.extraction import (
    Pattern,
    Payloads,
    Raw,
    physical_values,
    raw_values,
)
from canlock.decoding.fields import Field, compile_field
from canlock.decoding.layout import LONGEST_SIGNAL
from canlock.model.frames import FrameBatch, frame_key, join_batches

if TYPE_CHECKING:
    from canlock.decoding.database import Databases

BATCH_FRAMES: Final = 1 << 17
"""So many frames are looked at together: then each message has enough to be worth the calls, and
still fits into a processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class SignalColumn:
    """One signal in n frames that carry it, in the order of time."""

    field: Field
    pattern: Pattern
    """The plain bits."""

    is_change: npt.NDArray[np.bool_]
    """Where they differ from those of the frame before; never at the first frame of all."""

    rows: npt.NDArray[np.intp]
    """Which frames of the batch they are."""

    times_s: npt.NDArray[np.float64]
    """Of all frames of the batch."""

    @property
    def at_s(self) -> npt.NDArray[np.float64]:
        """Return the times of the frames."""
        return self.times_s[self.rows]

    @property
    def raw(self) -> Raw:
        """Return the raw values."""
        return raw_values(self.pattern, self.field.bits)

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """Return the physical values, raw x scale + offset."""
        return physical_values(self.raw, self.field)


class SignalReader:
    """Cuts all signals out of frames; the same however these are cut into batches."""

    def __init__(self, fields: Mapping[int, Sequence[Field]]) -> None:
        """Take the signals of each frame key."""
        keys = sorted(fields)
        self.wanted: frozenset[int] = frozenset(keys)
        self._fields = [tuple(fields[key]) for key in keys]
        self._routes = Routes(keys)
        self._last: dict[tuple[int, int], int] = {}

    def read(self, batches: Iterable[FrameBatch]) -> Iterator[SignalColumn]:
        """Yield the columns of all signals, some hundred thousand frames at a time."""
        waiting: list[FrameBatch] = []
        count = 0
        for batch in batches:
            waiting.append(batch)
            count += len(batch)
            if count >= BATCH_FRAMES:
                yield from self.cut(join_batches(waiting))
                waiting, count = [], 0
        if waiting:
            yield from self.cut(join_batches(waiting))

    def cut(self, batch: FrameBatch) -> Iterator[SignalColumn]:
        """Yield the columns of all signals that a batch of frames carries."""
        lengths = batch.length
        is_same = len(lengths) > 0 and bool((lengths == lengths[0]).all())
        for slot, rows in self._routes.find(batch)[1]:
            length = lengths[:1].repeat(len(rows)) if is_same else lengths.take(rows)
            payloads = Payloads(batch.payload.take(rows, axis=0), length)
            for number, field in enumerate(self._fields[slot]):
                mask = payloads.valid(field)
                pattern = payloads.pattern(field.bits)
                chosen = rows
                if mask is not None:
                    pattern, chosen = pattern[mask], rows[mask]
                if len(pattern):
                    is_change = self._find_changes((slot, number), pattern)
                    yield SignalColumn(field, pattern, is_change, chosen, batch.timestamp_s)

    def _find_changes(self, place: tuple[int, int], pattern: Pattern) -> npt.NDArray[np.bool_]:
        is_change = np.empty(len(pattern), np.bool_)
        first = int(pattern[0])
        is_change[0] = self._last.get(place, first) != first
        np.not_equal(pattern[1:], pattern[:-1], out=is_change[1:])
        self._last[place] = int(pattern[-1])
        return is_change


def find_fields(databases: Databases) -> dict[int, list[Field]]:
    """Return all signals of some databases by frame key; those of more than 64 bits are left out.

    Of two messages with one key, the first counts.
    """
    fields: dict[int, list[Field]] = {}
    for message in databases.messages:
        key = frame_key(message.frame_id, is_extended=message.is_extended_frame)
        if key not in fields:
            fields[key] = [
                compile_field(f"{message.name}.{signal.name}", databases.signal)
                for signal in message.signals
                if signal.length <= LONGEST_SIGNAL
            ]
    return fields
