"""Frames from raw values: the way back of decoding, in columns.

A shape is what cantools has read of one message, kept as plain numbers. Rows of payload are packed
from columns of raw values with vector bit arithmetic, never frame by frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.fields import Bits
from canlock.decoding.message_facts import NOBODY
from canlock.model.frames import CLASSIC_BYTES, FD_BYTES

if TYPE_CHECKING:
    from cantools.database.can import Message, Signal

RawColumn = npt.NDArray[np.int64]

LONGEST_SIGNAL: Final = 64
"""Bits: wider signals (texts and the like) stay zero."""

_BITS_OF_INT64: Final = 63
_MS_IN_S: Final = 1000.0
_FLOATS: Final = {
    16: (np.float16, np.uint16),
    32: (np.float32, np.uint32),
    64: (np.float64, np.uint64),
}


@dataclass(frozen=True, slots=True)
class SignalShape:
    """Where one signal lies in its message, and which raw values it takes."""

    name: str
    bits: Bits
    scale: float
    offset: float
    lowest_raw: int
    """Smallest raw value that the bits, and the declared minimum, allow."""

    highest_raw: int
    initial_raw: int
    """What the database gives as start value, else 0, held within the range."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One choice of the multiplexers of a message; a plain message has one with no choice."""

    selectors: tuple[tuple[str, int], ...]
    """(multiplexer signal, raw value) of each multiplexer on the way."""

    signals: frozenset[str]
    """Signals that a frame of this variant carries, multiplexers included."""


@dataclass(frozen=True, slots=True)
class MessageShape:
    """How the payload of one message is made up."""

    name: str
    arbitration_id: int
    is_extended: bool
    is_fd: bool
    length: int
    """Bytes."""

    sender: str | None
    period_s: float | None
    """Declared cycle time; None: event-driven, or not told."""

    signals: Mapping[str, SignalShape]
    variants: tuple[Variant, ...]

    @property
    def width(self) -> int:
        """Return the bytes of a payload row: 8, or 64 for a long FD message."""
        return CLASSIC_BYTES if self.length <= CLASSIC_BYTES else FD_BYTES


def read_shape(message: Message) -> MessageShape:
    """Return the shape of a message that cantools has read.

    Signals that do not fit into the message, or into 64 bits, are left out.
    """
    signals = {
        signal.name: shape
        for signal in message.signals
        if signal.length <= LONGEST_SIGNAL
        and (shape := _read_signal(signal)).bits.end <= message.length
    }
    cycle_ms = message.cycle_time
    return MessageShape(
        name=message.name,
        arbitration_id=message.frame_id,
        is_extended=message.is_extended_frame,
        is_fd=message.is_fd or message.length > CLASSIC_BYTES,
        length=message.length,
        sender=next((sender for sender in message.senders if sender != NOBODY), None),
        period_s=cycle_ms / _MS_IN_S if cycle_ms else None,
        signals=signals,
        variants=tuple(
            Variant(variant.selectors, variant.signals & signals.keys())
            for variant in _walk_variants(message.signal_tree)
        ),
    )


def _read_signal(signal: Signal) -> SignalShape:
    scale, offset = float(signal.scale), float(signal.offset)
    if signal.is_signed:
        low, high = -(1 << (signal.length - 1)), (1 << (signal.length - 1)) - 1
    else:
        low, high = 0, (1 << min(signal.length, _BITS_OF_INT64)) - 1
    minimum, maximum = signal.minimum, signal.maximum
    if minimum is not None and maximum is not None and minimum < maximum and not signal.is_float:
        ends = sorted(round((end - offset) / (scale or 1.0)) for end in (minimum, maximum))
        low, high = max(low, ends[0]), max(low, min(high, ends[1]))
    initial = signal.raw_initial
    wanted = int(initial) if initial is not None else 0
    return SignalShape(
        name=signal.name,
        bits=Bits(
            start=signal.start,
            length=signal.length,
            is_big_endian=signal.byte_order == "big_endian",
            is_signed=signal.is_signed,
            is_float=signal.is_float,
        ),
        scale=scale,
        offset=offset,
        lowest_raw=low,
        highest_raw=high,
        initial_raw=min(max(wanted, low), high),
    )


