"""What is kept of the frames, as it stood at one moment: columns to read, filter and draw.

A window shares its columns with the history that it was taken from. Rows that have been written are
never changed, so a window stays true while more comes, and costs nothing to take.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from canlock.model.frames import EXTENDED_BIT, FrameBatch, FrameFlag
from canlock.model.stream import Gap, Mark

FrameKind = Literal["data", "error", "remote"]

NO_LENGTH: Final = 255
"""`previous_length` of the first frame of an id: no frame is so long."""

RowNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ident:
    """What frames have in common that are compared with each other."""

    key: int
    """Frame key, see `model.frames.frame_key`."""

    channel: str
    kind: FrameKind = "data"

    @property
    def is_extended(self) -> bool:
        """Return whether the id has 29 bits."""
        return bool(self.key & EXTENDED_BIT)

    @property
    def arbitration_id(self) -> int:
        """Return the id without its width."""
        return self.key & ~EXTENDED_BIT

    @property
    def hexadecimal(self) -> str:
        """Return the id as candump writes it: three digits, or eight for 29 bits."""
        return f"{self.arbitration_id:0{8 if self.is_extended else 3}X}"


@dataclass(frozen=True, slots=True, eq=False)
class FrameRows:
    """Some frames as columns of n rows, compared with the frames before them."""

    at_s: npt.NDArray[np.float64]
    """Shape (n,): seconds on the capture's clock."""

    ident: npt.NDArray[np.uint16]
    """Shape (n,): index into the window's `idents`."""

    flags: npt.NDArray[np.uint8]
    """Shape (n,): bits of `FrameFlag`."""

    length: npt.NDArray[np.uint8]
    """Shape (n,): bytes of payload."""

    previous_length: npt.NDArray[np.uint8]
    """Shape (n,): that of the frame before it of the same ident; `NO_LENGTH`: there was none."""

    step_s: npt.NDArray[np.float32]
    """Shape (n,): time since the frame before it of the same ident; NaN: there was none."""

    difference: npt.NDArray[np.uint8]
    """Shape as `payload`: its bits that differ from the frame before it of the same ident, or that
    are set where that frame had none; 0 where there was no such frame."""

    payload: npt.NDArray[np.uint8]
    """Shape (n, 8) or (n, 64): padded with zeros behind `length`."""

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.at_s)

    @property
    def is_resized(self) -> npt.NDArray[np.bool_]:
        """Return shape (n,): which are longer or shorter than the frame before them."""
        is_other: npt.NDArray[np.bool_] = self.length != self.previous_length
        is_other &= self.previous_length != NO_LENGTH
        return is_other

    @property
    def is_changed(self) -> npt.NDArray[np.bool_]:
        """Return shape (n,): which differ from the frame before them in any way."""
        words = np.ascontiguousarray(self.difference).view(np.uint64)
        is_changed: npt.NDArray[np.bool_] = words[:, 0] != 0
        for place in range(1, words.shape[1]):
            is_changed |= words[:, place] != 0
        return is_changed | self.is_resized

    def take(self, rows: npt.NDArray[Any] | slice) -> FrameRows:
        """Return the chosen rows (a mask, indices or a slice)."""
        return FrameRows(
            self.at_s[rows],
            self.ident[rows],
            self.flags[rows],
            self.length[rows],
            self.previous_length[rows],
            self.step_s[rows],
            self.difference[rows],
            self.payload[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A stretch of rows that lie together."""

    first: int
    """Number of its first row; rows are counted from the first frame that ever came."""

    rows: FrameRows

    @property
    def end(self) -> int:
        """Return the number of the row behind its last."""
        return self.first + len(self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class IdentTotals:
    """What is known of each ident, also from frames that are no longer kept. Shape (m,) each."""

    count: npt.NDArray[np.int64]
    first_s: npt.NDArray[np.float64]
    last_s: npt.NDArray[np.float64]
    last_row: npt.NDArray[np.int64]
    """Number of its last row."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameWindow:
    """The kept frames at one moment, and what belongs to them."""

    parts: tuple[Part, ...]
    """In order, each beginning where the one before it ends; none is empty."""

    idents: tuple[Ident, ...]
    """Everything that was seen, in the order of its first frame."""

    totals: IdentTotals
    first_s: float | None
    """Time of the first frame that ever came; relative times count from it."""

    gaps: tuple[Gap, ...] = ()
    marks: tuple[Mark, ...] = ()
    beginnings: int = 0
    """How often everything was let go to begin anew: row numbers of another count mean nothing."""

    @property
    def first(self) -> int:
        """Return the number of the first kept row, which is how many were let go before it."""
        return self.parts[0].first if self.parts else 0

    @property
    def end(self) -> int:
        """Return the number of the row behind the last."""
        return self.parts[-1].end if self.parts else 0

    def __len__(self) -> int:
        """Return the number of kept frames."""
        return self.end - self.first

    def gather(self, numbers: RowNumbers) -> FrameRows:
        """Return some kept rows by their numbers, in the given order."""
        if (numbers[1:] < numbers[:-1]).any():
            order = np.argsort(numbers, kind="stable")
            return self.gather(numbers[order]).take(np.argsort(order))
        firsts = np.array([part.first for part in self.parts], np.int64)
        owner = np.searchsorted(firsts, numbers, side="right") - 1
        found = [
            self.parts[index].rows.take(numbers[owner == index] - self.parts[index].first)
            for index in np.unique(owner).tolist()
        ]
        return _join(found)

    def find_time(self, at_s: float) -> int:
        """Return the number of the first kept row at or after a time; `end` where there is none."""
        for part in self.parts:
            if part.rows.at_s[-1] >= at_s:
                return part.first + int(np.searchsorted(part.rows.at_s, at_s))
        return self.end

    def batch(self, rows: FrameRows) -> FrameBatch:
        """Return rows as frames that can be written or decoded."""
        channels = tuple(dict.fromkeys(ident.channel for ident in self.idents)) or ("",)
        numbers = {name: number for number, name in enumerate(channels)}
        ids = np.array([ident.arbitration_id for ident in self.idents] or [0], np.uint32)
        channel = np.array([numbers[ident.channel] for ident in self.idents] or [0], np.uint8)
        return FrameBatch(
            rows.at_s,
            ids[rows.ident],
            rows.flags,
            rows.length,
            channel[rows.ident],
            rows.payload,
            channels,
        )

    def batches(self, since: int = 0) -> Iterator[tuple[int, FrameBatch]]:
        """Yield the kept frames from a row number on, a part at a time, and the row behind each."""
        for part in self.parts:
            if part.end > since:
                start = max(0, since - part.first)
                yield part.end, self.batch(part.rows.take(slice(start, None)))


def empty_rows() -> FrameRows:
    """Return no rows."""
    return make_rows(0, 8)


def make_rows(count: int, width: int) -> FrameRows:
    """Return rows that are yet to be written."""
    return FrameRows(
        np.empty(count, np.float64),
        np.empty(count, np.uint16),
        np.empty(count, np.uint8),
        np.empty(count, np.uint8),
        np.empty(count, np.uint8),
        np.empty(count, np.float32),
        np.zeros((count, width), np.uint8),
        np.zeros((count, width), np.uint8),
    )


def kind_of(flags: int) -> FrameKind:
    """Return what kind of frame flags tell of."""
    if flags & FrameFlag.ERROR:
        return "error"
    return "remote" if flags & FrameFlag.REMOTE else "data"


def _join(parts: list[FrameRows]) -> FrameRows:
    if not parts:
        return empty_rows()
    if len(parts) == 1:
        return parts[0]
    width = max(part.payload.shape[1] for part in parts)
    joined = make_rows(sum(len(part) for part in parts), width)
    start = 0
    for part in parts:
        write_rows(joined, start, part)
        start += len(part)
    return joined


def write_rows(target: FrameRows, start: int, rows: FrameRows) -> None:
    """Write rows into others that are at least as wide."""
    place = slice(start, start + len(rows))
    target.at_s[place] = rows.at_s
    target.ident[place] = rows.ident
    target.flags[place] = rows.flags
    target.length[place] = rows.length
    target.previous_length[place] = rows.previous_length
    target.step_s[place] = rows.step_s
    width = rows.payload.shape[1]
    target.difference[place, :width] = rows.difference
    target.payload[place, :width] = rows.payload
