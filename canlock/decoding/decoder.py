"""From batches of frames to samples: the decoder of a vehicle.

Frames are one stream in the order of their rows. Error and remote frames are no data. An id that is
seen on several channels is one message: a gateway that repeats it says the same thing twice.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.edges import MeasureTrack, Placed, Runs
from canlock.decoding.entries import EntryReader
from canlock.decoding.joints import JointReader
from canlock.decoding.layout import EntryLayout, Layout
from canlock.decoding.liveness import LifeTrack
from canlock.decoding.messages import MessageBatch, MessageReader
from canlock.model.frames import EXTENDED_BIT, NO_DATA, FrameBatch, FrameFlag
from canlock.model.samples import Decoded, MeasureColumn, MessageLife, Silence
from canlock.model.vehicle import Vehicle

STANDARD_IDS: Final = 1 << 11
"""There are so many 11-bit ids."""


class Decoder:
    """Turns frames into changes, measured columns and liveness; remembers what came before.

    The concatenated results are the same however the frames are cut into batches.
    """

    def __init__(self, vehicle: Vehicle, layout: Layout) -> None:
        """Take a vehicle and its compiled layout, see `compile_layout`."""
        self.vehicle = vehicle
        keys = sorted({message.key for message in layout.messages})
        self.wanted: frozenset[int] = frozenset(keys)
        self._routes = _Routes(keys)
        self._messages = layout.messages
        self._messages_of = [
            [index for index, message in enumerate(layout.messages) if message.key == key]
            for key in keys
        ]
        self._lives = [LifeTrack(message) for message in layout.messages]
        self._joiners = [_make_joiner(layout, index) for index in range(len(layout.messages))]
        self._readers = [_make_reader(entry) for entry in layout.entries]
        self._last_s = 0.0

    def decode(self, batch: FrameBatch) -> Decoded:
        """Return what a batch of frames, which need not be wanted ones only, has to say.

        Silences are in the order of the frames that showed them. An empty batch has the time of
        the frame before it.
        """
        if not len(batch):
            return Decoded(self._last_s, self._last_s, 0, lives=self._tell_lives())
        self._last_s = float(batch.timestamp_s[-1])
        found = self._gather(batch)
        silences: list[tuple[int, int, Silence]] = []
        for index, there in found.items():
            frames = there.frames
            short = frames.payloads.count_short(self._messages[index].fields)
            ended = self._lives[index].follow(frames.row, frames.first_s, short)
            silences += [(row, index, silence) for row, silence in ended]
        samples: list[Placed] = []
        measures: dict[str, list[Runs]] = {}
        for reader in self._readers:
            runs = reader.read(found)
            if runs is None:
                continue
            if isinstance(reader.track, MeasureTrack):
                kept = reader.track.follow(runs)
                if len(kept):
                    measures.setdefault(reader.role, []).append(kept)
            else:
                samples += reader.track.follow(runs)
        # Both sorts are stable: ties stay in the order of the entries, and of time.
        samples.sort(key=lambda placed: placed[0])
        silences.sort(key=lambda placed: placed[:2])
        return Decoded(
            first_s=float(batch.timestamp_s[0]),
            last_s=self._last_s,
            frames=len(batch),
            samples=tuple(sample for _, sample in samples),
            measures=tuple(_join_measures(role, runs) for role, runs in measures.items()),
            silences=tuple(silence for _, _, silence in silences),
            lives=self._tell_lives(),
        )

    def _tell_lives(self) -> tuple[MessageLife, ...]:
        lives = (track.life() for track in self._lives)
        return tuple(life for life in lives if life is not None)

    def _gather(self, batch: FrameBatch) -> dict[int, MessageBatch]:
        """Return the frames of each message that the batch holds, by message index."""
        found = {}
        for slot, rows in self._routes.find(batch):
            at_s, length = batch.timestamp_s.take(rows), batch.length.take(rows)
            # `take` copies rows of a matrix several times faster than an index does.
            payload = batch.payload.take(rows, axis=0)
            for index in self._messages_of[slot]:
                found[index] = self._joiners[index].join(rows, at_s, payload, length)
        return found


def _make_joiner(layout: Layout, index: int) -> MessageReader:
    entries = [entry for entry in layout.entries if entry.kind != "measure"]
    fields = [field for entry in entries if entry.messages[0] == index for field in entry.inputs]
    counts_pauses = any(entry.heeds_pauses for entry in entries if entry.messages[0] == index)
    return MessageReader(fields, counts_pauses=counts_pauses)


def _make_reader(entry: EntryLayout) -> EntryReader | JointReader:
    if entry.words is not None and entry.is_joint:
        return JointReader(entry, entry.words)
    return EntryReader(entry)


class _Routes:
    """Which rows of a batch have which of the wanted keys."""

    def __init__(self, keys: list[int]) -> None:
        """Take the wanted frame keys, ascending; their positions are the slots."""
        self._none = len(keys)
        # The last place is for every number that is no 11-bit id.
        self._standard = np.full(STANDARD_IDS + 1, self._none, np.int16)
        extended = [key for key in keys if key & EXTENDED_BIT]
        for slot, key in enumerate(keys[: len(keys) - len(extended)]):
            self._standard[min(key, STANDARD_IDS)] = slot
        self._extended = np.array([key ^ EXTENDED_BIT for key in extended], np.uint32)
        self._first_extended = len(keys) - len(extended)

    def find(self, batch: FrameBatch) -> list[tuple[int, npt.NDArray[np.intp]]]:
        """Return (slot, ascending rows) for each wanted key that the batch holds."""
        slots = self._standard.take(batch.arbitration_id, mode="clip")
        special = batch.flags & np.uint8(FrameFlag.EXTENDED | NO_DATA)
        if special.any():
            self._redirect(slots, batch, special)
        rows = (slots != self._none).nonzero()[0]
        if not len(rows):
            return []
        chosen = slots.take(rows)
        rows = rows.take(np.argsort(chosen, kind="stable"))
        counts = np.bincount(chosen, minlength=self._none)
        ends = np.cumsum(counts)
        return [
            (slot, rows[end - count : end])
            for slot, (count, end) in enumerate(zip(counts.tolist(), ends.tolist(), strict=True))
            if count
        ]

    def _redirect(
        self,
        slots: npt.NDArray[np.int16],
        batch: FrameBatch,
        special: npt.NDArray[np.uint8],
    ) -> None:
        """Correct the slots of 29-bit frames and of frames that are no data."""
        slots[special != 0] = self._none
        rows = np.flatnonzero(special == np.uint8(FrameFlag.EXTENDED))
        if len(self._extended) and len(rows):
            ids = batch.arbitration_id[rows]
            places = np.searchsorted(self._extended, ids)
            places[places == len(self._extended)] = 0
            hits = self._extended[places] == ids
            slots[rows[hits]] = (places[hits] + self._first_extended).astype(np.int16)


def _join_measures(role: str, parts: list[Runs]) -> MeasureColumn:
    """Return the kept frames of all entries of one role, in row order."""
    at_s = np.concatenate([part.first_s for part in parts])
    value = np.concatenate([part.value.astype(np.float64, copy=False) for part in parts])
    if len(parts) > 1:
        order = np.argsort(np.concatenate([part.row for part in parts]), kind="stable")
        at_s, value = at_s[order], value[order]
    return MeasureColumn(role, at_s, value)
