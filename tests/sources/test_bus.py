"""Listening to a live bus: what comes is delivered, what goes wrong is survived and told."""

from __future__ import annotations

import errno
import queue
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from itertools import count
from math import inf
from typing import Any

import can
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.errors import BusError
from canlock.model.frames import EXTENDED_BIT, FrameBatch, FrameFlag, join_batches
from canlock.model.stream import Gap, StreamItem
from canlock.sources import bus as bus_module
from canlock.sources import reopening
from canlock.sources.bus import BusReader
from canlock.sources.canmessage import MessageColumns, messages_of
from canlock.sources.inbox import Inbox
from canlock.sources.listening import bus_options, open_listening
from canlock.sources.listening_health import FAILURES_TO_REOPEN, STORM_ERRORS, BusHealth
from canlock.sources.silence import LISTEN_ONLY

NUMBERS = count()
PATIENCE_S = 30.0
PROMPT_S = 5.0
"""Far less than what is not waited for, and more than a busy machine may stand still."""

Step = can.Message | Exception | None


class ScriptedBus(can.BusABC):
    """An adapter that does what the test says: gives a message, raises, or says nothing came."""

    script: queue.SimpleQueue[Step] = queue.SimpleQueue()
    refusals = 0
    """Attempts to open it that still fail."""

    opened = 0
    open_ports = 0
    asked = 0
    fails_to_close = False
    is_hasty = False
    """It does not wait for a message."""

    def __init__(self, channel: str | None = None) -> None:
        if ScriptedBus.refusals > 0:
            ScriptedBus.refusals -= 1
            raise can.CanInitializationError("no such adapter")
        ScriptedBus.opened += 1
        ScriptedBus.open_ports += 1
        self.ser = types.SimpleNamespace(close=self.close_port)
        super().__init__(channel or "0")

    def close_port(self) -> None:
        ScriptedBus.open_ports -= 1

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        ScriptedBus.asked += 1
        try:
            step = self.script.get(timeout=0.0 if self.is_hasty else timeout or 0.0)
        except queue.Empty:
            return None, True
        if isinstance(step, Exception):
            raise step
        return step, True

    def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002
        raise AssertionError(f"{msg} was sent")

    def shutdown(self) -> None:
        super().shutdown()
        if self.fails_to_close:
            raise can.CanOperationError("the cable is out")
        self.close_port()


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> type[ScriptedBus]:
    """The scripted adapter, known to python-can as `scripted`."""
    module = types.ModuleType("scripted_can")
    module.ScriptedBus = ScriptedBus  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "scripted_can", module)
    monkeypatch.setitem(can.interfaces.BACKENDS, "scripted", ("scripted_can", "ScriptedBus"))
    known = frozenset({*can.VALID_INTERFACES, "scripted"})
    monkeypatch.setattr("can.util.VALID_INTERFACES", known)
    for name, value in (
        ("script", queue.SimpleQueue()),
        ("refusals", 0),
        ("opened", 0),
        ("open_ports", 0),
        ("asked", 0),
        ("fails_to_close", False),
        ("is_hasty", False),
    ):
        monkeypatch.setattr(ScriptedBus, name, value)
    return ScriptedBus


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + PATIENCE_S  # A timer's thread ends a moment after its call.
    while not set(threading.enumerate()) <= before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= before


@pytest.fixture
def channel() -> str:
    """A virtual channel that nobody else is on."""
    return f"test-bus-{next(NUMBERS)}"


def a_message(at_s: float, arbitration_id: int = 0x358, **other: object) -> can.Message:
    settings: dict[str, Any] = {"is_extended_id": False, "data": b"\x01\x02", **other}
    return can.Message(timestamp=at_s, arbitration_id=arbitration_id, **settings)


def collect(
    reader: BusReader,
    until: Callable[[list[StreamItem]], bool],
    meanwhile: Callable[[list[StreamItem]], None] = lambda _: None,
) -> list[StreamItem]:
    """Read until there is enough, and then to the end."""
    stop = threading.Event()
    items: list[StreamItem] = []
    deadline = time.monotonic() + PATIENCE_S
    for item in reader.batches(stop, has_ticks=True):
        if not isinstance(item, FrameBatch) or len(item):
            items.append(item)
        meanwhile(items)
        if until(items):
            stop.set()
        assert time.monotonic() < deadline, (items, reader.status)
    return items


