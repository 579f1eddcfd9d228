"""A session at a live bus: the same verdict as from a file, and every trouble visible."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from live_builders import (
    GAITER,
    QASHQAI,
    a_channel,
    a_message,
    a_sender,
    frames_of,
    some_frames,
)

from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import VehicleUnknownError
from canlock.model.frames import FrameBatch, empty_batch
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Gap, Mark, StreamItem
from canlock.pipeline.bus_group import BusGroup
from canlock.pipeline.recognising import recognise_live
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.pipeline.supply_watch import SupplyWatch
from canlock.pipeline.watching import Attached, Pacer, Watch, link_notes
from canlock.sources.bus import BusReader
from canlock.sources.marks import read_marks
from canlock.sources.player import CapturePlayer, open_replay_bus

NOTHING = Attached()


def a_watch(
    items: Iterator[StreamItem] | None = None, attached: Attached = NOTHING
) -> tuple[str, Watch]:
    channel, stop = a_channel(), threading.Event()
    group = BusGroup([BusReader("virtual", channel)])
    given = group.items(stop) if items is None else items
    return channel, Watch(group, load_vehicle(QASHQAI), given, stop, attached)


def last_of(watch: Watch) -> Snapshot:
    *_, last = watch.steps()
    return last


def test_what_is_played_onto_a_watched_bus_gives_the_verdict_of_the_file() -> None:
    channel, watch = a_watch()
    recording = find_recording(GAITER)
    assert recording.marks is not None
    frames = frames_of(GAITER)
    for mark in read_marks(recording.marks, float(frames.timestamp_s[0])).marks:
        watch.mark(mark)
    with closing(watch.steps()) as steps:
        next(steps)
        bus = open_replay_bus("virtual", channel)
        player = CapturePlayer([frames], bus, 0)
        player.start()
        last = next(steps)
        for last in steps:
            if player.finished.is_set() and last.capture.frames == len(frames):
                watch.stop.set()
        bus.shutdown()
    whole = diagnose_recording(recording, load_vehicle(QASHQAI))
    assert last.findings == whole.findings
    assert last.operations == whole.operations
    assert (last.capture.format, last.capture.frames) == ("live", len(frames))
    assert watch.wait_closed(1)
    assert [link.state for link in last.links] == ["closed"]


def test_ids_that_nobody_needs_are_left_out_and_all_are_counted() -> None:
    channel, watch = a_watch()
    with closing(watch.steps()) as steps, a_sender(channel) as sender:
        next(steps)
        for number in range(10):
            sender.send(a_message(100.0 + number / 10, 0x7DF))
            sender.send(a_message(100.0 + number / 10, 0x358))
        for last in steps:
            if last.capture.frames == 20 and last.lives:
                watch.stop.set()
    assert {life.message for life in last.lives} == {"DOORS"} or len(last.lives) == 1
    assert sum(life.count for life in last.lives) == 10


def test_every_value_is_stale_while_no_bus_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canlock.sources.bus.SILENT_AFTER_S", 0.4)
    channel, watch = a_watch()
    fresh = False
    with closing(watch.steps()) as steps, a_sender(channel) as sender:
        next(steps)
        for number in range(5):
            sender.send(a_message(100.0 + number / 10))
        for last in steps:
            if last.states and last.links[0].state == "connected":
                fresh |= not any(state.is_stale for state in last.states)
            if last.links[0].state == "silent" and last.states:
                break
    assert fresh
    assert all(state.is_stale for state in last.states)
    assert any("no frame comes" in note for note in last.notes)


def test_a_session_that_never_ran_closes_its_bus() -> None:
    channel, watch = a_watch()
    assert watch.wait_closed(0)
    assert channel


def test_looks_take_no_more_than_a_share_of_the_processor() -> None:
    now = [0.0]
    pacer = Pacer(0.1, lambda: now[0])
    assert pacer.is_due()
    now[0] = 0.05  # The look took 50 ms: the next is due 200 ms after it.
    pacer.done()
    now[0] = 0.2499
    assert not pacer.is_due()
    now[0] = 0.2501
    assert pacer.is_due()
    pacer.done()  # It took no time: only the least pause counts.
    now[0] = 0.34
    assert not pacer.is_due()
    now[0] = 0.36
    assert pacer.is_due()


@pytest.mark.parametrize(
    ("volts", "after_s", "ends"),
    [
        pytest.param(11.79, 120.0, True, id="low for long enough"),
        pytest.param(11.79, 119.9, False, id="not yet"),
        pytest.param(11.8, 1000.0, False, id="just well"),
    ],
)
def test_a_session_ends_when_the_supply_stays_low(volts: float, after_s: float, ends: bool) -> None:
    supply = SupplyWatch(11.8, 120.0)
    assert supply.see(1000.0, volts) is None
    told = supply.see(1000.0 + after_s, volts)
    assert (told is not None) is ends
    if told is not None:
        assert "ended by itself" in told


def test_a_dip_is_no_end() -> None:
    supply = SupplyWatch(11.8, 120.0)
    told = [supply.see(float(at), 12.4 if at % 100 == 0 else 9.0) for at in range(0, 1000, 10)]
    assert told == [None] * 100


class LowSupply(SupplyWatch):
    """A battery that is empty at once."""

    def see(self, at_s: float, volts: float) -> str | None:
        return f"ended at {at_s:g} with {volts:g} V"


def test_a_session_that_ends_for_the_battery_says_so() -> None:
    from canlock.model.stream import Sample

    def items() -> Iterator[StreamItem]:
        yield some_frames([10.0, 10.1])
        yield Sample(10.1, "supply.voltage", 11.0)
        while not watch.stop.is_set():
            yield empty_batch()

    _, watch = a_watch(items(), Attached(supply=LowSupply()))
    last = last_of(watch)
    assert watch.ending == "ended at 10.1 with 11 V"
    assert last.notes[0] == watch.ending


def test_what_happened_is_told_before_the_reasoning() -> None:
    told: list[int] = []

    def items() -> Iterator[StreamItem]:
        yield some_frames([10.0])
        yield Gap(10.0, 11.0, "lost")
        yield some_frames([11.0])

    _, watch = a_watch(items(), Attached(on_detected=lambda d: told.append(len(d.states))))
    assert last_of(watch).now_s == 11.0
    assert told
    assert told[0] > 0


def test_marks_that_come_at_the_very_end_count() -> None:
    go_on = threading.Event()

    def items() -> Iterator[StreamItem]:
        yield some_frames([10.0])
        while not go_on.wait(0.01):
            yield empty_batch()

    _, watch = a_watch(items())
    with closing(watch.steps()) as steps:
        next(steps)
        watch.mark(Mark(10.0, "not-opened", "driver"))
        go_on.set()
        *_, last = steps
    assert [mark.action for mark in last.marks] == ["not-opened"]


def in_slices(frames: FrameBatch, rows: int) -> Iterator[FrameBatch | Gap]:
    for start in range(0, len(frames), rows):
        yield frames.take(slice(start, start + rows))
        yield empty_batch()


def test_a_vehicle_is_recognised_by_its_first_seconds_and_nothing_is_lost() -> None:
    frames = frames_of(GAITER)
    items = in_slices(frames, 50)
    found = recognise_live(items, threading.Event(), lambda: None)
    assert found is not None
    assert found.loaded.vehicle.id == QASHQAI
    kept = sum(len(item) for item in found.head if isinstance(item, FrameBatch))
    heard_s = float(frames.timestamp_s[kept - 1] - frames.timestamp_s[0])
    assert 3.0 <= heard_s < 10.0
    assert kept + sum(len(item) for item in items if isinstance(item, FrameBatch)) == len(frames)


def test_a_bus_of_no_known_car_is_given_up_after_ten_seconds() -> None:
    frames = some_frames([n / 100 for n in range(3000)], 0x001)
    items = in_slices(frames, 50)
    with pytest.raises(VehicleUnknownError):
        recognise_live(items, threading.Event(), lambda: None)
    left = sum(len(item) for item in items if isinstance(item, FrameBatch))
    assert 1900 < left < 2000


def test_a_silent_bus_is_said_once_and_the_listening_goes_on() -> None:
    said: list[str] = []
    ticks: Iterator[FrameBatch | Gap] = iter([empty_batch()] * 500)
    assert recognise_live(ticks, threading.Event(), lambda: said.append("silent")) is None
    assert said == ["silent"]


def test_every_trouble_of_a_link_has_words() -> None:
    from dataclasses import replace

    reader = BusReader("virtual", a_channel())
    healthy = replace(reader.status, state="connected")
    assert [note for note in link_notes([healthy]) if "silent:" not in note] == []
    ill = replace(healthy, state="lost", dropped=3, errors=2, reopened=1, last_error="unplugged")
    words = " ".join(link_notes([ill]))
    for word in ("lost", "3 frames", "2 errors", "opened again 1 times", "unplugged"):
        assert word in words
