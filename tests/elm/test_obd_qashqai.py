"""The body computer of a Qashqai J10, read as its shipped vehicle file says."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.snapshot import Snapshot
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.sources.session import find_session
from elm.adapter_emulator import AdapterEmulator, BusFrame, cyclic
from elm.adapter_ports import PtyAdapter

pytest.importorskip("isotp", reason="can-isotp, of the extra `uds`, is not installed")

from elm.bcm_emulator import REQUEST, BodyComputer

VEHICLE = "nissan-qashqai-j10"
KEY_IN, DRIVER_OPEN = 0x40, 0x20
OPENED_AFTER = 2
FLOW_CONTROL = 0x30
"""The first byte of a flow control of ISO-TP; lower ones begin a request."""

PATIENCE_S = 40.0


class QashqaiBody(BodyComputer):
    """Answers 21 44 in the session C0; its driver's door is opened after a while."""

    def __init__(self) -> None:
        super().__init__("kwp", session=0xC0)
        self.polls = 0

    def _read(self, payload: bytes) -> list[bytes]:
        if payload != b"\x21\x44":
            return super()._read(payload)
        self.polls += 1
        first = KEY_IN if self.polls <= OPENED_AFTER else KEY_IN | DRIVER_OPEN
        return [bytes((0x61, 0x44, first, 0, 0, 0, 0))]


def canlock(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "canlock", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
    )


def states_of(snapshot: Snapshot) -> dict[tuple[str, str | None], object]:
    return {(state.role, state.door): state.value for state in snapshot.states}


def test_its_door_switches_and_key_are_polled_recorded_and_diagnosed(tmp_path: Path) -> None:
    body = QashqaiBody()
    with PtyAdapter(AdapterEmulator(ecu=body.answer)) as adapter:
        process = canlock(
            *("obd", adapter.path, "--vehicle", VEHICLE, "--allow-requests", "--car-stands"),
            *("--poll", "5", "--record", "polled.log"),
            cwd=tmp_path,
        )
        out, errors = process.communicate(timeout=PATIENCE_S)
        sent_frames = [data for to, data in adapter.emulator.sent_frames if to == REQUEST]
    assert process.returncode == 0, errors
    assert "Polling for 5 s" in out
    assert f"`canlock diagnose polled.log --vehicle {VEHICLE}`" in out
    # Nothing but reads, in the session of the vehicle file and back to the default one; of the
    # frames that are no request, those that let a long answer go on.
    on_bus = [data[1:] for data in sent_frames if data[0] < FLOW_CONTROL]
    assert {data[:1].hex() for data in on_bus} <= {"10", "21", "3e"}
    sessions = [data.hex() for data in on_bus if data[0] == 0x10]
    assert (set(sessions), sessions[-1]) == ({"10c0", "1081"}, "1081")
    log = (tmp_path / "polled.log").read_text()
    assert "07652144#61444000000000" in log
    session = find_session(tmp_path / "polled.log")
    assert session is not None
    sent = [json.loads(line).get("bytes") for line in session.read_text().splitlines()]
    assert sent.count("02 21 44") == body.polls
    snapshot = diagnose_recording(find_recording(tmp_path / "polled.log"), load_vehicle(VEHICLE))
    states = states_of(snapshot)
    assert states["key.inserted", None] == "yes"
    assert states["door.ajar", "driver"] == "open"
    doors = ("passenger", "rear-left", "rear-right", "tailgate")
    assert {states["door.ajar", door] for door in doors} == {"closed"}
    assert [(one.role, one.door, one.value) for one in snapshot.events] == [
        ("door.ajar", "driver", "open")
    ]


def test_its_switches_are_watched_beside_a_bus_that_shows_none(tmp_path: Path) -> None:
    body = QashqaiBody()
    speed = BusFrame(0x354, bytes(8))
    emulator = AdapterEmulator(traffic=cyclic([(0.05, speed)]), ecu=body.answer)
    with PtyAdapter(emulator) as adapter:
        watch = canlock(
            *("watch", "-i", "elm327", "-c", adapter.path, "--vehicle", VEHICLE, "--headless"),
            *("--allow-requests", "--car-stands"),
            cwd=tmp_path,
        )
        deadline = time.monotonic() + PATIENCE_S
        while body.polls < OPENED_AFTER + 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        watch.terminate()
        out, errors = watch.communicate(timeout=PATIENCE_S)
    assert watch.returncode == 0, errors
    told = [json.loads(line) for line in out.splitlines()]
    events = [line["event"] for line in told if line["type"] == "event"]
    assert [(one["role"], one["door"], one["value"]) for one in events] == [
        ("door.ajar", "driver", "open")
    ]
