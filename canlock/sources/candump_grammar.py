"""What a line of a candump log looks like, and what is wrong with one that does not.

The log form is what `candump -l` and `candump -L` write (can-utils, lib.h):

    (1700000000.000000) can0 130#4142A10FD2     eight bytes at most
    (1700000000.000000) can0 12DD546C#00 T      29-bit id; sent by the host itself
    (1700000000.000000) can0 130##1004142       CAN FD: one digit of flags, 64 bytes at most
    (1700000000.000000) can0 130#R8             remote frame that asks for eight bytes
    (1700000000.000000) can0 20000080#0000      error frame
"""

from __future__ import annotations

import re
from typing import Final

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES
from canlock.sources.candump_fields import (
    ERROR_BIT,
    EXTENDED_DIGITS,
    HIGHEST_STANDARD,
    LAST_TIME_S,
    STANDARD_DIGITS,
)

LINE: Final = re.compile(
    rb"\s*\((?P<time>\d{1,16}(?:\.\d{0,16})?)\)\s+(?P<channel>[!-~]{1,64})\s+"
    rb"(?P<id>[0-9A-Fa-f]{1,8})#(?P<data>#?[!-~]*)(?:\s+(?P<direction>[RTrt]))?\s*"
)
"""A line whose parts are in place; id and data may still be wrong."""

SHAPE: Final = "`(seconds) channel id#data`"

_SCREEN_FORM: Final = re.compile(
    rb"\s*\S+\s+(?:(?:RX|TX)\s+\S+\s+\S+\s+)?[0-9A-F]{3,8}\s+\[\d+\](?:\s+\S+)*\s*"
)
_EXCERPT: Final = 60
"""Characters of a bad line that are shown."""


def is_screen_form(line: bytes) -> bool:
    """Return True for what candump shows on the screen: `can0  130   [8]  41 42 ...`."""
    return _SCREEN_FORM.fullmatch(line) is not None


def explain(line: bytes) -> str:
    """Return what is wrong with a bad line: what was found, what was expected."""
    match = LINE.fullmatch(line)
    if match is None:
        return f"found {quote(line)}, expected {SHAPE}"
    if float(match["time"]) > LAST_TIME_S:
        return f"found the time stamp {match['time'].decode()}, expected seconds since 1970 or less"
    digits, value = len(match["id"]), int(match["id"], 16)
    if digits <= STANDARD_DIGITS and value > HIGHEST_STANDARD:
        return f"found the id {match['id'].decode()}, expected 7FF at most, or eight digits"
    if digits == EXTENDED_DIGITS and value >= ERROR_BIT << 1:
        return f"found the id {match['id'].decode()}, expected 1FFFFFFF at most"
    return _explain_data(match["data"])


def quote(line: bytes) -> str:
    """Return a line as it can be shown: short, and with nothing that a terminal would obey."""
    if not line.strip():
        return "an empty line"
    text = line.strip().decode("ascii", "backslashreplace")
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[:_EXCERPT])
    return f"`{shown}{'...' if len(text) > _EXCERPT else ''}`"


def _explain_data(data: bytes) -> str:
    is_fd = data.startswith(b"#")
    digits = data[2:] if is_fd else data
    strange = re.sub(rb"[0-9A-Fa-f]", b"", digits)
    if strange:
        return f"found {quote(strange)} in the data, expected hexadecimal digits only"
    if len(digits) % 2:
        return f"found {len(digits)} digits of data, expected two a byte"
    most = FD_BYTES if is_fd else CLASSIC_BYTES
    if len(digits) > 2 * most:
        return f"found {len(digits) // 2} bytes of data, expected {most} at most"
    return f"found {quote(data)} behind the id, expected the flags of a CAN FD frame"
