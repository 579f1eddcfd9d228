"""Frames as columns: what the bus carried, never one Python object a frame."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

EXTENDED_BIT: Final = 0x8000_0000
"""Set in a frame key for a 29-bit arbitration id, as DBC files write it."""

CLASSIC_BYTES: Final = 8
FD_BYTES: Final = 64


class FrameFlag(enum.IntFlag):
    """What kind of frame it is; bits of `FrameBatch.flags`."""

    EXTENDED = 1
    """29-bit arbitration id."""
    FD = 2
    BITRATE_SWITCH = 4
    ERROR_STATE = 8
    """FD error state indicator."""
    ERROR = 16
    """Error frame: the adapter saw the bus go wrong; its payload is no data."""
    REMOTE = 32
    """Remote frame: a request for data; its payload is empty whatever its length says."""
    TRANSMITTED = 64
    """Sent by the recording host itself."""


NO_DATA: Final = FrameFlag.ERROR | FrameFlag.REMOTE


def frame_key(arbitration_id: int, *, is_extended: bool) -> int:
    """Return one number for an arbitration id and its width, as DBC files write it."""
    return arbitration_id | EXTENDED_BIT if is_extended else arbitration_id


@dataclass(frozen=True, slots=True, eq=False)
class FrameBatch:
    """Some frames in the order in which they were recorded, one array a column.

    All columns have n rows. Nobody writes to them after construction.
    """

    timestamp_s: npt.NDArray[np.float64]
    """Shape (n,): seconds on the capture's clock, absolute where the format knows it."""

    arbitration_id: npt.NDArray[np.uint32]
    """Shape (n,): 11 or 29 bits; the width is in `flags`."""

    flags: npt.NDArray[np.uint8]
    """Shape (n,): bits of `FrameFlag`."""

    length: npt.NDArray[np.uint8]
    """Shape (n,): bytes of payload (not the DLC code), 0-64."""

    channel: npt.NDArray[np.uint8]
    """Shape (n,): index into `channels`."""

    payload: npt.NDArray[np.uint8]
    """Shape (n, 8) or (n, 64): rows padded with zeros behind `length`."""

    channels: tuple[str, ...] = ("",)
    """Names of the channels; "" where the format has none."""

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.timestamp_s)

    @property
    def keys(self) -> npt.NDArray[np.uint32]:
        """Return shape (n,): the frame key of each row, see `frame_key`."""
        extended = (self.flags & np.uint8(FrameFlag.EXTENDED)).astype(np.uint32) << np.uint32(31)
        keys: npt.NDArray[np.uint32] = self.arbitration_id | extended
        return keys

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> FrameBatch:
        """Return the chosen rows (a mask, indices or a slice) as a batch of their own."""
        return FrameBatch(
            self.timestamp_s[rows],
            self.arbitration_id[rows],
            self.flags[rows],
            self.length[rows],
            self.channel[rows],
            self.payload[rows],
            self.channels,
        )


def join_batches(batches: Sequence[FrameBatch]) -> FrameBatch:
    """Return all rows of some batches, in the given order, as one batch.

    Payloads take the widest width; channels are renumbered where the batches differ in them.
    """
    if not batches:
        return empty_batch()
    if len(batches) == 1:
        return batches[0]
    channels = tuple(dict.fromkeys(name for batch in batches for name in batch.channels))
    width = max(batch.payload.shape[1] for batch in batches)
    number = {name: index for index, name in enumerate(channels)}
    renumbered = []
    payloads = []
    for batch in batches:
        table = np.array([number[name] for name in batch.channels] or [0], dtype=np.uint8)
        renumbered.append(table[batch.channel])
        missing = width - batch.payload.shape[1]
        payloads.append(np.pad(batch.payload, ((0, 0), (0, missing))) if missing else batch.payload)
    return FrameBatch(
        np.concatenate([batch.timestamp_s for batch in batches]),
        np.concatenate([batch.arbitration_id for batch in batches]),
        np.concatenate([batch.flags for batch in batches]),
        np.concatenate([batch.length for batch in batches]),
        np.concatenate(renumbered),
        np.concatenate(payloads),
        channels,
    )


def empty_batch() -> FrameBatch:
    """Return a batch of no frames."""
    return FrameBatch(
        np.empty(0, np.float64),
        np.empty(0, np.uint32),
        np.empty(0, np.uint8),
        np.empty(0, np.uint8),
        np.empty(0, np.uint8),
        np.empty((0, CLASSIC_BYTES), np.uint8),
    )
