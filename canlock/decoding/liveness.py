"""Presence of messages: how many frames, how often they come, when they stayed away.

What is judged is that frames come; `pace` counts those that are missing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.layout import MessageLayout
from canlock.model.samples import MessageLife, Silence

SILENT_PERIODS: Final = 5.0
"""Frames further apart than so many periods are a silence (DOMAIN 2.1, cyclic timeout)."""

SILENT_AT_LEAST_S: Final = 0.5
"""No shorter pause is a silence, however fast the message (DOMAIN 2.1)."""

LEARNT_INTERVALS: Final = 20
"""The period is the median of so many first intervals."""

LONGEST_PERIOD_S: Final = 2.5
"""A message whose frames are further apart than this is not taken for cyclic unless declared."""

REGULAR_SHARE: Final = 0.8
"""Least share of the first intervals that must be near their median in a cyclic message.

In the BMW E90 capture nearly all cyclic messages reach 0.9-1; command and lock status frames, which
come in bursts when something happens, 0.25-0.75. Their quiet time is no silence.
"""

REGULAR_WITHIN: Final = 0.5
"""Near: off the median by no more than this part of it."""


class LifeTrack:
    """One message's presence, batch after batch."""

    def __init__(self, message: MessageLayout) -> None:
        self._name = message.name
        self._period_s: float | None = None
        self._limit_s: float | None = None
        # The repeats of a button that is held are regular too, and no cycle.
        self._is_learning = not (message.period_s or message.is_eventful)
        if message.period_s:
            self._set_period(message.period_s)
        # While learning: the times of all frames; afterwards: that of the last.
        self._times_s = np.empty(0)
        self._count = 0
        self._short = 0
        self._first_s = 0.0
        self._last_s = 0.0

    def follow(
        self,
        row: npt.NDArray[np.intp],
        at_s: npt.NDArray[np.float64],
        short: int,
    ) -> list[tuple[int, Silence]]:
        """Take the next frames and return the silences that they end.

        Args:
            row: Shape (n,), at least one: rows of the batch.
            at_s: Shape (n,): seconds.
            short: How many of the frames are too short for a mapped signal.

        Returns:
            Each silence with the row of the frame that showed it: the one that ended it, or the one
            with which the period was learnt.
        """
        if not self._count:
            self._first_s = float(at_s[0])
        self._count += len(at_s)
        self._short += short
        self._last_s = float(at_s[-1])
        times_s = np.concatenate((self._times_s, at_s))
        old = len(self._times_s)
        earliest = 0
        if self._is_learning:
            if len(times_s) <= LEARNT_INTERVALS:
                self._times_s = times_s
                return []
            self._learn(np.diff(times_s[: LEARNT_INTERVALS + 1]))
            earliest = LEARNT_INTERVALS
        self._times_s = times_s[-1:]
        if self._limit_s is None:
            return []
        ends = (times_s[1:] - times_s[:-1] > self._limit_s).nonzero()[0] + 1
        return [
            (
                int(row[max(end, earliest) - old]),
                Silence(self._name, float(times_s[end - 1]), float(times_s[end])),
            )
            for end in ends.tolist()
        ]

    def life(self) -> MessageLife | None:
        """Return what is known by now; None before the first frame."""
        if not self._count:
            return None
        return MessageLife(
            message=self._name,
            count=self._count,
            first_s=self._first_s,
            last_s=self._last_s,
            period_s=self._period_s,
            short=self._short,
        )

    def _learn(self, intervals_s: npt.NDArray[np.float64]) -> None:
        period_s = find_period(intervals_s)
        if period_s is not None:
            self._set_period(period_s)
        self._is_learning = False

    def _set_period(self, period_s: float) -> None:
        self._period_s = period_s
        self._limit_s = max(SILENT_PERIODS * period_s, SILENT_AT_LEAST_S)


def find_period(intervals_s: npt.NDArray[np.float64]) -> float | None:
    """Return the cycle time that some intervals between frames show; None where they do not."""
    # `np.median` would import the masked arrays, a tenth of a second at the start.
    ordered_s = np.sort(intervals_s)
    count = len(ordered_s)
    median_s = float(ordered_s[(count - 1) // 2] + ordered_s[count // 2]) / 2.0
    is_near = np.abs(intervals_s - median_s) <= REGULAR_WITHIN * median_s
    is_regular = np.count_nonzero(is_near) >= REGULAR_SHARE * len(intervals_s)
    # A median of nought is a burst, not a period.
    return median_s if is_regular and 0.0 < median_s <= LONGEST_PERIOD_S else None
