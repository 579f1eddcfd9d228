"""Real SocketCAN: kernel filters, its loss-free queue, its ISO-TP. Run by `guest.py`, in qemu."""

from __future__ import annotations

import contextlib
import gc
import itertools
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import can
import numpy as np
import pytest

from canlock.bundled import bundled_folder
from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import Gap, Sent, StreamItem
from canlock.model.vehicle import BcmAccess, Poll
from canlock.pipeline.bus_group import BusGroup
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.sources.bus import BusReader
from canlock.sources.capture import open_capture
from canlock.sources.obd.armed import Arming, open_armed
from canlock.sources.obd.bcm import BcmReader
from canlock.sources.obd.can_requester import open_requester
from canlock.sources.obd.gate import RequestGate
from canlock.sources.obd.polling import PollTarget

if "CANLOCK_IN_GUEST" not in os.environ:
    pytest.skip("`make test-socketcan` runs these in a guest", allow_module_level=True)

QASHQAI = "nissan-qashqai-j10"
PATIENCE_S = 60.0
"""The guest's processor is emulated, and some ten times as slow as this machine's."""

OPEN = ("connected", "silent")
BCM = BcmAccess(0x745, 0x765, "uds")
CODES = bytes.fromhex("5902FF" + "A562162F" + "95011308" + "C1000050")
"""Of 15 bytes: three frames by ISO-TP."""


class Spy:
    """Takes down everything that is on an interface, in a thread: a socket alone soon overflows."""

    def __init__(self, channel: str) -> None:
        self._bus = can.Bus(interface="socketcan", channel=channel)
        self._stop = threading.Event()
        self.seen: list[can.Message] = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            if (message := self._bus.recv(0.2)) is not None:
                self.seen.append(message)

    def close(self) -> list[can.Message]:
        self._stop.set()
        self._thread.join()
        self._bus.shutdown()
        return self.seen


@pytest.fixture(autouse=True)
def interfaces_up() -> None:
    """Whatever a test did to them, the next one finds the interfaces up, and `ip` at hand."""
    ip("vcan0", "up")
    ip("vcan1", "up")


@pytest.fixture
def sender() -> Iterator[can.BusABC]:
    bus = can.Bus(interface="socketcan", channel="vcan0")
    yield bus
    bus.shutdown()


def a_message(number: int, arbitration_id: int = 0x358) -> can.Message:
    return can.Message(
        arbitration_id=arbitration_id, is_extended_id=False, data=struct.pack(">Q", number)
    )


def read_until(
    reader: BusReader, condition: Callable[[list[StreamItem]], bool]
) -> list[StreamItem]:
    """Return all that comes until something holds, and what is left then."""
    stop = threading.Event()
    deadline = time.monotonic() + PATIENCE_S
    items: list[StreamItem] = []
    for item in reader.batches(stop, has_ticks=True):
        items.append(item)
        if not stop.is_set() and (condition(items) or time.monotonic() > deadline):
            stop.set()
    return items


def frames_of(items: list[StreamItem]) -> FrameBatch:
    return join_batches([item for item in items if isinstance(item, FrameBatch)])


def numbers_of(items: list[StreamItem], arbitration_id: int = 0x358) -> list[int]:
    frames = frames_of(items)
    payload = frames.payload[frames.arbitration_id == arbitration_id, :8]
    return [int(number) for number in np.ascontiguousarray(payload).view(">u8").ravel()]


def ip(*arguments: str) -> None:
    subprocess.run(["ip", "link", "set", "dev", *arguments], check=True, timeout=PATIENCE_S)


def test_a_virtual_interface_of_the_system_is_known_as_one() -> None:
    with BusReader("socketcan", "vcan0") as reader:
        silence = reader.status.silence
    assert silence.is_confirmed
    assert "virtual" in silence.why


def test_the_kernel_holds_back_what_nobody_wants(sender: can.BusABC) -> None:
    with BusReader("socketcan", "vcan0", wanted={0x358, 0x60D}) as reader:
        for number in range(200):
            sender.send(a_message(number, 0x100 + number % 100))
            sender.send(a_message(number, 0x358))
        items = read_until(reader, lambda items: len(frames_of(items)) == 200)
    assert numbers_of(items) == list(range(200))
    assert reader.status.is_filtered
    # The others did not even reach the thread that reads.
    assert reader.status.frames == 200


def test_a_reader_that_is_narrowed_while_it_reads_hands_it_to_the_kernel(
    sender: can.BusABC,
) -> None:
    with BusReader("socketcan", "vcan0") as reader:
        sender.send(a_message(0, 0x100))
        assert read_some(reader, lambda: reader.status.frames == 1)
        reader.narrow({0x358})
        assert read_some(reader, lambda: reader.status.is_filtered)
        for number in range(50):
            sender.send(a_message(number, 0x100))
        sender.send(a_message(7))
        assert read_some(reader, lambda: reader.status.frames == 2)


