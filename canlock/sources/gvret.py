"""The grammar of the CSV logs of SavvyCAN and GVRET.

Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8
16619000,0000012D,false,Rx,0,8,00,00,00,00,00,00,00,00,

Times are microseconds; older logs lack the direction.
"""

from __future__ import annotations

import re
from typing import Final

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameFlag
from canlock.sources.text_grammar import LineFault, LineFrame, LineMeaning, LineNote
from canlock.sources.text_shape import PayloadForm, Shape, SpacedBytes

_HEADER: Final = re.compile(rb"\s*time\s*stamp\s*,.*|\s*", re.IGNORECASE)
_START: Final = (
    rb"(?P<time>\d{1,16}),(?P<id>[0-9A-Fa-f]{1,8}),(?P<extended>true|false|0|1),"
    rb"(?:(?P<direction>[RT]x),)?(?P<bus>\d{1,3}),(?P<length>\d{1,2})"
)
_SHAPE: Final = re.compile(_START + rb",", re.IGNORECASE)
_FRAME: Final = re.compile(
    rb"\s*" + _START + rb"(?P<data>(?:,[0-9A-Fa-f]{1,2})*)[,\s]*", re.IGNORECASE
)
_MICROSECONDS: Final = 1_000_000


class GvretGrammar:
    """Every line of such a log means the same."""

    format = "gvret"
    base_s = 0.0
    is_relative = False

    def __init__(self) -> None:
        self.payload: PayloadForm = SpacedBytes(b",")

    def shape_of(self, line: bytes) -> Shape | None:
        """Return the shape of a data frame."""
        match = _SHAPE.match(line)
        if match is None or int(match["length"]) > CLASSIC_BYTES:
            return None
        is_coded = len(match["length"]) == 1
        return Shape(
            line=line[: match.end()],
            times=((match.span("time"), 1),),
            units_a_second=_MICROSECONDS,
            arbitration_id=match.span("id"),
            channel=str(int(match["bus"])),
            flags=int(_flags(match)),
            data=match.end(),
            length=None if is_coded else int(match["length"]),
            code=match.start("length") if is_coded else None,
        )

    def read(self, line: bytes) -> LineMeaning:
        """Return what a line means."""
        if _HEADER.fullmatch(line):
            return LineNote.NOTHING
        match = _FRAME.fullmatch(line)
        if match is None:
            return LineFault()
        length = int(match["length"])
        payload = bytes(int(byte, 16) for byte in match["data"].split(b",")[1:])[:length]
        flags = _flags(match)
        if length > CLASSIC_BYTES:
            flags |= FrameFlag.FD
        if length > FD_BYTES or len(payload) < length:
            return LineFault(f"found {len(payload)} bytes of data, expected {length}")
        time_s = int(match["time"]) / _MICROSECONDS
        channel = str(int(match["bus"]))
        return LineFrame(time_s, int(match["id"], 16), int(flags), length, payload, channel)

    def is_whole(self, line: bytes) -> bool:
        """Tell that no line without an end is whole: it may always have been longer."""
        return not line.strip()

    def tells_length(self, line: bytes) -> bool:  # noqa: ARG002
        """Tell that each line says how long its payload is."""
        return True


def _flags(match: re.Match[bytes]) -> FrameFlag:
    is_extended = match["extended"].lower() in (b"true", b"1")
    flags = FrameFlag.EXTENDED if is_extended else FrameFlag(0)
    is_sent = (match["direction"] or b"").lower() == b"tx"
    return flags | (FrameFlag.TRANSMITTED if is_sent else FrameFlag(0))
