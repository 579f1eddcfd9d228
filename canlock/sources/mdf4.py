"""Reads MDF4 bus logs (MF4) in columns, with no Python object a frame and without asammdf.

Data, error and remote frames stand in groups of their own; they are merged in the order of time.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from canlock.errors import CaptureUnreadableError
from canlock.sources.channel_numbers import ChannelNumbers
from canlock.sources.damage import DamageLog
from canlock.sources.mdf4_data import DataPiece, read_data
from canlock.sources.mdf4_file import Mdf4Error, Mdf4File
from canlock.sources.mdf4_frames import GroupReader, OutsideBytes
from canlock.sources.mdf4_groups import FrameGroup, MixedRecords, find_groups
from canlock.sources.mdf4_mixed import sort_records
from canlock.sources.mdf4_records import RecordTable, read_records
from canlock.sources.merging import merge_stretches, screen
from canlock.sources.read_ahead import ReadAhead
from canlock.sources.stretch import Skim, Stretch, Wanted
from canlock.sources.unpacked import unpacked

_FEW_PIECES: Final = 2
_UNKNOWN: Final = 1 << 62
"""How many records there are where the file was never finished."""


class Mdf4Source:
    """The reader of one MF4 log."""

    format = "mf4"
    unit = "frame"

    def __init__(self, path: Path) -> None:
        self._path = path

    def stretches(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        """Yield the file's frames; only the payloads of wanted ones are taken out.

        Raises:
            CaptureUnreadableError: the file's own structure is damaged, or holds no CAN frames.
        """
        for stretch in self._read(wanted, log, is_skimming=False):
            if isinstance(stretch, Stretch):
                yield stretch

    def skims(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch | Skim]:
        """Yield the file's frames, with no more taken out than is wanted.

        Raises:
            CaptureUnreadableError: the file's own structure is damaged, or holds no CAN frames.
        """
        return self._read(wanted, log, is_skimming=True)

    def _read(
        self, wanted: Wanted, log: DamageLog, *, is_skimming: bool
    ) -> Iterator[Stretch | Skim]:
        with unpacked(self._path, log) as path, path.open("rb") as opened:
            yield from _Reading(self._find(opened), wanted, log).read(is_skimming=is_skimming)

    def _find(self, opened: io.BufferedReader) -> _Found:
        try:
            found = _Found(Mdf4File(opened))
        except Mdf4Error as error:
            raise CaptureUnreadableError(
                f"{self._path}: {error}: this MF4 log is damaged where it says what is in it; "
                "copy it again, or save it with the program that wrote it"
            ) from None
        if not found.groups:
            raise CaptureUnreadableError(
                f"{self._path}: found an MF4 file without CAN frames, expected a bus log "
                "(`CAN_DataFrame`): record the frames themselves, not only decoded signals"
            )
        return found


class _Found:
    """What a file says of itself."""

    def __init__(self, file: Mdf4File) -> None:
        self.file = file
        groups, self.mixed, self.begin_s = find_groups(file)
        # Empty groups are the rule: python-can's writer makes one of each kind.
        self.groups = groups
        self.full = [group for group in groups if group.data and self._count(group)]

    def _count(self, group: FrameGroup) -> int:
        return _UNKNOWN if self.file.is_unfinished else group.cycles

    def most(self, group: FrameGroup) -> int:
        """Return how many records a group has at most."""
        return self._count(group)


class _Reading:
    """One reading of a file."""

    def __init__(self, found: _Found, wanted: Wanted, log: DamageLog) -> None:
        self._found = found
        self._file = found.file
        self._wanted = wanted
        self._log = log
        self._channels = ChannelNumbers()
        self._frames = 0

    def read(self, *, is_skimming: bool) -> Iterator[Stretch | Skim]:
        """Yield the file's frames."""
        full = self._found.full
        alone = [group for group in full if not group.record_id_bytes]
        mixed = [part for part in self._found.mixed if any(g.data == part.data for g in full)]
        if len(alone) == 1 and not mixed:
            yield from self._read_alone(alone[0], is_skimming=is_skimming)
            return
        feeds = [self._stretches(group) for group in alone] + [self._sort(part) for part in mixed]
        for stretch in merge_stretches(feeds):
            yield self._number(stretch)

    def _read_alone(self, group: FrameGroup, *, is_skimming: bool) -> Iterator[Stretch | Skim]:
        reader = self._reader(group)
        for table in self._tables(group, in_thread=True):
            skim = reader.skim(table) if is_skimming and isinstance(table, RecordTable) else None
            if skim is None:
                yield self._number(self._stretch(reader, table))
                continue
            times_s, kept = skim
            self._frames += len(times_s)
            goes_back = bool((times_s[1:] < times_s[:-1]).any())
            none = np.empty(0, np.intp)
            yield Skim(len(times_s), 0, goes_back, times_s[[0, -1]], none, kept)

    def _stretches(self, group: FrameGroup) -> Iterator[Stretch]:
        reader = self._reader(group)
        for table in self._tables(group, in_thread=False):
            yield self._stretch(reader, table)

    def _stretch(self, reader: GroupReader, table: RecordTable | DataPiece) -> Stretch:
        if isinstance(table, RecordTable):
            return reader.stretch(table)
        nothing = np.empty(0, np.uint8)
        empty = reader.stretch(RecordTable(nothing, reader.group.record_bytes, is_sorted=False))
        return replace(empty, bad_before=np.zeros(1, np.intp))

    def _number(self, stretch: Stretch) -> Stretch:
        """Return a stretch whose frames have their numbers in the file, the impossible left out."""
        count = stretch.frame_count
        numbers = np.arange(self._frames + 1, self._frames + 1 + count)
        self._frames += count
        return screen(replace(stretch, number=numbers), self._log)

    def _reader(self, group: FrameGroup, outside: OutsideBytes | None = None) -> GroupReader:
        if outside is None and group.outside:
            outside = OutsideBytes(lambda: read_data(self._file, group.outside))
        return GroupReader(group, self._found.begin_s, self._wanted, self._channels, outside)

    def _tables(self, group: FrameGroup, *, in_thread: bool) -> Iterator[RecordTable | DataPiece]:
        """Yield the records of a group, and pieces of its data that are missing."""
        size = group.record_bytes
        most = self._found.most(group)
        pieces = self._pieces(group.data, in_thread=in_thread)
        records = 0
        is_told = False
        for table in read_records(pieces, size, most):
            if isinstance(table, RecordTable):
                records += table.count
                if table.count:
                    yield table
                continue
            is_told |= table.is_end
            records += table.lost // size
            self._tell(table)
            yield table
        if records < most < _UNKNOWN and not is_told:
            text = f"found {records} records, expected {most}: the rest is not there"
            self._log.bad_lines += 1
            self._log.end(f"frame {self._frames + 1}", text)

    def _pieces(self, position: int, *, in_thread: bool) -> Iterator[DataPiece]:
        pieces = read_data(self._file, position)
        yield from islice(pieces, _FEW_PIECES)
        # A thread for a file that has ended by now would only cost.
        yield from ReadAhead(pieces) if in_thread else pieces

    def _tell(self, piece: DataPiece) -> None:
        self._log.bad_lines += 1
        place = f"frame {self._frames + 1}"
        if piece.is_end:
            self._log.end(place, f"{piece.text}: the rest was not read")
        else:
            self._log.tell("line", place, f"{piece.text}: it is left out")

    def _sort(self, mixed: MixedRecords) -> Iterator[Stretch]:
        """Yield the frames of mixed records."""
        self._log.tell_slow("the records of several groups lie mixed, and were sorted one by one")
        groups = [group for group in self._found.groups if group.data == mixed.data]
        outside: dict[int, OutsideBytes] = {}
        readers: list[tuple[int, GroupReader]] = []
        for group in groups:
            held: OutsideBytes | None = None
            if group.outside and self._file.read(group.outside, 4) == b"##CG":
                record_id = self._record_id(group.outside)
                held = outside.setdefault(record_id, OutsideBytes(lambda: iter(())))
            readers.append((group.record_id, self._reader(group, held)))
        records: dict[int, bytearray] = {}
        for found in sort_records(mixed, read_data(self._file, mixed.data)):
            for record_id, content in found.outside.items():
                if record_id in outside:
                    outside[record_id].add(bytes(content))
            # The last payload of a piece may come with the next one: records wait for it.
            yield from _merge_records(readers, records)
            records = found.records
            if found.fault:
                self._tell(DataPiece(np.empty(0, np.uint8), text=found.fault, is_end=True))
        yield from _merge_records(readers, records)

    def _record_id(self, position: int) -> int:
        block = self._file.block(position, "CG")
        return int.from_bytes(block.content[:8], "little")


def _merge_records(
    readers: list[tuple[int, GroupReader]], records: dict[int, bytearray]
) -> Iterator[Stretch]:
    """Yield the records of several groups as frames in the order of time."""
    feeds = [
        iter([reader.stretch(_table(records[record_id], reader.group))])
        for record_id, reader in readers
        if record_id in records
    ]
    yield from merge_stretches(feeds)


def _table(content: bytearray, group: FrameGroup) -> RecordTable:
    return RecordTable(np.frombuffer(content, np.uint8), group.record_bytes, is_sorted=False)
