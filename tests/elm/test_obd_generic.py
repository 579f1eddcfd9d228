"""What any car tells, by python-OBD behind the gate: its known faults do not come through."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from canlock.errors import BusError
from canlock.sources.obd.gate import RequestGate, RequestRefusedError
from canlock.sources.obd.generic import GenericReading, mask_vin, read_generic
from canlock.sources.obd.protocol_guarded import forget_name, guarded_name
from canlock.sources.obd.readiness import Readiness, read_readiness
from elm.adapter_emulator import AdapterEmulator
from elm.adapter_ports import PtyAdapter

elm327 = pytest.importorskip("obd.elm327", reason="python-OBD, the extra `obd`, is not installed")

VIN = "SJNFAAJ10U1234010"
"""Its last letters are those that python-OBD takes for padding."""


class Engine:
    """An engine's control unit."""

    def __init__(self) -> None:
        self.answers = {
            "0100": "4100BE3EB811",
            "0101": "410182072100",
            "010D": "410D00",
            "0902": "490201" + VIN.encode().hex(),
            "03": "430201710562",
            "07": "47010442",
        }
        self.asked: list[str] = []

    def answer(self, _: int, payload: bytes) -> list[bytes]:
        request = payload.hex().upper()
        self.asked.append(request)
        answer = self.answers.get(request)
        return [bytes.fromhex(answer)] if answer else []


def read(engine: Engine, *, stands: bool = True) -> tuple[GenericReading, PtyAdapter, RequestGate]:
    gate = RequestGate(is_armed=True, stands=stands)
    with PtyAdapter(AdapterEmulator(ecu=engine.answer)) as adapter:
        return read_generic(adapter.path, gate), adapter, gate


@pytest.fixture(scope="module", autouse=True)
def _python_obd_sleeps_less() -> Iterator[None]:
    """It sleeps a second behind some commands, whatever the adapter says; that proves nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elm327, "time", SimpleNamespace(sleep=lambda _: time.sleep(0.02)))
        yield


@pytest.fixture(scope="module")
def healthy() -> tuple[GenericReading, PtyAdapter, RequestGate]:
    return read(Engine())


Read = tuple[GenericReading, PtyAdapter, RequestGate]


def test_voltage_speed_and_protocol_are_read(healthy: Read) -> None:
    reading = healthy[0]
    assert reading.volts == 12.4
    assert reading.speed_kmh == 0.0
    assert reading.protocol is not None
    assert "11/500" in reading.protocol


def test_the_vin_is_whole(healthy: Read) -> None:
    assert healthy[0].vin == VIN


def test_stored_and_pending_codes_are_kept_apart(healthy: Read) -> None:
    reading = healthy[0]
    assert reading.stored is not None
    assert reading.pending is not None
    assert [(one.code, one.status) for one in reading.stored] == [("P0171", "08"), ("P0562", "08")]
    assert [(one.code, one.status) for one in reading.pending] == [("P0442", "04")]
    assert {one.ecu for one in reading.stored} == {"engine"}


def test_the_readiness_is_read(healthy: Read) -> None:
    assert healthy[0].readiness == Readiness(
        True, 2, ("misfire", "fuel system", "components", "catalyst", "oxygen sensor"), ()
    )


def test_everything_that_went_on_the_bus_is_written_down(healthy: Read) -> None:
    _, adapter, gate = healthy
    noted = [item.payload for item in gate.take_sent() if item.payload[:2] not in (b"AT", b"at")]
    on_bus = [data for _, data in adapter.emulator.sent_frames]
    assert [one for one in noted if one[0] < 8] == [one for one in on_bus if one[0] < 8]
    # The adapter asks for the rest of a long answer by itself.
    asked_for_more = b"\x30\x00\x00"
    assert noted.count(asked_for_more) == on_bus.count(asked_for_more) == 1


def test_what_python_obd_would_ask_besides_does_not_leave(healthy: Read) -> None:
    _, adapter, gate = healthy
    services = {data[1] for _, data in adapter.emulator.sent_frames if data[0] < 8}
    assert services <= {0x01, 0x03, 0x07, 0x09}
    assert b"\x06\x00" in gate.refused


def test_a_silent_car_is_no_car_without_codes() -> None:
    engine = Engine()
    engine.answers.clear()
    reading = read(engine)[0]
    assert reading == GenericReading(12.4, None, None, None, None, None, None)


def test_a_unit_that_says_nothing_about_codes_has_not_said_that_it_has_none() -> None:
    engine = Engine()
    del engine.answers["03"]
    engine.answers["07"] = "4700"
    reading = read(engine)[0]
    assert reading.stored is None
    assert reading.pending == ()


def test_a_car_that_moves_is_not_asked_on() -> None:
    engine = Engine()
    engine.answers["010D"] = "410D20"
    with pytest.raises(RequestRefusedError, match="the car moves"):
        read(engine)
    assert "03" not in engine.asked
    assert "0902" not in engine.asked


def test_without_a_word_that_the_car_stands_nothing_is_asked() -> None:
    engine = Engine()
    with pytest.raises(RequestRefusedError, match="not known that it stands"):
        read(engine, stands=False)
    assert engine.asked == []


def test_a_port_without_an_adapter_is_an_error() -> None:
    master, slave = os.openpty()
    try:
        with pytest.raises(BusError, match="nothing answers as an ELM327"):
            read_generic(
                os.ttyname(slave), RequestGate(is_armed=True, stands=True), baudrate=38_400
            )
    finally:
        os.close(master)
        os.close(slave)


def test_the_guard_lets_no_command_out_that_writes_or_repeats() -> None:
    gate = RequestGate(is_armed=True, stands=True)
    with PtyAdapter(AdapterEmulator(ecu=Engine().answer)) as adapter:
        name = guarded_name(adapter.path, gate)
        port = serial.serial_for_url(name, timeout=0.3)
        for command in (b"04\r", b"\r", b"ATPP0CSV23\r", b"ATBRD10\r", b"ATSH745\r", b"3007\r"):
            port.write(command)
        time.sleep(0.1)
        said = port.read(200)
        port.close()
        forget_name(name)
        assert adapter.emulator.commands == []
        assert adapter.emulator.sent_frames == []
    assert said.count(b">") == 6
    assert gate.take_sent() == []


@given(st.from_regex(r"[A-HJ-NPR-Z0-9]{17}", fullmatch=True))
def test_a_masked_vin_keeps_maker_and_year_and_nothing_that_tells_cars_apart(vin: str) -> None:
    masked = mask_vin(vin)
    assert len(masked) == len(vin)
    assert masked[:3] == vin[:3]
    assert masked[9] == vin[9]
    assert set(masked[3:9] + masked[10:]) == {"*"}


def test_a_diesels_monitors_have_names_of_their_own() -> None:
    found = read_readiness(bytes.fromhex("4101000F4840"))
    assert found is not None
    assert not found.is_lamp_on
    assert found.unfinished == ("particle filter",)
    assert "boost pressure" in found.finished
    assert read_readiness(b"\x41\x00\x00\x00\x00\x00") is None
    assert replace(found, codes=1).codes == 1
