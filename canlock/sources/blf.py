"""Reads BLF logs in columns, with no Python object a frame.

A container that is damaged is left out and the next one is read; of a file that was cut off,
everything before the cut is read, the inflated part of the last container too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FrameBatch
from canlock.sources.blf_container import PADDING, SIGNATURE, ContainerReader, Piece
from canlock.sources.blf_frames import ObjectFrames, find_frames, read_payloads
from canlock.sources.blf_plain import PlainMessages
from canlock.sources.blf_walk import MARGIN, find_objects
from canlock.sources.channel_numbers import ChannelNumbers
from canlock.sources.damage import DamageLog
from canlock.sources.read_ahead import ReadAhead
from canlock.sources.screening import are_possible, describe_fault
from canlock.sources.streams import open_stream
from canlock.sources.stretch import Skim, Stretch, Wanted, keys_of

BLOCK_BYTES: Final = 1 << 20
"""How much inflated data is parsed at a time: it stays in the processor's cache."""

_NO_PIECE: Final = b""

_FEW_PIECES: Final = 16
"""A file with no more containers than these is not worth a thread."""

_TOGETHER: Final = 8
"""So many containers, of 128 KB, are handed over by the thread at once: to wake somebody costs as
much as to look at one of them."""

_KEPT_MESSAGES: Final = 1 << 14
"""So many wanted messages of plain blocks are parsed at once: each parsing costs some time."""

_SLOW_RECORDS: Final = 1000
_SLOW_SHARE: Final = 0.2
"""Where more records than these are followed one by one, reading is slow."""


