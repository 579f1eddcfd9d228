"""The grammar of Vector's ASC logs.

    date Tue Nov 14 10:13:20.250 PM 2023
    base hex  timestamps absolute
       0.020000 1  130             Rx   d 2 41 42  Length = 240000 BitCount = 124 ID = 304
       0.030000 2  12DD546Cx       Tx   r 8
       0.040000 1  ErrorFrame
       0.050000 CANFD   1 Rx        130                     1 0 8  8 01 02 03 04 05 06 07 08  0 ...

Times count from the date, or from that of the trigger block; channels count from 1.
"""

from __future__ import annotations

import re
from typing import Final

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameFlag
from canlock.sources.asc_bytes import AscBytes
from canlock.sources.asc_date import read_date
from canlock.sources.text_grammar import (
    LineFault,
    LineFrame,
    LineMeaning,
    LineNote,
    LineTime,
)
from canlock.sources.text_shape import Shape

_CLASSIC_SHAPE: Final = re.compile(
    rb"(?P<whole> {0,14}\d{1,14})\.(?P<fraction>\d{1,9}) +(?P<channel>\d{1,3}) +"
    rb"(?P<id>[0-9A-Fa-f]{1,10})(?P<wide>x?) +(?P<direction>Rx|Tx) +d (?P<code>[0-8])(?: |$)"
)
_FD_SHAPE: Final = re.compile(
    rb"(?P<whole> {0,14}\d{1,14})\.(?P<fraction>\d{1,9}) +CANFD +(?P<channel>\d{1,3}) +"
    rb"(?P<direction>Rx|Tx) +(?P<id>[0-9A-Fa-f]{1,10})(?P<wide>x?) +(?:[A-Za-z_]\S* +)?"
    rb"(?P<switch>\d) (?P<state>\d) (?P<code>[0-9A-Fa-f]{1,2}) +(?P<length>[1-9]\d?) "
)
_WIDEST_TIME: Final = 16

_CLASSIC: Final = re.compile(
    rb"\s*(?P<time>\d+\.\d+)\s+(?P<channel>\d+)\s+(?:(?P<error>errorframe)\b.*"
    rb"|(?P<id>[0-9a-f]+)(?P<wide>x?)\s+(?P<direction>rx|tx)\s+(?P<type>[dr])\b\s*(?P<rest>.*))",
    re.IGNORECASE,
)
_FD: Final = re.compile(
    rb"\s*(?P<time>\d+\.\d+)\s+canfd\s+(?P<channel>\d+)\s+(?P<direction>rx|tx)\s+"
    rb"(?:(?P<error>errorframe)\b.*|(?P<id>[0-9a-f]+)(?P<wide>x?)\s+(?:(?!\d+\s)\S+\s+)?"
    rb"(?P<switch>\S+)\s+(?P<state>\S+)\s+(?P<code>[0-9a-f]+)\s+(?P<length>\d+)\s*(?P<rest>.*))",
    re.IGNORECASE,
)
_NO_FRAME: Final = re.compile(
    rb"\s*(//|begin\s|end\s|(no\s+)?internal\s+events|$"
    rb"|\d+\.\d+\s+(?!\d+\s+([0-9a-f]+x?\s|\w+\s+[rt]x\s)|canfd\s)\S"
    rb"|\d+\.\d+\s+\d+\s+\w+\s+txrq\b)",
    re.IGNORECASE,
)
"""Comments, the frame of the measurement, and events of other kinds: anything with a time that does
not begin like a CAN frame, which is a channel and an id. A request to send is no frame yet."""

_DATE: Final = re.compile(rb"\s*(?:date|begin\s+triggerblock)\s+(?P<date>\S.*)", re.IGNORECASE)
_IS_DATE: Final = re.compile(rb"\s*date\s", re.IGNORECASE)
_BASE: Final = re.compile(
    rb"\s*base\s+(?P<base>hex|dec)(?:\s+timestamps\s+(?P<times>absolute|relative))?", re.IGNORECASE
)
_LEADING_TIME: Final = re.compile(rb"\s*(\d+\.\d+)(?=\s)")
_WHOLE: Final = re.compile(rb"\s*(//|end\s+triggerblock)", re.IGNORECASE)

_LENGTHS: Final = (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64)
"""Indexed by a length code: bytes of payload."""


