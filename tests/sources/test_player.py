"""Playing a capture onto a virtual bus: the same frames, at their times, and nowhere else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from itertools import count, pairwise
from math import inf, nan

import can
import numpy as np
import pytest
from can.interfaces.udp_multicast import UdpMulticastBus
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.errors import BusError, CaptureUnreadableError, SourceError
from canlock.model.frames import FrameBatch, FrameFlag, empty_batch, join_batches
from canlock.model.stream import Gap
from canlock.sources import player as player_module
from canlock.sources.clock import JUMP_FRAMES, JUMP_S, Pace
from canlock.sources.player import CapturePlayer, open_replay_bus, replay_over_virtual_bus

NUMBERS = count()
PATIENCE_S = 30.0
PROMPT_S = 5.0
"""Far less than what is not waited for, and more than a busy machine may stand still."""
FLAGS = (
    FrameFlag(0),
    FrameFlag.EXTENDED,
    FrameFlag.REMOTE,
    FrameFlag.REMOTE | FrameFlag.EXTENDED,
    FrameFlag.ERROR,
    FrameFlag.FD,
    FrameFlag.FD | FrameFlag.EXTENDED | FrameFlag.BITRATE_SWITCH,
    FrameFlag.FD | FrameFlag.ERROR_STATE,
)


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
    return f"test-player-{next(NUMBERS)}"


def a_batch(times_s: list[float], *, seed: int = 0, width: int = 8) -> FrameBatch:
    """Frames of every kind, their content drawn from the seed."""
    rng = np.random.default_rng(seed)
    rows = len(times_s)
    usable = [flag for flag in FLAGS if width == 64 or not flag & FrameFlag.FD]
    flags = rng.choice([int(flag) for flag in usable], rows).astype(np.uint8)
    is_fd = (flags & FrameFlag.FD) != 0
    length = np.where(is_fd, rng.integers(0, 65, rows), rng.integers(0, 9, rows)).astype(np.uint8)
    payload = rng.integers(0, 256, (rows, width)).astype(np.uint8)
    payload[np.arange(width) >= length[:, None]] = 0
    payload[(flags & FrameFlag.REMOTE) != 0] = 0
    is_extended = (flags & FrameFlag.EXTENDED) != 0
    ids = np.where(is_extended, rng.integers(0, 1 << 29, rows), rng.integers(0, 1 << 11, rows))
    return FrameBatch(
        np.array(times_s),
        ids.astype(np.uint32),
        flags,
        length,
        np.zeros(rows, np.uint8),
        payload,
        ("can0",),
    )


def frames_of(items: list[FrameBatch | Gap]) -> FrameBatch:
    return join_batches([item for item in items if isinstance(item, FrameBatch)])


def assert_same_frames(received: FrameBatch, sent: FrameBatch) -> None:
    assert received.timestamp_s.tolist() == sent.timestamp_s.tolist()
    assert received.arbitration_id.tolist() == sent.arbitration_id.tolist()
    assert received.flags.tolist() == sent.flags.tolist()
    assert received.length.tolist() == sent.length.tolist()
    width = max(received.payload.shape[1], sent.payload.shape[1])
    wide = [
        np.pad(batch.payload, ((0, 0), (0, width - batch.payload.shape[1])))
        for batch in (received, sent)
    ]
    assert (wide[0] == wide[1]).all()


@pytest.mark.parametrize("speed", [0, inf])
@pytest.mark.parametrize("width", [8, 64])
def test_frames_of_every_kind_arrive_as_they_were_sent(speed: float, width: int) -> None:
    times_s = (1_700_000_000 + np.arange(3000) * 0.0123456).tolist()
    sent = a_batch(times_s, width=width)
    items = list(
        replay_over_virtual_bus(
            iter([sent.take(slice(0, 1000)), sent.take(slice(1000, None))]), speed
        )
    )
    assert_same_frames(frames_of(items), sent)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=5), st.integers(0, 1000))
def test_however_the_capture_is_cut_the_same_frames_arrive(sizes: list[int], seed: int) -> None:
    batches = [
        a_batch(
            np.random.default_rng(seed + n).uniform(-1, 1e9, size).tolist(), seed=seed, width=64
        )
        for n, size in enumerate(sizes)
    ]
    received = list(replay_over_virtual_bus(batches, 0))
    assert_same_frames(frames_of(received), join_batches(batches))
    assert all(len(item) for item in received if isinstance(item, FrameBatch))


def test_gaps_come_out_where_they_went_in() -> None:
    sent = a_batch([float(number) for number in range(10)])
    gaps = [Gap(at_s, at_s + 0.5, f"gap {at_s}") for at_s in (-1.0, 3.5, 9.0, 9.1)]
    stream: list[FrameBatch | Gap] = [
        gaps[0],
        sent.take(slice(0, 4)),
        gaps[1],
        sent.take(slice(4, 10)),
        gaps[2],
        gaps[3],
    ]
    told: list[float | Gap] = []
    for item in replay_over_virtual_bus(stream, 0):
        told.extend([item] if isinstance(item, Gap) else item.timestamp_s.tolist())
    assert told == [gaps[0], 0.0, 1.0, 2.0, 3.0, gaps[1], *map(float, range(4, 10)), *gaps[2:]]


def test_a_reader_that_is_slower_than_the_bus_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(player_module, "IN_FLIGHT_LIMIT", 100)
    sent = a_batch([number / 1000 for number in range(1500)])
    items: list[FrameBatch | Gap] = []
    for item in replay_over_virtual_bus([sent], 0):
        assert len(frames_of([item])) <= 100
        items.append(item)
    assert_same_frames(frames_of(items), sent)


@pytest.mark.parametrize("name", ["7", "body CAN"])
def test_others_may_listen_on_the_named_channel(name: str) -> None:
    sent = a_batch([0.0, 1.0, 2.0])
    listener = can.Bus(name, "virtual")
    try:
        items = list(replay_over_virtual_bus([sent], 0, channel=name))
        heard = [listener.recv(1) for _ in range(3)]
    finally:
        listener.shutdown()
    assert len(frames_of(items)) == 3
    assert [message.timestamp for message in heard if message] == [0.0, 1.0, 2.0]


def test_two_replays_at_once_do_not_hear_each_other() -> None:
    one, other = a_batch([1.0] * 50, seed=1), a_batch([2.0] * 50, seed=2)
    first, second = replay_over_virtual_bus([one], 0), replay_over_virtual_bus([other], 0)
    begun = [next(first), next(second)]
    assert_same_frames(frames_of([begun[0], *first]), one)
    assert_same_frames(frames_of([begun[1], *second]), other)


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0, 10.0])
def test_speed_divides_the_distances_and_no_error_adds_up(speed: float) -> None:
    times_s = [5.0 + 0.1 * number for number in range(1000)]
    pace = Pace(speed, now=lambda: 40.0)
    due_at = [pace.due_at(time_s) for time_s in times_s]
    assert due_at == pytest.approx([40.0 + 0.1 * number / speed for number in range(1000)])


def test_a_frame_is_never_sent_before_it_is_due(channel: str) -> None:
    began_at = time.monotonic()
    arrivals = play_and_time(a_batch([0.0, 0.05, 0.1]), channel, speed=0.5)
    assert arrivals[1] - began_at >= 0.1
    assert arrivals[2] - began_at >= 0.2


def play_and_time(batch: FrameBatch, channel: str, speed: float) -> list[float]:
    """Return the host's time at which each frame arrives."""
    arrivals = []
    listener = can.Bus(channel, "virtual")
    bus = open_replay_bus("virtual", channel)
    player = CapturePlayer([batch], bus, speed)
    player.start()
    try:
        for _ in range(len(batch)):
            assert listener.recv(PATIENCE_S) is not None
            arrivals.append(time.monotonic())
        assert player.wait(PATIENCE_S)
    finally:
        player.stop()
        bus.shutdown()
        listener.shutdown()
    assert player.sent == len(batch)
    return arrivals


