"""Single frames whose time stamps are days away from those of their neighbours.

A damaged digit puts a frame years off. Sorted by such a time stamp it would make the capture years
long, so it counts as an unreadable line instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.sources.damage import DamageLog
from canlock.sources.stretch import FrameSource, Stretch, Wanted

ASTRAY_S: Final = 86_400.0
"""A frame this far from both neighbours is astray. Lines that were moved about in a capture of a
day or less are not."""

NEIGHBOURLY_S: Final = 1.0
"""The neighbours must be this close together, or there is no telling which of them is wrong."""

_Times = npt.NDArray[np.float64]


class SteadySource:
    """A source without the frames that are astray."""

    def __init__(self, source: FrameSource) -> None:
        self.format = source.format
        self.unit = source.unit
        self._source = source

    def stretches(self, wanted: Wanted, log: DamageLog) -> Iterator[Stretch]:
        """Yield the whole file, and tell the log what is wrong with it."""
        before_s: _Times = np.empty(0)
        held: list[Stretch] = []
        for stretch in self._source.stretches(wanted, log):
            if held and len(stretch.timestamp_s):
                yield from self._release(held, before_s, stretch.timestamp_s[:1], log)
                before_s = held[0].timestamp_s[-1:]
                held = []
            if held or len(stretch.timestamp_s):
                held.append(stretch)
            else:
                yield stretch
        yield from self._release(held, before_s, np.empty(0), log)

    def _release(
        self, held: list[Stretch], before_s: _Times, behind_s: _Times, log: DamageLog
    ) -> Iterator[Stretch]:
        """Yield stretches of which the first has frames, given the times on either side."""
        for stretch in held[:1]:
            is_astray = _are_astray(stretch.timestamp_s, before_s, behind_s)
            for row in np.flatnonzero(is_astray).tolist():
                log.bad_lines += 1
                log.tell(
                    "line",
                    f"{self.unit} {stretch.number[row]}",
                    f"found the time stamp {stretch.timestamp_s[row]:.6f} days away from those "
                    "around it, expected one between them: the frame is left out",
                )
            yield _leave_out(stretch, is_astray) if is_astray.any() else stretch
        yield from held[1:]


def _are_astray(times_s: _Times, before_s: _Times, behind_s: _Times) -> npt.NDArray[np.bool_]:
    # The first and the last frame of a file have one neighbour only, which proves nothing.
    around_s = np.concatenate((before_s, times_s, behind_s))
    previous_s, next_s = around_s[:-2], around_s[2:]
    is_astray = np.abs(around_s[1:-1] - previous_s) > ASTRAY_S
    is_astray &= np.abs(around_s[1:-1] - next_s) > ASTRAY_S
    is_astray &= np.abs(next_s - previous_s) <= NEIGHBOURLY_S
    missing = (int(not len(before_s)), int(not len(behind_s)))
    return np.pad(is_astray, missing)[: len(times_s)]


def _leave_out(stretch: Stretch, is_astray: npt.NDArray[np.bool_]) -> Stretch:
    """Return a stretch in which some frames count as unreadable lines."""
    is_good = ~is_astray
    good_before = np.concatenate(([0], np.cumsum(is_good)))
    is_kept = is_good[stretch.kept_rows]
    bad_before = np.union1d(stretch.bad_before, np.flatnonzero(is_astray))
    return replace(
        stretch,
        timestamp_s=stretch.timestamp_s[is_good],
        keys=stretch.keys[is_good],
        flags=stretch.flags[is_good],
        length=stretch.length[is_good],
        number=stretch.number[is_good],
        bad_before=np.unique(good_before[bad_before]),
        kept=stretch.kept.take(is_kept),
        kept_rows=good_before[stretch.kept_rows[is_kept]],
    )
