"""How much of a bus's time its frames take."""

from __future__ import annotations

from typing import Final

import numpy as np

from canlock.model.frames import FrameBatch, FrameFlag

_FRAME_BITS: Final = {False: 47, True: 67}
"""Bits of a frame without data by its id's width, the pause of three bits behind it included."""

_STUFFED_BITS: Final = {False: 34, True: 54}
"""Of these, the bits among which others may be stuffed: from the start to the check sum."""


def frame_bits(length: int, *, is_extended: bool) -> tuple[int, int]:
    """Return the least and the most bits of a classic frame with `length` bytes of data.

    After five equal bits the sender stuffs one in. The most are stuffed where the first five bits
    are equal and each stuffed bit begins the next run: one for each four further bits.
    """
    bits = _FRAME_BITS[is_extended] + 8 * length
    return bits, bits + (_STUFFED_BITS[is_extended] + 8 * length - 1) // 4


class BusLoad:
    """Adds up the bits of frames."""

    def __init__(self) -> None:
        """Begin with none."""
        self.least_bits = 0
        self.most_bits = 0
        self.has_fd = False
        """Some frames switch to another bit rate: their time is not known."""

    def take(self, batch: FrameBatch) -> None:
        """Add the frames of a batch; error frames count nothing."""
        self.has_fd |= bool((batch.flags & np.uint8(FrameFlag.FD)).any())
        is_good = (batch.flags & np.uint8(FrameFlag.ERROR)) == 0
        is_remote = (batch.flags & np.uint8(FrameFlag.REMOTE)) > 0
        length = np.where(is_remote, 0, np.minimum(batch.length, 8)).astype(np.int64)
        is_wide = (batch.flags & np.uint8(FrameFlag.EXTENDED)) > 0
        for wide in (False, True):
            counts = np.bincount(length[is_good & (is_wide == wide)], minlength=9)
            for size, count in enumerate(counts.tolist()):
                least, most = frame_bits(size, is_extended=wide)
                self.least_bits += least * count
                self.most_bits += most * count

    def share(self, bitrate: int | None, seconds: float) -> tuple[float, float] | None:
        """Return the least and most share of the bus's time; None where it cannot be known."""
        if bitrate is None or bitrate <= 0 or seconds <= 0 or self.has_fd:
            return None
        return self.least_bits / bitrate / seconds, self.most_bits / bitrate / seconds