def times_of(items: list[StreamItem]) -> list[float]:
    frames = join_batches([item for item in items if isinstance(item, FrameBatch)])
    return list(frames.timestamp_s)


def gaps_of(items: list[StreamItem]) -> list[Gap]:
    return [item for item in items if isinstance(item, Gap)]


def has_frames(number: int) -> Callable[[list[StreamItem]], bool]:
    return lambda items: len(times_of(items)) >= number


def test_what_is_sent_on_the_bus_comes_out_as_columns(channel: str) -> None:
    with (
        BusReader("virtual", channel) as reader,
        can.Bus(channel, "virtual", preserve_timestamps=True) as sender,
    ):
        for number in range(100):
            sender.send(a_message(number / 8, 0x100 + number, data=bytes([number])))
        items = collect(reader, has_frames(100))
        info = reader.info
    frames = join_batches([item for item in items if isinstance(item, FrameBatch)])
    assert frames.timestamp_s.tolist() == [number / 8 for number in range(100)]
    assert frames.arbitration_id.tolist() == [0x100 + number for number in range(100)]
    assert frames.payload[:, 0].tolist() == list(range(100))
    assert not frames.payload[:, 1:].any()
    assert set(frames.length.tolist()) == {1}
    assert frames.channels == (channel,)
    assert (info.format, info.frames, info.first_s, info.last_s) == ("live", 100, 0.0, 99 / 8)
    assert gaps_of(items) == []


def test_frames_come_in_batches_not_one_by_one(channel: str) -> None:
    with (
        BusReader("virtual", channel, batch_s=0.05) as reader,
        can.Bus(channel, "virtual") as sender,
    ):
        for _ in range(500):
            sender.send(a_message(0.0))
        items = collect(reader, has_frames(500))
    assert len(items) < 20


def test_what_came_before_the_stop_is_delivered_after_it(channel: str) -> None:
    stop = threading.Event()
    with BusReader("virtual", channel, batch_s=60) as reader:
        with can.Bus(channel, "virtual") as sender:
            for _ in range(3000):
                sender.send(a_message(0.0))
        stop.set()
        items = list(reader.batches(stop))
        assert reader.status.state == "closed"
    assert [len(item) for item in items if isinstance(item, FrameBatch)] == [3000]


def test_stopping_does_not_wait_for_the_bus(channel: str) -> None:
    stop = threading.Event()
    with BusReader("virtual", channel, batch_s=60) as reader:
        threading.Timer(0.1, stop.set).start()
        began_at = time.monotonic()
        assert list(reader.batches(stop)) == []
        assert time.monotonic() - began_at < PROMPT_S


def test_a_reader_that_is_left_in_the_middle_leaves_nothing_behind(channel: str) -> None:
    with BusReader("virtual", channel) as reader, can.Bus(channel, "virtual") as sender:
        sender.send(a_message(0.0))
        for _ in reader.batches(threading.Event()):
            break
    assert reader.status.state == "closed"


def test_a_reader_that_is_closed_from_elsewhere_ends_its_batches(channel: str) -> None:
    with BusReader("virtual", channel, batch_s=0.01) as reader:
        threading.Timer(0.1, reader.close).start()
        assert list(reader.batches(threading.Event())) == []


def test_a_reader_can_be_opened_again(channel: str) -> None:
    reader = BusReader("virtual", channel)
    for _ in range(2):
        with reader, can.Bus(channel, "virtual") as sender:
            sender.send(a_message(1.0))
            assert len(times_of(collect(reader, has_frames(1)))) == 1
    assert reader.info.frames == 2


def test_ticks_come_while_the_bus_is_silent(channel: str) -> None:
    stop = threading.Event()
    with BusReader("virtual", channel, batch_s=0.01) as reader:
        ticks = reader.batches(stop, has_ticks=True)
        for _ in range(3):
            tick = next(ticks)
            assert isinstance(tick, FrameBatch)
            assert len(tick) == 0
        stop.set()
        assert list(ticks) == []


