"""Records of an MDF4 group as frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameBatch, FrameFlag
from canlock.sources.channel_numbers import ChannelNumbers
from canlock.sources.mdf4_data import Bytes, DataPiece
from canlock.sources.mdf4_groups import FrameGroup
from canlock.sources.mdf4_records import RecordTable, Rows
from canlock.sources.screening import are_possible
from canlock.sources.stretch import Stretch, Wanted, keys_of

_ID_BITS: Final = 0x1FFF_FFFF
_MODE_FLAGS: Final = {
    "EDL": FrameFlag.FD,
    "BRS": FrameFlag.BITRATE_SWITCH,
    "ESI": FrameFlag.ERROR_STATE,
}
_LENGTH_BYTES: Final = 4


class OutsideBytes:
    """Payloads that lie outside of records: each its length and its bytes, at an offset."""

    def __init__(self, pieces: Callable[[], Iterator[DataPiece]]) -> None:
        """Take what gives the data, from its beginning each time."""
        self._open = pieces
        self._pieces = pieces()
        self._window = np.empty(0, np.uint8)
        self._base = 0
        """Offset of the first byte in the window."""

    def read(self, offsets: npt.NDArray[np.int64], width: int) -> tuple[Bytes, npt.NDArray[Any]]:
        """Return payloads of shape (m, width), zeros behind them, and their lengths.

        What is not there has no length.
        """
        if not len(offsets):
            return np.empty((0, width), np.uint8), np.empty(0, np.int64)
        self._move_to(int(offsets.min()), int(offsets.max()) + _LENGTH_BYTES + width)
        at = offsets - self._base
        room = len(self._window) - _LENGTH_BYTES
        is_there = (at >= 0) & (at <= room)
        content = np.concatenate((self._window, np.zeros(_LENGTH_BYTES + width, np.uint8)))
        at = np.where(is_there, at, 0)
        lengths = _gather(content, at, _LENGTH_BYTES).view("<u4")[:, 0].astype(np.int64)
        is_there &= lengths <= room - at
        lengths[~is_there] = 0
        payload = _gather(content, at + _LENGTH_BYTES, width)
        payload *= np.arange(width) < lengths[:, None]
        return payload, lengths

    def add(self, content: bytes) -> None:
        """Take some more data, where it does not come by itself."""
        self._append(np.frombuffer(content, np.uint8))

    def _move_to(self, first: int, last: int) -> None:
        if first < self._base:
            self._pieces, self._window, self._base = self._open(), np.empty(0, np.uint8), 0
        self._pass(first)
        while self._base + len(self._window) < last:
            piece = next(self._pieces, None)
            if piece is None:
                break
            missing = np.zeros(piece.lost, np.uint8)
            self._append(piece.plain() if not piece.lost else missing)
            self._pass(first)

    def _pass(self, first: int) -> None:
        """Forget what lies before an offset."""
        passed = min(max(first - self._base, 0), len(self._window))
        self._window, self._base = self._window[passed:], self._base + passed

    def _append(self, content: Bytes) -> None:
        self._window = np.concatenate((self._window, content))


def _gather(content: Bytes, at: npt.NDArray[np.int64], size: int) -> Bytes:
    everywhere: npt.NDArray[np.void] = np.ndarray(
        (len(content) - size + 1,), f"V{size}", content.data, strides=(1,)
    )
    return everywhere[at].view(np.uint8).reshape(-1, size)


class GroupReader:
    """Turns the records of one group into frames."""

    def __init__(
        self,
        group: FrameGroup,
        begin_s: float,
        wanted: Wanted,
        channels: ChannelNumbers,
        outside: OutsideBytes | None,
    ) -> None:
        self.group = group
        self._begin_s = begin_s
        self._wanted = wanted
        self._channels = channels
        self._outside = outside

    def times(self, table: RecordTable) -> npt.NDArray[np.float64]:
        """Return shape (n,): the times of all records."""
        offset, factor = self.group.time_scale
        times = table.numbers(self.group.time)
        if (offset, factor) != (0.0, 1.0):
            times = times.astype(np.float64) * factor + offset
        times_s: npt.NDArray[np.float64] = times.astype(np.float64, copy=False) + self._begin_s
        return times_s

    def ids(self, table: RecordTable) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
        """Return shape (n,): arbitration ids, and the flags that they and the group tell."""
        group = self.group
        flags = np.zeros(table.count, np.uint8)
        place = group.fields.get("ID")
        number = np.zeros(table.count, np.uint32)
        if place is not None:
            words = table.numbers(place)
            number = (words & words.dtype.type(_ID_BITS & ((1 << place.bits) - 1))).astype(
                np.uint32, copy=False
            )
        if "IDE" in group.fields:
            is_extended = table.numbers(group.fields["IDE"]) != 0
            if is_extended.any():
                flags[is_extended] = FrameFlag.EXTENDED
        else:
            # So python-can reads it.
            flags[:] = FrameFlag.EXTENDED
        if group.name == "CAN_ErrorFrame":
            flags |= np.uint8(FrameFlag.ERROR)
        elif group.name == "CAN_RemoteFrame":
            flags |= np.uint8(FrameFlag.REMOTE)
        return number, flags

    def stretch(self, table: RecordTable) -> Stretch:
        """Return all records as a stretch, numbered from nought."""
        times_s = self.times(table)
        number, flags = self.ids(table)
        every = np.arange(table.count)
        flags |= self._more_flags(table, every)
        length = self._lengths(table, every)
        keys = keys_of(number, flags)
        rows = self._wanted.rows(keys, flags)
        kept = self._batch(table, rows, times_s, number, flags[rows])
        none = np.empty(0, np.intp)
        return Stretch(times_s, keys, flags, length, every, none, kept, rows)

    def skim(self, table: RecordTable) -> tuple[npt.NDArray[np.float64], FrameBatch] | None:
        """Return the times of all records, and the wanted ones as frames.

        None: some are none that a bus can have carried, or are error frames.
        """
        times_s = self.times(table)
        number, flags = self.ids(table)
        has_errors = self.group.name == "CAN_ErrorFrame"
        if has_errors or not are_possible(times_s, number, flags).all():
            return None
        rows = self._wanted.rows(keys_of(number, flags), flags)
        flags = flags[rows] | self._more_flags(table, rows)
        return times_s, self._batch(table, rows, times_s, number, flags)

    def _batch(
        self,
        table: RecordTable,
        rows: Rows,
        times_s: npt.NDArray[np.float64],
        number: npt.NDArray[np.uint32],
        flags: npt.NDArray[np.uint8],
    ) -> FrameBatch:
        """Return some records as frames, given the times and ids of all and the flags of these."""
        length = self._lengths(table, rows)
        payload, length = self._payloads(table, rows, length)
        payload[flags & np.uint8(FrameFlag.REMOTE) != 0] = 0
        channel = np.zeros(len(rows), np.uint8)
        if "BusChannel" in self.group.fields:
            channel = self._channels.index(table.numbers(self.group.fields["BusChannel"], rows))
        elif len(rows):
            channel[:] = self._channels.name_index("")
        return FrameBatch(
            times_s[rows], number[rows], flags, length, channel, payload, self._channels.names
        )

    def _payloads(
        self, table: RecordTable, rows: Rows, length: npt.NDArray[np.uint8]
    ) -> tuple[Bytes, npt.NDArray[np.uint8]]:
        """Return payloads, zeros behind them, and their lengths: what is not there has none."""
        place = self.group.data_bytes
        width = FD_BYTES if np.max(length, initial=0) > CLASSIC_BYTES else CLASSIC_BYTES
        if place is None:
            return np.zeros((len(rows), width), np.uint8), length
        if self._outside is None:
            if self.group.name != "CAN_RemoteFrame":
                length = np.minimum(length, np.uint8(min(place.bits // 8, FD_BYTES)))
            payload = table.characters(place.byte, width, rows)
            payload *= np.arange(width, dtype=np.uint8) < length[:, None]
            return payload, length
        offsets = table.numbers(place, rows).astype(np.int64)
        payload, stored = self._outside.read(offsets, width)
        length = np.minimum(length, np.minimum(stored, FD_BYTES).astype(np.uint8))
        payload *= np.arange(width, dtype=np.uint8) < length[:, None]
        return payload, length

    def _more_flags(self, table: RecordTable, rows: Rows) -> npt.NDArray[np.uint8]:
        """Return what is told of some records besides their ids."""
        fields = self.group.fields
        flags = np.zeros(len(rows), np.uint8)
        for name, flag in _MODE_FLAGS.items():
            if name in fields and self.group.name != "CAN_RemoteFrame":
                flags |= (table.numbers(fields[name], rows) != 0) * np.uint8(flag)
        is_fd = flags & np.uint8(FrameFlag.FD) != 0
        flags[~is_fd] = 0
        if "Dir" in fields:
            told = table.numbers(fields["Dir"], rows)
            is_sent = np.isin(told, list(self.group.sent))
            flags |= is_sent * np.uint8(FrameFlag.TRANSMITTED)
        if "RTR" in fields and self.group.name == "CAN_ErrorFrame":
            flags |= (table.numbers(fields["RTR"], rows) != 0) * np.uint8(FrameFlag.REMOTE)
        return flags

    def _lengths(self, table: RecordTable, rows: Rows) -> npt.NDArray[np.uint8]:
        fields = self.group.fields
        name = "DLC" if self.group.name == "CAN_RemoteFrame" else "DataLength"
        if name not in fields or (name == "DataLength" and self.group.data_bytes is None):
            return np.zeros(len(rows), np.uint8)
        told = np.minimum(table.numbers(fields[name], rows), FD_BYTES)
        length: npt.NDArray[np.uint8] = told.astype(np.uint8)
        return length
