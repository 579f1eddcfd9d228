"""What every message of a vehicle's databases is called and what its signals say.

The decoder reads the mapped signals of many frames; the book reads all signals of any frame, one at
a time for a person to look at, or one signal of many frames.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.extraction import Mask, Payloads, Raw, physical_values, raw_values
from canlock.decoding.fields import Bits, Field, compile_field
from canlock.decoding.layout import LONGEST_SIGNAL
from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.model.frames import frame_key

if TYPE_CHECKING:
    from cantools.database.can import Message, Signal

_FLOATS: Final = {16: "e", 32: "f", 64: "d"}
_PLACES: Final = 9
"""Significant digits of a physical value: more would be the rounding of its scale."""


@dataclass(frozen=True, slots=True, eq=False)
class BookSignal:
    """One signal, with the words for its values."""

    message: str
    key: int
    """Frame key of the message."""

    name: str
    place: Field
    unit: str = ""
    choices: Mapping[int, str] = field(default_factory=dict)
    """Raw value -> its name in the database."""

    words: Mapping[int, str] = field(default_factory=dict)
    """Raw value -> what it means to the role that the signal plays alone."""

    roles: tuple[str, ...] = ()
    """Roles that it plays, alone or with others."""

    @property
    def full_name(self) -> str:
        """Return `Message.Signal`."""
        return f"{self.message}.{self.name}"

    @property
    def is_named(self) -> bool:
        """Return whether its values have names: a state rather than a quantity."""
        return bool(self.words or self.choices)

    def word(self, raw: float) -> str | None:
        """Return the name of a raw value: what it means to its role, or its choice."""
        if not float(raw).is_integer():
            return None
        return self.words.get(int(raw), self.choices.get(int(raw)))

    def name_value(self, raw: float) -> str:
        """Return a raw value in words: its role's, its choice, or the number with its unit."""
        word = self.word(raw)
        if word is not None:
            return word
        value = self.physical(raw)
        number = str(value) if isinstance(value, int) else f"{value:.{_PLACES}g}"
        return f"{number} {self.unit}" if self.unit else number

    def physical(self, raw: float) -> int | float:
        """Return raw x scale + offset."""
        return raw * self.place.scale + self.place.offset

    def read(self, payload: bytes) -> int | float | None:
        """Return the raw value in a payload; None where it is too short or has another page."""
        for selector in self.place.selectors:
            raw = read_bits(payload, selector.bits)
            if raw is None or not any(low <= raw <= high for low, high in selector.ranges):
                return None
        return read_bits(payload, self.place.bits)

    def read_rows(
        self, payload: npt.NDArray[np.uint8], length: npt.NDArray[np.uint8]
    ) -> tuple[Raw, Mask]:
        """Return shape (n,) each: raw values, and which of n frames carry one (None: all)."""
        payloads = Payloads(payload, length)
        bits = self.place.bits
        return raw_values(payloads.pattern(bits), bits), payloads.valid(self.place)

    def physical_rows(self, raw: Raw) -> npt.NDArray[np.float64]:
        """Return shape (n,): physical values."""
        return physical_values(raw, self.place)

    def find_raw(self, word: str) -> frozenset[int]:
        """Return the raw values that have a name, spelt in whatever case."""
        wanted = word.casefold()
        tables = (self.words, self.choices)
        return frozenset(
            raw for table in tables for raw, name in table.items() if name.casefold() == wanted
        )


@dataclass(frozen=True, slots=True, eq=False)
class BookMessage:
    """One message."""

    name: str
    key: int
    """Frame key, see `model.frames.frame_key`."""

    signals: tuple[BookSignal, ...]
    """Those that play a role first, else in the order of the database; none of more than 64 bits.
    """

    sender: str = ""


class SignalBook:
    """The messages of a vehicle's databases by frame key; never changed after construction."""

    def __init__(self, messages: tuple[BookMessage, ...] = ()) -> None:
        """Take messages; of two with one key, the first counts."""
        self._by_key: dict[int, BookMessage] = {}
        for message in messages:
            self._by_key.setdefault(message.key, message)

    def message(self, key: int) -> BookMessage | None:
        """Return the message of a frame key; None: no database tells."""
        return self._by_key.get(key)

    @property
    def messages(self) -> tuple[BookMessage, ...]:
        """Return all messages."""
        return tuple(self._by_key.values())

    @property
    def signals(self) -> Iterator[BookSignal]:
        """Yield all signals, message by message."""
        for message in self._by_key.values():
            yield from message.signals

    def find_signals(self, name: str) -> tuple[BookSignal, ...]:
        """Return the signals of a name in whatever case: `Signal` or `Message.Signal`."""
        wanted = name.casefold()
        return tuple(
            signal
            for signal in self.signals
            if wanted in (signal.name.casefold(), signal.full_name.casefold())
        )


def compile_book(loaded: LoadedVehicle | None) -> SignalBook:
    """Return the book of a vehicle; an empty one where none is known."""
    if loaded is None:
        return SignalBook()
    return SignalBook(tuple(_compile(message, loaded) for message in loaded.databases.messages))


def read_pattern(payload: bytes, bits: Bits) -> int | None:
    """Return some bits of a payload as a plain number; None where it is too short."""
    if len(payload) < bits.end:
        return None
    if bits.is_big_endian:
        pattern = int.from_bytes(payload, "big") >> 8 * len(payload) - bits.first - bits.length
    else:
        pattern = int.from_bytes(payload, "little") >> bits.first
    return pattern & ((1 << bits.length) - 1)


def read_bits(payload: bytes, bits: Bits) -> int | float | None:
    """Return the raw value that lies at some bits of a payload; None where it is too short."""
    pattern = read_pattern(payload, bits)
    if pattern is None:
        return None
    if bits.is_float:
        unpacked: float = struct.unpack(
            f">{_FLOATS[bits.length]}", pattern.to_bytes(bits.length // 8, "big")
        )[0]
        return unpacked
    if bits.is_signed and pattern >> (bits.length - 1):
        return pattern - (1 << bits.length)
    return pattern


def _compile(message: Message, loaded: LoadedVehicle) -> BookMessage:
    names = [signal for signal in message.signals if signal.length <= LONGEST_SIGNAL]
    key = frame_key(message.frame_id, is_extended=message.is_extended_frame)
    signals = [_compile_signal(message.name, key, signal, loaded) for signal in names]
    signals.sort(key=lambda signal: not signal.roles)
    return BookMessage(
        message.name,
        key,
        tuple(signals),
        message.senders[0] if message.senders else "",
    )


def _compile_signal(message: str, key: int, signal: Signal, loaded: LoadedVehicle) -> BookSignal:
    full_name = f"{message}.{signal.name}"
    entries = [entry for entry in loaded.vehicle.signals if full_name in entry.signals]
    words: dict[int, str] = {}
    for entry in entries:
        if len(entry.signals) == 1:
            for (raw,), word in entry.values.items():
                words.setdefault(raw, word)
    return BookSignal(
        message,
        key,
        signal.name,
        compile_field(full_name, loaded.databases.signal),
        signal.unit or "",
        {int(raw): str(choice) for raw, choice in (signal.choices or {}).items()},
        words,
        tuple(dict.fromkeys(entry.role for entry in entries)),
    )