class AscGrammar:
    """What one ASC log has said of itself so far."""

    format = "asc"

    def __init__(self) -> None:
        self.payload = AscBytes()
        self.base_s = 0.0
        self.is_relative = False

    def shape_of(self, line: bytes) -> Shape | None:
        """Return the shape of a data frame."""
        match = _CLASSIC_SHAPE.match(line)
        is_fd = match is None
        if match is None:
            match = _FD_SHAPE.match(line)
        if match is None or match.end("whole") > _WIDEST_TIME:
            return None
        if not self.payload.is_decimal and len(match["id"]) > 8:  # noqa: PLR2004 - 32 bits.
            return None
        decimals = len(match["fraction"])
        flags = FrameFlag.EXTENDED if match["wide"] else FrameFlag(0)
        flags |= FrameFlag.TRANSMITTED if match["direction"] == b"Tx" else FrameFlag(0)
        if is_fd:
            flags |= _fd_flags(match)
        if is_fd and int(match["length"]) > FD_BYTES:
            return None
        return Shape(
            line=line[: match.end()].ljust(match.end("code") + 1),
            times=((match.span("whole"), 10**decimals), (match.span("fraction"), 1)),
            units_a_second=10**decimals,
            arbitration_id=match.span("id"),
            channel=_channel(match),
            flags=int(flags),
            data=match.end() if is_fd else match.end("code") + 1,
            length=int(match["length"]) if is_fd else None,
            code=None if is_fd else match.start("code"),
            is_decimal_id=self.payload.is_decimal,
        )

    def read(self, line: bytes) -> LineMeaning:
        """Return what a line means."""
        match = _CLASSIC.fullmatch(line) or _FD.fullmatch(line)
        if match is not None:
            return self._read_frame(match)
        if _BASE.match(line) or _DATE.match(line):
            return self._read_header(line)
        if not _NO_FRAME.match(line):
            return LineFault()
        time = _LEADING_TIME.match(line)
        return LineNote.NOTHING if time is None else LineTime(float(time[1]))

    def is_whole(self, line: bytes) -> bool:
        """Tell whether the last line of a file, which has no end, was not cut off."""
        return _WHOLE.match(line) is not None

    def tells_length(self, line: bytes) -> bool:  # noqa: ARG002
        """Tell that each line says how long its payload is."""
        return True

    def _read_header(self, line: bytes) -> LineMeaning:
        before = (self.payload.is_decimal, self.is_relative, self.base_s)
        base = _BASE.match(line)
        if base is not None:
            self.payload = AscBytes(is_decimal=base["base"].lower() == b"dec")
            self.is_relative = (base["times"] or b"").lower() == b"relative"
        date = _DATE.match(line)
        if date is not None:
            begin_s = read_date(date["date"])
            if begin_s is None:
                what = "date" if _IS_DATE.match(line) else "trigger"
                return LineFault(f"times count from the beginning, not from this {what}")
            self.base_s = begin_s
        is_same = before == (self.payload.is_decimal, self.is_relative, self.base_s)
        return LineNote.NOTHING if is_same else LineNote.CHANGE

    def _read_frame(self, match: re.Match[bytes]) -> LineMeaning:
        is_fd = match.re is _FD
        time_s = float(match["time"])
        flags = FrameFlag.FD if is_fd else FrameFlag(0)
        if match["error"]:
            is_sent = is_fd and match["direction"].lower() == b"tx"
            flags |= FrameFlag.ERROR | (FrameFlag.TRANSMITTED if is_sent else FrameFlag(0))
            return LineFrame(time_s, 0, int(flags), 0, b"", _channel(match))
        base = 10 if self.payload.is_decimal else 16
        flags |= FrameFlag.EXTENDED if match["wide"] else FrameFlag(0)
        flags |= FrameFlag.TRANSMITTED if match["direction"].lower() == b"tx" else FrameFlag(0)
        try:
            arbitration_id = int(match["id"], base)
            length, rest, more = (_fd_part if is_fd else _classic_part)(match, base)
            payload = bytes(int(byte, base) for byte in rest.split()[:length])
        except ValueError as error:
            return LineFault(str(error))
        flags |= more
        if flags & FrameFlag.REMOTE:
            payload = b""
        elif len(payload) < length:
            return LineFault(f"found {len(payload)} bytes of data, expected {length}")
        return LineFrame(time_s, arbitration_id, int(flags), length, payload, _channel(match))


def _channel(match: re.Match[bytes]) -> str:
    return str(int(match["channel"]) - 1)


def _classic_part(match: re.Match[bytes], base: int) -> tuple[int, bytes, FrameFlag]:
    """Return length and text of the payload, and flags."""
    rest = match["rest"]
    if match["type"] in b"rR":
        words = rest.split(None, 1)
        is_told = bool(words) and words[0].isdigit()
        return min(int(words[0], base), CLASSIC_BYTES) if is_told else 0, b"", FrameFlag.REMOTE
    words = rest.split(None, 1)
    if not words:
        raise ValueError("there is no length")
    if not words[0].isalnum():
        raise ValueError(f"found {words[0]!r} for a length")
    length = min(int(words[0], base), CLASSIC_BYTES)
    return length, words[1] if len(words) > 1 else b"", FrameFlag(0)


def _fd_part(match: re.Match[bytes], base: int) -> tuple[int, bytes, FrameFlag]:
    """Return length and text of the payload, and flags."""
    length = int(match["length"])
    if length > FD_BYTES:
        raise ValueError(f"found {length} bytes of data, expected {FD_BYTES} at most")
    flags = _fd_flags(match)
    if length == 0:
        # So python-can reads it: FD lines without data stand for remote frames.
        code = int(match["code"], base)
        return _LENGTHS[min(code, 15)], b"", flags | FrameFlag.REMOTE
    return length, match["rest"], flags


def _fd_flags(match: re.Match[bytes]) -> FrameFlag:
    flags = FrameFlag.FD
    flags |= FrameFlag.BITRATE_SWITCH if match["switch"] == b"1" else FrameFlag(0)
    return flags | (FrameFlag.ERROR_STATE if match["state"] == b"1" else FrameFlag(0))
