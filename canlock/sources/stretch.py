"""What the reader of a format gives: stretches of a file, frames and unreadable places alike.

Order, gaps and batches are made of stretches in one place for all formats, see `capture`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from canlock.model.frames import EXTENDED_BIT, FrameBatch, FrameFlag
from canlock.sources.damage import DamageLog

_STANDARD_IDS: Final = 1 << 11


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Some frames in the order of the file, n of them, of which m are wanted."""

    timestamp_s: npt.NDArray[np.float64]
    """Shape (n,): of all frames, wanted or not."""

    keys: npt.NDArray[np.uint32]
    """Shape (n,): frame keys; those of error frames mean nothing."""

    flags: npt.NDArray[np.uint8]
    """Shape (n,): bits of `FrameFlag`."""

    length: npt.NDArray[np.uint8]
    """Shape (n,): bytes of payload."""

    number: npt.NDArray[np.intp]
    """Shape (n,): which line or record of the file each frame is, counted from 1."""

    bad_before: npt.NDArray[np.intp]
    """Ascending rows, 0 to n, directly before which there is something unreadable."""

    kept: FrameBatch
    """The wanted frames, m rows."""

    kept_rows: npt.NDArray[np.intp]
    """Shape (m,): which rows they are."""

    @property
    def frame_count(self) -> int:
        """Return n."""
        return len(self.timestamp_s)

    @property
    def error_count(self) -> int:
        """Return how many of the frames are error frames."""
        return int(np.count_nonzero(self.flags & np.uint8(FrameFlag.ERROR)))

    @property
    def goes_back(self) -> bool:
        """Tell whether the time stamp of a frame is before that of the one above it."""
        return bool((self.timestamp_s[1:] < self.timestamp_s[:-1]).any())


@dataclass(frozen=True, slots=True, eq=False)
class Skim:
    """Some frames of which only the wanted ones were parsed, see `SkimmingSource`."""

    frame_count: int
    error_count: int
    goes_back: bool
    timestamp_s: npt.NDArray[np.float64]
    """Of the first frame and the last; of all where something is unreadable."""

    bad_before: npt.NDArray[np.intp]
    """Ascending rows of `timestamp_s`, or one more, directly before which something is
    unreadable."""

    kept: FrameBatch
    """The wanted frames."""


class FrameSource(Protocol):
    """The reader of one format on one file."""

    format: str
    """`candump`, `asc`, `blf` ..."""

    unit: str
    """What `Stretch.number` counts: `line`, or `frame` where the format has no lines."""

    def stretches(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        """Yield the whole file from its beginning, and tell the log what is wrong with it."""
        ...


class SkimmingSource(FrameSource, Protocol):
    """A reader that can also leave unparsed what nobody wants."""

    def skims(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch | Skim]:
        """Yield the whole file as `stretches` does, with no more parsed than is wanted.

        A payload that nobody wants may be damaged and nobody is told.
        """
        ...


class Wanted:
    """The frame keys that somebody asked for."""

    def __init__(self, keys: frozenset[int] | None) -> None:
        self.is_everything = keys is None
        self._is_standard = np.zeros(_STANDARD_IDS, np.bool_)
        standard = [key for key in keys or () if key < _STANDARD_IDS]
        self._is_standard[standard] = True
        extended = sorted(key for key in keys or () if key & EXTENDED_BIT)
        self._extended = np.array(extended, np.uint32)

    def standard(self, numbers: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        """Return which 11-bit ids are wanted; of larger numbers, anything."""
        if self.is_everything:
            return np.ones(len(numbers), np.bool_)
        is_wanted: npt.NDArray[np.bool_] = self._is_standard.take(
            numbers & np.uint32(_STANDARD_IDS - 1)
        )
        return is_wanted

    def rows(
        self, keys: npt.NDArray[np.uint32], flags: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.intp]:
        """Return which frames are wanted: error frames, which have no id, are always among them."""
        if self.is_everything:
            return np.arange(len(keys))
        is_wanted = self._is_standard.take(keys & np.uint32(_STANDARD_IDS - 1))
        if flags.any():
            is_extended = keys >= EXTENDED_BIT
            is_wanted[is_extended] = np.isin(keys[is_extended], self._extended)
            is_wanted |= flags & np.uint8(FrameFlag.ERROR) != 0
        return np.flatnonzero(is_wanted)


def keys_of(
    arbitration_id: npt.NDArray[np.uint32], flags: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint32]:
    """Return shape (n,): frame keys, see `frames.frame_key`."""
    if not flags.any():
        return arbitration_id
    keys: npt.NDArray[np.uint32] = arbitration_id | (
        (flags & np.uint8(FrameFlag.EXTENDED)).astype(np.uint32) << np.uint32(31)
    )
    return keys


def rows_before(good: npt.NDArray[np.intp], bad: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the rows of good lines directly before which some of the bad lines stand."""
    rows = np.searchsorted(good, bad)
    # Both are sorted. `np.unique` would import the masked arrays, a tenth of a second at the start.
    return rows[np.diff(rows, prepend=-1) > 0]