def test_a_player_stops_in_the_middle_of_a_long_wait(channel: str) -> None:
    bus = open_replay_bus("virtual", channel)
    player = CapturePlayer([a_batch([0.0, 1e12])], bus, 1.0)
    player.start()
    deadline = time.monotonic() + PATIENCE_S
    while player.sent < 1:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not player.wait(0.05)
    began_at = time.monotonic()
    player.stop()
    assert time.monotonic() - began_at < PROMPT_S
    assert player.finished.is_set()
    assert player.sent == 1
    player.stop()
    bus.shutdown()


def test_a_player_that_was_never_started_can_be_stopped(channel: str) -> None:
    bus = open_replay_bus("virtual", channel)
    CapturePlayer([], bus).stop()
    bus.shutdown()


def test_a_replay_that_is_stopped_gives_what_was_played() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    items = list(replay_over_virtual_bus([a_batch([0.0, 0.01, 1e6])], 1.0, stop=stop))
    assert frames_of(items).timestamp_s.tolist() == [0.0, 0.01]


def test_a_replay_that_is_left_in_the_middle_leaves_nothing_behind() -> None:
    closed = threading.Event()

    def capture() -> Iterator[FrameBatch]:
        try:
            while True:
                yield a_batch([0.0] * 100)
        finally:
            closed.set()

    replay = replay_over_virtual_bus(capture(), 0)
    next(replay)
    replay.close()  # type: ignore[attr-defined]
    assert closed.wait(PATIENCE_S)


def test_what_goes_wrong_in_the_capture_comes_out_after_what_was_played() -> None:
    def capture() -> Iterator[FrameBatch]:
        yield a_batch([0.0, 1.0])
        raise CaptureUnreadableError("drive.log:3: found nothing")

    items: list[FrameBatch | Gap] = []
    with pytest.raises(CaptureUnreadableError, match=r"drive\.log:3"):
        items.extend(replay_over_virtual_bus(capture(), 0))
    assert len(frames_of(items)) == 2


