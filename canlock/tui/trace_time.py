"""Times as a person types them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from canlock.errors import CanlockError
from canlock.pipeline.frame_window import FrameWindow
from canlock.telling.clock import WALL_CLOCK_FROM_S, is_wall_clock

_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")
_NUMBER: Final = re.compile(r"([+-]?)\s*(\d+(?:\.\d*)?|\.\d+)\s*s?")
_DAY_S: Final = 86_400.0


def parse_time(text: str, window: FrameWindow) -> float:
    """Return the time that is meant, on the capture's clock.

    Args:
        text: `12.5` or `+12.5`: seconds after the first frame; `-5`: before the last; `14:03:22.5`:
            by the clock, UTC; a number of 1e8 or more: seconds since 1970.
        window: Has the first and the last frame.

    Raises:
        CanlockError: It is none of these, or there is no frame.
    """
    if not window.parts or window.first_s is None:
        raise CanlockError("no frame has come yet, so there is no time to go to")
    last_s = float(window.parts[-1].rows.at_s[-1])
    clock = _CLOCK.fullmatch(text.strip())
    if clock is not None:
        return _clock_time(clock, text, last_s)
    number = _NUMBER.fullmatch(text.strip())
    if number is None:
        raise CanlockError(f"`{text}`: expected seconds (`12.5`, `-5` from the end) or `14:03:22`")
    sign, digits = number.groups()
    if sign == "-":
        return last_s - float(digits)
    return float(digits) if float(digits) >= WALL_CLOCK_FROM_S else window.first_s + float(digits)


def _clock_time(clock: re.Match[str], text: str, last_s: float) -> float:
    """Return the last such time of day at or before the last frame."""
    if not is_wall_clock(last_s):
        raise CanlockError(f"`{text}`: this capture has no time of day; give seconds, as in `12.5`")
    hours, minutes, seconds = int(clock[1]), int(clock[2]), float(clock[3] or 0)
    last = datetime.fromtimestamp(last_s, UTC)
    midnight_s = last.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    at_s = midnight_s + 3600 * hours + 60 * minutes + seconds
    return at_s - _DAY_S if at_s > last_s and hours > last.hour else at_s
