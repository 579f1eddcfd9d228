"""Rolling counters: which steps tell of lost frames, of a restart, or of neither.

How far a counter runs is learnt where its wraps show it: one that wraps twice from its highest to
its lowest value at the usual pace has those for its ends (an E90's counts 0 to 14 in four bits).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.samples import Breaks

Times = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

LATE_PERIODS: Final = 1.5
"""Two frames further apart than so many periods may have had another between them."""

SLACK: Final = 0.5
SLACK_SHARE: Final = 0.02
"""A count agrees with the time gone by within so many frames, and this share of them: jitter, and a
period that is known to a per cent or two. Judgement."""

REPEATED: Final = 0.5
"""The same count again within so many periods is the same frame again."""

EXTRA_FRAMES: Final = 3.0
"""A message may be sent so many times out of turn, on changes, while nobody heard it. Judgement."""

PAUSE_S: Final = 0.3
"""A control unit that starts anew is gone for so long (DOMAIN 2.4)."""

TRUSTED_S: Final = 5.0
"""Over a longer pause the period's error adds up to too much."""

NEAR_START: Final = 2
"""A counter that began anew has at most so many frames behind it, for the first may be lost."""

LEFT_OUT: Final = 2
"""Counters that do not use all their bits leave out their last value (AUTOSAR's E2E profiles), or
two."""

LEAST_RANGE: Final = 8
"""A counter of fewer values is where it ought to be too often by chance to show a restart."""


@dataclass(frozen=True, slots=True)
class _Wrap:
    """A step from the highest to the lowest value so far, which may have been a restart."""

    high: int
    low: int
    from_s: float
    until_s: float


