"""When frames go out: in cycles, on changes, and again while something lasts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.simulation.ranges import Draw, Worlds

Times = npt.NDArray[np.float64]

SLOW_S: Final = 0.25
"""A message with a longer cycle is also sent on a change."""

AFTERMATH: Final = (0.1, 0.22, 0.34, 0.5)
"""A slow message is sent again so long after a change (VEHICLES and the E90: for half a second)."""

APART_S: Final = 0.004
"""Frames of one message are at least this far apart; judgement."""

UNDECLARED_PERIODS_S: Final[dict[Worlds, tuple[float, ...]]] = {
    "fitting": (0.05, 0.1, 0.1, 0.25, 0.5),
    "test": (0.04, 0.08, 0.12, 0.2, 0.6, 1.0),
}
"""From which the cycle of a message is drawn that the database gives none; judgement."""

FRAME_S: Final = 0.00023
"""A frame of eight bytes at 500 kbit/s: two frames cannot be nearer."""


@dataclass(slots=True)
class BusParameters:
    """How the control units send, and how well the logger listens."""

    jitter_share: float
    """Standard deviation of a cycle, as a share of it."""

    clock_ppm: float
    delay_s: float
    """Median time from a change to its frame."""

    repeat_s: float
    """A button that is held is told again each so often."""

    lost_share: float
    """Share of the frames that the logger misses."""

    background_hz: float
    """Frames a second that have nothing to do with locks."""

    voltage_noise_v: float
    undeclared_periods_s: tuple[float, ...]
    """From which the cycle of a message is drawn that the database gives none."""

    burst_every_s: float | None = None
    """Fault: the bus is disturbed on average so often."""

    burst_from_s: float = 0.0
    """Fault: not before this second of the session."""

    burst_s: tuple[float, float] = (0.2, 1.5)
    burst_lost_share: float = 0.9
    burst_error_hz: float = 0.0
    """Error frames a second while it is disturbed; 0: the logger's adapter tells of none."""

    stall_every_s: float | None = None
    """The logger itself is late and loses everything on average so often; None: it keeps up."""

    stall_s: tuple[float, float] = (0.05, 0.35)

    sleep_after_s: float | None = None
    """The bus falls asleep so long after the last thing that happened; None: not in a session."""

    wake_s: float = 0.1
    """What is sent within this after something wakes the bus is lost."""


def draw_bus(draw: Draw) -> BusParameters:
    """Return a bus in order."""
    return BusParameters(
        jitter_share=draw("bus.jitter_share"),
        clock_ppm=draw("bus.clock_ppm"),
        delay_s=draw("bus.delay_s"),
        repeat_s=draw("bus.repeat_s"),
        lost_share=draw("bus.lost_share"),
        background_hz=draw("bus.background_hz"),
        voltage_noise_v=draw("battery.sensor_noise_v"),
        undeclared_periods_s=UNDECLARED_PERIODS_S[draw.worlds],
        stall_every_s=draw("bus.stall_every_s") if draw.happens(0.15) else None,
        sleep_after_s=draw("bus.sleep_after_s") if draw.happens(0.3) else None,
        wake_s=draw("bus.wake_s"),
    )


def schedule_cycle(
    period_s: float,
    from_s: float,
    until_s: float,
    parameters: BusParameters,
    chance: np.random.Generator,
) -> Times:
    """Return shape (n,): times of a cyclic message, whose jitter does not add up."""
    cycle_s = period_s * (1 + parameters.clock_ppm * 1e-6)
    count = int((until_s - from_s) / cycle_s) + 2
    beats = from_s + (chance.random() + np.arange(count) - 1) * cycle_s
    # Bounded, so that a cycle is never skipped nor two frames change places.
    jitter = np.clip(chance.normal(0.0, parameters.jitter_share, count), -0.3, 0.3) * cycle_s
    times: Times = beats + jitter
    return times


def schedule_changes(
    changes_s: Sequence[float],
    parameters: BusParameters,
    chance: np.random.Generator,
    *,
    repeats: bool,
) -> Times:
    """Return shape (n,): times of the frames that changes set off.

    Args:
        changes_s: When something changed.
        parameters: The bus.
        chance: Its luck.
        repeats: Each change is told several times.
    """
    if not changes_s:
        return np.empty(0)
    delays = parameters.delay_s * chance.uniform(0.4, 1.8, len(changes_s))
    first: Times = np.array(changes_s) + delays
    if not repeats:
        return first
    spread = chance.uniform(0.9, 1.1, (len(first), len(AFTERMATH)))
    later = first[:, None] + np.array(AFTERMATH) * spread
    return np.concatenate([first, later.ravel()])


def schedule_events(
    busy_s: Iterable[tuple[float, float]],
    parameters: BusParameters,
    chance: np.random.Generator,
) -> Times:
    """Return shape (n,): times of frames while something lasts, and one when it is over."""
    times: list[float] = []
    for since_s, until_s in busy_s:
        start_s = since_s + parameters.delay_s * float(chance.uniform(0.4, 1.8))
        times.extend(np.arange(start_s, max(until_s, start_s + APART_S), parameters.repeat_s))
        if until_s > since_s:
            times.append(until_s + parameters.delay_s * float(chance.uniform(0.4, 1.8)))
    return np.array(times, np.float64)


def thin_out(times: Times) -> Times:
    """Return times in order, without those that come too soon after another.

    The last of a bunch stays, for it tells how things stand in the end.
    """
    ordered = np.sort(times)
    stays = np.append(np.diff(ordered) >= APART_S, True)
    return ordered[stays] if len(ordered) else ordered


def keep_within(times: Times, windows: Iterable[tuple[float, float]]) -> npt.NDArray[np.bool_]:
    """Return shape (n,): which times lie in one of some windows."""
    inside = np.zeros(len(times), np.bool_)
    for since_s, until_s in windows:
        inside |= (times >= since_s) & (times < until_s)
    return inside


def queue_frames(times: Times) -> Times:
    """Return times in order, each at least one frame's length after the one before."""
    own = np.arange(len(times)) * FRAME_S
    queued: Times = np.maximum.accumulate(times - own) + own
    return queued
