"""The emissions monitors of service 01 PID 01: which have run since the codes were cleared.

Codes that were cleared a short while ago are no sign of health, and this is how one knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_CONTINUOUS: Final = ("misfire", "fuel system", "components")
_SPARK: Final = (
    "catalyst",
    "heated catalyst",
    "evaporative system",
    "secondary air",
    "air conditioning",
    "oxygen sensor",
    "oxygen sensor heater",
    "exhaust gas recirculation",
)
_COMPRESSION: Final = (
    "hydrocarbon catalyst",
    "NOx treatment",
    "",
    "boost pressure",
    "",
    "exhaust gas sensor",
    "particle filter",
    "exhaust gas recirculation",
)
_LAMP_BIT: Final = 0x80
_COUNT_BITS: Final = 0x7F
_DIESEL_BIT: Final = 0x08
_ANSWER: Final = bytes((0x41, 0x01))
_LENGTH: Final = 6


@dataclass(frozen=True, slots=True)
class Readiness:
    """What the engine's control unit says of its own tests."""

    is_lamp_on: bool
    """The malfunction lamp."""

    codes: int
    """Stored codes of this control unit."""

    finished: tuple[str, ...]
    unfinished: tuple[str, ...]


def read_readiness(payload: bytes) -> Readiness | None:
    """Return what `41 01 A B C D` says, or None where it is something else."""
    if len(payload) < _LENGTH or not payload.startswith(_ANSWER):
        return None
    first, second, supported, incomplete = payload[2:_LENGTH]
    names = _COMPRESSION if second & _DIESEL_BIT else _SPARK
    tests = [
        (name, bool(second >> 4 + bit & 1))
        for bit, name in enumerate(_CONTINUOUS)
        if second >> bit & 1
    ]
    tests += [
        (name, bool(incomplete >> bit & 1))
        for bit, name in enumerate(names)
        if name and supported >> bit & 1
    ]
    return Readiness(
        bool(first & _LAMP_BIT),
        first & _COUNT_BITS,
        tuple(name for name, is_open in tests if not is_open),
        tuple(name for name, is_open in tests if is_open),
    )
