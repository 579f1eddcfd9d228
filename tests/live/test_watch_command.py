"""`canlock watch` as it is typed: in a process of its own, and with a spy for an adapter."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import can
import jsonschema
import pytest
import typer
from live_builders import GAITER, PATIENCE_S, QASHQAI, a_channel, a_group, frames_of
from typer.testing import CliRunner

from canlock.cli.main import app
from canlock.errors import CanlockError
from canlock.reports.schema import load_live_schema
from canlock.sources.player import CapturePlayer, open_replay_bus

RUNNER = CliRunner()
VALIDATOR = jsonschema.Draft202012Validator(load_live_schema())


def lines_of(text: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        VALIDATOR.validate(line)
    return lines


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_another_process_watches_over_multicast_and_ends_cleanly(number: signal.Signals) -> None:
    group = a_group()
    command = [sys.executable, "-m", "canlock", "watch", "-i", "udp_multicast", "-c", group]
    process = subprocess.Popen(
        [*command, "--headless", "--vehicle", QASHQAI],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "silent: confirmed" in process.stderr.readline()
    try:
        bus = open_replay_bus("udp_multicast", group)
    except Exception as error:
        process.kill()
        process.communicate()
        pytest.skip(f"no multicast here: {error}")
    frames = frames_of(GAITER)
    # The first operation, 20 times as fast as it happened.
    is_early = frames.timestamp_s < frames.timestamp_s[0] + 12.0
    player = CapturePlayer([frames.take(is_early)], bus, 20.0)
    time.sleep(0.3)
    player.start()
    player.wait(PATIENCE_S)
    time.sleep(0.5)
    process.send_signal(number)
    out, errors = process.communicate(timeout=PATIENCE_S)
    bus.shutdown()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    lines = lines_of(out)
    assert lines[0]["type"] == "bus"
    assert lines[0]["bus"]["silent"]
    assert lines[-1]["type"] == "verdict"
    assert {"event", "operation"} <= {line["type"] for line in lines}
    sent = int(is_early.sum())
    last_bus = [line for line in lines if line["type"] == "bus"][-1]["bus"]
    assert last_bus["state"] == "closed"
    assert (last_bus["frames"], last_bus["dropped"]) == (sent, 0)


class SpyBus(can.BusABC):
    """An adapter that notes what is sent, and gives the frames that the test wants."""

    sent: ClassVar[list[can.Message]] = []
    opened: ClassVar[list[dict[str, Any]]] = []
    messages: ClassVar[list[can.Message]] = []

    def __init__(self, channel: str | None = None, **options: object) -> None:
        self.opened.append({"channel": channel, **options})
        super().__init__(channel or "0")
        self._left = list(self.messages)

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        if not self._left:
            time.sleep(timeout or 0.0)
            return None, True
        return self._left.pop(0), True

    def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002
        self.sent.append(msg)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> type[SpyBus]:
    """The spy, known to python-can as every interface that leads to a car."""
    module = types.ModuleType("spy_can")
    module.SpyBus = SpyBus  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spy_can", module)
    for name in can.VALID_INTERFACES - {"virtual", "udp_multicast"}:
        monkeypatch.setitem(can.interfaces.BACKENDS, name, ("spy_can", "SpyBus"))
    for name in ("sent", "opened", "messages"):
        monkeypatch.setattr(SpyBus, name, [])
    monkeypatch.setenv("CAN_INTERFACE", "socketcan")
    monkeypatch.setenv("CAN_CHANNEL", "can0")
    return SpyBus


def write_capture_of_nothing(folder: Path) -> Path:
    path = folder / "short.log"
    path.write_text("(1.000000) can0 60D#0000000000000000\n" * 3)
    return path


COMMANDS: dict[str, Callable[[Path], list[str]]] = {
    "demo": lambda _: [],
    "diagnose": lambda folder: [str(write_capture_of_nothing(folder)), "--vehicle", QASHQAI],
    "simulate": lambda folder: [
        *("--vehicle", QASHQAI, "--fault", "no-fault", "--seed", "1"),
        *("-o", str(folder / "made.log")),
    ],
    "evaluate": lambda _: ["--help"],
    "explain": lambda _: ["door-harness-open"],
    "trend": lambda folder: [str(write_capture_of_nothing(folder)), "--vehicle", QASHQAI],
    "vehicles": lambda _: [],
    "vehicle check": lambda _: [QASHQAI],
    "watch": lambda _: ["--headless", "--vehicle", QASHQAI, "--for", "0.5"],
    "replay": lambda folder: [
        str(write_capture_of_nothing(folder)),
        *("--headless", "--vehicle", QASHQAI, "--speed", "0"),
    ],
    "check-tap": lambda _: ["--vehicle", QASHQAI, "--for", "0.5"],
    "check": lambda folder: ["--plain", "--vehicle", QASHQAI, "--folder", str(folder / "kept")],
    "doctor": lambda folder: [str(folder / "no-such-port")],
}
"""What every command is driven with beside the spy. `obd` has spies of its own."""


TYPED = ("1", "", "", "q")
"""What a person types in `check`: the socket is reached, it may begin, and then it is left."""


def command_names() -> list[str]:
    group = typer.main.get_command(app)
    names: list[str] = []
    for name, command in getattr(group, "commands", {}).items():
        inner = getattr(command, "commands", None)
        names.extend([f"{name} {part}" for part in inner] if inner else [name])
    return [name for name in names if not name.startswith("obd")]


@pytest.mark.parametrize("name", command_names())
def test_no_command_sends_anything(
    name: str, spy: type[SpyBus], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = list(TYPED)
    monkeypatch.setattr(
        "canlock.cli.check_lines.TypedLines.read", lambda _: typed.pop(0) if typed else None
    )
    spy.messages = [can.Message(arbitration_id=0x358, timestamp=1.0, data=bytes(8))]
    done = RUNNER.invoke(app, [*name.split(), *COMMANDS[name](tmp_path)])
    assert done.exit_code in (0, 2) or isinstance(done.exception, CanlockError), done.output
    assert spy.sent == []
    if name in ("watch", "check-tap", "check"):
        assert len(spy.opened) == 1


@pytest.mark.parametrize("interface", ["slcan", "pcan", "kvaser"])
def test_the_adapter_is_told_to_be_silent_whatever_the_user_says(
    spy: type[SpyBus], interface: str
) -> None:
    given = ["watch", "--headless", "--vehicle", QASHQAI, "--for", "0.2", "-i", interface]
    loud = ["--bus-kwargs", "listen_only=False", "--bus-kwargs", "state=ACTIVE"]
    done = RUNNER.invoke(app, [*given, "-c", "7", "-b", "500000", *loud])
    assert done.exit_code == 0, done.output
    (opened,) = spy.opened
    assert opened["bitrate"] == 500_000
    silent = {
        "slcan": opened.get("listen_only") is True,
        "pcan": opened.get("state") is can.BusState.PASSIVE,
        "kvaser": opened.get("driver_mode") is False,
    }
    assert silent[interface]


def test_several_channels_and_settings_reach_the_driver(spy: type[SpyBus]) -> None:
    given = ["watch", "--headless", "--vehicle", QASHQAI, "--for", "0.2"]
    done = RUNNER.invoke(app, [*given, "-c", "can0,can1", "--bus-kwargs", "fd=true"])
    assert done.exit_code == 0, done.output
    assert [opened["channel"] for opened in spy.opened] == ["can0", "can1"]
    assert all(opened["fd"] is True for opened in spy.opened)
    names = {line["bus"]["name"] for line in lines_of(done.stdout) if line["type"] == "bus"}
    assert names == {"socketcan:can0", "socketcan:can1"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-i", "socketcn"], "did you mean `socketcan`"),
        (["-i", "slcan", "-c", "/nowhere"], "slcan:/nowhere cannot be opened"),
        (["-i", "virtual", "--bus-kwargs", "fd"], "expected KEY=VALUE"),
        (["-i", "virtual", "--for", "0"], "expected more than 0 seconds"),
        (["-i", "virtual", "--vehicle", "no-such-car"], "no-such-car"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments: list[str], words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "canlock", "watch", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CANLOCK_TRACEBACK": "1"},
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_live_vehicle_is_recognised_by_its_frames() -> None:
    channel = a_channel()
    bus = open_replay_bus("virtual", channel)
    player = CapturePlayer([frames_of(GAITER)], bus, 20.0)
    threading.Timer(0.5, player.start).start()
    given = ["watch", "-i", "virtual", "-c", channel, "--headless", "--for", "2.5"]
    done = RUNNER.invoke(app, given)
    player.stop()
    bus.shutdown()
    assert done.exit_code == 0, done.output
    assert QASHQAI in done.stderr
    last = lines_of(done.stdout)[-1]
    assert (last["type"], last["vehicle"]) == ("verdict", QASHQAI)


def test_a_silent_bus_ends_without_a_verdict_and_says_so() -> None:
    given = ["watch", "-i", "virtual", "-c", a_channel(), "--headless", "--for", "0.3"]
    done = RUNNER.invoke(app, given)
    assert done.exit_code == 0
    assert "no frame came" in done.stderr
    assert done.stdout == ""
