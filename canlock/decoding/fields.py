"""Where a signal lies in a payload and how it is read: what is kept of a cantools signal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cantools.database.can.signal import Signal

SignalLookup = Callable[[str], "Signal"]
"""`Message.Signal` -> the signal as cantools read it."""

EXACT_FACTOR: Final = 2**63
"""Whole scales and offsets up to this are kept as integers, as cantools does with all of them."""


@dataclass(frozen=True, slots=True)
class Bits:
    """The place of a raw value in a payload, in the numbering of DBC files."""

    start: int
    """Little-endian: the lowest bit. Big-endian: the highest bit, numbered as in a DBC."""

    length: int
    """1-64 bits."""

    is_big_endian: bool = False
    is_signed: bool = False
    is_float: bool = False
    """IEEE float of 16, 32 or 64 bits; then `is_signed` says nothing."""

    first: int = field(init=False, compare=False)
    """The first bit, counted the way the bytes are read: from the lowest bit of byte 0, or for
    big-endian from its highest."""

    end: int = field(init=False, compare=False)
    """How many bytes a payload must have to hold the value."""

    def __post_init__(self) -> None:
        """Work out what is asked for at every batch."""
        first = self.start
        if self.is_big_endian:
            first = 8 * (self.start // 8) + 7 - self.start % 8
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "end", (first + self.length - 1) // 8 + 1)


@dataclass(frozen=True, slots=True)
class Selector:
    """A multiplexer that must have one of some raw values for a signal to be in the frame."""

    bits: Bits
    ranges: tuple[tuple[int, int], ...]
    """Raw values, each range with both its ends; none at all: the signal is never there."""


@dataclass(frozen=True, slots=True)
class Field:
    """One signal: place, reading, conversion and the multiplexers above it."""

    name: str
    """`Message.Signal`."""

    bits: Bits
    scale: int | float = 1
    offset: int | float = 0
    selectors: tuple[Selector, ...] = ()
    """Outermost first; all must agree (nested and extended multiplexing)."""

    end: int = field(init=False, compare=False)
    """How many bytes a payload must have to hold the value and all its multiplexers."""

    def __post_init__(self) -> None:
        """Work out what is asked for at every batch."""
        ends = (self.bits.end, *(selector.bits.end for selector in self.selectors))
        object.__setattr__(self, "end", max(ends))


def compile_field(name: str, signal_of: SignalLookup) -> Field:
    """Return what is needed to read a signal, without keeping anything of cantools.

    Args:
        name: `Message.Signal`.
        signal_of: Finds a signal by such a name; the multiplexers above it are asked for too.
    """
    signal = signal_of(name)
    scale, offset = signal.scale, signal.offset
    if not signal.is_float and float(scale).is_integer() and float(offset).is_integer():
        scale, offset = _as_whole(scale), _as_whole(offset)
    return Field(name, _bits_of(signal), scale, offset, _find_selectors(name, signal, signal_of))


def _as_whole(factor: float) -> int | float:
    return int(factor) if abs(factor) <= EXACT_FACTOR else factor


def _bits_of(signal: Signal) -> Bits:
    return Bits(
        start=signal.start,
        length=signal.length,
        is_big_endian=signal.byte_order == "big_endian",
        is_signed=signal.is_signed,
        is_float=signal.is_float,
    )


def _find_selectors(name: str, signal: Signal, signal_of: SignalLookup) -> tuple[Selector, ...]:
    message = name.partition(".")[0]
    chain: list[Selector] = []
    seen = {signal.name}
    while signal.multiplexer_signal is not None:
        parent = signal_of(f"{message}.{signal.multiplexer_signal}")
        # A chain that bites its own tail, or hangs on a signal that multiplexes nothing, selects
        # no frame: cantools never decodes such a signal either.
        is_reachable = parent.is_multiplexer and parent.name not in seen
        ids = signal.multiplexer_ids if is_reachable else None
        chain.append(Selector(_bits_of(parent), _join_ranges(ids or ())))
        if not is_reachable:
            break
        seen.add(parent.name)
        signal = parent
    return tuple(reversed(chain))


def _join_ranges(values: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return whole numbers as ranges: extended multiplexing may list thousands of neighbours."""
    ranges: list[tuple[int, int]] = []
    for value in sorted(set(values)):
        if ranges and value == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], value)
        else:
            ranges.append((value, value))
    return tuple(ranges)
