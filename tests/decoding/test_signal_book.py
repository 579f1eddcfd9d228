"""The book of all signals against cantools, on the vehicles that ship."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from cantools.database.can import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.decoding.catalogue import shipped_vehicles
from canlock.decoding.fields import Bits
from canlock.decoding.signal_book import SignalBook, compile_book, read_bits, read_pattern
from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle

VEHICLES = ("nissan-qashqai-j10", "bmw-e9x", "ford-fd1", "vw-meb")


@cache
def a_vehicle(name: str) -> tuple[LoadedVehicle, SignalBook]:
    loaded = load_vehicle(name)
    return loaded, compile_book(loaded)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(VEHICLES), st.data())
def test_a_payload_reads_as_cantools_reads_it(name: str, data: st.DataObject) -> None:
    loaded, book = a_vehicle(name)
    message: Message = data.draw(st.sampled_from(loaded.databases.messages))
    payload = data.draw(st.binary(min_size=0, max_size=8))
    expected = message.decode(payload, decode_choices=False, scaling=False, allow_truncated=True)
    known = next(one for one in book.messages if one.name == message.name)
    for signal in known.signals:
        raw = signal.read(payload)
        assert raw == expected.get(signal.name)  # type: ignore[union-attr]
        if raw is None:
            continue
        physical = message.get_signal_by_name(signal.name).conversion.raw_to_scaled(
            raw, decode_choices=False
        )
        assert isinstance(physical, int | float)
        assert math.isclose(signal.physical(raw), physical, rel_tol=1e-12)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 63), st.integers(1, 64), st.booleans(), st.booleans(), st.binary(max_size=64))
def test_bits_read_one_by_one_make_the_same_number(
    start: int, length: int, is_big_endian: bool, is_signed: bool, payload: bytes
) -> None:
    bits = Bits(start, length, is_big_endian, is_signed)
    if is_big_endian:
        order = [
            8 * (place // 8) + 7 - place % 8 for place in range(bits.first, bits.first + length)
        ]
        order.reverse()
    else:
        order = list(range(start, start + length))
    if max(place // 8 for place in order) >= len(payload):
        assert read_bits(payload, bits) is None
        return
    number = sum(
        (payload[place // 8] >> place % 8 & 1) << power for power, place in enumerate(order)
    )
    assert read_pattern(payload, bits) == number
    if is_signed and number >= 1 << (length - 1):
        number -= 1 << length
    assert read_bits(payload, bits) == number


@pytest.mark.parametrize(("length", "code"), [(16, "<f2"), (32, "<f4"), (64, "<f8")])
def test_floats_are_read_as_numpy_reads_them(length: int, code: str) -> None:
    payload = np.array([-1.5], code).tobytes()
    assert read_bits(payload, Bits(0, length, is_float=True)) == -1.5
    assert read_bits(payload[::-1], Bits(7, length, is_big_endian=True, is_float=True)) == -1.5


def test_a_mapped_value_is_named_as_its_role_names_it_and_others_by_their_choice() -> None:
    _, book = a_vehicle("nissan-qashqai-j10")
    (locked,) = book.find_signals("bcm_status.driverlocked")
    (lamp,) = book.find_signals("BrakeLamp")
    (volts,) = book.find_signals("SupplyVoltage")
    assert [locked.name_value(raw) for raw in (0, 1)] == ["unlocked", "locked"]
    assert locked.roles == ("lock.status",)
    assert lamp.name_value(1) == "On"
    assert volts.name_value(200) == "12.5 V"
    assert not volts.is_named
    assert locked.find_raw("LOCKED") == {1}
    assert locked.find_raw("shut") == frozenset()
    assert book.find_signals("NoSuchSignal") == ()


def test_signals_that_play_a_role_come_first() -> None:
    _, book = a_vehicle("nissan-qashqai-j10")
    for message in book.messages:
        has_role = [bool(signal.roles) for signal in message.signals]
        assert has_role == sorted(has_role, reverse=True)


def test_nobody_knows_what_frames_mean_without_a_vehicle() -> None:
    book = compile_book(None)
    assert book.messages == ()
    assert book.message(0x60D) is None


def test_the_vehicles_above_are_those_that_ship() -> None:
    assert {path.stem for path in shipped_vehicles()} == set(VEHICLES)
