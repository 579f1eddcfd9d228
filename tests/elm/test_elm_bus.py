"""The interface as python-can's own tools see it, over a pseudo-terminal in real time."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import can
import pytest
from can.typechecking import CanFilter

from canlock.model.frames import FrameBatch
from canlock.model.stream import Gap, Sent
from canlock.sources.bus import BusReader
from canlock.sources.elm327.bus import Elm327Bus
from canlock.sources.elm327.plan import Watched
from elm.adapter_emulator import AdapterEmulator, BusFrame, Nature, cyclic
from elm.adapter_ports import PtyAdapter

LOCK = BusFrame(0x358, bytes(range(8)))
BODY = BusFrame(0x60D, bytes(3))


def an_emulator(nature: Nature | None = None) -> AdapterEmulator:
    return AdapterEmulator(nature or Nature(), traffic=cyclic([(0.02, LOCK), (0.05, BODY)]))


@pytest.fixture
def adapter() -> Iterator[PtyAdapter]:
    with PtyAdapter(an_emulator()) as plugged:
        yield plugged


def receive(bus: can.BusABC, count: int) -> list[can.Message]:
    messages = [bus.recv(2.0) for _ in range(count)]
    return [message for message in messages if message is not None]


def test_python_can_knows_the_interface_by_its_entry_point() -> None:
    assert "elm327" in can.VALID_INTERFACES


def test_python_can_opens_reads_and_closes_it(adapter: PtyAdapter) -> None:
    with can.Bus(interface="elm327", channel=adapter.path, bitrate=500_000) as bus:
        assert isinstance(bus, Elm327Bus)
        messages = receive(bus, 20)
        assert bus.state is can.BusState.PASSIVE
        assert "silent: confirmed" in bus.channel_info
    assert {message.arbitration_id for message in messages} == {0x358, 0x60D}
    first = next(message for message in messages if message.arbitration_id == 0x358)
    assert (bytes(first.data), first.dlc, first.is_extended_id) == (LOCK.data, 8, False)
    assert abs(first.timestamp - time.time()) < 5.0
    assert adapter.emulator.sent_frames == []
    assert adapter.emulator.acknowledged == 0


def test_filters_of_python_can_go_to_the_chip_and_hold(adapter: PtyAdapter) -> None:
    filters = [{"can_id": 0x358, "can_mask": 0x7FF, "extended": False}]
    with can.Bus(interface="elm327", channel=adapter.path, can_filters=filters) as bus:
        assert {message.arbitration_id for message in receive(bus, 10)} == {0x358}
        assert adapter.emulator.commands[-3:] == ["ATCF358", "ATCM7FF", "ATMA"]
        bus.set_filters([{"can_id": 0x60D, "can_mask": 0x7FF, "extended": False}])
        receive(bus, 5)
        assert {message.arbitration_id for message in receive(bus, 5)} == {0x60D}


def test_it_refuses_to_send(adapter: PtyAdapter) -> None:
    message = can.Message(arbitration_id=0x745, data=b"\x02\x10\xc0", is_extended_id=False)
    with (
        can.Bus(interface="elm327", channel=adapter.path) as bus,
        pytest.raises(can.CanOperationError, match="only listens"),
    ):
        bus.send(message)
    assert adapter.emulator.sent_frames == []
    assert not [one for one in adapter.emulator.commands if one[0] not in "AS"]


def test_a_clone_that_does_not_confirm_its_silence_is_no_passive_bus() -> None:
    with (
        PtyAdapter(an_emulator(Nature(unknown=frozenset({"ATCSM"})))) as clone,
        can.Bus(interface="elm327", channel=clone.path) as bus,
    ):
        assert bus.state is can.BusState.ACTIVE


def test_a_port_that_is_not_there_is_python_cans_own_error() -> None:
    with pytest.raises(can.CanInitializationError, match="no such port"):
        can.Bus(interface="elm327", channel="/dev/ttyNOWHERE")


def test_trouble_comes_as_an_error_frame_whatever_the_filters() -> None:
    emulator = AdapterEmulator(traffic=cyclic([(0.02, LOCK)]), fails_after=5)
    filters = [{"can_id": 0x358, "can_mask": 0x7FF, "extended": False}]
    with (
        PtyAdapter(emulator) as failing,
        can.Bus(interface="elm327", channel=failing.path, can_filters=filters) as bus,
    ):
        messages = receive(bus, 6)
        assert [message.is_error_frame for message in messages] == [False] * 5 + [True]
        emulator.fails_after = None
        assert bus.recv(2.0) is not None


def test_a_pulled_cable_is_python_cans_own_error_and_closing_is_quiet(adapter: PtyAdapter) -> None:
    bus = can.Bus(interface="elm327", channel=adapter.path)
    receive(bus, 3)
    adapter.unplug()
    with pytest.raises(can.CanOperationError):
        receive(bus, 1000)
    bus.shutdown()


def test_a_reader_goes_on_after_the_adapter_was_pulled_and_put_back(tmp_path: Path) -> None:
    link = tmp_path / "adapter"
    first = PtyAdapter(an_emulator())
    link.symlink_to(first.path)
    reader = BusReader("elm327", str(link), bitrate=500_000)
    stop = threading.Event()
    frames: list[FrameBatch] = []
    gaps: list[Gap] = []
    second: PtyAdapter | None = None
    deadline = time.monotonic() + 15.0
    try:
        for item in reader.batches(stop, has_ticks=True):
            if isinstance(item, Gap):
                gaps.append(item)
            elif isinstance(item, FrameBatch) and len(item):
                frames.append(item)
            if len(frames) == 3 and second is None:
                first.unplug()
                second = PtyAdapter(an_emulator())
                link.unlink()
                link.symlink_to(second.path)
            if (gaps and reader.status.reopened) or time.monotonic() > deadline:
                stop.set()
    finally:
        if second is not None:
            second.unplug()
    assert gaps
    assert gaps[0].until_s > gaps[0].at_s
    assert reader.status.reopened >= 1


def test_the_messages_of_a_vehicle_are_planned_for(adapter: PtyAdapter) -> None:
    watch = [Watched(0x358, 8, 0.02), Watched(0x60D, 3, 0.05)]
    with Elm327Bus(adapter.path, watch=watch) as bus:
        receive(bus, 10)
        assert bus.plan.kind == "complete"
        assert bus.counts["frames"] >= 10
        sent = [item.payload for item in bus.take_side_items() if isinstance(item, Sent)]
        assert sent[-1] == b"ATMA\r"


def test_what_is_wanted_can_be_told_when_the_vehicle_is_known(adapter: PtyAdapter) -> None:
    filters: list[CanFilter] = [{"can_id": 0x60D, "can_mask": 0x7FF, "extended": False}]
    with Elm327Bus(adapter.path) as bus:
        receive(bus, 3)
        before = bus.plan
        bus.watch([Watched(0x60D, 3, 0.05)])
        bus.set_filters(filters)
        receive(bus, 5)
        assert (before.kind, bus.plan.kind) == ("everything", "complete")
        assert {message.arbitration_id for message in receive(bus, 5)} == {0x60D}
        # The turn itself is a gap.
        assert any(isinstance(item, Gap) for item in bus.take_side_items())


def test_a_wifi_adapter_is_reached_through_a_socket() -> None:
    emulator = an_emulator()
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    stop = threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        connection.setblocking(False)
        begun = time.monotonic()
        with connection:
            while not stop.wait(0.002):
                try:
                    if out := emulator.run_until(time.monotonic() - begun):
                        connection.sendall(out)
                    if not (data := connection.recv(4096)):
                        return
                except BlockingIOError:
                    continue
                except OSError:
                    return
                emulator.write(data)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with can.Bus(interface="elm327", channel=f"socket://127.0.0.1:{port}") as bus:
            assert len(receive(bus, 10)) == 10
    finally:
        stop.set()
        thread.join()
        server.close()


def test_python_cans_logger_writes_a_log_with_it_unchanged(
    adapter: PtyAdapter, tmp_path: Path
) -> None:
    log = tmp_path / "drive.log"
    arguments = ["-i", "elm327", "-c", adapter.path, "-b", "500000", "-f", str(log)]
    process = subprocess.Popen(
        [sys.executable, "-m", "can.logger", *arguments], stdout=subprocess.PIPE
    )
    deadline = time.monotonic() + 15.0
    while time.monotonic() < deadline:
        time.sleep(0.2)
        if log.exists() and log.stat().st_size > 4000:
            break
    process.terminate()
    process.communicate(timeout=10.0)
    assert "358#0001020304050607" in log.read_text()
    assert adapter.emulator.sent_frames == []


def test_python_cans_viewer_shows_its_frames_unchanged(adapter: PtyAdapter) -> None:
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "can.viewer", "-i", "elm327", "-c", adapter.path],
        stdin=slave,
        stdout=slave,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TERM": "xterm", "LINES": "24", "COLUMNS": "100"},
    )
    shown = b""
    deadline = time.monotonic() + 15.0
    try:
        while b"0x358" not in shown and time.monotonic() < deadline:
            if select.select([master], [], [], 0.2)[0]:
                shown += os.read(master, 65_536)
        os.write(master, b"q")
        while process.poll() is None and time.monotonic() < deadline:
            if select.select([master], [], [], 0.1)[0]:
                os.read(master, 65_536)
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
    assert b"0x358" in shown
    assert process.returncode == 0
