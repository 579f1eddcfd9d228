"""`canlock obd`: what it asks, what it refuses, what it writes down."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from canlock.cli.obd import describe_bcm_codes, describe_generic
from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.stream import Sent, TroubleCode
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.sources.obd.generic import GenericReading
from canlock.sources.obd.readiness import Readiness
from canlock.sources.obd.status import name_status
from canlock.sources.session import find_session, read_session
from elm.adapter_emulator import AdapterEmulator
from elm.adapter_ports import PtyAdapter
from elm.test_obd_generic import VIN, Engine

pytest.importorskip("isotp", reason="can-isotp, of the extra `uds`, is not installed")

from elm.bcm_emulator import BodyComputer

DBC = """VERSION ""
NS_ :
BS_:
BU_: BCM
BO_ 1776 BCM_LID_47: 3 BCM
 SG_ DriverDoorOpen : 16|1@1+ (1,0) [0|1] "" Vector__XXX
 SG_ KeyInserted : 17|1@1+ (1,0) [0|1] "" Vector__XXX
"""

VEHICLE = """schema = "canlock.vehicle/1"
name = "A car whose bus carries no door frames"
dbc = ["polled.dbc"]
doors = ["driver"]
[[signal]]
role = "door.ajar"
doors = ["driver"]
signal = "BCM_LID_47.DriverDoorOpen"
values = { "0" = "closed", "1" = "open" }
[[signal]]
role = "key.inserted"
signal = "BCM_LID_47.KeyInserted"
values = { "0" = "no", "1" = "yes" }
[bcm]
request = 0x745
response = 0x765
protocol = "kwp"
[[poll]]
request = "21 47"
message = "BCM_LID_47"
period = 0.2
"""


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "canlock", "obd", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
    )


class Car:
    """An engine and a body computer."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.body = BodyComputer("kwp")
        self.body.inputs = 0b01

    def answer(self, request_id: int, payload: bytes) -> list[bytes]:
        if request_id == 0x745:
            # The door is shut after a while.
            self.body.inputs = 0b01 if len(self.body.asked) < 6 else 0b00
            return self.body.answer(request_id, payload)
        return self.engine.answer(request_id, payload)


def test_unarmed_only_the_adapter_is_asked(tmp_path: Path) -> None:
    car = Car()
    with PtyAdapter(AdapterEmulator(ecu=car.answer)) as adapter:
        done = run(adapter.path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "12.4 V" in done.stdout
    assert "--allow-requests" in done.stdout
    assert adapter.emulator.sent_frames == []
    assert list(tmp_path.iterdir()) == []


def test_armed_it_still_wants_to_hear_that_the_car_stands(tmp_path: Path) -> None:
    car = Car()
    with PtyAdapter(AdapterEmulator(ecu=car.answer)) as adapter:
        done = run(adapter.path, "--allow-requests", cwd=tmp_path)
    assert done.returncode == 2
    assert "--car-stands" in done.stderr
    assert adapter.emulator.sent_frames == []


def test_a_car_is_read_polled_written_down_and_can_be_diagnosed(tmp_path: Path) -> None:
    (tmp_path / "polled.dbc").write_text(DBC)
    (tmp_path / "polled.toml").write_text(VEHICLE)
    car = Car()
    with PtyAdapter(AdapterEmulator(ecu=car.answer)) as adapter:
        arguments = [
            "--allow-requests",
            "--car-stands",
            "--vehicle",
            "polled.toml",
            "--poll",
            "2.5",
        ]
        done = run(
            adapter.path, *arguments, "--poll", "2.5", "--record", "polled.log", cwd=tmp_path
        )
        on_bus = [data for _, data in adapter.emulator.sent_frames]
    assert done.returncode == 0, done.stderr
    for text in ("P0171, P0562", "P0442", "VIN:       SJN******U*******", "284B2JD00A", "KWP"):
        assert text in done.stdout
    assert VIN not in done.stdout
    log = tmp_path / "polled.log"
    assert "6F0#614701" in log.read_text()
    session = find_session(log)
    assert session is not None
    records = [json.loads(line) for line in session.read_text().splitlines()]
    assert {record["type"] for record in records} == {"sent", "sample", "dtc"}
    assert any(record.get("bytes") == "02 21 47" for record in records)
    items = list(read_session(session))
    sent = [item.payload for item in items if isinstance(item, Sent)]
    went = [data for data in on_bus if data[0] < 8]
    assert [one for one in sent if one in went] == went
    assert [one.code for one in items if isinstance(one, TroubleCode)] == [
        "P0171",
        "P0562",
        "P0442",
    ]
    loaded = load_vehicle(tmp_path / "polled.toml")
    snapshot = diagnose_recording(find_recording(log), loaded)
    states = {(state.role, state.door): state.value for state in snapshot.states}
    assert states["door.ajar", "driver"] == "closed"
    assert any(event.role == "door.ajar" and event.value == "closed" for event in snapshot.events)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "either the PORT"),
        (["/dev/x", "--poll", "3"], "--record"),
        (["-i", "virtual", "-c", "a"], "--allow-requests"),
        (["-i", "virtual", "-c", "a", "--allow-requests", "--car-stands"], "--vehicle"),
    ],
)
def test_a_call_that_makes_no_sense_is_told_what_is_missing(
    arguments: list[str], text: str, tmp_path: Path
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert text in " ".join(done.stderr.split())


def test_no_answer_is_never_told_as_no_codes() -> None:
    silent = GenericReading(12.0, None, None, None, None, None, None)
    assert "That says nothing of its codes." in describe_generic(silent, show_vin=False)[-1]
    partial = GenericReading(
        12.0, "CAN", None, 0.0, None, (), Readiness(False, 0, (), ("misfire",))
    )
    text = "\n".join(describe_generic(partial, show_vin=False))
    assert "Stored:    no answer, which is not the same as no codes" in text
    assert "Pending:   none" in text
    assert "having none says little" in text
    assert "not the same as no codes" in describe_bcm_codes(None, is_kwp=False)[0]
    assert describe_bcm_codes((), is_kwp=False) == ["BCM codes: none"]


def test_the_vin_is_masked_unless_asked_for() -> None:
    reading = GenericReading(12.0, "CAN", VIN, 0.0, (), (), None)
    assert VIN not in "\n".join(describe_generic(reading, show_vin=False))
    assert VIN in "\n".join(describe_generic(reading, show_vin=True))


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("2F", "fails now"),
        ("08", "stored, from earlier"),
        ("58", "stored, from earlier"),
        ("50", "its test has not run: says nothing"),
        ("04", "seen once"),
        ("00", "passed"),
        (None, "status not told"),
    ],
)
def test_a_status_is_told_in_words_whether_the_test_ran_first(
    status: str | None, text: str
) -> None:
    assert name_status(status) == text