def test_only_wanted_ids_and_error_frames_are_kept_and_all_are_counted(channel: str) -> None:
    wanted = {0x358, 0x10 | EXTENDED_BIT}
    with (
        BusReader("virtual", channel, wanted=wanted) as reader,
        can.Bus(channel, "virtual") as sender,
    ):
        sender.send(a_message(0.0, 0x358))
        sender.send(a_message(0.0, 0x358, is_extended_id=True))
        sender.send(a_message(0.0, 0x10))
        sender.send(a_message(0.0, 0x10, is_extended_id=True))
        sender.send(a_message(0.0, 0x0, is_error_frame=True))
        items = collect(reader, has_frames(3))
        info = reader.info
    frames = join_batches([item for item in items if isinstance(item, FrameBatch)])
    assert frames.keys.tolist() == [0x358, 0x10 | EXTENDED_BIT, 0x0]
    assert (info.frames, info.error_frames) == (5, 1)


def test_exceptions_of_the_adapter_are_survived_counted_and_told_as_a_gap(
    scripted: type[ScriptedBus],
) -> None:
    with BusReader("scripted", "0") as reader:
        scripted.script.put(a_message(1.0))
        scripted.script.put(can.CanOperationError("bad line\nsecond line"))
        scripted.script.put(ValueError())
        scripted.script.put(a_message(2.0))
        scripted.script.put(a_message(3.0))
        items = collect(reader, has_frames(3))
        status = reader.status
    assert times_of(items) == [1.0, 2.0, 3.0]
    assert gaps_of(items) == [Gap(1.0, 2.0, "adapter error: bad line")]
    place = items.index(gaps_of(items)[0])
    assert times_of(items[:place]) == [1.0]
    assert (status.errors, status.last_error, status.reopened) == (2, "ValueError", 0)


def test_an_adapter_that_fails_again_and_again_is_closed_and_opened_anew(
    scripted: type[ScriptedBus],
) -> None:
    with BusReader("scripted", "0") as reader:
        scripted.script.put(a_message(1.0))
        scripted.refusals = 2
        for _ in range(FAILURES_TO_REOPEN):
            scripted.script.put(OSError("unplugged"))
        scripted.script.put(a_message(5.0))
        items = collect(reader, has_frames(2))
        status = reader.status
        assert scripted.opened == 2
    assert times_of(items) == [1.0, 5.0]
    assert gaps_of(items) == [Gap(1.0, 5.0, "adapter error: unplugged")]
    assert status.reopened == 1
    assert status.errors == FAILURES_TO_REOPEN + 2
    assert scripted.open_ports == 0


def test_one_failure_less_does_not_close_it(scripted: type[ScriptedBus]) -> None:
    with BusReader("scripted", "0") as reader:
        for _ in range(FAILURES_TO_REOPEN - 1):
            scripted.script.put(OSError("noise"))
        scripted.script.put(a_message(5.0))
        collect(reader, has_frames(1))
        assert (reader.status.reopened, scripted.opened) == (0, 1)


def test_a_port_is_closed_even_where_the_driver_fails_to(scripted: type[ScriptedBus]) -> None:
    scripted.fails_to_close = True
    with BusReader("scripted", "0") as reader:
        for _ in range(FAILURES_TO_REOPEN):
            scripted.script.put(OSError("unplugged"))
        scripted.script.put(a_message(5.0))
        collect(reader, has_frames(1))
    assert scripted.opened == 2
    assert scripted.open_ports == 0


def test_an_adapter_that_is_gone_at_the_stop_leaves_a_gap_up_to_then(
    scripted: type[ScriptedBus],
) -> None:
    with BusReader("scripted", "0") as reader:
        scripted.script.put(a_message(100.0))
        for _ in range(FAILURES_TO_REOPEN):
            scripted.script.put(OSError("unplugged"))
        scripted.refusals = 1000
        items = collect(reader, lambda _: reader.status.errors > FAILURES_TO_REOPEN)
    (gap,) = gaps_of(items)
    assert gap.at_s == 100.0
    assert 100.0 < gap.until_s < 100.0 + PATIENCE_S


def test_an_error_before_the_first_frame_is_no_gap(scripted: type[ScriptedBus]) -> None:
    with BusReader("scripted", "0") as reader:
        scripted.script.put(OSError("starting"))
        scripted.script.put(a_message(1.0))
        items = collect(reader, has_frames(1))
    assert gaps_of(items) == []


