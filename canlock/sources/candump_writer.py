"""Writes candump logs from columns: the same frames always give the same bytes.

Time stamps have microseconds and ten digits of seconds, as `candump -l` writes them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import FrameBatch, FrameFlag
from canlock.sources.candump_fields import ERROR_BIT, EXTENDED_DIGITS, STANDARD_DIGITS

_HEXADECIMAL: Final = np.frombuffer(b"0123456789ABCDEF", np.uint8)
_BUS_ERROR: Final = 0x80
"""Class bit that python-can wants to see in an error frame (linux/can/error.h)."""

_PAIRS: Final = np.array([f"{byte:02X}".encode() for byte in range(256)]).view("<u2")
"""Indexed by a byte: the two characters that spell it."""

_FOURS: Final = np.char.zfill(np.arange(10_000).astype("S4"), 4).view("<u4")
"""Indexed by a number: the four characters that spell it."""

_TIME_DIGITS: Final = 20
_MICROSECOND_DIGITS: Final = 6
_USUAL_DIGITS: Final = 10 + _MICROSECOND_DIGITS
_NO_CHANNEL: Final = "can0"
_ROWS: Final = 1 << 13
"""Lines that are made at once."""

_Text = npt.NDArray[np.uint8]
_Field = tuple[_Text, npt.NDArray[np.bool_] | bool]
"""Characters of shape (n, width) or (width,), and which of them are there."""


def candump_lines(batch: FrameBatch) -> bytes:
    """Return the lines of some frames."""
    parts = [
        _lines(batch.take(slice(start, start + _ROWS))) for start in range(0, len(batch), _ROWS)
    ]
    return b"".join(parts)


def _lines(batch: FrameBatch) -> bytes:
    is_error = (batch.flags & FrameFlag.ERROR) > 0
    is_remote = (batch.flags & FrameFlag.REMOTE) > 0
    is_fd = (batch.flags & FrameFlag.FD) > 0
    is_sent = (batch.flags & FrameFlag.TRANSMITTED) > 0
    fields = [
        _constant("("),
        *_time(batch.timestamp_s),
        _constant(") "),
        _channel(batch),
        _constant(" "),
        _identifier(batch, is_error),
        _constant("#"),
        (_characters("#"), (is_fd & ~is_remote)[:, None]),
        (_HEXADECIMAL[_fd_bits(batch)][:, None], (is_fd & ~is_remote)[:, None]),
        (_characters("R"), is_remote[:, None]),
        (_HEXADECIMAL[batch.length & 0xF][:, None], (is_remote & (batch.length > 0))[:, None]),
        _payload(batch, is_remote),
        (_characters(" T"), is_sent[:, None]),
        _constant("\n"),
    ]
    widths = [field.shape[-1] for field, _ in fields]
    text = np.empty((len(batch), sum(widths)), np.uint8)
    is_there = np.empty(text.shape, np.bool_)
    column = 0
    for (field, mask), width in zip(fields, widths, strict=True):
        text[:, column : column + width] = field
        is_there[:, column : column + width] = mask
        column += width
    return text[is_there].tobytes()


def _characters(text: str) -> _Text:
    return np.frombuffer(text.encode("ascii"), np.uint8)


def _constant(text: str) -> _Field:
    return _characters(text), True


def _time(timestamp_s: npt.NDArray[np.float64]) -> tuple[_Field, _Field, _Field]:
    # A float holds microseconds exactly until the year 2255; rounding finds them again.
    microseconds = np.rint(timestamp_s * 1e6).astype(np.int64)
    fours = np.empty((len(timestamp_s), _TIME_DIGITS // 4), "<u4")
    left = microseconds
    for column in range(fours.shape[1] - 1, -1, -1):
        left, four = np.divmod(left, 10_000)
        fours[:, column] = _FOURS[four]
    text = fours.view(np.uint8)
    seconds = _TIME_DIGITS - _MICROSECOND_DIGITS
    is_there = np.ones((len(timestamp_s), seconds), np.bool_)
    for column in range(_TIME_DIGITS - _USUAL_DIGITS):
        is_there[:, column] = microseconds >= 10 ** (_TIME_DIGITS - 1 - column)
    return (text[:, :seconds], is_there), _constant("."), (text[:, seconds:], True)


def _channel(batch: FrameBatch) -> _Field:
    names = [_channel_name(name).encode("ascii") for name in batch.channels]
    width = max(map(len, names))
    table = np.frombuffer(b"".join(name.ljust(width, b"\0") for name in names), np.uint8)
    text = table.reshape(len(names), width)[batch.channel]
    return text, text > 0


def _channel_name(name: str) -> str:
    """Return a channel's name as a candump log can hold it; python-can's numbers become names."""
    if name.isascii() and name.isdigit():
        return f"can{name}"
    kept = "".join(c if c.isascii() and c.isprintable() and c != " " else "_" for c in name)
    return kept or _NO_CHANNEL


def _identifier(batch: FrameBatch, is_error: npt.NDArray[np.bool_]) -> _Field:
    is_nameless = is_error & (batch.arbitration_id == 0)
    value = batch.arbitration_id | is_error * np.uint32(ERROR_BIT)
    value |= is_nameless * np.uint32(_BUS_ERROR)
    text = _PAIRS[value.astype(">u4").view(np.uint8)].view(np.uint8).reshape(-1, EXTENDED_DIGITS)
    is_wide = is_error | ((batch.flags & FrameFlag.EXTENDED) > 0)
    is_low = np.arange(EXTENDED_DIGITS) >= EXTENDED_DIGITS - STANDARD_DIGITS
    return text, is_wide[:, None] | is_low


def _fd_bits(batch: FrameBatch) -> npt.NDArray[np.uint8]:
    is_switched = (batch.flags & np.uint8(FrameFlag.BITRATE_SWITCH)) > 0
    is_passive = (batch.flags & np.uint8(FrameFlag.ERROR_STATE)) > 0
    return is_switched * np.uint8(1) | is_passive * np.uint8(2)


def _payload(batch: FrameBatch, is_remote: npt.NDArray[np.bool_]) -> _Field:
    text = _PAIRS[batch.payload].view(np.uint8)
    digits = np.where(is_remote, np.uint8(0), batch.length * np.uint8(2))
    return text, np.arange(text.shape[1], dtype=np.uint8) < digits[:, None]
