"""The gate: reads pass, and nothing else, and nothing at all while the car moves."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.model.stream import Sent
from canlock.sources.obd.gate import (
    SPACING_S,
    SPEED_FRESH_S,
    STANDING_KMH,
    RequestGate,
    RequestRefusedError,
)

READ_LOCAL = b"\x21\x47"
SESSION = 0xC0


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.at_s = 100.0
        self.slept_s: list[float] = []

    def now(self) -> float:
        return self.at_s

    def sleep(self, duration_s: float) -> None:
        self.slept_s.append(duration_s)
        self.at_s += duration_s


def a_gate(
    clock: Clock | None = None, *, is_armed: bool = True, stands: bool = True
) -> RequestGate:
    clock = clock or Clock()
    return RequestGate(
        is_armed=is_armed, stands=stands, session=SESSION, clock=clock.now, sleep=clock.sleep
    )


def test_without_arming_nothing_passes() -> None:
    with pytest.raises(RequestRefusedError, match="--allow-requests"):
        a_gate(is_armed=False).pass_request(READ_LOCAL, is_obd=False)


@pytest.mark.parametrize(
    "payload",
    ["10 01", "10 81", "10 C0", "19 02 FF", "21 47", "22 F1 90", "3E", "3E 00", "3E 80"],
)
def test_reads_of_a_control_unit_pass(payload: str) -> None:
    gate = a_gate()
    request = bytes.fromhex(payload)
    gate.pass_request(request, is_obd=False)
    assert gate.take_sent() == [Sent(100.0, bytes([len(request)]) + request)]


@pytest.mark.parametrize("service", [0x01, 0x02, 0x03, 0x07, 0x09, 0x0A])
def test_reads_of_the_emissions_side_pass(service: int) -> None:
    a_gate().pass_request(bytes([service, 0x00]), is_obd=True)


@given(st.binary(max_size=12), st.booleans())
def test_whatever_is_asked_only_the_services_of_the_contract_pass(
    payload: bytes, is_obd: bool
) -> None:
    clock = Clock()
    gate = a_gate(clock)
    try:
        gate.pass_request(payload, is_obd=is_obd)
    except RequestRefusedError:
        assert gate.take_sent() == []
        assert gate.refused == ([payload] if payload or gate.refused else [])
        return
    if is_obd:
        assert payload[0] in {0x01, 0x02, 0x03, 0x07, 0x09, 0x0A}
    else:
        assert payload[0] in {0x10, 0x19, 0x21, 0x22, 0x3E}
    if not is_obd and payload[0] == 0x10:
        assert payload in (b"\x10\x01", b"\x10\x81", b"\x10\xc0")


@pytest.mark.parametrize(
    ("payload", "is_obd"),
    [
        pytest.param("04", True, id="clear codes"),
        pytest.param("08 00", True, id="control of on-board systems"),
        pytest.param("14 FF FF FF", False, id="clear codes of a unit"),
        pytest.param("30 07 00 01", False, id="lock or unlock, KWP"),
        pytest.param("2F 01 02 03", False, id="input and output control"),
        pytest.param("31 01 FF 00", False, id="routine"),
        pytest.param("2E F1 90 00", False, id="write"),
        pytest.param("27 01", False, id="security"),
        pytest.param("11 01", False, id="reset"),
        pytest.param("10 02", False, id="programming session"),
        pytest.param("10 85", False, id="programming session, KWP"),
        pytest.param("10 03", False, id="a session that the vehicle file does not name"),
        pytest.param("21 47 00 00 00 00 00 00", False, id="more than a frame"),
        pytest.param("03", False, id="an emissions service to another unit"),
    ],
)
def test_what_changes_anything_does_not_pass(payload: str, is_obd: bool) -> None:
    gate = a_gate()
    with pytest.raises(RequestRefusedError, match="nothing but reads"):
        gate.pass_request(bytes.fromhex(payload), is_obd=is_obd)
    assert gate.take_sent() == []


@pytest.mark.parametrize("session", [0x02, 0x85])
def test_a_vehicle_file_cannot_name_a_programming_session(session: int) -> None:
    with pytest.raises(RequestRefusedError, match="never opens"):
        RequestGate(is_armed=True, session=session)


def test_an_unknown_speed_is_a_moving_car() -> None:
    gate = a_gate(stands=False)
    with pytest.raises(RequestRefusedError, match="not known that it stands"):
        gate.pass_request(READ_LOCAL, is_obd=False)


@pytest.mark.parametrize(
    ("speed_kmh", "is_moving"), [(0.0, False), (STANDING_KMH, False), (STANDING_KMH + 0.1, True)]
)
def test_a_known_speed_decides(speed_kmh: float, is_moving: bool) -> None:
    gate = a_gate(stands=False)
    gate.note_speed(speed_kmh)
    assert gate.is_moving == is_moving


def test_a_speed_grows_old() -> None:
    clock = Clock()
    gate = a_gate(clock, stands=False)
    gate.note_speed(0.0)
    clock.at_s += SPEED_FRESH_S
    assert not gate.is_moving
    clock.at_s += 0.1
    assert gate.is_moving


def test_a_car_that_moved_is_not_believed_to_stand_because_somebody_once_said_so() -> None:
    clock = Clock()
    gate = a_gate(clock)
    told = []
    for speed_kmh, after_s in ((30.0, 60.0), (0.0, 0.0), (0.0, SPEED_FRESH_S + 0.1)):
        gate.note_speed(speed_kmh)
        clock.at_s += after_s
        told.append(gate.is_moving)
    assert told == [True, False, True]


def test_requests_keep_their_distance() -> None:
    clock = Clock()
    gate = a_gate(clock)
    for _ in range(11):
        gate.pass_request(READ_LOCAL, is_obd=False)
    assert clock.at_s >= 100.0 + 10 * SPACING_S - 1e-9
    times = [item.at_s for item in gate.take_sent()]
    assert all(b - a >= SPACING_S - 1e-9 for a, b in pairwise(times))
