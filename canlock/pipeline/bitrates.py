"""Listening at one bit rate after the other, for adapters that are known to be silent."""

from __future__ import annotations

import threading
from typing import Final

from canlock.errors import BusError
from canlock.model.frames import FrameBatch
from canlock.pipeline.bus_group import BusGroup

BITRATES: Final = (500_000, 125_000, 250_000, 100_000, 83_300, 50_000, 33_300, 1_000_000)
"""What cars use, the commonest first."""

TRY_S: Final = 1.0
LEAST_FRAMES: Final = 5


def hears_at(group: BusGroup) -> bool:
    """Say whether good frames come on an open bus, which is closed then.

    Raises:
        BusError: The bus is not known to be silent.
    """
    links = group.links
    if not all(link.silence.is_confirmed for link in links):
        group.close()
        raise BusError(f"{links[0].name}: no bit rate is tried on a bus that may not be silent")
    stop = threading.Event()
    timer = threading.Timer(TRY_S, stop.set)
    timer.daemon = True
    timer.start()
    frames = sum(len(item) for item in group.items(stop) if isinstance(item, FrameBatch))
    errors = sum(link.error_frames for link in group.links)
    return frames - errors >= LEAST_FRAMES