class RollingCounter:
    """One message's rolling counter."""

    def __init__(self, bits: int, pace_s: float, message: int) -> None:
        self._full = 1 << bits
        self._pace_s = pace_s
        self._message = message
        self._high, self._low = -1, self._full
        self._wrap: _Wrap | None = None
        self._range: int | None = None
        """Number of values, once it is known to be less than the bits allow."""

    def judge(self, times_s: Times, counts: Counts) -> list[Breaks]:
        """Return the irregular ones of the steps between neighbouring frames.

        Args:
            times_s: Shape (n + 1,): the last frame of the call before, and the next n.
            counts: Shape (n + 1,): their raw counts.
        """
        if self._high < 0:
            self._high = self._low = int(counts[0])
        found: list[Breaks] = []
        start, steps = 0, len(counts) - 1
        while start < steps:
            turn = self._find_turn(times_s[start:], counts[start:])
            end = steps if turn is None else start + turn
            if end > start:
                part = slice(start, end + 1)
                found.append(self._judge(times_s[part], counts[part]))
                self._note(counts[start : end + 1])
            if turn is not None:
                found += self._turn(times_s[end : end + 2], counts[end : end + 2])
                end += 1
            start = end
        return found

    def _note(self, counts: Counts) -> None:
        self._high = max(self._high, int(counts.max()))
        self._low = min(self._low, int(counts.min()))

    def _find_turn(self, times_s: Times, counts: Counts) -> int | None:
        """Return the first step by which something is learnt about the range."""
        after = counts[1:]
        if self._range is not None:
            is_turn = (after > self._high) | (after < self._low)
        else:
            before = counts[:-1]
            high = np.maximum(np.maximum.accumulate(before), self._high)
            low = np.minimum(np.minimum.accumulate(before), self._low)
            is_prompt = np.diff(times_s) < LATE_PERIODS * self._pace_s
            is_turn = is_prompt & (before >= high) & (after <= low) & (after < before)
            is_turn &= (after - before) % self._full != 1
            if self._wrap is not None:
                is_turn |= after > self._wrap.high
        if not is_turn.any():
            return None
        return int(is_turn.argmax())

    def _turn(self, times_s: Times, counts: Counts) -> list[Breaks]:
        """Learn from a step that tells of the range; two frames are given."""
        before, after = int(counts[0]), int(counts[1])
        found: list[Breaks] = []
        wrap = self._wrap
        is_beyond = after > self._high or (self._range is not None and after < self._low)
        if is_beyond:
            # The range was not what it seemed: the supposed wrap was a restart.
            self._range = None
            self._wrap = None
            if wrap is not None:
                found.append(self._restart(wrap, float(times_s[1])))
            found.append(self._judge(times_s, counts))
        elif wrap is not None and (wrap.high, wrap.low) == (before, after):
            self._range = before - after + 1
            self._wrap = None
        else:
            if wrap is not None:
                found.append(self._restart(wrap, float(times_s[1])))
            self._wrap = _Wrap(before, after, float(times_s[0]), float(times_s[1]))
        self._note(counts)
        return found

    def _restart(self, wrap: _Wrap, shown_s: float) -> Breaks:
        return Breaks(
            np.array([self._message], np.int16),
            np.array([wrap.from_s]),
            np.array([wrap.until_s]),
            np.zeros(1, np.int32),
            np.zeros(1, np.bool_),
            np.ones(1, np.bool_),
            np.array([shown_s]),
        )

    def _judge(self, times_s: Times, counts: Counts) -> Breaks:
        """Return the irregular steps, by what is known of the range."""
        apart_s = np.diff(times_s)
        ranges = [self._range or self._full]
        if self._wrap is not None:
            ranges.append(self._wrap.high - self._wrap.low + 1)
        is_odd = apart_s > LATE_PERIODS * self._pace_s
        step = np.diff(counts) % ranges[0]
        is_odd |= step != 1
        rows = is_odd.nonzero()[0]
        periods = apart_s[rows] / self._pace_s
        before, after = counts[rows], counts[rows + 1]
        # What was seen before each of them, however the frames are cut.
        high = np.maximum(np.maximum.accumulate(counts)[rows], self._high)
        low = np.minimum(np.minimum.accumulate(counts)[rows], self._low)
        off = np.stack([_deviate(periods, (after - before) % each, each) for each in ranges])
        best = np.abs(off).argmin(axis=0)
        rest = off[best, np.arange(len(rows))]
        agrees = np.abs(rest) <= SLACK + SLACK_SHARE * periods
        # A gateway that repeats a frame says the same thing twice.
        agrees |= (after == before) & (periods < REPEATED)
        # Nor is a frame missing where the count says so: the message has slowed down.
        is_late = ~agrees & (step[rows] == 1)
        by_time = np.maximum(np.rint(periods).astype(np.int32) - 1, 0)
        by_count = np.maximum(np.rint(periods - rest).astype(np.int32) - 1, 0)
        is_prompt = periods < LATE_PERIODS
        is_restart = ~agrees & ~is_late & self._is_anew(after, low, periods, rest, min(ranges))
        is_restart &= ~self._may_wrap(before, after, high, periods)
        is_jump = ~agrees & ~is_late & ~is_restart & is_prompt
        missing = np.where(agrees, by_count, by_time).astype(np.int32)
        missing[is_late] = 0
        told = ~is_prompt | is_restart | is_jump | (missing > 0)
        rows = rows[told]
        return Breaks(
            np.full(len(rows), self._message, np.int16),
            times_s[rows],
            times_s[rows + 1],
            missing[told],
            is_jump[told],
            is_restart[told],
            times_s[rows + 1],
        )

    def _is_anew(
        self, after: Counts, low: Counts, periods: Times, rest: Times, values: int
    ) -> npt.NDArray[np.bool_]:
        """Return which counts that do not agree with the time come from a restart."""
        if values < LEAST_RANGE:
            return np.zeros(len(after), np.bool_)
        is_low = (after >= low) & (after <= low + NEAR_START)
        is_low |= after <= NEAR_START
        apart_s = periods * self._pace_s
        is_pause = (apart_s >= PAUSE_S) & (apart_s <= TRUSTED_S)
        is_elsewhere = (rest > SLACK + SLACK_SHARE * periods) | (rest < -EXTRA_FRAMES - SLACK)
        anew: npt.NDArray[np.bool_] = is_low | (is_pause & is_elsewhere)
        return anew

    def _may_wrap(
        self, before: Counts, after: Counts, high: Counts, periods: Times
    ) -> npt.NDArray[np.bool_]:
        """Return which counts agree with the time if the counter leaves out its highest values.

        Before its range is known: the frame that would have shown its end may be the lost one.
        """
        if self._range is not None:
            return np.zeros(len(after), np.bool_)
        values = before + np.rint(periods).astype(np.int64) - after
        wraps: npt.NDArray[np.bool_] = (values > high) & (values < self._full)
        return wraps & (values >= self._full - LEFT_OUT)


def _deviate(periods: Times, step: Counts, values: int) -> Times:
    """Return by how many frames the time is ahead of the count, at most half the range."""
    half = values / 2
    ahead: Times = (periods - step + half) % values - half
    return ahead
