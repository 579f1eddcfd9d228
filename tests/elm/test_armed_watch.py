"""Polling the BCM while its bus is watched: over an ELM327 between windows, over CAN on the bus."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import can
import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import BusError
from canlock.model.frames import FrameBatch
from canlock.model.stream import Gap, Sent, StreamItem, TroubleCode
from canlock.model.vehicle import BcmAccess, Poll
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.sources.bus import BusReader
from canlock.sources.obd.armed import Arming, arm, open_armed
from canlock.sources.obd.bcm import BcmReader
from canlock.sources.obd.gate import RequestGate
from canlock.sources.obd.live_polling import HELD_S, UNANSWERED_S, LivePolling
from canlock.sources.obd.polling import PollTarget
from elm.adapter_emulator import AdapterEmulator, BusFrame, Nature, cyclic
from elm.adapter_ports import PtyAdapter
from elm.test_obd_command import DBC, VEHICLE

pytest.importorskip("isotp", reason="can-isotp, of the extra `uds`, is not installed")
pytest.importorskip("udsoncan", reason="udsoncan, of the extra `uds`, is not installed")

from elm.bcm_emulator import BodyComputer, VirtualBody

NUMBERS = count()
PATIENCE_S = 40.0
KWP = BcmAccess(0x745, 0x765, "kwp", session=0xC0)
UDS = BcmAccess(0x745, 0x765, "uds")
POLLED = 0x6F0
TARGETS = (PollTarget(Poll(b"\x21\x47", "BCM_LID_47", 0.2), POLLED),)
READS = ("21 47", "01 0D", "10 C0", "10 81", "3E")
FOREIGN = BusFrame(0x358, bytes(range(8)))


@pytest.fixture
def car(tmp_path: Path) -> Path:
    """The folder of a vehicle file whose door comes by a poll only."""
    (tmp_path / "polled.dbc").write_text(DBC)
    (tmp_path / "polled.toml").write_text(VEHICLE + "\n")
    return tmp_path


def read_for(reader: BusReader, seconds: float, until: Callable[[], bool]) -> list[StreamItem]:
    """Return what comes until a condition holds, at most for so long."""
    stop = threading.Event()
    deadline = time.monotonic() + seconds
    items: list[StreamItem] = []
    for item in reader.batches(stop, has_ticks=True):
        items.append(item)
        if not stop.is_set() and (until() or time.monotonic() > deadline):
            stop.set()
    return items


def frames(items: list[StreamItem], number: int) -> list[FrameBatch]:
    found = []
    for item in items:
        if isinstance(item, FrameBatch):
            rows = item.take(item.arbitration_id == number)
            if len(rows):
                found.append(rows)
    return found


def sent(items: list[StreamItem]) -> list[str]:
    return [item.payload.hex(" ").upper() for item in items if isinstance(item, Sent)]


class OpensItsDoor(BodyComputer):
    """A body computer whose driver's door is opened after it was asked some times."""

    AFTER = 4

    def answer(self, request_id: int, payload: bytes) -> list[bytes]:
        self.inputs = int(len(self.asked) >= self.AFTER)
        return super().answer(request_id, payload)


# --- Over an ELM327 ------------------------------------------------------------------------------


