"""One `[[signal]]` entry: from the frames of its message to runs of its value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from canlock.decoding.edges import GRID_S, MeasureTrack, Runs, make_track
from canlock.decoding.extraction import Mask, both, physical_values, raw_values
from canlock.decoding.layout import EntryLayout
from canlock.decoding.messages import (
    Column,
    MessageBatch,
    MessageFrames,
    find_stretches,
)
from canlock.decoding.words import NO_WORD, Words

Batches = Mapping[int, MessageBatch]
"""By index into `Layout.messages`; only messages that the batch holds."""


class EntryReader:
    """Reads what an entry says, batch after batch."""

    def __init__(self, entry: EntryLayout) -> None:
        self.role = entry.role
        self.track = make_track(entry)
        self._entry = entry
        self._message = entry.messages[0]
        places = [field.bits for field in entry.fields]
        self._words = None if entry.words is None else Words(entry.words, places)
        self._is_current = False

    def read(self, batches: Batches) -> Runs | None:
        """Return the runs of the entry's value, known or not; None where nothing new is said."""
        batch = batches.get(self._message)
        if batch is None:
            return None
        if isinstance(self.track, MeasureTrack):
            return self._cut(batch.frames, np.floor(batch.frames.first_s / GRID_S))
        if batch.is_still:
            if self._is_current:
                self.track.stay(float(batch.runs.last_s[-1]))
            return None
        return self._cut(batch.runs, batch.runs.pause if self._entry.heeds_pauses else None)

    def _cut(self, frames: MessageFrames, stretch: Column | None) -> Runs | None:
        mask: Mask = None
        columns: list[Column] = []
        for field in self._entry.inputs:
            mask = both(mask, frames.payloads.valid(field))
            columns.append(frames.payloads.pattern(field.bits))
        if stretch is not None:
            columns.append(stretch)
        found = find_stretches(columns, mask)
        if found is None:
            self._is_current = False
            return None
        starts, ends = found
        columns = [column[starts] for column in columns]
        value = self._find_value(columns)
        known = value != NO_WORD if self._words else np.isfinite(value)
        self._is_current = bool(known[-1]) and int(ends[-1]) == len(frames.row) - 1
        counter = self._entry.counter
        return Runs(
            frames.row[starts],
            frames.first_s[starts],
            frames.last_s[ends],
            value,
            known,
            None if counter is None else raw_values(columns[len(self._entry.fields)], counter.bits),
            None if stretch is None else columns[-1],
        )

    def _find_value(self, columns: list[Column]) -> npt.NDArray[np.int16] | npt.NDArray[np.float64]:
        first = self._entry.fields[0]
        if self._words is None:
            return physical_values(raw_values(columns[0], first.bits), first)
        inputs = range(len(self._entry.fields))
        return self._words.codes([self._words.symbols(place, columns[place]) for place in inputs])
