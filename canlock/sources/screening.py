"""Frames that no bus can have carried: what a damaged log says although its form is right."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FrameFlag
from canlock.sources.candump_fields import HIGHEST_EXTENDED, HIGHEST_STANDARD, LAST_TIME_S

_ERROR: Final = np.uint8(FrameFlag.ERROR)
_EXTENDED: Final = np.uint8(FrameFlag.EXTENDED)


def are_possible(
    timestamp_s: npt.NDArray[np.float64],
    arbitration_id: npt.NDArray[np.uint32],
    flags: npt.NDArray[np.uint8],
) -> npt.NDArray[np.bool_]:
    """Return shape (n,): where time stamp and id can be true."""
    if _are_usual(timestamp_s, arbitration_id):
        return np.ones(len(timestamp_s), np.bool_)
    # A comparison with what is no number is False, so these are told too.
    is_time = (timestamp_s >= 0) & (timestamp_s <= LAST_TIME_S)
    is_short = (flags & (_EXTENDED | _ERROR)) == 0
    is_id = (arbitration_id <= HIGHEST_STANDARD) | ~is_short
    possible: npt.NDArray[np.bool_] = is_time & is_id & (arbitration_id <= HIGHEST_EXTENDED)
    return possible


def describe_fault(timestamp_s: float, arbitration_id: int, flags: int) -> str:
    """Return what is wrong with a frame that is not possible."""
    if not 0 <= timestamp_s <= LAST_TIME_S:
        return f"found the time stamp {timestamp_s}, expected seconds since 1970 or less"
    highest = HIGHEST_EXTENDED if flags & FrameFlag.EXTENDED else HIGHEST_STANDARD
    return f"found the id {arbitration_id:X}, expected {highest:X} at most"


def _are_usual(
    timestamp_s: npt.NDArray[np.float64], arbitration_id: npt.NDArray[np.uint32]
) -> bool:
    if not len(timestamp_s):
        return True
    is_time = bool(timestamp_s.min() >= 0 and timestamp_s.max() <= LAST_TIME_S)
    return is_time and bool(arbitration_id.max() <= HIGHEST_STANDARD)