def test_a_mistake_in_the_players_thread_is_told_in_one_line(channel: str) -> None:
    def stumble(sent: int, gap: Gap) -> None:
        raise ZeroDivisionError(f"{gap.reason} after {sent}\nsecond line")

    bus = open_replay_bus("virtual", channel)
    player = CapturePlayer([Gap(0.0, 1.0, "torn")], bus, 0, on_gap=stumble)
    player.start()
    with pytest.raises(BusError, match=r"the replay broke off: torn after 0$"):
        player.wait(PATIENCE_S)
    bus.shutdown()


def test_nothing_at_all_can_be_played() -> None:
    assert list(replay_over_virtual_bus([], 1.0)) == []
    assert list(replay_over_virtual_bus([empty_batch()], 1.0)) == []


class CarBus(can.BusABC):
    """A bus that leads to a car."""

    def __init__(self) -> None:
        super().__init__("0")

    def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002
        raise AssertionError(f"{msg} was sent")


def test_a_real_bus_is_refused_before_anything_is_played() -> None:
    bus = CarBus()
    with pytest.raises(BusError, match="CarBus: captures are played onto a virtual bus only"):
        CapturePlayer([a_batch([0.0])], bus, 0)
    bus.shutdown()


@pytest.mark.parametrize("interface", ["socketcan", "slcan", "kvaser", "", "VIRTUAL"])
def test_no_real_interface_is_opened_to_play_on(interface: str) -> None:
    with pytest.raises(BusError, match="expected virtual or udp_multicast"):
        open_replay_bus(interface, "can0")


def a_multicast_bus(hop_limit: int) -> can.BusABC:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        return UdpMulticastBus(UdpMulticastBus.DEFAULT_GROUP_IPv4, port, hop_limit)
    except can.CanInitializationError as error:
        pytest.skip(f"this machine has no multicast: {error}")


def test_a_multicast_bus_whose_frames_could_leave_the_host_is_refused() -> None:
    bus = a_multicast_bus(1)
    with pytest.raises(BusError, match="hop_limit=0"):
        CapturePlayer([], bus, 0)
    bus.shutdown()


def test_a_multicast_bus_that_stays_on_the_host_is_played_on() -> None:
    bus = a_multicast_bus(0)
    player = CapturePlayer([a_batch([0.0, 0.0])], bus, 0)
    player.start()
    assert player.wait(PATIENCE_S)
    assert player.sent == 2
    bus.shutdown()


@pytest.mark.parametrize("speed", [-1.0, -inf, nan])
def test_time_does_not_run_backwards(speed: float) -> None:
    with pytest.raises(SourceError, match="expected 0"):
        Pace(speed)


class Clock:
    """The host's clock, set by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@given(
    st.lists(st.floats(0, 0.9), min_size=1, max_size=30),
    st.floats(0.1, 100),
    st.floats(-1e9, 1e9),
)
def test_a_frame_is_due_as_long_after_the_first_as_it_was_however_late_the_others_were(
    steps_s: list[float], speed: float, first_s: float
) -> None:
    clock = Clock()
    pace = Pace(speed, clock)
    times_s = np.cumsum([first_s, *steps_s]).tolist()
    for timestamp_s in times_s:
        due_at = pace.due_at(timestamp_s)
        assert due_at == pytest.approx(1000.0 + (timestamp_s - first_s) / speed, abs=1e-6)
        # However long the sending took: nothing adds up.
        clock.now_s += 0.3


@pytest.mark.parametrize(("back_s", "is_at_once"), [(JUMP_S, False), (JUMP_S + 0.1, True)])
def test_a_frame_out_of_order_keeps_its_place_and_a_stray_one_is_due_at_once(
    back_s: float, is_at_once: bool
) -> None:
    pace = Pace(1.0, Clock())
    pace.due_at(0.0)
    pace.due_at(10.0)
    assert (pace.due_at(10.0 - back_s) == -inf) is is_at_once
    assert pace.due_at(11.0) == 1011.0


@pytest.mark.parametrize(
    ("frames", "starts_again"), [(JUMP_FRAMES - 1, False), (JUMP_FRAMES, True)]
)
def test_where_the_clock_was_set_back_and_stays_so_the_reckoning_starts_again(
    frames: int, starts_again: bool
) -> None:
    clock = Clock()
    pace = Pace(1.0, clock)
    pace.due_at(5000.0)
    clock.now_s = 1010.0
    due = [pace.due_at(100.0 + number) for number in range(frames)]
    assert due[: JUMP_FRAMES - 1] == [-inf] * (JUMP_FRAMES - 1)
    assert (due[-1] == 1010.0) is starts_again
    if starts_again:
        assert pace.due_at(100.0 + frames) == 1011.0


def test_a_time_that_is_no_number_is_due_at_once() -> None:
    pace = Pace(1.0, Clock())
    assert pace.due_at(nan) == -inf
    assert pace.due_at(7.0) == 1000.0
    assert pace.due_at(inf) == -inf
    assert pace.wait_s(-inf) == 0.0
    assert [b - a for a, b in pairwise([pace.due_at(8.0), pace.due_at(9.0)])] == [1.0]
