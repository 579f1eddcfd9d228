"""The grammar of what candump shows on the screen, with times, and of its logs with dates.

 (1700000000.250000)  can0  130   [8]  41 42 A1 0F D2 00 00 00            candump -t a
 (2023-11-14 22:13:20.250000)  can0  RX - -  130   [2]  41 42             candump -t A -x
(2023-11-14 22:13:20.250000) can0 130#4142                                candump -l -t A
 (000.010012)  can0  130   [2]  41 42                                    candump -t d

Dates are local time. Without times (no `-t`), nothing can be reasoned from such text.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameFlag
from canlock.sources.candump_fields import ERROR_BIT, HIGHEST_EXTENDED
from canlock.sources.text_grammar import LineFault, LineFrame, LineMeaning, LineNote
from canlock.sources.text_shape import PayloadForm, Shape, SpacedBytes

_TIME: Final = (
    rb"\s*\((?:(?P<date>\d{4}-\d\d-\d\d) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    rb"|(?P<whole>\d{1,14}))\.(?P<fraction>\d{1,6})\)\s+(?P<channel>[!-~]{1,64})\s+"
)
_ID: Final = rb"(?P<id>[0-9A-Fa-f]{8}|[0-9A-Fa-f]{3})"
_SCREEN: Final = re.compile(
    _TIME + rb"(?:(?P<direction>RX|TX)\s+\S+\s+\S+\s+)?" + _ID + rb"\s+\[(?P<length>\d{1,2})\]"
    rb"(?P<gap>\s+|$)(?P<data>.*)"
)
_LOG: Final = re.compile(
    _TIME + _ID + rb"#(?:(?P<remote>[Rr])(?P<asked>[0-8]?)|(?P<fd>#(?P<mode>[0-9A-Fa-f]))?"
    rb"(?P<data>(?:[0-9A-Fa-f]{2})*))(?:\s+(?P<direction>[RTrt]))?\s*"
)
_BYTES: Final = re.compile(rb"(?:[0-9A-Fa-f]{2}(?: |$))*")
_STANDARD_DIGITS: Final = 3
_FD_DIGITS: Final = 2
"""CAN FD frames show their length with two digits: `[08]`."""


class CandumpScreenGrammar:
    """Every line of such a text means the same."""

    format = "candump-screen"
    base_s = 0.0

    @property
    def is_relative(self) -> bool:
        """Tell that times do not count from the line before."""
        return False

    def __init__(self) -> None:
        self.payload: PayloadForm = SpacedBytes()

    def shape_of(self, line: bytes) -> Shape | None:
        """Return the shape of a data frame as the screen shows it."""
        match = _SCREEN.fullmatch(line)
        if match is None or not 0 < int(match["length"]) <= FD_BYTES:
            return None
        day_s = _day_s(match)
        flags = _flags(match)
        if day_s is None or flags & FrameFlag.ERROR or not _screen_bytes(match["data"], 1):
            return None
        unit = 10 ** len(match["fraction"])
        clock = (
            (("hour", 3600), ("minute", 60), ("second", 1)) if match["date"] else (("whole", 1),)
        )
        times = [(match.span(name), seconds * unit) for name, seconds in clock]
        return Shape(
            line=line[: match.start("data")],
            times=(*times, (match.span("fraction"), 1)),
            units_a_second=unit,
            arbitration_id=match.span("id"),
            channel=match["channel"].decode(),
            flags=int(flags),
            data=match.start("data"),
            length=int(match["length"]),
            base_s=day_s,
        )

    def read(self, line: bytes) -> LineMeaning:
        """Return what a line means."""
        if not line.strip():
            return LineNote.NOTHING
        screen = _SCREEN.fullmatch(line)
        match = screen or _LOG.fullmatch(line)
        if match is None:
            return LineFault()
        day_s = _day_s(match)
        number = int(match["id"], 16)
        flags = _flags(match)
        if day_s is None or number >= ERROR_BIT << 1:
            return LineFault()
        if screen is not None:
            length = int(match["length"])
            if match["data"].startswith(b"remote request"):
                flags |= FrameFlag.REMOTE
            payload = _screen_bytes(match["data"], length)
        else:
            flags |= FrameFlag.REMOTE if match["remote"] else FrameFlag(0)
            payload = bytes.fromhex((match["data"] or b"").decode())
            length = int(match["asked"] or b"0") if match["remote"] else len(payload)
        most = FD_BYTES if flags & FrameFlag.FD else CLASSIC_BYTES
        if length > most or (len(payload) < length and not flags & FrameFlag.REMOTE):
            return LineFault(f"found {len(payload)} bytes of data, expected {length}")
        payload = b"" if flags & FrameFlag.REMOTE else payload
        time_s = day_s + _seconds(match)
        channel = match["channel"].decode()
        return LineFrame(time_s, number & HIGHEST_EXTENDED, int(flags), length, payload, channel)

    def is_whole(self, line: bytes) -> bool:
        """Tell that no line without an end is whole: it may always have been longer."""
        return not line.strip()

    def tells_length(self, line: bytes) -> bool:
        """Tell whether a line says how long its payload is: logs do not."""
        return b"[" in line


class CandumpDeltaGrammar(CandumpScreenGrammar):
    """The same with `-t d`: times count from the line before, in whatever channel that was."""

    format = "candump-delta"

    @property
    def is_relative(self) -> bool:
        """Tell that times count from the line before."""
        return True


def _screen_bytes(text: bytes, length: int) -> bytes:
    match = _BYTES.match(text)
    shown = match[0].split() if match is not None else []
    return bytes(int(byte, 16) for byte in shown[:length])


def _day_s(match: re.Match[bytes]) -> float | None:
    """Return when the day of a line begins, 0 where it has no date; None where there is none."""
    if match["date"] is None:
        return 0.0
    try:
        return datetime.strptime(match["date"].decode(), "%Y-%m-%d").timestamp()  # noqa: DTZ007
    except (ValueError, OverflowError):
        return None


def _seconds(match: re.Match[bytes]) -> float:
    fraction = match["fraction"]
    if match["date"] is None:
        return float(match["whole"] + b"." + fraction)
    whole = int(match["hour"]) * 3600 + int(match["minute"]) * 60 + int(match["second"])
    unit = 10 ** len(fraction)
    return float((whole * unit + int(fraction)) / unit)


def _flags(match: re.Match[bytes]) -> FrameFlag:
    digits, number = len(match["id"]), int(match["id"], 16)
    flags = FrameFlag(0)
    if digits > _STANDARD_DIGITS:
        flags |= FrameFlag.ERROR if number & ERROR_BIT else FrameFlag.EXTENDED
    direction = (match["direction"] or b"")[:1].upper()
    flags |= FrameFlag.TRANSMITTED if direction == b"T" else FrameFlag(0)
    if match.re is _SCREEN:
        return flags | (FrameFlag.FD if len(match["length"]) == _FD_DIGITS else FrameFlag(0))
    if match["fd"]:
        mode = int(match["mode"], 16)
        flags |= FrameFlag.FD
        flags |= FrameFlag.BITRATE_SWITCH if mode & 1 else FrameFlag(0)
        flags |= FrameFlag.ERROR_STATE if mode & 2 else FrameFlag(0)
    return flags
