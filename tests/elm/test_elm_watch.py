"""`canlock watch -i elm327`: a recorded car heard through an adapter behind a TCP port, live."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import can
import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.frames import EXTENDED_BIT, FrameBatch
from canlock.model.stream import Gap, Sample, StreamItem
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.pipeline.watching import link_notes
from canlock.sources.bus import BusReader
from canlock.sources.elm327.bus import Elm327Bus
from canlock.sources.elm327.plan import Watched
from canlock.sources.listening import VOLTAGE_EVERY_S, bus_options
from canlock.sources.session import find_session, read_session
from elm.adapter_emulator import AdapterEmulator, BusFrame, Nature, cyclic
from elm.adapter_ports import PtyAdapter, TcpAdapter
from elm.elm_analysis import frames_of, recorded

LEAD_S = 2.5
"""The adapter resets and is set up so long before the recorded car is heard."""

LOOK_S = (1.5, 3.5)
"""So long before and after the first operation the car is heard."""


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_what_is_heard_over_tcp_is_told_live_and_recorded_with_its_gaps(tmp_path: Path) -> None:
    recording, whole = recorded("qashqai-driver-door-gaiter.log")
    frames, start_s = frames_of(recording)
    first = whole.operations[0]
    from_s = first.at_s - start_s - LOOK_S[0]
    emulator = AdapterEmulator(
        traffic=[
            (LEAD_S + at_s - from_s, frame)
            for at_s, frame in frames
            if from_s <= at_s <= from_s + sum(LOOK_S)
        ]
    )
    log = tmp_path / "car.log"
    with TcpAdapter(emulator) as adapter:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "canlock", "watch", "-i", "elm327", "-c", adapter.path),
                *("--vehicle", "nissan-qashqai-j10", "--headless", "--record", str(log)),
                *("--for", str(LEAD_S + sum(LOOK_S))),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "silent: confirmed" in done.stderr
    lines = lines_of(done.stdout)
    operations = [line["operation"] for line in lines if line["type"] == "operation"]
    assert len({operation["time"] for operation in operations}) == 1
    assert operations[-1]["outcome"] == first.outcome
    assert emulator.sent_frames == []
    assert emulator.overflows == 0
    session = find_session(log)
    assert session is not None
    items = list(read_session(session))
    volts = [item for item in items if isinstance(item, Sample)]
    assert [(item.role, item.value) for item in volts] == [("supply.voltage", 12.4)]
    assert any(isinstance(item, Gap) for item in items)
    # What is diagnosed from the recording later is what was told live.
    later = diagnose_recording(find_recording(log), load_vehicle("nissan-qashqai-j10"))
    told = lines[-1]["findings"][0]
    assert (told["fault"], told["doors"]) == (later.verdict.fault, list(later.verdict.doors))
    assert told["probability"] == pytest.approx(later.verdict.probability, abs=1e-4)


def read_some(reader: BusReader, seconds: float) -> list[StreamItem]:
    stop = threading.Event()
    threading.Timer(seconds, stop.set).start()
    return list(reader.batches(stop))


FAR_APART = """schema = "canlock.vehicle/1"
name = "A car whose ids lie far apart"
dbc = ["far.dbc"]
doors = ["driver"]
[[signal]]
role = "door.ajar"
doors = ["driver"]
signal = "DOORS.Open"
values = { "0" = "closed", "1" = "open" }
[[signal]]
role = "lock.status"
doors = ["driver"]
signal = "LOCKS.Locked"
feedback = "measured"
values = { "0" = "unlocked", "1" = "locked" }
"""
DBC = """VERSION ""
NS_ :
BS_:
BU_: BCM
BO_ {doors} DOORS: 8 BCM
 SG_ Open : 0|1@1+ (1,0) [0|1] "" Vector__XXX
BO_ {locks} LOCKS: 8 BCM
 SG_ Locked : 0|1@1+ (1,0) [0|1] "" Vector__XXX
"""


def a_vehicle_file(folder: Path, doors: int, locks: int) -> Path:
    (folder / "far.dbc").write_text(DBC.format(doors=doors, locks=locks))
    path = folder / "far.toml"
    path.write_text(FAR_APART)
    return path


def test_a_plan_that_takes_turns_is_told_in_the_report(tmp_path: Path) -> None:
    vehicle = load_vehicle(a_vehicle_file(tmp_path, 0x001, 0x7FE)).vehicle
    near, far = BusFrame(0x001, bytes(8)), BusFrame(0x7FE, bytes(8))
    with PtyAdapter(AdapterEmulator(traffic=cyclic([(0.1, near), (0.1, far)]))) as adapter:
        reader = BusReader("elm327", adapter.path)
        reader.plan(vehicle)
        items = read_some(reader, 4.0)
    notes = list(link_notes([reader.status]))
    assert any("Sampled: " in note for note in notes)
    heard = {int(one) for item in items if isinstance(item, FrameBatch) for one in item.keys}
    assert heard == {0x001, 0x7FE}


def test_ids_of_29_bits_are_heard_where_the_vehicle_file_has_them(tmp_path: Path) -> None:
    wide = 0x18DA_F110
    path = a_vehicle_file(tmp_path, wide | EXTENDED_BIT, 0x18DA_F112 | EXTENDED_BIT)
    emulator = AdapterEmulator(traffic=cyclic([(0.05, BusFrame(wide, bytes(8), is_extended=True))]))
    with PtyAdapter(emulator) as adapter:
        reader = BusReader("elm327", adapter.path)
        reader.plan(load_vehicle(path).vehicle)
        items = read_some(reader, 2.5)
    assert {int(one) for item in items if isinstance(item, FrameBatch) for one in item.keys} == {
        wide | EXTENDED_BIT
    }
    assert "ATTP7" in emulator.commands


def test_whoever_says_which_ids_come_is_not_overruled() -> None:
    with (
        PtyAdapter(AdapterEmulator(Nature())) as adapter,
        can.Bus(interface="elm327", channel=adapter.path, extended=False) as bus,
    ):
        assert isinstance(bus, Elm327Bus)
        bus.watch([Watched(0x18DA_F110 | EXTENDED_BIT)])
        assert "ATTP7" not in adapter.emulator.commands


@pytest.mark.parametrize(("given", "every_s"), [({}, VOLTAGE_EVERY_S), ({"voltage_every": 5}, 5)])
def test_the_supply_is_looked_at_unless_somebody_says_how_often(
    given: dict[str, object], every_s: float
) -> None:
    assert bus_options("elm327", "/dev/ttyUSB0", options=given)["voltage_every"] == every_s
