"""Which vehicle a live bus is of, from its first seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from canlock.decoding.fit import recognise_vehicle
from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.errors import VehicleUnknownError
from canlock.model.frames import NO_DATA, FrameBatch
from canlock.model.stream import StreamItem

FIRST_TRY_S: Final = 3.0
"""Every regular message of a car comes within a second, but for a bus that is just waking up."""

LAST_TRY_S: Final = 10.0
TRY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Recognised:
    """A vehicle, and everything that came until it was known."""

    loaded: LoadedVehicle
    head: tuple[StreamItem, ...]


def recognise_live(
    items: Iterator[StreamItem], stop: threading.Event, on_silence: Callable[[], None]
) -> Recognised | None:
    """Listen until one shipped vehicle fits; None where `stop` came first.

    Args:
        items: What the buses give; what is left of it is the caller's.
        stop: Ends the listening.
        on_silence: Is told once that nothing at all comes.

    Raises:
        VehicleUnknownError: After ten seconds of frames none fits, or several do.
        BusError: A bus cannot be opened, or a reading thread broke.
    """
    head: list[StreamItem] = []
    census: dict[int, set[int]] = {}
    first_s: float | None = None
    next_try_s = FIRST_TRY_S
    ticks = 0
    for item in items:
        if not isinstance(item, FrameBatch):
            head.append(item)
            continue
        if not len(item):
            ticks += 1
            if ticks == _TICKS_OF_SILENCE and first_s is None:
                on_silence()
            continue
        head.append(item)
        _count(item, census)
        first_s = float(item.timestamp_s[0]) if first_s is None else first_s
        heard_s = float(item.timestamp_s[-1]) - first_s
        if heard_s < next_try_s or not census:
            continue  # Error frames alone tell of no vehicle.
        next_try_s = heard_s + TRY_S
        try:
            return Recognised(recognise_vehicle(census, load_vehicle), tuple(head))
        except VehicleUnknownError:
            if heard_s >= LAST_TRY_S:
                raise
    if stop.is_set() and census:
        return Recognised(recognise_vehicle(census, load_vehicle), tuple(head))
    return None


_TICKS_OF_SILENCE: Final = 100
"""Two seconds of ticks."""


def _count(batch: FrameBatch, census: dict[int, set[int]]) -> None:
    has_data = (batch.flags & np.uint8(NO_DATA)) == 0
    keys = batch.keys[has_data].astype(np.uint64)
    pairs = np.unique(keys << np.uint64(8) | batch.length[has_data])
    for pair in pairs.tolist():
        census.setdefault(pair >> 8, set()).add(pair & 0xFF)
