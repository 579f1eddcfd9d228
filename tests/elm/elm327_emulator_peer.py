"""ELM327-emulator, a program by other people, as the adapter: `make test-elm` runs this.

Its licence (CC-BY-NC-SA) keeps it out of the development tools, so the other tests do not need it.
It is a package called `elm`, as this folder is: it runs in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import islice

import can
import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.frames import FrameBatch
from canlock.model.vehicle import BcmAccess
from canlock.pipeline.analysis import Analysis
from canlock.sources.elm327.examination import examine_adapter
from canlock.sources.elm327.port import AdapterPort, is_harmless
from canlock.sources.obd.bcm import BcmReader
from canlock.sources.obd.elm_requester import open_requester
from canlock.sources.obd.gate import RequestGate, RequestRefusedError
from canlock.sources.obd.generic import read_generic
from canlock.sources.obd.polling import poll_targets, poll_until

SERVER = """
import sys
from elm import Elm, obd_message
obd_message.DTC_STORED[:] = ["0171", "0562"]
obd_message.DTC_PENDING[:] = ["0442"]
emulator = Elm(batch_mode=True)
emulator.scenario = "car"
def answer(name, request, data):
    emulator.ObdMessage["car"][name] = {
        "Request": "^" + request,
        "Header": "745",
        "Response": obd_message.iso_tp_frames(data.split(), "765"),
    }
answer("BCM_CODES", "1902FF", "59 02 FF A5 62 16 2F 95 01 13 08 C1 00 00 50")
answer("BCM_IDENTITY", "22F187", "62 F1 87 32 38 34 42 32 4A 44 30 30 41")
answer("BCM_IDENTITY_KWP", "2183", "61 83 32 38 34 42 32 4A 44 30 30 41")
answer("BCM_INPUTS", "2147", "61 47 01")
answer("BCM_SWITCHES", "2144", "61 44 61 A0 00 00 00")
answer("BCM_SESSION", "10C0", "50 C0")
answer("BCM_DEFAULT", "1081", "50 81")
answer("BCM_REFUSED", "2148", "7F 21 12")
emulator.ObdMessage["car"]["SPEED"]["Response"] = obd_message.iso_tp_frames("41 0D 00".split())
emulator.ObdMessage["car"]["SPEED"].pop("ResponseFooter", None)
with emulator as session:
    # Only now: on its way up it takes its defaults.
    emulator.set_sorted_obd_msg("car")
    print(session.get_pty(), flush=True)
    sys.stdin.read()
"""

UDS = BcmAccess(0x745, 0x765, "uds")
KWP = BcmAccess(0x745, 0x765, "kwp", session=0xC0)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pseudo-terminal behind which ELM327-emulator answers."""
    folder = tmp_path_factory.mktemp("elm327-emulator")
    with (folder / "errors.txt").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            text=True,
        )
    assert process.stdout is not None
    assert process.stdin is not None
    path = process.stdout.readline().strip()
    if not path:
        process.wait(5)
        pytest.fail((folder / "errors.txt").read_text())
    yield path
    process.stdin.close()
    process.terminate()
    process.wait(10)
    process.stdout.close()


def an_open_gate(session: int | None = None) -> RequestGate:
    return RequestGate(is_armed=True, stands=True, session=session)


def test_generic_codes_voltage_and_vin_are_read(adapter: str) -> None:
    reading = read_generic(adapter, an_open_gate(), baudrate=38_400)
    assert reading.protocol is not None
    assert reading.stored is not None
    assert [one.code for one in reading.stored] == ["P0171", "P0562"]
    assert reading.pending is not None
    assert [one.code for one in reading.pending] == ["P0442"]
    assert reading.volts is not None
    assert reading.vin is None or len(reading.vin) == 17


def test_uds_codes_of_the_bcm_are_read_with_failure_type_and_status(adapter: str) -> None:
    gate = an_open_gate()
    requester = open_requester(AdapterPort(adapter, 38_400), UDS, gate, bitrate=500_000)
    try:
        with BcmReader(requester, UDS) as reader:
            codes = reader.read_codes()
            identity = reader.read_identity()
    finally:
        requester.close()
    assert codes is not None
    assert [(one.code, one.failure_type, one.status) for one in codes] == [
        ("B2562", "16", "2F"),
        ("B1501", "13", "08"),
        ("U0100", "00", "50"),
    ]
    assert identity == "284B2JD00A"


def test_kwp_reads_run_in_the_session_of_the_vehicle_file(adapter: str) -> None:
    gate = an_open_gate(0xC0)
    requester = open_requester(AdapterPort(adapter, 38_400), KWP, gate, bitrate=500_000)
    try:
        with BcmReader(requester, KWP) as reader:
            assert reader.read_identity() == "284B2JD00A"
            assert requester.request(b"\x21\x47") == b"\x61\x47\x01"
    finally:
        requester.close()
    sent = [item.payload for item in gate.take_sent() if not is_harmless(item.payload)]
    assert sent[0] == b"\x02\x10\xc0"
    assert sent[-1] == b"\x02\x10\x81"


def test_the_switches_of_a_qashqai_are_polled_as_its_vehicle_file_says(adapter: str) -> None:
    loaded = load_vehicle("nissan-qashqai-j10")
    access = loaded.vehicle.bcm
    assert access is not None
    gate = an_open_gate(session=access.session)
    requester = open_requester(AdapterPort(adapter, 38_400), access, gate, bitrate=500_000)
    analysis = Analysis(loaded)
    try:
        with BcmReader(requester, access) as reader:
            polled = poll_until(reader, poll_targets(loaded.vehicle), lambda: False)
            for item in islice(polled, 2):
                assert isinstance(item, FrameBatch)
                analysis.take(item)
    finally:
        requester.close()
    states = {(one.role, one.door): one.value for one in analysis.detect().states}
    assert states["key.inserted", None] == "yes"
    doors = {door: states["door.ajar", door] for door in loaded.vehicle.doors}
    assert doors == {
        "driver": "open",
        "passenger": "open",
        "rear-left": "closed",
        "rear-right": "open",
        "tailgate": "open",
    }


def test_nothing_that_changes_anything_reaches_it(adapter: str) -> None:
    requester = open_requester(AdapterPort(adapter, 38_400), UDS, an_open_gate(), bitrate=500_000)
    try:
        with pytest.raises(RequestRefusedError):
            requester.request(b"\x30\x07\x00\x01")
    finally:
        requester.close()


def test_the_doctor_knows_that_it_lacks_silence(adapter: str) -> None:
    port = AdapterPort(adapter, 38_400)
    try:
        examination = examine_adapter(port, 500_000, duration_s=1.0)
    finally:
        port.close()
    assert "ELM327" in examination.adapter.banner
    assert not examination.adapter.is_silent


def test_python_can_opens_it_as_a_bus(adapter: str) -> None:
    with can.Bus(interface="elm327", channel=adapter, baudrate=38_400) as bus:
        # Its monitor is one canned reply: enough to see that lines are read, whatever they hold.
        bus.recv(0.5)
        assert bus.state is can.BusState.ACTIVE