def read_some(reader: BusReader, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        list(reader.take())
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_no_frame_of_5000_at_1_khz_is_lost(sender: can.BusABC) -> None:
    messages = [a_message(number) for number in range(5000)]

    def send() -> None:
        begun_at = time.monotonic()
        for number, message in enumerate(messages):
            time.sleep(max(0.0, begun_at + number / 1000 - time.monotonic()))
            sender.send(message)

    with BusReader("socketcan", "vcan0") as reader:
        thread = threading.Thread(target=send)
        thread.start()
        items = read_until(reader, lambda _: reader.status.frames == 5000)
        thread.join()
    assert numbers_of(items) == list(range(5000))
    assert reader.status.dropped == 0
    assert not any(isinstance(item, Gap) for item in items)


def test_frames_of_this_host_and_of_others_are_alike(sender: can.BusABC) -> None:
    """What was sent on this host comes marked as its own, and is of the bus all the same."""
    with BusReader("socketcan", "vcan0") as reader:
        sender.send(a_message(1))
        subprocess.run(
            [
                *(sys.executable, "-c"),
                "import can; bus = can.Bus('vcan0', 'socketcan');"
                "bus.send(can.Message(arbitration_id=0x358, is_extended_id=False, data=bytes(8)));"
                "bus.shutdown()",
            ],
            check=True,
            timeout=PATIENCE_S,
        )
        items = read_until(reader, lambda items: len(frames_of(items)) == 2)
    assert numbers_of(items) == [1, 0]


def send_once(channel: str, number: int) -> None:
    """Send by a socket of its own: one that was open when an interface went down says so once."""
    with can.Bus(interface="socketcan", channel=channel) as bus:
        bus.send(a_message(number))


def test_an_interface_that_goes_down_and_up_is_read_again() -> None:
    with BusReader("socketcan", "vcan0") as reader:
        send_once("vcan0", 1)
        assert read_some(reader, lambda: reader.status.frames == 1)
        ip("vcan0", "down")
        assert read_some(reader, lambda: reader.status.state == "reconnecting")
        ip("vcan0", "up")
        assert read_some(reader, lambda: reader.status.state in OPEN)
        send_once("vcan0", 2)
        items = read_until(reader, lambda items: len(frames_of(items)) > 0)
    assert numbers_of(items) == [2]
    assert any(isinstance(item, Gap) for item in items)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # python-can's attempts.
def test_an_adapter_that_is_pulled_and_put_back_is_read_again() -> None:
    """The interface that comes back has the old name and is another one to the kernel."""
    with BusReader("socketcan", "vcan1") as reader:
        assert read_some(reader, lambda: reader.status.state in OPEN)
        subprocess.run(["ip", "link", "del", "dev", "vcan1"], check=True)
        assert read_some(reader, lambda: reader.status.state == "reconnecting")
        subprocess.run(["ip", "link", "add", "dev", "vcan1", "type", "vcan"], check=True)
        ip("vcan1", "up")
        assert read_some(reader, lambda: reader.status.state in OPEN)
        send_once("vcan1", 2)
        items = read_until(reader, lambda items: len(frames_of(items)) > 0)
    gc.collect()
    assert numbers_of(items) == [2]


def test_a_controller_that_leaves_the_bus_is_seen_by_its_error_frame() -> None:
    raw = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
    raw.bind(("vcan0",))
    bus_off = 0x2000_0000 | 0x40  # CAN_ERR_FLAG and CAN_ERR_BUSOFF of linux/can/error.h
    with BusReader("socketcan", "vcan0") as reader, raw:
        raw.send(struct.pack("=IB3x8s", bus_off, 8, bytes(8)))
        assert read_some(reader, lambda: reader.status.reopened > 0)
        assert reader.status.last_error is not None
        assert "bus-off" in reader.status.last_error
        assert reader.status.error_frames == 1


class KernelBcm:
    """A body computer whose ISO-TP is the kernel's."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_ISOTP)
        self._socket.bind(("vcan0", BCM.request, BCM.response))  # What it hears, what it says.
        self._socket.settimeout(0.1)
        self._stop = threading.Event()
        self.asked: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        answers = {0x19: CODES, 0x22: b"\x62\xf1\x87284B2JD00A", 0x21: b"\x61\x47\x01"}
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                request = self._socket.recv(4096)
                self.asked.append(request)
                self._socket.send(answers[request[0]])

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def bcm() -> Iterator[KernelBcm]:
    server = KernelBcm()
    yield server
    server.close()


@pytest.mark.usefixtures("bcm")
def test_the_kernels_iso_tp_and_ours_understand_each_other() -> None:
    gate = RequestGate(is_armed=True, stands=True)
    requester = open_requester("socketcan", "vcan0", BCM, gate)
    with BcmReader(requester, BCM) as reader:
        codes = reader.read_codes()
        identity = reader.read_identity()
    requester.close()
    assert codes is not None
    assert [(one.code, one.failure_type, one.status) for one in codes] == [
        ("B2562", "16", "2F"),
        ("B1501", "13", "08"),
        ("U0100", "00", "50"),
    ]
    assert identity == "284B2JD00A"


@pytest.mark.usefixtures("bcm")
def test_polls_go_out_beside_listening_and_nothing_else_does(sender: can.BusABC) -> None:
    gate = RequestGate(is_armed=True, stands=True)
    targets = (PollTarget(Poll(b"\x21\x47", "BCM_LID_47", 0.2), 0x6F0),)
    arming = Arming(BCM, targets, gate)
    spy = Spy("vcan0")
    reader = BusReader("socketcan", "vcan0", opener=lambda options: open_armed(options, arming))
    told = itertools.count()

    def tell(items: list[StreamItem]) -> bool:
        sender.send(a_message(next(told)))
        return int((frames_of(items).arbitration_id == 0x6F0).sum()) >= 3

    with reader:
        items = read_until(reader, tell)
    on_bus = spy.close()
    assert numbers_of(items) == list(range(next(told)))
    ours = [bytes(one.data) for one in on_bus if one.arbitration_id in (0x745, 0x7E0)]
    listed = [item.payload for item in items if isinstance(item, Sent)]
    assert [data[: len(sent)] for data, sent in zip(ours, listed, strict=True)] == listed
    assert {data[1] for data in ours if data[0] < 8} == {0x19, 0x21, 0x01}


def test_watch_tells_live_what_its_recording_tells_later_and_sends_nothing(tmp_path: Path) -> None:
    """The first operation of the demo, played here and watched by a process of its own."""
    capture = bundled_folder("captures") / "qashqai-driver-door-gaiter.log"
    whole = diagnose_recording(find_recording(capture), load_vehicle(QASHQAI))
    first = whole.operations[0]
    frames = frames_of(list(open_capture(capture).batches()))
    from_s, until_s = first.at_s - 1.5, first.at_s + 3.5
    chosen = frames.take((frames.timestamp_s >= from_s) & (frames.timestamp_s <= until_s))
    spy = Spy("vcan0")
    log = tmp_path / "watched.log"
    watch = subprocess.Popen(
        [
            *(sys.executable, "-m", "canlock", "watch", "-i", "socketcan", "-c", "vcan0,vcan1"),
            *("--vehicle", QASHQAI, "--headless", "--record", str(log)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watch.stderr is not None
    assert "silent: confirmed" in watch.stderr.readline()
    bus = can.Bus(interface="socketcan", channel="vcan0")
    begun_at = time.monotonic()
    for at_s, number, length, payload in zip(
        chosen.timestamp_s, chosen.arbitration_id, chosen.length, chosen.payload, strict=True
    ):
        time.sleep(max(0.0, begun_at + float(at_s) - from_s - time.monotonic()))
        bus.send(
            can.Message(
                arbitration_id=int(number), is_extended_id=False, data=bytes(payload[:length])
            )
        )
    time.sleep(0.5)
    watch.send_signal(signal.SIGTERM)
    out, errors = watch.communicate(timeout=PATIENCE_S)
    bus.shutdown()
    seen = spy.close()
    assert watch.returncode == 0, errors
    lines = [json.loads(line) for line in out.splitlines()]
    told = [line["operation"] for line in lines if line["type"] == "operation"]
    # An emulated processor does not keep the capture's times; the recording has those it kept.
    later = diagnose_recording(find_recording(log), load_vehicle(QASHQAI))
    assert told[-1]["outcome"] == later.operations[-1].outcome
    verdict = lines[-1]["findings"][0]
    assert (verdict["fault"], verdict["doors"]) == (later.verdict.fault, list(later.verdict.doors))
    # On the bus was what the test sent, and no frame more.
    assert len(seen) == len(chosen)
    recorded = frames_of(list(open_capture(log).batches()))
    assert np.array_equal(recorded.arbitration_id, chosen.arbitration_id)
    assert set(recorded.channels) == {"vcan0"}


def test_two_interfaces_are_one_stream_in_the_order_of_time() -> None:
    buses = [can.Bus(interface="socketcan", channel=name) for name in ("vcan0", "vcan1")]
    readers = [BusReader("socketcan", name) for name in ("vcan0", "vcan1")]
    group = BusGroup(readers)
    stop = threading.Event()
    items = group.items(stop)
    next(items)
    for number in range(100):
        buses[number % 2].send(a_message(number))
        time.sleep(0.002)
    threading.Timer(0.5, stop.set).start()
    frames = frames_of(list(items))
    for bus in buses:
        bus.shutdown()
    assert numbers_of([frames]) == list(range(100))
    assert (np.diff(frames.timestamp_s) >= 0).all()
