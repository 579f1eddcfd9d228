"""Numbers: counts kept as changes, measures kept as columns; and what a layout refuses."""

from __future__ import annotations

import math
import pickle
import struct

import numpy as np
import pytest
from cantools.database import Signal
from cantools.database.conversion import BaseConversion

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import compile_layout
from canlock.errors import VehicleFileError
from canlock.model.frames import FrameBatch
from canlock.model.samples import Decoded
from canlock.model.vehicle import MessageFacts, SignalMap, Vehicle

VOLTS = BaseConversion.factory(1 / 68, -0xF000 / 68)
SIGNALS = {
    "ECU.Volts": Signal("Volts", 0, 16, conversion=VOLTS),
    "ECU.Speed": Signal("Speed", 0, 32, conversion=BaseConversion.factory(is_float=True)),
    "ECU.Position": Signal("Position", 0, 8, conversion=BaseConversion.factory(0.5, 0)),
    "ECU.Long": Signal("Long", 0, 80),
    "ECU.Count": Signal("Count", 32, 8),
    "ECU.Float": Signal("Float", 0, 32, conversion=BaseConversion.factory(is_float=True)),
    "OTHER.Count": Signal("Count", 0, 8),
}
MESSAGES = (MessageFacts("ECU", 0x3B4, 8, period_s=1.0), MessageFacts("OTHER", 0x3B5, 8))
VOLTAGE = SignalMap("supply.voltage", ("ECU.Volts",))


def a_decoder(*entries: SignalMap) -> Decoder:
    vehicle = Vehicle("a-car", "A car", (), entries, MESSAGES, path="dbc/a-car.toml")
    return Decoder(vehicle, compile_layout(vehicle, SIGNALS.__getitem__))


def decode(entry: SignalMap, *frames: tuple[float, bytes]) -> Decoded:
    return a_decoder(entry).decode(a_batch(*frames))


def a_batch(*frames: tuple[float, bytes]) -> FrameBatch:
    payload = np.zeros((len(frames), 8), np.uint8)
    for row, (_, data) in enumerate(frames):
        payload[row, : len(data)] = list(data)
    return FrameBatch(
        np.array([at_s for at_s, _ in frames]),
        np.full(len(frames), 0x3B4, np.uint32),
        np.zeros(len(frames), np.uint8),
        np.full(len(frames), 8, np.uint8),
        np.zeros(len(frames), np.uint8),
        payload,
    )


def kept(decoded: Decoded) -> list[tuple[float, float]]:
    return [
        pair
        for column in decoded.measures
        for pair in zip(column.at_s.tolist(), column.value.tolist(), strict=True)
    ]


def test_a_count_is_a_state_with_its_physical_value() -> None:
    entry = SignalMap("window.position", ("ECU.Position",), ("driver",))
    decoded = decode(entry, (0.0, b"\0"), (0.1, b"\0"), (0.2, b"\3"), (0.3, b"\3"))
    assert [(s.at_s, s.value, s.previous, s.since_s) for s in decoded.samples] == [
        (0.0, 0.0, None, None),
        (0.2, 1.5, 0.0, 0.1),
    ]
    assert decoded.measures == ()


def test_a_measure_has_its_physical_value_and_no_samples() -> None:
    decoded = decode(VOLTAGE, (0.0, b"\x30\xf3"))
    assert decoded.samples == ()
    assert [column.role for column in decoded.measures] == ["supply.voltage"]
    assert kept(decoded) == [(0.0, 0xF330 * (1 / 68) + -0xF000 / 68)]


def test_a_measure_is_kept_where_it_changes_and_once_a_second() -> None:
    low, high = b"\x30\xf3", b"\x31\xf3"
    frames = [(at_s / 8, low) for at_s in range(20)]
    frames[6] = (0.75, high)
    found = [at_s for at_s, _ in kept(decode(VOLTAGE, *frames))]
    assert found == [0.0, 0.75, 0.875, 1.0, 2.0]


def test_a_measure_that_is_no_finite_number_is_dropped() -> None:
    entry = SignalMap("vehicle.speed", ("ECU.Speed",))
    speeds = [1.0, math.nan, 1.0, math.inf, 2.0, -math.inf]
    frames = [(at_s / 10, struct.pack("<f", speed)) for at_s, speed in enumerate(speeds)]
    assert kept(decode(entry, *frames)) == [(0.0, 1.0), (0.4, 2.0)]


def test_a_count_that_is_no_finite_number_is_unknown() -> None:
    entry = SignalMap("fob.count", ("ECU.Float",))
    counts = [math.nan, 3.0, math.nan, 3.0, 4.0]
    frames = [(float(at_s), struct.pack("<f", count)) for at_s, count in enumerate(counts)]
    assert [(s.value, s.previous, s.since_s) for s in decode(entry, *frames).samples] == [
        (None, None, None),
        (3.0, None, None),
        (4.0, 3.0, 3.0),
    ]


def test_two_sources_of_one_measure_make_one_column_in_frame_order() -> None:
    decoder = a_decoder(VOLTAGE, SignalMap("supply.voltage", ("ECU.Position",)))
    decoded = decoder.decode(a_batch((0.0, b"\2\xf0"), (0.1, b"\4\xf0")))
    assert len(decoded.measures) == 1
    assert [at_s for at_s, _ in kept(decoded)] == [0.0, 0.0, 0.1, 0.1]
    assert [value for _, value in kept(decoded)][1::2] == [1.0, 2.0]


def test_a_layout_survives_pickling() -> None:
    vehicle = Vehicle("a-car", "A car", (), (VOLTAGE,), MESSAGES)
    layout = compile_layout(vehicle, SIGNALS.__getitem__)
    again = pickle.loads(pickle.dumps(layout))
    assert again == layout
    assert len(kept(Decoder(vehicle, again).decode(a_batch((0.0, b"\x30\xf3"))))) == 1


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (
            SignalMap("supply.voltage", ("ECU.Volts", "ECU.Position"), line=7),
            "`supply.voltage` is a number and needs exactly one signal",
        ),
        (
            SignalMap("fob.count", ("ECU.Position",), counter="OTHER.Count", line=7),
            "counter `OTHER.Count` must be in the signal's message",
        ),
        (
            SignalMap("fob.count", ("ECU.Position",), counter="ECU.Float", line=7),
            "counter `ECU.Float` is not an integer",
        ),
        (
            SignalMap("ack.horn", ("ECU.Count",), combine="all", line=7),
            "`combine` needs `values` that name two words",
        ),
        (SignalMap("fob.id", ("ECU.Long",), line=7), "`ECU.Long` is longer than 64 bits"),
        (
            SignalMap("fob.id", ("GONE.Id",), line=7),
            "message `GONE` is not among the vehicle's",
        ),
    ],
)
def test_a_layout_names_file_and_line_of_what_it_cannot_read(entry: SignalMap, reason: str) -> None:
    with pytest.raises(VehicleFileError) as caught:
        a_decoder(entry)
    assert str(caught.value) == f"dbc/a-car.toml:7: {reason}"
