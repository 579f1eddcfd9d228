"""What the vector encoder packs is what cantools packs."""

from __future__ import annotations

import random

import cantools
import numpy as np
import pytest
from cantools.database import Database, Message
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.decoding.encoder import encode_rows, read_shape, scale_to_raw

MULTIPLEXED = """
VERSION ""
NS_ :
BS_:
BU_: ECU
BO_ 100 Plain: 8 ECU
 SG_ A : 0|3@1+ (1,0) [0|0] "" X
BO_ 2364540158 Mux: 8 ECU
 SG_ Page M : 0|4@1+ (1,0) [0|0] "" X
 SG_ Always : 8|8@1+ (1,0) [0|0] "" X
 SG_ One m1 : 16|12@1+ (1,0) [0|0] "" X
 SG_ Two m2 : 16|12@1- (1,0) [0|0] "" X
"""


def load(text: str) -> Database:
    database = cantools.database.load_string(text)
    assert isinstance(database, Database)
    return database


@st.composite
def random_messages(draw: st.DrawFn) -> Message:
    """One message of signals of both byte orders that do not overlap."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    length = draw(st.sampled_from([1, 3, 8, 12, 64]))
    lines: list[str] = []
    free = length * 8
    place = 0
    while place < free and len(lines) < 12:
        place += chance.choice([0, 0, 1, 5])
        bits = min(chance.choice([1, 2, 5, 8, 11, 16, 24, 33, 63]), free - place)
        if bits <= 0:
            break
        sign = chance.choice("+-") if bits > 1 else "+"
        if draw(st.booleans()):
            lines.append(f' SG_ S{len(lines)} : {place}|{bits}@1{sign} (1,0) [0|0] "" X')
            place += bits
        else:
            # A Motorola signal in whole bytes cannot run into its Intel neighbours.
            first = -(-place // 8) * 8
            bits = min(bits, free - first)
            if bits <= 0:
                break
            lines.append(f' SG_ S{len(lines)} : {first + 7}|{bits}@0{sign} (1,0) [0|0] "" X')
            place = -(-(first + bits) // 8) * 8
    text = "\n".join(
        ['VERSION ""', "NS_ :", "BS_:", "BU_: E", f"BO_ 100 M: {length} E", *lines, ""]
    )
    return load(text).messages[0]


@settings(max_examples=80, deadline=None)
@given(random_messages(), st.integers(0, 2**32))
def test_a_packed_row_is_what_cantools_encodes(message: Message, seed: int) -> None:
    shape = read_shape(message)
    chance = random.Random(seed)
    rows = [
        {
            name: chance.randint(signal.lowest_raw, signal.highest_raw)
            for name, signal in shape.signals.items()
        }
        for _ in range(3)
    ]
    columns = {name: np.array([row[name] for row in rows]) for name in shape.signals}

    payload = encode_rows(shape, columns, 3)

    for row, packed in zip(rows, payload, strict=True):
        assert packed[: shape.length].tobytes() == message.encode(row, scaling=False)
        assert not packed[shape.length :].any()


@pytest.mark.parametrize("page", [1, 2])
def test_each_page_of_a_multiplexed_message_is_what_cantools_encodes(page: int) -> None:
    message = load(MULTIPLEXED).get_message_by_name("Mux")
    shape = read_shape(message)
    variant = next(each for each in shape.variants if ("Page", page) in each.selectors)
    values = {"Always": 77, "One": 0x5A5, "Two": -3}

    payload = encode_rows(shape, values, 2, variant)

    carried = {name: values[name] for name in variant.signals if name in values}
    expected = message.encode({"Page": page, **carried}, scaling=False)
    assert [row.tobytes() for row in payload] == [expected, expected]
    assert shape.is_extended
    assert shape.arbitration_id == 2364540158 - 0x8000_0000


def test_a_physical_value_beyond_the_bits_is_held_at_their_end() -> None:
    text = """
VERSION ""
NS_ :
BS_:
BU_: E
BO_ 100 M: 8 E
 SG_ Volts : 0|7@1+ (0.0625,0) [0|0] "V" X
 SG_ Degrees : 8|8@1- (0.5,-10) [-20|20] "degC" X
"""
    shape = read_shape(load(text).messages[0])

    assert scale_to_raw(shape.signals["Volts"], np.array([-1.0, 5.0, 99.0])).tolist() == [
        0,
        80,
        127,
    ]
    assert scale_to_raw(shape.signals["Degrees"], np.array([-99.0, 0.0, 99.0])).tolist() == [
        -20,
        20,
        60,
    ]


def test_an_ieee_float_is_packed_as_cantools_packs_it() -> None:
    text = """
VERSION ""
NS_ :
BS_:
BU_: E
BO_ 100 M: 8 E
 SG_ Volts : 0|32@1- (1,0) [0|0] "V" X
SIG_VALTYPE_ 100 Volts : 1;
"""
    message = load(text).messages[0]
    shape = read_shape(message)

    raw = scale_to_raw(shape.signals["Volts"], np.array([12.4]))

    assert encode_rows(shape, {"Volts": raw}, 1)[0].tobytes() == message.encode({"Volts": 12.4})
