"""Trouble codes as bytes: two for emissions codes, three and a status for UDS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

SYSTEMS: Final = "PCBU"
"""Powertrain, chassis, body, network: the two highest bits of a code (SAE J2012)."""


def spell_code(high: int, low: int) -> str:
    """Return a code as people write it: the bytes A5 62 are B2562."""
    return f"{SYSTEMS[high >> 6]}{high >> 4 & 0x3}{high & 0xF:X}{low:02X}"


def read_obd_codes(payload: bytes) -> Iterator[str]:
    """Yield the codes of an answer to service 03, 07 or 0A: `43 02 01 71 A5 62`.

    On CAN a count stands before the codes, elsewhere none does: then the bytes are in pairs. Pairs
    of zeros fill a frame and are no code.
    """
    pairs = payload[1:] if len(payload) % 2 else payload[2:]
    for high, low in zip(pairs[::2], pairs[1::2], strict=False):
        if high or low:
            yield spell_code(high, low)
