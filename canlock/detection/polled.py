"""Samples that did not come from a frame, told as frames would tell them: by their changes.

A polled value comes again and again. As with a frame, its first is what was before, not a change;
the same value again is no news; and a change lies between the last sample of the old value and the
first of the new one.
"""

from __future__ import annotations

from canlock.model.samples import RoleSample, Value
from canlock.model.stream import Sample


class PolledTrack:
    """What each polled role said last."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, tuple[str, ...]], tuple[float, Value]] = {}

    def follow(self, sample: Sample) -> RoleSample | None:
        """Return what a sample tells anew, or None where it is no news.

        One that is older than what was already told is none: it was overtaken.
        """
        place = sample.role, sample.doors
        known = self._latest.get(place)
        if known is None:
            self._latest[place] = sample.at_s, sample.value
            return RoleSample(sample.at_s, sample.role, sample.doors, sample.value, is_first=True)
        since_s, previous = known
        if sample.at_s < since_s:
            return None
        self._latest[place] = sample.at_s, sample.value
        if sample.value == previous:
            return None
        return RoleSample(sample.at_s, sample.role, sample.doors, sample.value, previous, since_s)
