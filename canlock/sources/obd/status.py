"""What the status byte of a trouble code says, in words (ISO 14229-1)."""

from __future__ import annotations

from typing import Final

FAILED_NOW: Final = 0x01
PENDING: Final = 0x04
CONFIRMED: Final = 0x08
NOT_RUN: Final = 0x10 | 0x40
"""Its test has not run since the codes were cleared, or not in this drive."""


def name_status(status: str | None) -> str:
    """Return what a status byte of two hexadecimal digits says.

    First whether its test ran at all: where it did not, nothing else counts.
    """
    if status is None:
        return "status not told"
    bits = int(status, 16)
    if bits & FAILED_NOW:
        return "fails now"
    if bits & NOT_RUN and not bits & CONFIRMED:
        return "its test has not run: says nothing"
    if bits & CONFIRMED:
        return "stored, from earlier"
    return "seen once" if bits & PENDING else "passed"
