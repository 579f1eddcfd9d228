"""From batches of frames to samples: the decoder of a vehicle.

Frames are one stream in the order of their rows. Error and remote frames are no data. An id that is
seen on several channels is one message: a gateway that repeats it says the same thing twice.
"""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.edges import MeasureTrack, Placed, Runs
from canlock.decoding.entries import EntryReader
from canlock.decoding.joints import JointReader
from canlock.decoding.layout import EntryLayout, Layout
from canlock.decoding.liveness import LifeTrack
from canlock.decoding.messages import MessageBatch, MessageReader
from canlock.decoding.pace import HushTrack, PaceTrack, UptimeTrack
from canlock.model.frames import EXTENDED_BIT, NO_DATA, FrameBatch, FrameFlag
from canlock.model.samples import (
    Breaks,
    Decoded,
    MeasureColumn,
    MessageLife,
    Silence,
    join_breaks,
)
from canlock.model.vehicle import Vehicle

STANDARD_IDS: Final = 1 << 11
"""There are so many 11-bit ids."""

_BYTES: Final = 256


class Decoder:
    """Turns frames into changes, measured columns and liveness; remembers what came before.

    The concatenated results are the same however the frames are cut into batches.
    """

    def __init__(self, vehicle: Vehicle, layout: Layout) -> None:
        """Take a vehicle and its compiled layout, see `compile_layout`."""
        self.vehicle = vehicle
        keys = sorted({message.key for message in layout.messages})
        self.wanted: frozenset[int] = frozenset(keys)
        self._routes = Routes(keys)
        self._messages = layout.messages
        self._messages_of = [
            [index for index, message in enumerate(layout.messages) if message.key == key]
            for key in keys
        ]
        self._lives = [LifeTrack(message) for message in layout.messages]
        self._paces = [PaceTrack(index, message) for index, message in enumerate(layout.messages)]
        self._hushes = HushTrack()
        self._uptimes = [_make_uptime(entry) for entry in layout.entries]
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
        mapped, rows_of = self._routes.find(batch)
        found = self._gather(batch, rows_of)
        silences: list[tuple[int, int, Silence]] = []
        breaks: list[Breaks] = []
        for index, there in found.items():
            frames = there.frames
            short = frames.payloads.count_short(self._messages[index].fields)
            ended = self._lives[index].follow(frames.row, frames.first_s, short)
            silences += [(row, index, silence) for row, silence in ended]
            breaks += self._paces[index].follow(frames.first_s, frames.payloads)
        samples: list[Placed] = []
        measures: dict[str, list[Runs]] = {}
        for reader, uptime in zip(self._readers, self._uptimes, strict=True):
            runs = reader.read(found)
            if runs is None:
                continue
            if isinstance(reader.track, MeasureTrack):
                kept = reader.track.follow(runs)
                if len(kept):
                    measures.setdefault(reader.role, []).append(kept)
                    if uptime is not None:
                        breaks += uptime.follow(kept.first_s, kept.value.astype(np.float64))
            else:
                samples += reader.track.follow(runs)
        # Both sorts are stable: ties stay in the order of the entries, and of time.
        samples.sort(key=itemgetter(0))
        silences.sort(key=itemgetter(0, 1))
        return Decoded(
            first_s=float(batch.timestamp_s[0]),
            last_s=self._last_s,
            frames=len(batch),
            samples=tuple([sample for _, sample in samples]),
            measures=tuple(_join_measures(role, runs) for role, runs in measures.items()),
            silences=tuple(silence for _, _, silence in silences),
            lives=self._tell_lives(),
            breaks=join_breaks(breaks),
            hushes_s=self._hushes.follow(batch.timestamp_s[mapped]),
            errors_s=_find_errors(batch),
        )

    def _tell_lives(self) -> tuple[MessageLife, ...]:
        found = []
        for track, pace in zip(self._lives, self._paces, strict=True):
            life = track.life()
            if life is not None and pace.pace_s is not None:
                life = replace(life, pace_s=pace.pace_s, paced_since_s=pace.known_s)
            if life is not None:
                found.append(life)
        return tuple(found)

    def _gather(
        self, batch: FrameBatch, rows_of: list[tuple[int, npt.NDArray[np.intp]]]
    ) -> dict[int, MessageBatch]:
        """Return the frames of each message that the batch holds, by message index."""
        found = {}
        for slot, rows in rows_of:
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


def _make_uptime(entry: EntryLayout) -> UptimeTrack | None:
    if entry.role != "bcm.uptime":
        return None
    return UptimeTrack(entry.messages[0], entry.fields[0])


def _find_errors(batch: FrameBatch) -> npt.NDArray[np.float64]:
    """Return shape (n,): the times of the error frames."""
    is_error = batch.flags & np.uint8(FrameFlag.ERROR)
    return batch.timestamp_s[is_error.nonzero()[0]]


class Routes:
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

    def find(
        self, batch: FrameBatch
    ) -> tuple[npt.NDArray[np.intp], list[tuple[int, npt.NDArray[np.intp]]]]:
        """Return the ascending rows that have a wanted key, and (slot, rows) for each such key."""
        slots = self._standard.take(batch.arbitration_id, mode="clip")
        special = batch.flags & np.uint8(FrameFlag.EXTENDED | NO_DATA)
        if special.any():
            self._redirect(slots, batch, special)
        mapped = (slots != self._none).nonzero()[0]
        if not len(mapped):
            return mapped, []
        chosen = slots.take(mapped)
        # Of a byte, numbers are sorted in one pass.
        order = chosen.astype(np.uint8) if self._none <= _BYTES else chosen
        rows = mapped.take(np.argsort(order, kind="stable"))
        counts = np.bincount(chosen, minlength=self._none)
        ends = np.cumsum(counts)
        return mapped, [
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
