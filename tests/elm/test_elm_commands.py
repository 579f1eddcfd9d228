"""Every command that takes an adapter, against one that keeps account of all it is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from canlock.sources.session import find_session
from elm.adapter_emulator import AdapterEmulator, BusFrame, Nature, cyclic
from elm.adapter_ports import PtyAdapter

QASHQAI = "nissan-qashqai-j10"
TRAFFIC = [(0.1, BusFrame(0x60D, bytes(8))), (0.1, BusFrame(0x358, bytes(8)))]

Arguments = Callable[[str], list[str]]
COMMANDS: dict[str, Arguments] = {
    "watch": lambda port: [
        *("watch", "-i", "elm327", "-c", port, "--vehicle", QASHQAI, "--headless"),
        *("--for", "2", "--record", "car.log"),
    ],
    "check-tap": lambda port: [
        *("check-tap", "-i", "elm327", "-c", port, "--vehicle", QASHQAI, "--for", "1")
    ],
    "doctor": lambda port: [
        *("doctor", port, "--seconds", "1", "--vehicle", QASHQAI),
        *("--session", "car.session.jsonl"),
    ],
    "obd": lambda port: ["obd", port, "--record", "car.log"],
}
KEEP_A_SESSION = [name for name in COMMANDS if name != "check-tap"]


def an_adapter(nature: Nature | None = None) -> PtyAdapter:
    answering = AdapterEmulator(
        nature or Nature(), traffic=cyclic(TRAFFIC), ecu=lambda _request, _payload: [b"\x41\x00"]
    )
    return PtyAdapter(answering)


def run(name: str, port: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "canlock", *COMMANDS[name](port)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=folder,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_puts_anything_on_the_bus_unless_it_is_armed(name: str, tmp_path: Path) -> None:
    with an_adapter() as adapter:
        done = run(name, adapter.path, tmp_path)
    assert done.returncode == 0, done.stderr
    assert adapter.emulator.sent_frames == []
    assert adapter.emulator.acknowledged == 0
    # Nothing that it was told could have: all of it is a command of the adapter's own.
    assert adapter.emulator.commands
    assert {command[:2] for command in adapter.emulator.commands} <= {"AT", "ST"}


@pytest.mark.parametrize("name", KEEP_A_SESSION)
def test_every_byte_that_went_to_the_adapter_is_in_the_session_log(
    name: str, tmp_path: Path
) -> None:
    with an_adapter(Nature(stn="STN1110 v4.0.4")) as adapter:
        done = run(name, adapter.path, tmp_path)
    assert done.returncode == 0, done.stderr
    session = find_session(tmp_path / "car.log")
    assert session is not None
    records = [json.loads(line) for line in session.read_text().splitlines()]
    sent = [bytes.fromhex(one["bytes"]) for one in records if one["type"] == "sent"]
    assert b"".join(sent) == bytes(adapter.emulator.received)
    times = [one["time"] for one in records if one["type"] == "sent"]
    assert times == sorted(times)