def test_the_state_says_how_it_stands_with_the_bus(
    scripted: type[ScriptedBus], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "SILENT_AFTER_S", 0.3)
    monkeypatch.setattr(reopening, "LOST_AFTER_S", 0.3)
    reader = BusReader("scripted", "0")
    states: list[str] = [reader.status.state]
    replug_at = 4

    def watch(_: object) -> None:
        state = reader.status.state
        if state != states[-1]:
            states.append(state)
            if state == "silent":
                scripted.refusals = 1000
                for _ in range(FAILURES_TO_REOPEN):
                    scripted.script.put(OSError("unplugged"))
            if len(states) == replug_at + 1:
                assert state == "lost"
                scripted.refusals = 0
                scripted.script.put(a_message(2.0))

    scripted.script.put(a_message(1.0))
    with reader:
        collect(reader, has_frames(2), watch)
    watch(None)
    assert states == [
        "closed",
        "connected",
        "silent",
        "reconnecting",
        "lost",
        "connected",
        "closed",
    ]


@pytest.mark.parametrize("is_legacy", [False, True])
def test_a_driver_that_does_not_wait_is_not_asked_without_a_pause(
    scripted: type[ScriptedBus], monkeypatch: pytest.MonkeyPatch, is_legacy: bool
) -> None:
    scripted.is_hasty = True
    if is_legacy:  # It has a `recv` of its own, which gives up at once.
        monkeypatch.setattr(scripted, "recv", lambda bus, _: bus._recv_internal(0)[0])
    with BusReader("scripted", "0") as reader:
        deadline = time.monotonic() + PATIENCE_S
        asked = inf
        while asked > 80:  # In 0.2 s; without a pause it is tens of thousands.
            assert time.monotonic() < deadline
            asked_before = scripted.asked
            time.sleep(0.2)
            asked = scripted.asked - asked_before
        time.sleep(0.2)
        assert 0 < scripted.asked - asked_before < 300
        scripted.script.put(a_message(1.0))
        assert times_of(collect(reader, has_frames(1))) == [1.0]


def test_a_driver_that_always_raises_is_not_asked_without_a_pause(
    scripted: type[ScriptedBus],
) -> None:
    for _ in range(10_000):
        scripted.script.put(OSError("storm"))
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with BusReader("scripted", "0") as reader:
        list(reader.batches(stop))
        assert FAILURES_TO_REOPEN <= reader.status.errors < 60


def an_error(at_s: float, arbitration_id: int = 0) -> can.Message:
    return can.Message(
        timestamp=at_s, arbitration_id=arbitration_id, is_error_frame=True, is_extended_id=False
    )


