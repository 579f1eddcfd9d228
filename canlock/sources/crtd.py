"""The grammar of OVMS's CRTD logs.

1524311386.811100 1R11 100 01 02 03
1524311386.812000 T29 18DB33F1 02 01 00
1524311386.812100 CXX a remark
"""

from __future__ import annotations

import re
from typing import Final

from canlock.model.frames import CLASSIC_BYTES, FrameFlag
from canlock.sources.text_grammar import LineFault, LineFrame, LineMeaning, LineNote
from canlock.sources.text_shape import PayloadForm, Shape, SpacedBytes

_START: Final = (
    rb"(?P<whole>\d{1,14})\.(?P<fraction>\d{1,9}) (?P<bus>\d{0,2})(?P<direction>[RT])"
    rb"(?P<width>11|29) (?P<id>[0-9A-Fa-f]{1,8})"
)
_SHAPE: Final = re.compile(_START + rb" (?=[0-9A-Fa-f]{2})")
_FRAME: Final = re.compile(
    rb"\s*" + _START.replace(rb" ", rb"\s+") + rb"(?P<data>(?:\s+[0-9A-Fa-f]{2})*)\s*"
)
_NO_FRAME: Final = re.compile(rb"\s*(#.*|\d+\.\d+\s+\d{0,2}C[A-Z]{2}\b.*)?")
"""Remarks, events and settings of the recorder."""


class CrtdGrammar:
    """Every line of such a log means the same."""

    format = "crtd"
    base_s = 0.0
    is_relative = False

    def __init__(self) -> None:
        self.payload: PayloadForm = SpacedBytes()

    def shape_of(self, line: bytes) -> Shape | None:
        """Return the shape of a frame with data."""
        match = _SHAPE.match(line)
        if match is None:
            return None
        decimals = len(match["fraction"])
        return Shape(
            line=line[: match.end()],
            times=((match.span("whole"), 10**decimals), (match.span("fraction"), 1)),
            units_a_second=10**decimals,
            arbitration_id=match.span("id"),
            channel=match["bus"].decode(),
            flags=int(_flags(match)),
            data=match.end(),
        )

    def read(self, line: bytes) -> LineMeaning:
        """Return what a line means."""
        if _NO_FRAME.fullmatch(line):
            return LineNote.NOTHING
        match = _FRAME.fullmatch(line)
        if match is None:
            return LineFault()
        payload = bytes.fromhex(match["data"].decode())
        if len(payload) > CLASSIC_BYTES:
            return LineFault(f"found {len(payload)} bytes of data, expected {CLASSIC_BYTES}")
        return LineFrame(
            float(match["whole"] + b"." + match["fraction"]),
            int(match["id"], 16),
            int(_flags(match)),
            len(payload),
            payload,
            match["bus"].decode(),
        )

    def is_whole(self, line: bytes) -> bool:
        """Tell whether the last line of a file, which has no end, was not cut off."""
        return _NO_FRAME.fullmatch(line) is not None

    def tells_length(self, line: bytes) -> bool:  # noqa: ARG002
        """Tell that a line does not say how long its payload is."""
        return False


def _flags(match: re.Match[bytes]) -> FrameFlag:
    flags = FrameFlag.EXTENDED if match["width"] == b"29" else FrameFlag(0)
    return flags | (FrameFlag.TRANSMITTED if match["direction"] == b"T" else FrameFlag(0))
