"""The date in the header of an ASC log, whatever the language of the computer that wrote it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

_MONTHS: Final = (
    (rb"jan", 1),
    (rb"feb", 2),
    (rb"m[^ a-z]{1,3}r|mar", 3),  # `Mär`, in whatever encoding.
    (rb"apr", 4),
    (rb"may|mai", 5),
    (rb"jun", 6),
    (rb"jul", 7),
    (rb"aug", 8),
    (rb"sep", 9),
    (rb"oct|okt", 10),
    (rb"nov", 11),
    (rb"dec|dez", 12),
)
_DATE: Final = re.compile(
    rb"(?:[^\s\d]+\s+)?(?P<month>[^\s\d]+|\d{1,2})\s+(?P<day>\d{1,2})\s+(?P<hour>\d{1,2}):"
    rb"(?P<minute>\d{2}):(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?"
    rb"(?:\s+(?P<half>[ap]m))?\s+(?P<year>\d{4})\s*",
    re.IGNORECASE,
)
_MILLISECOND_DIGITS: Final = 3
_NOON: Final = 12


def read_date(text: bytes) -> float | None:
    """Return seconds since 1970 of a date like `Tue Nov 14 10:13:20.250 PM 2023`; None: it is none.

    It is local time, as the format has no zone.
    """
    match = _DATE.fullmatch(text)
    month = None if match is None else _month_of(match["month"])
    if match is None or month is None:
        return None
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + _NOON * (match["half"].lower() == b"pm")
    try:
        begun = datetime(  # noqa: DTZ001 - ASC is local time.
            int(match["year"]),
            month,
            int(match["day"]),
            hour,
            int(match["minute"]),
            int(match["second"]),
        )
        return begun.timestamp() + _fraction_of(match["fraction"] or b"0")
    except (ValueError, OverflowError):
        return None


def _fraction_of(digits: bytes) -> float:
    # python-can writes 7 ms as `.7` and then reads it as 700 ms; others write three digits.
    if len(digits) <= _MILLISECOND_DIGITS:
        return int(digits) / 1000
    return float(int(digits) / 10 ** len(digits))


def _month_of(name: bytes) -> int | None:
    if name.isdigit():
        return int(name)
    for pattern, number in _MONTHS:
        if re.match(pattern, name, re.IGNORECASE):
            return number
    return None