class BlfSource:
    """The reader of one BLF log."""

    format = "blf"
    unit = "frame"

    def __init__(self, path: Path, block_bytes: int = BLOCK_BYTES) -> None:
        self._path = path
        self._block_bytes = block_bytes

    def stretches(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        """Yield the file's frames; only the payloads of wanted ones are taken out."""
        for stretch in self._read(wanted, log, is_skimming=False):
            if isinstance(stretch, Stretch):
                yield stretch

    def skims(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch | Skim]:
        """Yield the file's frames, with no more taken out than is wanted."""
        return self._read(wanted, log, is_skimming=True)

    def _read(
        self, wanted: Wanted, log: DamageLog, *, is_skimming: bool
    ) -> Iterator[Stretch | Skim]:
        with open_stream(self._path) as stream:
            reader = ContainerReader(stream)
            inside = _Block(reader.header.begin_s, wanted, log, is_skimming=is_skimming)
            for piece in _read_on(reader.pieces()):
                if piece.kind == "inside":
                    inside.add(piece.content)
                    if inside.size >= self._block_bytes:
                        yield from inside.parse()
                else:
                    yield from self._leave(piece, inside, stream.fault, log)
            yield from inside.parse(is_last=True)
            inside.tell_slow()
            if log.is_truncated:
                return
            end = f"byte {reader.position}"
            expected = reader.header.file_bytes
            if stream.fault is not None:
                log.end(end, f"{stream.fault}: the rest was not read")
            elif not reader.header.is_whole:
                log.end(end, "found the end of the file in its header, expected the rest of it")
            elif expected > reader.position:
                log.end(end, f"found {reader.position} bytes, expected {expected} by the header")
            elif inside.has_rest:
                log.end(end, "found the end of the file in the middle of a record")
            log.bad_lines += log.is_truncated

    def _leave(
        self, piece: Piece, inside: _Block, fault: str | None, log: DamageLog
    ) -> Iterator[Stretch | Skim]:
        """Yield what is complete before a piece that is no part of the row of objects."""
        if piece.kind == "loose":
            if inside.has_data:
                yield from inside.parse()
            yield from inside.parse_alone(piece.content)
            return
        log.bad_lines += 1
        if piece.kind == "cut":
            yield from inside.parse(is_last=True)
            text = fault or piece.text
            log.end(f"byte {piece.position}", f"{text}: the rest was not read")
        else:
            log.tell("line", f"byte {piece.position}", piece.text)
            yield from inside.parse(is_last=True)
            inside.lose()


def _read_on(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield pieces; those of a longer file are inflated while others are looked at."""
    yield from islice(pieces, _FEW_PIECES)
    following = next(pieces, None)
    if following is not None:
        yield following
        lots = iter(lambda: tuple(islice(pieces, _TOGETHER)), ())
        for lot in ReadAhead(lots):
            yield from lot


class _Block:
    """Inflated data on the way to becoming a stretch."""

    def __init__(
        self, begin_s: float, wanted: Wanted, log: DamageLog, *, is_skimming: bool
    ) -> None:
        self.size = 0
        self._plain = PlainMessages(begin_s, wanted) if is_skimming else None
        self._begin_s = begin_s
        self._wanted = wanted
        self._log = log
        self._channels = ChannelNumbers(first=1)
        self._pieces: list[bytes | bytearray] = []
        self._rest = _NO_PIECE
        self._is_adrift = False
        """The next data may begin in the middle of an object."""
        self._is_lost_before = False
        self._frames = 0
        self._records = self._followed = 0

    @property
    def has_data(self) -> bool:
        """Tell whether something has come since the last stretch."""
        return self.size > 0

    @property
    def has_rest(self) -> bool:
        """Tell whether the beginning of an object is left over, and not only padding."""
        return SIGNATURE[:1] in self._rest[: PADDING + 1]

    def add(self, piece: bytes | bytearray) -> None:
        """Take the content of one more container."""
        self._pieces.append(piece)
        self.size += len(piece)

    def lose(self) -> None:
        """Note that something between the last data and the next is unreadable."""
        self._is_adrift = True
        self._is_lost_before = True
        self._rest = _NO_PIECE

    def parse(self, *, is_last: bool = False) -> Iterator[Stretch | Skim]:
        """Yield the frames of all data so far; what is incomplete waits for more.

        Those of tables of messages wait until there are many, or anything else comes.
        """
        content = b"".join((self._rest, *self._pieces, bytes(MARGIN)))
        had_data = self.size > 0
        self._pieces, self.size = [], 0
        if not (is_last or self._is_adrift or self._is_lost_before) and self._take_plain(content):
            if self._plain is not None and self._plain.wanted_count >= _KEPT_MESSAGES:
                yield from self._release_plain()
            return
        yield from self._release_plain()
        stretch, rest = self._parse(content, is_adrift=self._is_adrift, is_last=is_last)
        self._rest = content[rest : len(content) - MARGIN]
        self._is_adrift &= not had_data
        yield stretch

    def _take_plain(self, content: bytes) -> bool:
        """Take data that is a table of messages and return True; False where it is not."""
        end = len(content) - MARGIN
        if self._plain is None:
            return False
        before = self._plain.count
        rest = self._plain.take(np.frombuffer(content, np.uint8), end)
        if rest is None:
            return False
        self._rest = content[rest:end]
        self._frames += self._plain.count - before
        self._records += self._plain.count - before
        return True

    def _release_plain(self) -> Iterator[Skim]:
        """Yield what there is of some tables of messages, and begin anew."""
        plain = self._plain
        if plain is None or not plain.count:
            return
        count, goes_back, times_s = plain.count, plain.goes_back, [plain.first_s, plain.last_s]
        data, frames = plain.release()
        kept = FrameBatch(
            frames.timestamp_s + self._begin_s,
            frames.arbitration_id,
            frames.flags,
            frames.length,
            self._channels.index(frames.channel),
            read_payloads(data, frames),
            self._channels.names,
        )
        yield Skim(count, 0, goes_back, np.array(times_s), np.empty(0, np.intp), kept)

    def tell_slow(self) -> None:
        """Say in the end why reading took its time, where it did."""
        if self._followed > max(_SLOW_RECORDS, _SLOW_SHARE * self._records):
            self._log.tell_slow(
                f"{self._followed} of {self._records} records had to be followed one by one, as "
                "data among them is damaged or looks like the beginning of a record"
            )

    def parse_alone(self, content: bytes | bytearray) -> Iterator[Stretch | Skim]:
        """Yield the frames of an object outside of the row that containers hold."""
        yield from self._release_plain()
        yield self._parse(bytes(content) + bytes(MARGIN), is_adrift=False, is_last=True)[0]

    def _parse(self, content: bytes, *, is_adrift: bool, is_last: bool) -> tuple[Stretch, int]:
        data = np.frombuffer(content, np.uint8)
        end = len(content) - MARGIN
        objects = find_objects(data, end, is_adrift=is_adrift, is_last=is_last)
        self._records += len(objects.at)
        self._followed += objects.followed
        frames = find_frames(data, objects)
        timestamp_s = frames.timestamp_s + self._begin_s
        is_good = frames.is_whole & are_possible(timestamp_s, frames.arbitration_id, frames.flags)
        number = np.arange(self._frames + 1, self._frames + 1 + len(is_good))
        self._frames += len(is_good)
        bad_before = np.searchsorted(frames.row, objects.bad_before)
        self._log.bad_lines += len(objects.bad_before)
        for row in bad_before.tolist():
            place = f"frame {self._frames - len(is_good) + row + 1}"
            self._log.tell("line", place, "found data that is no record, expected one: passed over")
        if not is_good.all():
            self._report(frames, timestamp_s, number, ~is_good)
            good_before = np.concatenate(([0], np.cumsum(is_good)))
            bad_before = good_before[np.append(bad_before, np.flatnonzero(~is_good))]
            frames, number = frames.take(is_good), number[is_good]
            timestamp_s = timestamp_s[is_good]
        if self._is_lost_before:
            bad_before = np.append(bad_before, 0)
            self._is_lost_before = False
        bad_before = np.sort(bad_before)
        bad_before = bad_before[np.diff(bad_before, prepend=-1) > 0]
        return self._stretch(data, frames, timestamp_s, number, bad_before), objects.rest

    def _stretch(
        self,
        data: npt.NDArray[np.uint8],
        frames: ObjectFrames,
        timestamp_s: npt.NDArray[np.float64],
        number: npt.NDArray[np.intp],
        bad_before: npt.NDArray[np.intp],
    ) -> Stretch:
        keys = keys_of(frames.arbitration_id, frames.flags)
        rows = self._wanted.rows(keys, frames.flags)
        kept = frames.take(rows)
        batch = FrameBatch(
            timestamp_s[rows],
            kept.arbitration_id,
            kept.flags,
            kept.length,
            self._channels.index(kept.channel),
            read_payloads(data, kept),
            self._channels.names,
        )
        return Stretch(
            timestamp_s, keys, frames.flags, frames.length, number, bad_before, batch, rows
        )

    def _report(
        self,
        frames: ObjectFrames,
        timestamp_s: npt.NDArray[np.float64],
        number: npt.NDArray[np.intp],
        is_bad: npt.NDArray[np.bool_],
    ) -> None:
        self._log.bad_lines += int(np.count_nonzero(is_bad))
        for row in np.flatnonzero(is_bad).tolist():
            if not self._log.has_room("line"):
                return
            text = "found a record that is too short for its kind, expected a whole frame"
            if frames.is_whole[row]:
                text = describe_fault(
                    float(timestamp_s[row]),
                    int(frames.arbitration_id[row]),
                    int(frames.flags[row]),
                )
            self._log.tell("line", f"frame {number[row]}", text)