def _walk_variants(tree: object) -> Iterator[Variant]:
    """Yield each way through a `signal_tree` of cantools: names, and dicts of multiplexers."""
    plain: list[str] = []
    branches: list[list[Variant]] = []
    for node in tree if isinstance(tree, list) else []:
        if isinstance(node, dict):
            branches.extend(list(_walk_options(*pair)) for pair in node.items())
        else:
            plain.append(str(node))
    # Multiplexers side by side are walked in step: every option of each comes up.
    steps = max((len(branch) for branch in branches), default=1)
    for step in range(steps):
        chosen = [branch[step % len(branch)] for branch in branches if branch]
        yield Variant(
            tuple(pair for variant in chosen for pair in variant.selectors),
            frozenset(plain).union(*(variant.signals for variant in chosen)),
        )


def _walk_options(selector: str, options: Mapping[int, object]) -> Iterator[Variant]:
    for value, subtree in options.items():
        for inner in _walk_variants(subtree):
            yield Variant(((selector, value), *inner.selectors), inner.signals | {selector})


def scale_to_raw(shape: SignalShape, values: npt.NDArray[np.float64]) -> RawColumn:
    """Return the raw values nearest to physical ones, held within the signal's range.

    Args:
        shape: The signal.
        values: Shape (n,), in the database's unit.

    Returns:
        Shape (n,): integers; for an IEEE float signal its bit pattern.
    """
    unscaled = (values - shape.offset) / (shape.scale or 1.0)
    if shape.bits.is_float:
        kind, pattern = _FLOATS[shape.bits.length]
        return unscaled.astype(kind).view(pattern).astype(np.uint64).view(np.int64)
    return np.clip(np.rint(unscaled), shape.lowest_raw, shape.highest_raw).astype(np.int64)


def encode_rows(
    shape: MessageShape,
    raws: Mapping[str, RawColumn | int],
    rows: int,
    variant: Variant | None = None,
) -> npt.NDArray[np.uint8]:
    """Return payloads of one message, all of one multiplexer variant.

    Args:
        shape: The message.
        raws: Raw value of each signal, one for all rows or shape (rows,). Signals left out take
            their initial value; those that the variant does not carry are passed over.
        rows: How many frames.
        variant: The choice of multiplexers; None: the first.

    Returns:
        Shape (rows, 8) or (rows, 64), zeros behind the message's length.
    """
    chosen = variant or shape.variants[0]
    columns: dict[str, RawColumn | int] = {
        name: raws.get(name, shape.signals[name].initial_raw) for name in chosen.signals
    }
    columns.update((name, raw) for name, raw in chosen.selectors if name in shape.signals)
    fixed = np.zeros((1, shape.width), np.uint8)
    for name, column in columns.items():
        if isinstance(column, int):
            _put_bits(fixed, shape.signals[name].bits, np.array([column], np.int64))
    payload = np.repeat(fixed, rows, axis=0)
    for name, column in columns.items():
        if not isinstance(column, int):
            _put_bits(payload, shape.signals[name].bits, column)
    return payload


def _put_bits(payload: npt.NDArray[np.uint8], bits: Bits, column: RawColumn) -> None:
    """Set one signal's bits, which stand at zero, in every row."""
    unsigned = column.view(np.uint64)
    for byte, bit, done, count in _spans(bits):
        part = (unsigned >> np.uint64(done)) & np.uint64((1 << count) - 1)
        payload[:, byte] |= (part << np.uint64(bit)).astype(np.uint8)


def _spans(bits: Bits) -> Iterator[tuple[int, int, int, int]]:
    """Yield (byte, its lowest bit used, bits already placed, bits placed here), lowest first."""
    done = 0
    while done < bits.length:
        if bits.is_big_endian:
            # Along the bytes, high bit first, the last bit is the least significant one.
            byte, place = divmod(bits.first + bits.length - done - 1, 8)
            count = min(place + 1, bits.length - done)
            bit = 7 - place
        else:
            byte, bit = divmod(bits.first + done, 8)
            count = min(8 - bit, bits.length - done)
        yield byte, bit, done, count
        done += count
