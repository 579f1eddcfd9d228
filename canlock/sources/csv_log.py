"""The grammar of python-can's CSV logs.

timestamp,arbitration_id,extended,remote,error,dlc,data
1700000000.25,0x130,0,0,0,5,QUKhD9I=
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FD_BYTES, FrameFlag
from canlock.sources.candump_fields import Mask
from canlock.sources.text_grammar import LineFault, LineFrame, LineMeaning, LineNote
from canlock.sources.text_lines import TextLines
from canlock.sources.text_shape import PayloadForm, Shape

_HEADER: Final = re.compile(rb"\s*timestamp,arbitration_id,.*|\s*")
_SHAPE: Final = re.compile(
    rb"(?P<whole>\d{1,14})\.(?P<fraction>\d{1,9}),0x(?P<id>[0-9a-f]{1,8}),(?P<extended>[01]),0,0,"
    rb"(?P<length>\d{1,2}),(?=[A-Za-z0-9+/])"
)
_FRAME: Final = re.compile(
    rb"\s*(?P<time>\d+(?:\.\d*)?(?:e[+-]?\d+)?),(?:0x)?(?P<id>[0-9a-fA-F]+),(?P<extended>[01]),"
    rb"(?P<remote>[01]),(?P<error>[01]),(?P<length>\d{1,3}),(?P<data>\S*)\s*"
)

_SIGNS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SIXES: Final = np.full(256, 0xFF, np.uint8)
_SIXES[list(_SIGNS)] = np.arange(64, dtype=np.uint8)
_FILLER: Final = ord("=")


class CsvGrammar:
    """Every line of such a log means the same."""

    format = "csv"
    base_s = 0.0
    is_relative = False

    def __init__(self) -> None:
        self.payload: PayloadForm = Base64Bytes()

    def shape_of(self, line: bytes) -> Shape | None:
        """Return the shape of a data frame with data."""
        match = _SHAPE.match(line)
        if match is None or not 0 < int(match["length"]) <= FD_BYTES:
            return None
        decimals = len(match["fraction"])
        return Shape(
            line=line[: match.end()],
            times=((match.span("whole"), 10**decimals), (match.span("fraction"), 1)),
            units_a_second=10**decimals,
            arbitration_id=match.span("id"),
            channel="",
            flags=int(FrameFlag.EXTENDED if match["extended"] == b"1" else FrameFlag(0)),
            data=match.end(),
            length=int(match["length"]),
        )

    def read(self, line: bytes) -> LineMeaning:
        """Return what a line means."""
        if _HEADER.fullmatch(line):
            return LineNote.NOTHING
        match = _FRAME.fullmatch(line)
        if match is None:
            return LineFault()
        flags = FrameFlag.EXTENDED if match["extended"] == b"1" else FrameFlag(0)
        flags |= FrameFlag.REMOTE if match["remote"] == b"1" else FrameFlag(0)
        flags |= FrameFlag.ERROR if match["error"] == b"1" else FrameFlag(0)
        length = min(int(match["length"]), FD_BYTES)
        try:
            payload = base64.b64decode(match["data"], validate=True)
        except binascii.Error as error:
            return LineFault(str(error))
        if flags & FrameFlag.REMOTE:
            payload = b""
        elif flags & FrameFlag.ERROR:
            length = min(length, len(payload))
        elif len(payload) < length:
            return LineFault(f"found {len(payload)} bytes of data, expected {length}")
        elif len(payload) > FD_BYTES:
            return LineFault(f"found {len(payload)} bytes of data, expected {FD_BYTES} at most")
        return LineFrame(
            float(match["time"]), int(match["id"], 16), int(flags), length, payload[:length], ""
        )

    def is_whole(self, line: bytes) -> bool:
        """Tell that no line without an end is whole: it may always have been longer."""
        return not line.strip()

    def tells_length(self, line: bytes) -> bool:  # noqa: ARG002
        """Tell that each line says how long its payload is."""
        return True


class Base64Bytes:
    """Three bytes in four characters, with `=` where bytes are missing."""

    behind = 0
    """Nothing stands behind a payload."""

    def width(self, length: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return how many characters payloads of some lengths take."""
        return (length + 2) // 3 * 4

    def read(
        self, lines: TextLines, at: npt.NDArray[np.intp], length: npt.NDArray[np.intp], width: int
    ) -> tuple[npt.NDArray[np.uint8], Mask]:
        """Return shape (n, width): the bytes, zeros behind them, and where they are such."""
        groups = (width + 2) // 3
        text = lines.block.text
        everywhere = np.ndarray(
            (len(text) - 4 * groups + 1,), f"V{4 * groups}", text.data, strides=(1,)
        )
        signs = everywhere[at].view(np.uint8).reshape(-1, 4 * groups)
        # Bytes that are there take this many characters, those behind are fillers.
        told = ((4 * length + 2) // 3)[:, None]
        column = np.arange(4 * groups)
        is_filler = (column >= told) & (column < self.width(length)[:, None])
        sixes = _SIXES[signs]
        is_good = (sixes < len(_SIGNS)) | (column >= told)
        is_good &= ~is_filler | (signs == _FILLER)
        fours = np.where(column < told, sixes, 0).astype(np.uint32).reshape(-1, groups, 4)
        bits = fours[:, :, 0] << 18 | fours[:, :, 1] << 12 | fours[:, :, 2] << 6 | fours[:, :, 3]
        parts = np.stack((bits >> 16, bits >> 8, bits), axis=2).astype(np.uint8)
        payload = parts.reshape(-1, 3 * groups)[:, :width]
        payload *= np.arange(width) < length[:, None]
        are_good: Mask = np.logical_and.reduce(is_good, axis=1)
        return payload, are_good
