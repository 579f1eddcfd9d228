"""Our vector extraction against cantools, frame by frame, over random messages and payloads."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from cantools.database import Message, Signal
from cantools.database.conversion import BaseConversion
from cantools.database.errors import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.decoding.extraction import Mask, Payloads, physical_values, raw_values
from canlock.decoding.fields import Bits, Field, compile_field

FLOAT_LENGTHS = (16, 32, 64)
SCALES = st.one_of(
    st.sampled_from([1, 1.0, 0.1, 0.5, -0.01, 1 / 68, 1e-9, 3, 1000, -7, 2**40, 10**12]),
    st.floats(-1e6, 1e6, allow_subnormal=False),
)
OFFSETS = st.one_of(
    st.sampled_from([0, 0.0, -40, 1310, -273.15, 2**60, -(2**52) - 1, 0.5]),
    st.floats(-1e6, 1e6, allow_subnormal=False),
)
CLASSIC_LENGTHS = st.integers(1, 8)
FD_LENGTHS = st.sampled_from([12, 16, 20, 24, 32, 48, 64])


@dataclass(frozen=True)
class Case:
    message: Message
    payloads: list[bytes]

    @property
    def width(self) -> int:
        return 64 if self.message.length > 8 else 8

    def columns(self) -> Payloads:
        return to_columns(self.payloads, self.width)

    def field(self, name: str) -> Field:
        return compile_field(f"{self.message.name}.{name}", self.signal_of)

    def signal_of(self, name: str) -> Signal:
        return self.message.get_signal_by_name(name.partition(".")[2])

    def check(self) -> None:
        """Hold raw and physical values of every signal and frame equal to cantools'."""
        payloads = self.columns()
        raws = [decode(self.message, payload, is_scaled=False) for payload in self.payloads]
        values = [decode(self.message, payload, is_scaled=True) for payload in self.payloads]
        for signal in self.message.signals:
            field = self.field(signal.name)
            raw = raw_values(payloads.pattern(field.bits), field.bits)
            physical = physical_values(raw, field)
            valid = spread(payloads.valid(field), len(self.payloads))
            for row in range(len(self.payloads)):
                assert valid[row] == (signal.name in raws[row])
                if valid[row]:
                    assert is_same(raw[row].item(), raws[row][signal.name])
                    assert is_same(physical[row].item(), as_float(values[row][signal.name]))


def to_columns(payloads: list[bytes], width: int) -> Payloads:
    matrix = np.zeros((len(payloads), width), np.uint8)
    for row, payload in enumerate(payloads):
        matrix[row, : len(payload)] = list(payload)
    return Payloads(matrix, np.array([len(payload) for payload in payloads], np.uint8))


def decode(message: Message, payload: bytes, *, is_scaled: bool) -> dict[str, float]:
    found = message.decode(payload, decode_choices=False, scaling=is_scaled, allow_truncated=True)
    assert isinstance(found, dict)
    return found  # type: ignore[return-value]


def as_float(value: float) -> float:
    return float(value)


def is_same(ours: float, theirs: float) -> bool:
    return ours == theirs or (math.isnan(ours) and math.isnan(theirs))


def spread(mask: Mask, count: int) -> list[bool]:
    found: list[bool] = [True] * count if mask is None else mask.tolist()
    return found


