"""The logger at the bus: what it misses, what it is told of disturbances, when the bus sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.encoder import MessageShape
from canlock.simulation.chance import Chance
from canlock.simulation.recorder import Recorder
from canlock.simulation.schedule import BusParameters, Times, keep_within

ERROR_CLASS: Final = 0x08
"""Protocol violation, as SocketCAN says it (linux/can/error.h)."""

ERROR_SHAPE: Final = MessageShape(
    name="error frame",
    arbitration_id=ERROR_CLASS,
    is_extended=False,
    is_fd=False,
    length=8,
    sender=None,
    period_s=None,
    signals={},
    variants=(),
)

Window = tuple[float, float]
"""(from, until) in seconds."""


@dataclass(frozen=True, slots=True)
class Column:
    """The frames of one message, before they are put in order with the others."""

    shape: MessageShape
    at_s: Times
    payload: npt.NDArray[np.uint8]


def draw_bursts(parameters: BusParameters, chance: Chance, duration_s: float) -> Iterator[Window]:
    """Yield the times at which the bus is disturbed."""
    if parameters.burst_every_s is None:
        return
    luck = chance.columns("bursts")
    at_s = parameters.burst_from_s + float(luck.exponential(parameters.burst_every_s))
    while at_s < duration_s:
        until_s = at_s + float(luck.uniform(*parameters.burst_s))
        yield at_s, until_s
        at_s = until_s + float(luck.exponential(parameters.burst_every_s))


def draw_stalls(parameters: BusParameters, chance: Chance, duration_s: float) -> Iterator[Window]:
    """Yield the times at which the logger itself gets nothing."""
    if parameters.stall_every_s is None:
        return
    luck = chance.columns("stalls")
    at_s = float(luck.exponential(parameters.stall_every_s))
    while at_s < duration_s:
        yield at_s, at_s + float(luck.uniform(*parameters.stall_s))
        at_s += float(luck.exponential(parameters.stall_every_s))


def miss_frames(
    column: Column, bursts: list[Window], parameters: BusParameters, chance: Chance
) -> npt.NDArray[np.bool_]:
    """Return shape (n,): which frames of a message the logger does not get."""
    if column.shape is ERROR_SHAPE:
        return np.zeros(len(column.at_s), np.bool_)
    # A stream a message, so that what one sends leaves the others' luck.
    luck = chance.columns(f"logger/{column.shape.name}").random(len(column.at_s))
    disturbed = keep_within(column.at_s, bursts) & (luck < parameters.burst_lost_share)
    lost: npt.NDArray[np.bool_] = (luck < parameters.lost_share) | disturbed
    return lost


def tell_errors(
    bursts: list[Window], parameters: BusParameters, chance: Chance
) -> Iterator[Column]:
    """Yield the error frames that a disturbed bus brings, where the adapter tells of them."""
    if not parameters.burst_error_hz or not bursts:
        return
    luck = chance.columns("errors")
    at_s = np.concatenate(
        [
            luck.uniform(since_s, until_s, luck.poisson(parameters.burst_error_hz * length_s))
            for since_s, until_s in bursts
            for length_s in [until_s - since_s]
        ]
    )
    yield Column(ERROR_SHAPE, at_s, np.zeros((len(at_s), 8), np.uint8))


def find_asleep(recorder: Recorder, parameters: BusParameters, duration_s: float) -> list[Window]:
    """Return the windows in which nothing is sent, or what is sent is lost."""
    if parameters.sleep_after_s is None:
        return []
    stirs_s = [*recorder.list_stirs(), duration_s + 1.0]
    powered = [
        (since_s - parameters.sleep_after_s, until_s)
        for since_s, until_s in find_powered(recorder, duration_s)
    ]
    return [
        (last_s + parameters.sleep_after_s, next_s + parameters.wake_s)
        for last_s, next_s in pairwise(stirs_s)
        if next_s - last_s > parameters.sleep_after_s
        and not any(since_s < last_s < until_s for since_s, until_s in powered)
    ]


def find_powered(recorder: Recorder, duration_s: float) -> list[Window]:
    """Return the windows in which the ignition was on."""
    timeline = recorder.timelines.get(("power.state", "", None))
    if timeline is None:
        return []
    ends = [*timeline.at_s[1:], duration_s + 1.0]
    return [
        (since_s, until_s)
        for since_s, until_s, state in zip(timeline.at_s, ends, timeline.values, strict=True)
        if state in ("on", "start")
    ]