@pytest.mark.parametrize(
    ("errors", "has_good", "reopens"),
    [
        pytest.param(STORM_ERRORS, False, True, id="a storm"),
        pytest.param(STORM_ERRORS - 1, False, False, id="just none"),
        pytest.param(2 * STORM_ERRORS, True, False, id="good frames among them"),
    ],
)
def test_a_storm_of_errors_closes_the_bus_and_opens_it_later(
    scripted: type[ScriptedBus], errors: int, has_good: bool, reopens: bool
) -> None:
    with BusReader("scripted", "0") as reader:
        scripted.script.put(a_message(1.0))
        for number in range(errors):
            scripted.script.put(an_error(1.0))
            if has_good and number % (STORM_ERRORS // 2) == 0:
                scripted.script.put(a_message(1.0))
        collect(reader, lambda _: reader.status.error_frames == errors)
        status = reader.status
    assert ("error storm" in (status.last_error or "")) is reopens
    assert status.error_frames == errors


def test_after_a_storm_the_bus_is_well_only_when_a_good_frame_comes(
    scripted: type[ScriptedBus],
) -> None:
    seen: list[str] = []
    with BusReader("scripted", "0") as reader:
        scripted.script.put(a_message(1.0))
        for _ in range(STORM_ERRORS):
            scripted.script.put(an_error(2.0))

        def watch(_: object) -> None:
            if reader.status.reopened == 1 and "reopened" not in seen:
                seen.extend([reader.status.state, "reopened"])
                scripted.script.put(a_message(3.0))

        def is_well(items: list[StreamItem]) -> bool:
            if 3.0 in times_of(items) and len(seen) == 2:
                seen.append(reader.status.state)
            return len(seen) == 3

        collect(reader, is_well, watch)
    assert seen == ["reconnecting", "reopened", "connected"]


@pytest.mark.parametrize(("interface", "is_over"), [("socketcan", True), ("slcan", False)])
def test_a_controller_that_left_the_bus_is_told_by_its_error_class(
    interface: str, is_over: bool
) -> None:
    told = BusHealth(interface).see([an_error(1.0, 0x40)], 0.0)
    assert (told is not None) is is_over


def test_an_adapter_whose_clock_begins_anew_goes_on_in_time() -> None:
    inbox = Inbox(None)
    inbox.put([a_message(5000.0), a_message(5001.0)])
    inbox.put([a_message(2.0), a_message(2.5), a_message(2.4)])
    messages, _ = inbox.take()
    times = [message.timestamp for message in messages]
    assert times[:2] == [5000.0, 5001.0]
    assert times[2] == pytest.approx(5001.0, abs=0.5)
    assert times[3] - times[2] == pytest.approx(0.5)
    # A little out of order is no new clock.
    assert times[4] - times[2] == pytest.approx(0.4)
    assert (inbox.clock_jumps, inbox.out_of_order) == (1, 1)


def test_ids_can_be_left_out_while_it_reads(channel: str) -> None:
    with BusReader("virtual", channel) as reader, can.Bus(channel, "virtual") as sender:
        sender.send(a_message(0.0, 0x100))
        collected: list[FrameBatch] = []
        deadline = time.monotonic() + PATIENCE_S
        while not collected:
            collected += [item for item in reader.take() if isinstance(item, FrameBatch)]
            assert time.monotonic() < deadline
        reader.narrow({0x358})
        sender.send(a_message(0.0, 0x100))
        sender.send(a_message(0.0, 0x358))
        while reader.status.frames < 3:
            assert time.monotonic() < deadline
        collected += [item for item in reader.take() if isinstance(item, FrameBatch)]
    assert join_batches(collected).arbitration_id.tolist() == [0x100, 0x358]


def test_a_message_that_makes_no_sense_is_an_error_and_no_end(scripted: type[ScriptedBus]) -> None:
    with BusReader("scripted", "0") as reader:
        scripted.script.put(a_message(None))  # type: ignore[arg-type]
        scripted.script.put(a_message(2.0))
        items = collect(reader, has_frames(1))
        assert reader.status.errors == 1
    assert times_of(items) == [2.0]


def test_a_thread_that_breaks_is_told(channel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise SystemError("a mistake of ours\nwith a second line")

    monkeypatch.setattr(BusReader, "_listen", broken)
    reader = BusReader("virtual", channel, batch_s=0.01)
    with pytest.raises(BusError, match=f"virtual:{channel}: reading broke off: a mistake of ours$"):
        list(reader.batches(threading.Event()))


def test_frames_beyond_the_queue_are_counted_and_told_as_a_gap(channel: str) -> None:
    with (
        BusReader("virtual", channel, queue_limit=10, batch_s=60) as reader,
        can.Bus(channel, "virtual", preserve_timestamps=True) as sender,
    ):
        for number in range(25):
            sender.send(a_message(float(number)))
        deadline = time.monotonic() + PATIENCE_S
        while reader.status.frames < 25:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        stop = threading.Event()
        stop.set()
        items = list(reader.batches(stop))
        assert reader.status.dropped == 15
    assert times_of(items) == [float(number) for number in range(10)]
    assert items[-1] == Gap(9.0, 24.0, "frames came faster than analysed")


@pytest.mark.parametrize(("frames", "dropped"), [(10, 0), (11, 1)])
def test_a_queue_is_full_at_its_limit_and_not_before(frames: int, dropped: int) -> None:
    inbox = Inbox(None, 10)
    for number in range(frames):
        inbox.put([a_message(float(number))])
    messages, gaps = inbox.take()
    assert (len(messages), inbox.dropped, len(gaps)) == (10, dropped, dropped)


class LossOracle:
    """Walks through what happens to a queue and notes after which frame something was lost."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.said: list[float | str] = []
        self.waiting = 0
        self.is_broken = False

    def see(self, step: str, at_s: float) -> None:
        if step == "take":
            self.waiting = 0
        elif step == "break":
            self.is_broken = True
        else:
            is_lost = step == "put" and self.waiting == self.limit
            if (self.is_broken or is_lost) and self.said[-1:] not in ([], ["gap"]):
                self.said.append("gap")
            self.is_broken = False
            if step == "put" and not is_lost:
                self.said.append(at_s)
                self.waiting += 1


def told_by(inbox: Inbox) -> Iterator[float | str]:
    messages, gaps = inbox.take()
    for place in range(len(messages) + 1):
        yield from ("gap" for found, _ in gaps if found == place)
        yield from (message.timestamp for message in messages[place : place + 1])


@given(st.lists(st.sampled_from(["put", "unwanted", "break", "take"]), max_size=40))
def test_around_every_loss_there_is_a_gap_and_nowhere_else(steps: list[str]) -> None:
    inbox = Inbox({0x358}, 3)
    oracle = LossOracle(3)
    told: list[float | str] = []
    # The first frame is a wanted one, so that a gap has something to follow.
    for at_s, step in enumerate(["put", *steps, "take"]):
        oracle.see(step, at_s)
        if step == "take":
            told.extend(told_by(inbox))
        elif step == "break":
            inbox.interrupt("noise")
        else:
            inbox.put([a_message(at_s, 0x358 if step == "put" else 0x100)])
    # A gap that goes on behind a batch is told on both sides of it.
    assert [one for one, before in zip(told, [None, *told], strict=False) if one != before] == (
        oracle.said
    )


def test_a_wrong_interface_is_named_with_the_nearest_right_one() -> None:
    with pytest.raises(BusError, match=r'"socketcn"; did you mean `socketcan`\?'):
        BusReader("socketcn", "can0")


def test_no_interface_at_all_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(can.util, "load_file_config", lambda *_, **__: {})
    monkeypatch.delenv("CAN_INTERFACE", raising=False)
    monkeypatch.delenv("CAN_CONFIG", raising=False)
    with pytest.raises(BusError, match="no CAN interface given"):
        BusReader()


def test_the_environment_names_the_bus_as_for_python_can(
    monkeypatch: pytest.MonkeyPatch, channel: str
) -> None:
    monkeypatch.setenv("CAN_INTERFACE", "virtual")
    monkeypatch.setenv("CAN_CHANNEL", channel)
    assert BusReader().name == f"virtual:{channel}"


def test_a_channel_that_cannot_be_opened_is_an_error_of_one_line(
    scripted: type[ScriptedBus],
) -> None:
    scripted.refusals = 1
    reader = BusReader("scripted", "nowhere")
    with pytest.raises(BusError, match="scripted:nowhere cannot be opened: no such adapter") as e:
        reader.open()
    assert "\n" not in str(e.value)


def test_a_wrong_setting_is_an_error_of_one_line() -> None:
    with pytest.raises(BusError, match="configuration cannot be used: Port config"):
        BusReader("virtual", "0", options={"port": "x"})


@pytest.mark.parametrize("interface", sorted(LISTEN_ONLY))
def test_adapters_that_can_be_silent_are_told_to_be_whatever_was_asked(interface: str) -> None:
    (name, value), *_ = LISTEN_ONLY[interface].items()
    loud = {"state": "ACTIVE"} if name == "state" else {name: not value}
    found = bus_options(interface, "0", 500_000, loud)
    assert found[name] == (can.BusState.PASSIVE if name == "state" else value)
    # python-can reads a channel of digits as a number.
    assert (found["channel"], found["bitrate"]) == (0, 500_000)


def test_a_bus_that_is_listened_to_refuses_to_send(channel: str) -> None:
    spy = can.Bus(channel, "virtual")
    bus = open_listening(bus_options("virtual", channel))
    with pytest.raises(BusError, match="only listens"):
        bus.send(a_message(0.0))
    assert spy.recv(0.05) is None
    assert not hasattr(bus, "send_periodic")
    bus.shutdown()
    spy.shutdown()


def test_a_row_keeps_what_its_message_said() -> None:
    messages = [
        a_message(1.5, 0x7FF, channel="can0"),
        a_message(2.0, 0x1FFFFFFF, is_extended_id=True, channel=1, is_rx=False),
        a_message(2.5, 0x100, data=None, is_remote_frame=True, dlc=8),
        a_message(3.0, 0x0, is_error_frame=True),
        a_message(3.5, 0x1, is_fd=True, data=bytes(range(64)), bitrate_switch=True),
        a_message(4.0, 0x1, is_fd=True, data=b"", error_state_indicator=True),
        a_message(4.5, 0x1, dlc=8, data=b"\x01\x02"),
    ]
    batch = MessageColumns().batch(messages)
    assert batch.timestamp_s.tolist() == [1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5]
    assert batch.arbitration_id.tolist() == [0x7FF, 0x1FFFFFFF, 0x100, 0x0, 0x1, 0x1, 0x1]
    assert [FrameFlag(flags) for flags in batch.flags.tolist()] == [
        FrameFlag(0),
        FrameFlag.EXTENDED | FrameFlag.TRANSMITTED,
        FrameFlag.REMOTE,
        FrameFlag.ERROR,
        FrameFlag.FD | FrameFlag.BITRATE_SWITCH,
        FrameFlag.FD | FrameFlag.ERROR_STATE,
        FrameFlag(0),
    ]
    assert batch.length.tolist() == [2, 2, 8, 2, 64, 0, 2]
    assert batch.payload.shape == (7, 64)
    assert not batch.payload[2].any()
    assert batch.payload[4].tolist() == list(range(64))
    assert batch.channels == ("can0", "1", "")
    assert batch.channel.tolist() == [0, 1, 2, 2, 2, 2, 2]


def test_channels_keep_their_numbers_and_a_byte_is_enough_for_them() -> None:
    columns = MessageColumns()
    columns.batch([a_message(0.0, channel=number) for number in range(300)])
    batch = columns.batch([a_message(0.0, channel=number) for number in (0, 254, 255, 299)])
    assert batch.channel.tolist() == [0, 254, 255, 255]
    assert len(batch.channels) == 256
    assert (batch.channels[0], batch.channels[254]) == ("0", "254")


CLASSIC = st.builds(
    a_message,
    st.floats(0, 2e9),
    st.integers(0, 0x7FF),
    data=st.binary(max_size=8),
    is_error_frame=st.booleans(),
    is_rx=st.booleans(),
)
FD = st.builds(
    a_message,
    st.floats(0, 2e9),
    st.integers(0, 0x1FFFFFFF),
    data=st.binary(max_size=64),
    is_extended_id=st.just(True),
    is_fd=st.just(True),
    bitrate_switch=st.booleans(),
    error_state_indicator=st.booleans(),
)
REMOTE = st.builds(
    a_message,
    st.floats(0, 2e9),
    st.integers(0, 0x7FF),
    data=st.none(),
    dlc=st.integers(0, 8),
    is_remote_frame=st.just(True),
)


@given(st.lists(CLASSIC | FD | REMOTE, max_size=20))
def test_messages_turned_into_columns_and_back_are_the_same(messages: list[can.Message]) -> None:
    back = list(messages_of(MessageColumns().batch(messages)))
    assert len(back) == len(messages)
    for one, other in zip(back, messages, strict=True):
        assert one.equals(other, timestamp_delta=0.0), (one, other)


def test_columns_of_no_messages_have_no_rows() -> None:
    batch = MessageColumns().batch([])
    assert len(batch) == 0
    assert batch.payload.shape == (0, 8)
    assert batch.payload.dtype == np.uint8


def test_python_can_is_not_imported_before_a_bus_is_named() -> None:
    program = (
        "import sys; import canlock.sources.bus, canlock.sources.player, canlock.sources.marks, "
        "canlock.sources.session; sys.exit('can' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("error", "is_reopened"),
    [
        (can.CanOperationError("Network is down", errno.ENETDOWN), True),
        (can.CanOperationError("No such device", errno.ENODEV), True),
        (can.CanOperationError("Interrupted", errno.EINTR), False),
    ],
)
def test_an_interface_that_says_once_that_it_has_gone_is_opened_anew(
    scripted: type[ScriptedBus], error: Exception, is_reopened: bool
) -> None:
    with BusReader("scripted", "0") as reader:
        scripted.script.put(a_message(1.0))
        scripted.script.put(error)
        scripted.script.put(a_message(2.0))
        collect(reader, has_frames(2))
    assert reader.status.reopened == is_reopened
    assert reader.status.errors == 1
