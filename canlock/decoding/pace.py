"""The pace of cyclic messages: which frames are missing, and when nothing at all came.

Presence (`liveness`) asks whether a message was there to be seen; here its frames are counted.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.extraction import Payloads, raw_values
from canlock.decoding.fields import Field
from canlock.decoding.layout import MessageLayout
from canlock.decoding.liveness import LEARNT_INTERVALS, LONGEST_PERIOD_S, find_period
from canlock.decoding.rolling import LATE_PERIODS, Counts, RollingCounter
from canlock.model.samples import Breaks

Times = npt.NDArray[np.float64]

HUSH_S: Final = 0.05
"""A shorter time without any frame is none worth telling."""

SAME_PACE: Final = 1.05
"""A declared period counts where the learnt one is off by no more than this factor."""

DECLARED_INTERVALS: Final = 6
NEAR_PACE: Final = 1.25
"""Where so few first intervals keep to the declared period by this factor, they are enough: a unit
that dies soon after the log begins is missed all the same."""

COUNTING_SHARE: Final = 0.8
"""So many of the first steps must be by one, or it is no rolling counter."""

UPTIME_BACK_S: Final = 1.0
"""An uptime that goes back by more than this began anew."""


class PaceTrack:
    """One message's frames counted, batch after batch."""

    def __init__(self, index: int, message: MessageLayout) -> None:
        self.pace_s: float | None = None
        self.known_s: float | None = None
        self._index = index
        self._declared_s = message.period_s
        self._field = message.counter
        self._rolling: RollingCounter | None = None
        # While learning: all frames; afterwards: the last one.
        self._times_s = np.empty(0)
        self._counts = np.empty(0, np.int64)
        self._is_learning = True
        # A message slower than that tells little of the bus, and its rests are not its cycle.
        is_slow = message.period_s is not None and message.period_s > LONGEST_PERIOD_S
        self._is_idle = is_slow or message.is_eventful

    def follow(self, at_s: Times, payloads: Payloads) -> list[Breaks]:
        """Take the next frames, at least one, and return what is irregular about them."""
        if self._is_idle:
            return []
        counts = None
        if self._field is not None:
            counts = _read(self._field, payloads)
            mask = payloads.valid(self._field)
            if mask is not None:
                at_s, counts = at_s[mask], counts[mask]
                if not len(at_s):
                    return []
        times_s = np.concatenate((self._times_s, at_s))
        if counts is not None:
            counts = np.concatenate((self._counts, counts))
        if self._is_learning:
            intervals = DECLARED_INTERVALS if self._keeps_early(times_s) else LEARNT_INTERVALS
            if len(times_s) <= intervals:
                self._keep(times_s, counts)
                return []
            self._learn(times_s[: intervals + 1], counts)
        self._keep(times_s[-1:], None if counts is None else counts[-1:])
        if self.pace_s is None:
            return []
        if self._rolling is not None and counts is not None:
            found = self._rolling.judge(times_s, counts)
        else:
            found = self._judge(times_s, self.pace_s)
        known_s = self.known_s or 0.0
        return [_show(part, known_s) for part in found if len(part)]

    def _keep(self, times_s: Times, counts: Counts | None) -> None:
        self._times_s = times_s
        if counts is not None:
            self._counts = counts

    def _keeps_early(self, times_s: Times) -> bool:
        """Say whether the very first frames keep to a declared period."""
        is_enough = len(times_s) > DECLARED_INTERVALS
        if self._declared_s is None or self._field is not None or not is_enough:
            return False
        early_s = find_period(np.diff(times_s[: DECLARED_INTERVALS + 1]))
        if early_s is None:
            return False
        return 1 / NEAR_PACE <= early_s / self._declared_s <= NEAR_PACE

    def _learn(self, first_s: Times, counts: Counts | None) -> None:
        """Take the pace from the times of the first frames."""
        self._is_learning = False
        self.known_s = float(first_s[-1])
        intervals_s = np.diff(first_s)
        learnt_s = find_period(intervals_s)
        pace_s = learnt_s if self._declared_s is None else self._declared_s
        if pace_s is not None and learnt_s is not None:
            is_same = 1 / SAME_PACE <= learnt_s / pace_s <= SAME_PACE
            pace_s = pace_s if is_same else learnt_s
        if pace_s is None:
            self._is_idle = True
            return
        self.pace_s = pace_s
        if counts is not None and self._field is not None:
            bits = self._field.bits.length
            steps = np.diff(counts[: len(first_s)]) % (1 << bits)
            is_prompt = intervals_s < LATE_PERIODS * pace_s
            ones = np.count_nonzero(is_prompt & (steps == 1))
            if ones and ones >= COUNTING_SHARE * np.count_nonzero(is_prompt):
                self._rolling = RollingCounter(bits, pace_s, self._index)

    def _judge(self, times_s: Times, pace_s: float) -> list[Breaks]:
        apart_s = np.diff(times_s)
        rows = (apart_s > LATE_PERIODS * pace_s).nonzero()[0]
        if not len(rows):
            return []
        none = np.zeros(len(rows), np.bool_)
        missing = np.rint(apart_s[rows] / pace_s).astype(np.int32) - 1
        until_s = times_s[rows + 1]
        message = np.full(len(rows), self._index, np.int16)
        return [Breaks(message, times_s[rows], until_s, missing, none, none, until_s)]