def test_a_door_that_only_polls_show_is_watched_recorded_and_diagnosed_alike(car: Path) -> None:
    body = OpensItsDoor("kwp")
    emulator = AdapterEmulator(traffic=cyclic([(0.05, FOREIGN)]), ecu=body.answer)
    with PtyAdapter(emulator) as adapter:
        watch = subprocess.Popen(
            [
                *(sys.executable, "-m", "canlock", "watch", "-i", "elm327", "-c", adapter.path),
                *("--vehicle", "polled.toml", "--headless", "--record", "car.log"),
                *("--allow-requests", "--car-stands"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=car,
        )
        deadline = time.monotonic() + PATIENCE_S
        while len(body.asked) < 3 * OpensItsDoor.AFTER and time.monotonic() < deadline:
            time.sleep(0.05)
        watch.terminate()
        out, errors = watch.communicate(timeout=PATIENCE_S)
    assert watch.returncode == 0, errors
    assert "silent: not confirmed, because you allowed requests" in errors
    lines = [json.loads(line) for line in out.splitlines()]
    opened = [line["event"] for line in lines if line["type"] == "event"]
    assert [(one["role"], one["door"], one["value"]) for one in opened] == [
        ("door.ajar", "driver", "open")
    ]
    recorded = diagnose_recording(
        find_recording(car / "car.log"), load_vehicle(car / "polled.toml")
    )
    (event,) = recorded.events
    assert (event.role, event.value) == ("door.ajar", "open")
    assert event.at_s == pytest.approx(opened[0]["time"], abs=1e-5)
    # The bus was heard besides, and nothing but reads went out.
    assert "358#0001020304050607" in (car / "car.log").read_text()
    asked = {data[1:].hex(" ").upper() for _, data in emulator.sent_frames}
    assert asked == {"21 47", "01 0D"}


@contextmanager
def an_armed_elm(
    body: BodyComputer, gate: RequestGate, access: BcmAccess = KWP
) -> Iterator[tuple[BusReader, AdapterEmulator]]:
    emulator = AdapterEmulator(Nature(), traffic=cyclic([(0.05, FOREIGN)]), ecu=body.answer)
    arming = Arming(access, TARGETS, gate)
    with PtyAdapter(emulator) as adapter:
        reader = BusReader(
            "elm327", adapter.path, opener=lambda options: open_armed(options, arming)
        )
        yield reader, emulator


def test_listening_goes_on_as_before_after_each_poll() -> None:
    body = BodyComputer("kwp", session=0xC0)
    with an_armed_elm(body, RequestGate(is_armed=True, stands=True, session=0xC0)) as (reader, elm):
        items = read_for(reader, 10.0, lambda: body.asked.count(b"\x21\x47") >= 4)
    heard = frames(items, FOREIGN.id)
    assert sum(len(batch) for batch in heard) > 5
    # With the formatting of requests left on, a line would be marked as damaged.
    assert {bytes(row) for batch in heard for row in batch.payload[:, :8]} == {FOREIGN.data}
    assert not any(isinstance(item, Gap) and "damaged" in item.reason for item in items)
    assert len(frames(items, POLLED)) >= 4
    assert body.asked[0] == b"\x10\xc0"
    assert body.asked[-1] == b"\x10\x81"
    assert {data[1:].hex(" ").upper() for _, data in elm.sent_frames} <= set(READS)
    # What went out stands in the session, byte by byte, the last word included.
    assert [one for one in sent(items) if one in ("02 10 C0", "02 10 81")] == [
        "02 10 C0",
        "02 10 81",
    ]
    gaps = [item for item in items if isinstance(item, Gap)]
    # Who polls does not listen, and a gap says so; the first is asked before the listening begins.
    for answer in frames(items, POLLED)[1:]:
        assert any(gap.at_s <= answer.timestamp_s[0] <= gap.until_s for gap in gaps)


def test_a_clone_that_cannot_ask_says_so_when_it_is_opened() -> None:
    emulator = AdapterEmulator(Nature(unknown=frozenset({"ATCRA"})))
    arming = Arming(KWP, TARGETS, RequestGate(is_armed=True, stands=True))
    with (
        PtyAdapter(emulator) as adapter,
        pytest.raises(BusError, match="cannot ask a control unit"),
        BusReader("elm327", adapter.path, opener=lambda options: open_armed(options, arming)),
    ):
        pass
    assert emulator.sent_frames == []


# --- Over a CAN adapter --------------------------------------------------------------------------


@contextmanager
def an_armed_can(
    body: BodyComputer, gate: RequestGate, access: BcmAccess = KWP
) -> Iterator[tuple[BusReader, VirtualBody, can.BusABC]]:
    channel = f"armed-{next(NUMBERS)}"
    server = VirtualBody(channel, body)
    other = can.Bus(interface="virtual", channel=channel, preserve_timestamps=True)
    arming = Arming(access, TARGETS, gate)
    reader = BusReader("virtual", channel, opener=lambda options: open_armed(options, arming))
    try:
        yield reader, server, other
    finally:
        server.close()
        other.shutdown()


def test_over_can_every_frame_comes_through_beside_the_polls() -> None:
    body = BodyComputer("kwp", session=0xC0)
    gate = RequestGate(is_armed=True, stands=True, session=0xC0)
    told = 0
    with an_armed_can(body, gate) as (reader, server, other):

        def tell() -> bool:
            nonlocal told
            other.send(can.Message(0.0, 0x358, False, data=told.to_bytes(8, "big")))
            told += 1
            return body.asked.count(b"\x21\x47") >= 3

        items = read_for(reader, 10.0, tell)
        on_bus = [
            (message.arbitration_id, bytes(message.data))
            for message in server.frames
            if message.arbitration_id != 0x358
        ]
    numbers = [
        int.from_bytes(bytes(row), "big")
        for batch in frames(items, 0x358)
        for row in batch.payload[:, :8]
    ]
    assert numbers == list(range(told))
    assert len(frames(items, POLLED)) >= 3
    assert frames(items, 0x765)  # The answers are frames of the bus, too.
    assert {number for number, _ in on_bus} <= {0x745, 0x7E0}
    assert all(data[1 : 1 + data[0]].hex(" ").upper() in READS for _, data in on_bus)
    assert body.asked[-1] == b"\x10\x81"
    listed = [bytes.fromhex(one) for one in sent(items)]
    assert listed == [data[: 1 + data[0]] for _, data in on_bus]
    assert not reader.status.silence.is_confirmed


def test_nothing_but_the_polling_can_send_on_an_armed_bus() -> None:
    channel = f"armed-{next(NUMBERS)}"
    gate = RequestGate(is_armed=True, stands=True)
    spy = can.Bus(interface="virtual", channel=channel)
    options = {"interface": "virtual", "channel": channel}
    bus = open_armed(options, Arming(UDS, TARGETS, gate))
    with pytest.raises(BusError, match="nothing was sent"):
        bus.wrapped.send(can.Message(arbitration_id=0x745, data=b"\x02\x10\x02"))
    bus.shutdown()
    assert spy.recv(0.05) is None
    spy.shutdown()


# --- What stops the asking -----------------------------------------------------------------------


class Body:
    """A requester whose car the test moves."""

    def __init__(self, body: BodyComputer, gate: RequestGate) -> None:
        self.body = body
        self.gate = gate

    def request(self, payload: bytes) -> bytes:
        from canlock.sources.obd.requester import NoAnswerError, judge_answer

        self.gate.pass_request(payload, is_obd=False)
        for answer in self.body.answer(0x745, payload):
            judged = judge_answer(payload, answer)
            if judged is not None:
                return judged
        raise NoAnswerError("no answer")

    def watch_speed(self) -> None:
        if self.body.speed_kmh is not None:
            self.gate.note_speed(float(self.body.speed_kmh))

    def close(self) -> None:
        pass


class Asleep(BodyComputer):
    """A body computer that answers nothing."""

    def answer(self, request_id: int, payload: bytes) -> list[bytes]:
        assert (request_id, payload[0]) == (0x745, 0x10)
        return []


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        self.now_s += duration_s


def a_live_polling(
    body: BodyComputer, access: BcmAccess = KWP
) -> tuple[LivePolling, Clock, RequestGate]:
    clock = Clock()
    gate = RequestGate(
        is_armed=True, stands=True, session=access.session, clock=clock, sleep=clock.sleep
    )
    reader = BcmReader(Body(body, gate), access, clock=clock, sleep=clock.sleep)
    return LivePolling(reader, TARGETS), clock, gate


def test_a_car_that_begins_to_move_is_polled_again_when_it_stands() -> None:
    body = BodyComputer("kwp", session=0xC0)
    polling, clock, gate = a_live_polling(body)
    assert [type(item) for item in polling.run()] == [FrameBatch]
    body.speed_kmh = 20
    clock.now_s += 4.1
    (gap,) = polling.run()
    assert isinstance(gap, Gap)
    assert (gap.until_s - gap.at_s, gap.keys) == (HELD_S, frozenset({POLLED}))
    assert polling.due_s == pytest.approx(clock.now_s + HELD_S)
    assert "not polled for now" in polling.notes[0]
    asked = len(body.asked)
    body.speed_kmh = 0
    clock.now_s += HELD_S
    gate.note_speed(0.0)
    assert [type(item) for item in polling.run()] == [FrameBatch]
    assert polling.notes == ()
    assert body.asked[asked:] == [b"\x10\xc0", b"\x21\x47"]  # Its session had ended meanwhile.


def test_a_bcm_that_does_not_answer_is_left_alone_for_a_while() -> None:
    polling, clock, _ = a_live_polling(Asleep())
    (gap,) = polling.run()
    assert isinstance(gap, Gap)
    assert polling.due_s == pytest.approx(clock.now_s + UNANSWERED_S)


def test_a_bcm_that_wants_to_be_left_alone_is_for_good() -> None:
    body = BodyComputer("kwp", session=0xC0)
    body.refuses[0x21] = 0x21
    polling, _, _ = a_live_polling(body)
    assert isinstance(polling.run()[-1], Gap)
    assert polling.due_s == math.inf
    assert "not polled any more" in polling.notes[0]


def test_the_codes_of_a_uds_bcm_are_read_first() -> None:
    polling, _, _ = a_live_polling(BodyComputer("uds"), UDS)
    items = polling.run()
    assert [item.code for item in items if isinstance(item, TroubleCode)] == [
        "B2562",
        "B1501",
        "U0100",
    ]


@pytest.mark.parametrize(("cut", "lack"), [("[bcm]", "[bcm]"), ("[[poll]]", "[[poll]]")])
def test_a_vehicle_file_without_polls_arms_nothing(car: Path, cut: str, lack: str) -> None:
    (car / "lacking.toml").write_text(VEHICLE.partition(cut)[0])
    with pytest.raises(BusError, match=f"no {re.escape(lack)}"):
        arm(load_vehicle(car / "lacking.toml").vehicle, stands=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--car-stands"], "name the --vehicle"),
        (["--car-stands", "--vehicle", "polled.toml", "-c", "a,b"], "give one channel"),
        (["--vehicle", "polled.toml"], "--car-stands"),
        (["--car-stands", "--vehicle", "bmw-e9x"], "[bcm]"),
    ],
)
def test_who_arms_without_need_is_told_what_is_missing(
    arguments: list[str], words: str, car: Path
) -> None:
    command = [sys.executable, "-m", "canlock", "watch", "-i", "virtual", "--allow-requests"]
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=car,
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
