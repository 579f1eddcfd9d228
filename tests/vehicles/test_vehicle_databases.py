"""Each bit of a shipped database lies where its sources say."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cantools.database import Database, Message
from hypothesis import given, settings
from hypothesis import strategies as st

DBC_FOLDER = Path(__file__).parents[2] / "dbc"


def raw_values(message: Message, payload: bytes) -> dict[str, int]:
    decoded = message.decode(payload, decode_choices=False, scaling=False)
    assert isinstance(decoded, dict)
    return {name: int(str(value)) for name, value in decoded.items()}


def value_of(database: Database, frame_id: int, payload: str, signal: str) -> float:
    message = database.get_message_by_frame_id(frame_id)
    decoded = message.decode(bytes.fromhex(payload), decode_choices=False)
    assert isinstance(decoded, dict)
    return float(str(decoded[signal]))


# Bits by byte and mask, as their sources give them.

MASKS = [
    ("nissan_qashqai_j10", 0x60D, 0, 0x08, "DriverDoorOpen"),
    ("nissan_qashqai_j10", 0x60D, 0, 0x10, "PassengerDoorOpen"),
    ("nissan_qashqai_j10", 0x60D, 0, 0x20, "RearLeftDoorOpen"),
    ("nissan_qashqai_j10", 0x60D, 0, 0x40, "RearRightDoorOpen"),
    ("nissan_qashqai_j10", 0x60D, 0, 0x80, "TrunkOpen"),
    ("nissan_qashqai_j10", 0x60D, 0, 0x04, "SideLights"),
    ("nissan_qashqai_j10", 0x60D, 0, 0x02, "Headlights"),
    ("nissan_qashqai_j10", 0x60D, 1, 0x02, "IgnitionAccOrOn"),
    ("nissan_qashqai_j10", 0x60D, 1, 0x04, "IgnitionOnOrStart"),
    ("nissan_qashqai_j10", 0x60D, 1, 0x20, "LampLeft"),
    ("nissan_qashqai_j10", 0x60D, 1, 0x40, "LampRight"),
    ("nissan_qashqai_j10", 0x60D, 1, 0x08, "MainBeam"),
    ("nissan_qashqai_j10", 0x60D, 1, 0x01, "FrontFogLights"),
    ("nissan_qashqai_j10", 0x60D, 2, 0x10, "LockSummary10"),
    ("nissan_qashqai_j10", 0x60D, 2, 0x08, "LockSummary08"),
    ("nissan_qashqai_j10", 0x60D, 3, 0x02, "TrunkRequestOrBeep02"),
    ("nissan_qashqai_j10", 0x60D, 3, 0x20, "TrunkRequestOrBeep20"),
    ("nissan_qashqai_j10", 0x358, 0, 0x01, "KeyInserted"),
    ("nissan_qashqai_j10", 0x358, 5, 0x01, "DriverLocked"),
    ("nissan_qashqai_j10", 0x358, 5, 0x02, "OthersLocked"),
    ("nissan_qashqai_j10", 0x35D, 0, 0x80, "IgnitionOn"),
    ("nissan_qashqai_j10", 0x35D, 4, 0x10, "BrakeLamp"),
    ("nissan_qashqai_j10", 0x5C5, 0, 0x04, "HandBrake"),
    ("bmw_e9x", 0x2FC, 1, 0x01, "DriverOpen"),
    ("bmw_e9x", 0x2FC, 1, 0x04, "PassengerOpen"),
    ("bmw_e9x", 0x2FC, 1, 0x10, "RearDriverSideOpen"),
    ("bmw_e9x", 0x2FC, 1, 0x40, "RearPassengerSideOpen"),
    ("bmw_e9x", 0x2FC, 2, 0x01, "TrunkOpen"),
    ("bmw_e9x", 0x0FA, 0, 0x02, "DriverDown"),
    ("bmw_e9x", 0x0FA, 0, 0x04, "DriverUp"),
    ("bmw_e9x", 0x0FA, 0, 0x10, "PassengerDown"),
    ("bmw_e9x", 0x0FA, 0, 0x20, "PassengerUp"),
    ("bmw_e9x", 0x0FA, 1, 0x02, "RearDriverSideDown"),
    ("bmw_e9x", 0x0FA, 1, 0x04, "RearDriverSideUp"),
    ("bmw_e9x", 0x0FA, 1, 0x10, "RearPassengerSideDown"),
    ("bmw_e9x", 0x0FA, 1, 0x20, "RearPassengerSideUp"),
]


@pytest.mark.parametrize(("stem", "frame_id", "byte", "mask", "signal"), MASKS)
def test_a_bit_sets_its_signal_and_no_other(
    databases: dict[str, Database], stem: str, frame_id: int, byte: int, mask: int, signal: str
) -> None:
    message = databases[stem].get_message_by_frame_id(frame_id)
    payload = bytearray(message.length)
    payload[byte] = mask
    values = raw_values(message, bytes(payload))
    assert {name for name, value in values.items() if value} == {signal}


# Fields by start bit and length.

MOTOROLA = [
    (0x331, "LockStatus", 34, 2),
    (0x331, "LockRequestor", 55, 5),
    (0x331, "LockEventNumber", 47, 8),
    (0x331, "FobPressCount", 15, 8),
    (0x331, "LockInhibit", 2, 1),
    (0x331, "ChildLockMode", 56, 1),
    (0x331, "ChildLockDisplay", 7, 2),
    (0x332, "LockSwitch", 5, 2),
    (0x332, "LockSwitchCount", 15, 8),
    (0x332, "KeyCylinder", 3, 2),
    (0x332, "WindowsMoving", 1, 2),
    (0x333, "LockSwitch", 6, 2),
    (0x333, "LockSwitchCount", 15, 8),
    (0x333, "WindowsMoving", 4, 2),
    (0x3B3, "DriverAjar", 61, 1),
    (0x3B3, "PassengerAjar", 60, 1),
    (0x3B3, "RearLeftAjar", 48, 1),
    (0x3B3, "RearRightAjar", 49, 1),
    (0x3B3, "TailgateAjar", 0, 1),
    (0x3B3, "BonnetAjar", 59, 1),
    (0x3B3, "IgnitionStatus", 7, 4),
    (0x3B3, "KeyInIgnition", 11, 1),
    (0x3B3, "RightIndicatorOn", 35, 1),
    (0x3B3, "LeftIndicatorOn", 54, 1),
]
DOOR = [
    ("Open", 0, 1),
    ("Locked", 1, 1),
    ("Safe", 2, 1),
    ("Pawl", 7, 1),
    ("OuterHandle", 8, 1),
    ("InnerHandle", 9, 1),
    ("WindowUp", 20, 1),
    ("WindowAutoUp", 21, 1),
    ("WindowDown", 22, 1),
    ("WindowAutoDown", 23, 1),
    ("WindowPosition", 24, 8),
    ("WindowMovingUp", 32, 1),
    ("WindowMovingDown", 33, 1),
    ("WindowBlocked", 35, 1),
    ("WindowOverheated", 36, 1),
]
INTEL = [
    (0x583, "WantInside", 18, 1),
    (0x583, "WantOutside", 19, 1),
    (0x583, "WantSafe", 21, 1),
    (0x583, "ActualInside", 16, 1),
    (0x583, "ActualOutside", 17, 1),
    (0x583, "ActualSafe", 20, 1),
    (0x583, "DriverOpen", 24, 1),
    (0x583, "PassengerOpen", 25, 1),
    (0x583, "RearLeftOpen", 26, 1),
    (0x583, "RearRightOpen", 27, 1),
    (0x583, "TrunkOpen", 28, 1),
    (0x583, "AlarmArmed", 31, 1),
    (0x583, "FobComfortOpen", 39, 1),
    (0x583, "FobComfortClose", 40, 1),
    (0x583, "KeyNumber", 42, 4),
    (0x583, "KeyBatteryLow", 47, 1),
    (0x583, "ActualKnown", 54, 1),
    *((frame_id, *field) for frame_id in (0x3D0, 0x3CE, 0x3CF) for field in DOOR),
    (0x3D0, "KeyUnlock", 3, 1),
    (0x3D0, "KeyLock", 4, 1),
    (0x3D0, "UnlockButton", 5, 1),
    (0x3D0, "LockButton", 6, 1),
    (0x3D0, "MirrorDisplaced", 42, 1),
    (0x3D0, "MirrorMovingSideways", 43, 1),
    (0x3D0, "MirrorMovingUpDown", 44, 1),
    (0x3D0, "LockDefective", 58, 1),
    (0x3CE, "LockDefective", 4, 1),
    (0x3CF, "LockDefective", 4, 1),
    (0x3D1, "Locked", 1, 1),
    (0x3D1, "Safe", 2, 1),
    (0x366, "FlashForUnlock", 12, 1),
    (0x366, "FlashForLock", 13, 1),
    (0x5A7, "Lock", 49, 1),
    (0x5A7, "Unlock", 50, 1),
    (0x3C0, "TerminalS", 16, 1),
    (0x3C0, "Terminal15", 17, 1),
    (0x3C0, "Terminal50", 19, 1),
]


def take_intel(payload: bytes, start: int, length: int) -> int:
    """Bit n is bit n % 8 of byte n // 8; the start is the least significant bit."""
    return sum(
        ((payload[bit // 8] >> (bit % 8)) & 1) << place
        for place, bit in enumerate(range(start, start + length))
    )


def take_motorola(payload: bytes, start: int, length: int) -> int:
    """The start is the most significant bit; the next is to the right, then in the next byte."""
    value = 0
    bit = start
    for _ in range(length):
        value = value << 1 | (payload[bit // 8] >> (bit % 8)) & 1
        bit = bit + 15 if bit % 8 == 0 else bit - 1
    return value


@settings(max_examples=60)
@given(st.binary(min_size=8, max_size=8))
def test_ford_fields_lie_where_the_ford_base_database_puts_them(
    databases: dict[str, Database], payload: bytes
) -> None:
    database = databases["ford_fd1"]
    for frame_id in {frame_id for frame_id, *_ in MOTOROLA}:
        message = database.get_message_by_frame_id(frame_id)
        expected = {
            name: take_motorola(payload, start, length)
            for at, name, start, length in MOTOROLA
            if at == frame_id
        }
        assert raw_values(message, payload) == expected


@settings(max_examples=60)
@given(st.binary(min_size=8, max_size=8))
def test_meb_fields_lie_where_the_common_meb_database_puts_them(
    databases: dict[str, Database], payload: bytes
) -> None:
    database = databases["vw_meb"]
    for frame_id in {frame_id for frame_id, *_ in INTEL}:
        message = database.get_message_by_frame_id(frame_id)
        expected = {
            name: take_intel(payload, start, length)
            for at, name, start, length in INTEL
            if at == frame_id
        }
        assert raw_values(message, payload[: message.length]) == expected


# Frames that somebody has seen, or that follow from a source's formula.

FACTS = [
    # An E90, inside button: lock, unlock, nothing asked.
    ("bmw_e9x", 0x2A0, "2222180108430B03", "CommandA", 0x22),
    ("bmw_e9x", 0x2A0, "2222180108430B03", "CommandB", 0x22),
    ("bmw_e9x", 0x2A0, "2222180108430B03", "Standing", 0x18),
    ("bmw_e9x", 0x2A0, "2222180108430B03", "Count", 8),
    ("bmw_e9x", 0x2A0, "2222180108430B03", "Requestor", 0x0B),
    ("bmw_e9x", 0x2A0, "111118010A400B00", "CommandA", 0x11),
    ("bmw_e9x", 0x2A0, "111118010A400B00", "Count", 10),
    ("bmw_e9x", 0x2A0, "111118010A400B00", "Requestor", 0x0B),
    ("bmw_e9x", 0x2A0, "888888010A400B00", "CommandA", 0x88),
    ("bmw_e9x", 0x2A0, "888888010A400B00", "Count", 10),
    # A MINI, fob.
    ("bmw_e9x", 0x2A0, "2222180120630503", "Requestor", 0x05),
    ("bmw_e9x", 0x2A0, "1111180112400600", "Requestor", 0x06),
    ("bmw_e9x", 0x2A0, "333318001A440504", "CommandB", 0x33),
    # An E90's doors, trunk, key position and supply.
    ("bmw_e9x", 0x0E2, "82FFE7FCFFFFFFFF", "LockState", 2),
    ("bmw_e9x", 0x0EA, "81FFE7FDFFFFFFFF", "LockState", 1),
    ("bmw_e9x", 0x0EA, "81FFE7FDFFFFFFFF", "Contact", 0xFD),
    ("bmw_e9x", 0x0F2, "F2FF87C0FFFFFFFF", "LockState", 2),
    ("bmw_e9x", 0x0F2, "F2FF87C0FFFFFFFF", "Contact", 0xC0),
    ("bmw_e9x", 0x2FC, "83010CFFFFFFFF", "DriverOpen", 1),
    ("bmw_e9x", 0x2FC, "83010CFFFFFFFF", "TrunkOpen", 0),
    ("bmw_e9x", 0x130, "4142A10FD2", "KeyPosition", 0x41),
    ("bmw_e9x", 0x130, "4142A10FD2", "Counter", 2),
    ("bmw_e9x", 0x3B4, "36F309FCFFFFFFFF", "Voltage", (0xF336 - 0xF000) / 68),
    ("bmw_e9x", 0x3B4, "C0F300FCFFFFFFFF", "Voltage", (0xF3C0 - 0xF000) / 68),
    # Fob frames of an M3.
    ("bmw_e9x", 0x23A, "22300162", "Button", 1),
    ("bmw_e9x", 0x23A, "22300462", "Button", 4),
    ("bmw_e9x", 0x23A, "22301062", "Button", 0x10),
    ("bmw_e9x", 0x23A, "22330062", "Button", 0),
    ("bmw_e9x", 0x23A, "22330062", "KeyId", 0x22),
    ("bmw_e9x", 0x2B4, "00F2", "Flash", 0xF2),
    ("bmw_e9x", 0x3B6, "00FC", "Position", 0),
    ("bmw_e9x", 0x3B6, "50FE", "Position", 100),
    # A Taycan.
    ("vw_meb", 0x583, "0040800100484000", "DriverOpen", 1),
    ("vw_meb", 0x583, "0040800100484000", "PassengerOpen", 0),
    ("vw_meb", 0x583, "0040800100484000", "KeyNumber", 2),
    ("vw_meb", 0x583, "0040800100484000", "ActualKnown", 1),
    ("vw_meb", 0x583, "0040804000480000", "ActualKnown", 0),
    ("vw_meb", 0x3D0, "0100048280201040", "Open", 1),
    ("vw_meb", 0x3D0, "0100048280201040", "Locked", 0),
    ("vw_meb", 0x3D0, "0100048280201040", "LockDefective", 0),
    ("vw_meb", 0x3D0, "0100048280201040", "WindowPosition", 65),
    ("vw_meb", 0x3C0, "77032100", "TerminalS", 1),
    ("vw_meb", 0x3C0, "77032100", "Terminal15", 0),
    ("vw_meb", 0x3C0, "A4052300", "Terminal15", 1),
    # 12 V is 0xC0, says the source; 0.01 km/h a bit, big-endian.
    ("nissan_qashqai_j10", 0x625, "0000C0000000", "SupplyVoltage", 12.0),
    ("nissan_qashqai_j10", 0x625, "0000E6000000", "SupplyVoltage", 14.375),
    ("nissan_qashqai_j10", 0x354, "1388000000000000", "Speed", 50.0),
    ("nissan_qashqai_j10", 0x5C5, "0001E240FFFFFFFF", "Odometer", 123456),
]


@pytest.mark.parametrize(("stem", "frame_id", "payload", "signal", "expected"), FACTS)
def test_a_known_frame_reads_as_it_should(
    databases: dict[str, Database],
    stem: str,
    frame_id: int,
    payload: str,
    signal: str,
    expected: float,
) -> None:
    value = value_of(databases[stem], frame_id, payload, signal)
    assert value == pytest.approx(expected, abs=1e-9)


def test_a_full_battery_reads_twelve_volt_on_an_e90(databases: dict[str, Database]) -> None:
    value = value_of(databases["bmw_e9x"], 0x3B4, "36F309FCFFFFFFFF", "Voltage")
    assert 12.0 < value < 12.2


# What every database must be.


@pytest.mark.parametrize("path", sorted(DBC_FOLDER.glob("*.dbc")), ids=lambda path: path.stem)
def test_a_database_is_plain_ascii(path: Path) -> None:
    assert path.read_bytes().isascii()


def test_what_cantools_packs_it_unpacks(databases: dict[str, Database]) -> None:
    chance = random.Random(1)
    for database in databases.values():
        for message in database.messages:
            assert isinstance(message, Message)
            values = {signal.name: chance.getrandbits(signal.length) for signal in message.signals}
            payload = message.encode(values, scaling=False, strict=False)
            assert raw_values(message, payload) == values


def test_every_vehicle_tells_its_sources_and_its_doubts(databases: dict[str, Database]) -> None:
    for stem, database in databases.items():
        comments = [message.comment or "" for message in database.messages]
        comments += [s.comment or "" for m in database.messages for s in m.signals]
        assert any("Doubt" in comment for comment in comments), stem


def test_numbers_have_units(databases: dict[str, Database]) -> None:
    scaled = [
        (message.name, signal.name, signal.unit)
        for database in databases.values()
        for message in database.messages
        for signal in message.signals
        if signal.scale != 1
    ]
    assert scaled
    assert all(unit in ("V", "km/h", "%") for *_, unit in scaled), scaled