class HushTrack:
    """When nothing at all came."""

    def __init__(self) -> None:
        self._last_s: float | None = None

    def follow(self, at_s: Times) -> Times:
        """Take the times of the next frames of all messages; return shape (n, 2): the hushes."""
        if not len(at_s):
            return np.empty((0, 2))
        if self._last_s is not None:
            at_s = np.concatenate(([self._last_s], at_s))
        self._last_s = float(at_s[-1])
        rows = (at_s[1:] - at_s[:-1] > HUSH_S).nonzero()[0]
        return np.stack((at_s[rows], at_s[rows + 1]), axis=1)


class UptimeTrack:
    """One entry of the role `bcm.uptime`: when it went back."""

    def __init__(self, index: int, field: Field) -> None:
        self._index = index
        bits = field.bits
        self._top_s = np.inf
        if not bits.is_float:
            top = (1 << (bits.length - bits.is_signed)) - 1
            self._top_s = top * float(field.scale) + float(field.offset)
        self._last: tuple[float, float] | None = None

    def follow(self, at_s: Times, value: Times) -> list[Breaks]:
        """Take the next values, at least one, in time order."""
        if self._last is not None:
            at_s = np.concatenate(([self._last[0]], at_s))
            value = np.concatenate(([self._last[1]], value))
        self._last = float(at_s[-1]), float(value[-1])
        apart_s = np.diff(at_s)
        # One that ran to the end of its bits goes on from nought.
        is_full = value[:-1] + np.maximum(apart_s, UPTIME_BACK_S) + UPTIME_BACK_S > self._top_s
        rows = ((np.diff(value) < -UPTIME_BACK_S) & ~is_full).nonzero()[0]
        if not len(rows):
            return []
        none = np.zeros(len(rows), np.bool_)
        until_s = at_s[rows + 1]
        message = np.full(len(rows), self._index, np.int16)
        missing = np.zeros(len(rows), np.int32)
        return [Breaks(message, at_s[rows], until_s, missing, none, ~none, until_s)]


def _read(field: Field, payloads: Payloads) -> Counts:
    counts: Counts = raw_values(payloads.pattern(field.bits), field.bits).astype(np.int64)
    return counts


def _show(part: Breaks, known_s: float) -> Breaks:
    """Return breaks that could not be shown before the pace was known."""
    if part.shown_s[0] >= known_s:
        return part
    return Breaks(
        part.message,
        part.from_s,
        part.until_s,
        part.missing,
        part.is_jump,
        part.is_restart,
        np.maximum(part.shown_s, known_s),
    )
