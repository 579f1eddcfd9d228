"""Instants and durations as a person reads them: relative to the start, and by the clock."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

WALL_CLOCK_FROM_S: Final = 1e8
"""Times later than this (March 1973) are taken for seconds since 1970, UTC.

A capture without a clock counts from its own start and would need three years to get there.
"""

WALL_CLOCK_UNTIL_S: Final = 253_370_764_800.0
"""The year 9999: a little later a calendar date cannot be named."""


def is_wall_clock(at_s: float) -> bool:
    """Return whether a time is one of the calendar and not merely one since a capture's start."""
    return WALL_CLOCK_FROM_S < at_s < WALL_CLOCK_UNTIL_S


def relative(at_s: float, first_s: float | None) -> str:
    """Return `+12.50 s`, seconds after the first frame; empty where either is not known."""
    if first_s is None or not math.isfinite(at_s) or not math.isfinite(first_s):
        return ""
    after_s = round(at_s - first_s, 2) + 0.0  # Adding zero turns -0.0 into 0.0.
    return f"{after_s:+.2f} s"


def clock(at_s: float, first_s: float | None) -> str:
    """Return `22:13:32`, with the date where it is another day than the first frame's.

    The clock is UTC. Empty where the capture has no clock.
    """
    if not is_wall_clock(at_s):
        return ""
    moment = datetime.fromtimestamp(at_s, UTC)
    start = first_s if first_s is not None and is_wall_clock(first_s) else None
    is_same_day = start is not None and datetime.fromtimestamp(start, UTC).date() == moment.date()
    return f"{moment:%H:%M:%S}" if is_same_day else date_and_clock(at_s)


def date_and_clock(at_s: float) -> str:
    """Return `2023-11-14 22:13:32`, UTC; empty where the time is not one of the calendar."""
    if not is_wall_clock(at_s):
        return ""
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S}"


def instant(at_s: float, first_s: float | None) -> str:
    """Return both: `+12.50 s (22:13:32 UTC)`; empty where neither is known."""
    after, by_clock = relative(at_s, first_s), clock(at_s, first_s)
    if after and by_clock:
        return f"{after} ({by_clock} UTC)"
    return after or (f"{by_clock} UTC" if by_clock else "")


def duration(seconds: float) -> str:
    """Return a length of time in the unit that suits it: `66 s`, `5 min`, `2.5 h`."""
    if seconds < 100:  # noqa: PLR2004 - Up to here seconds read best.
        return f"{seconds:.0f} s"
    if seconds < 6000:  # noqa: PLR2004 - 100 minutes.
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