def start_of(first: int, *, is_big_endian: bool) -> int:
    """Return the DBC's start bit of a signal that begins at a bit in reading order."""
    return 8 * (first // 8) + 7 - first % 8 if is_big_endian else first


@st.composite
def signals(draw: st.DrawFn, name: str, first: int, length: int, *, is_big_endian: bool) -> Signal:
    is_float = length in FLOAT_LENGTHS and draw(st.booleans())
    return Signal(
        name,
        start_of(first, is_big_endian=is_big_endian),
        length,
        "big_endian" if is_big_endian else "little_endian",
        is_signed=draw(st.booleans()),
        conversion=BaseConversion.factory(draw(SCALES), draw(OFFSETS), None, is_float),
    )


@st.composite
def neighbours(draw: st.DrawFn, prefix: str, bits: int, *, is_big_endian: bool) -> list[Signal]:
    """Signals of one byte order that do not overlap: cantools cannot decode others at once."""
    found: list[Signal] = []
    first = draw(st.integers(0, 9))
    while first < bits and len(found) < 6:
        longest = min(64, bits - first)
        length = draw(st.sampled_from([n for n in (1, 7, 8, 16, 32, 64) if n <= longest]))
        if draw(st.booleans()):
            length = draw(st.integers(1, longest))
        name = f"{prefix}{len(found)}"
        found.append(draw(signals(name, first, length, is_big_endian=is_big_endian)))
        first += length + draw(st.sampled_from([0, 0, 1, 5, 40]))
    return found


def payload_lists(longest: int) -> st.SearchStrategy[list[bytes]]:
    return st.lists(st.binary(min_size=0, max_size=longest), min_size=1, max_size=12)


@st.composite
def plain_cases(draw: st.DrawFn) -> Case:
    """Both byte orders in one message, overlapping each other freely."""
    length = draw(st.one_of(CLASSIC_LENGTHS, FD_LENGTHS))
    found = [
        *draw(neighbours("little", 8 * length, is_big_endian=False)),
        *draw(neighbours("big", 8 * length, is_big_endian=True)),
    ]
    message = Message(0x123, "Plain", length, found, strict=False)
    return Case(message, draw(payload_lists(64 if length > 8 else 8)))


@st.composite
def multiplexed_cases(draw: st.DrawFn) -> Case:
    """A multiplexer with pages, one of which holds a multiplexer with pages of its own."""
    pages = st.lists(st.integers(0, 15), min_size=1, max_size=9, unique=True)
    bits = draw(st.permutations(range(16)))

    def nibble(name: str, place: int) -> Signal:
        # All sixteen pages exist for cantools, which raises for others.
        choices = {page: f"page {page}" for page in range(16)}
        conversion = BaseConversion.factory(choices=choices)  # type: ignore[arg-type]
        is_big_endian = draw(st.booleans())
        start = start_of(4 * bits[place], is_big_endian=is_big_endian)
        if is_big_endian:
            return Signal(name, start, 4, "big_endian", conversion=conversion)
        return Signal(name, start, 4, "little_endian", conversion=conversion)

    def below(signal: Signal, parent: str) -> Signal:
        signal.multiplexer_signal, signal.multiplexer_ids = parent, draw(pages)
        return signal

    outer, inner = nibble("Outer", 0), nibble("Inner", 1)
    outer.is_multiplexer = inner.is_multiplexer = True
    found = [
        outer,
        below(inner, "Outer"),
        nibble("Always", 2),
        below(nibble("Page", 3), "Outer"),
        below(nibble("Nested", 4), "Inner"),
        below(nibble("NestedToo", 5), "Inner"),
    ]
    message = Message(0x1ABCDE, "Paged", 8, found, strict=False, is_extended_frame=True)
    return Case(message, draw(payload_lists(8)))


@settings(max_examples=80, deadline=None)
@given(plain_cases())
def test_raw_and_physical_values_are_those_of_cantools(case: Case) -> None:
    case.check()


@settings(max_examples=60, deadline=None)
@given(multiplexed_cases())
def test_a_multiplexed_signal_is_there_exactly_where_cantools_finds_it(case: Case) -> None:
    case.check()


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_signals_may_lie_anywhere_and_on_top_of_each_other(data: st.DataObject) -> None:
    length = data.draw(st.sampled_from([1, 2, 3, 8, 9, 12, 64]))
    payloads = data.draw(payload_lists(64 if length > 8 else 8))
    for number in range(3):
        bits = data.draw(st.integers(1, min(64, 8 * length)))
        first = data.draw(st.integers(0, 8 * length - bits))
        signal = data.draw(
            signals(f"s{number}", first, bits, is_big_endian=data.draw(st.booleans()))
        )
        Case(Message(1, "Alone", length, [signal]), payloads).check()


@pytest.mark.parametrize("length", range(56, 65))
@pytest.mark.parametrize("is_big_endian", [False, True])
def test_a_long_signal_may_reach_into_a_ninth_byte(length: int, *, is_big_endian: bool) -> None:
    payloads = [bytes((37 * n + k) % 256 for n in range(64)) for k in (0, 90, 180)]
    for first in (*range(32, 40), *range(440, 513 - length)):
        start = start_of(first, is_big_endian=is_big_endian)
        order = "big_endian" if is_big_endian else "little_endian"
        signal = Signal("Long", start, length, order, is_signed=bool(first % 2))  # type: ignore[arg-type]
        Case(Message(1, "Wide", 64, [signal]), payloads).check()


EXTENDED_MULTIPLEXING = """VERSION ""
BU_: ECU
BO_ 2147485000 Deep: 8 ECU
 SG_ Root M : 0|4@1+ (1,0) [0|0] "" ECU
 SG_ Mid m1M : 4|4@1+ (1,0) [0|0] "" ECU
 SG_ Leaf m2 : 15|12@0- (0.5,-3) [0|0] "" ECU
 SG_ Wide m0 : 32|16@1+ (1,0) [0|0] "" ECU

SG_MUL_VAL_ 2147485000 Mid Root 1-1;
SG_MUL_VAL_ 2147485000 Leaf Mid 2-3, 5-9;
SG_MUL_VAL_ 2147485000 Wide Root 0-0, 4-15;
"""


def test_extended_multiplexing_of_a_dbc_selects_by_ranges_and_through_two_levels() -> None:
    from cantools.database import Database

    database = Database()
    database.add_dbc_string(EXTENDED_MULTIPLEXING)
    message = database.get_message_by_name("Deep")
    payloads = [
        bytes([mid << 4 | root, 0xFE, 0x70, 0, 0x34, 0x12, 0, 0])
        for root in range(16)
        for mid in range(16)
    ]
    case = Case(message, payloads)
    columns = case.columns()
    leaf = spread(columns.valid(case.field("Leaf")), len(payloads))
    for row, payload in enumerate(payloads):
        root, mid = payload[0] & 15, payload[0] >> 4
        assert leaf[row] == (root == 1 and mid in {2, 3, 5, 6, 7, 8, 9})
        try:
            expected = decode(message, payload, is_scaled=False)
        except DecodeError:
            continue  # cantools gives up where a page has no signals; ours reads the rest.
        assert leaf[row] == ("Leaf" in expected)
    assert leaf.count(True) == 7
    assert case.field("Leaf").selectors[1].ranges == ((2, 3), (5, 9))


def test_a_signal_below_a_multiplexer_that_hangs_on_itself_is_never_there() -> None:
    one = Signal("One", 0, 4, is_multiplexer=True, multiplexer_ids=[0], multiplexer_signal="Two")
    two = Signal("Two", 4, 4, is_multiplexer=True, multiplexer_ids=[0], multiplexer_signal="One")
    case = Case(Message(1, "Loop", 8, [one, two]), [bytes(8)])
    assert spread(case.columns().valid(case.field("One")), 1) == [False]
    case.check()


@pytest.mark.parametrize(("length", "is_covered"), [(2, False), (3, True), (8, True)])
def test_a_frame_carries_a_signal_from_its_last_byte_on(length: int, *, is_covered: bool) -> None:
    field = Field("M.s", Bits(12, 10))
    payloads = to_columns([bytes(8), bytes(length)], 8)
    assert spread(payloads.valid(field), 2) == [True, is_covered]
    assert payloads.count_short([field]) == (0 if is_covered else 1)


def test_a_page_that_is_not_selected_cannot_be_too_short() -> None:
    case = Case(
        Message(
            1,
            "Paged",
            8,
            [
                Signal("Page", 0, 8, is_multiplexer=True),
                Signal("Far", 56, 8, multiplexer_ids=[1], multiplexer_signal="Page"),
            ],
        ),
        [b"", b"\x00\x00", b"\x01\x00", b"\x01" + bytes(7)],
    )
    short = case.columns().short([case.field("Far")])
    assert spread(short, 4) == [True, False, True, False]


def test_a_signal_behind_eight_bytes_is_in_no_classic_frame() -> None:
    field = Field("M.s", Bits(100, 8))
    payloads = to_columns([bytes(8)], 8)
    assert payloads.pattern(field.bits).tolist() == [0]
    assert spread(payloads.valid(field), 1) == [False]


def test_whole_numbers_beyond_what_a_float_holds_are_rounded_once() -> None:
    field = Field("M.s", Bits(0, 64), scale=3, offset=1)
    raw = np.array([2**63 + 1, 2**52 + 1, 5], np.uint64)
    assert physical_values(raw, field).tolist() == [float(int(r) * 3 + 1) for r in raw]
