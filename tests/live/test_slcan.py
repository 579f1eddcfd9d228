"""A real serial driver over a pseudo-terminal: garbage, pulled cables, and nothing left behind."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_builders import wait_for
from slcan_adapter import SlcanAdapter

from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import Gap, StreamItem
from canlock.sources.bus import BusReader

CYCLES = int(os.environ.get("CANLOCK_UNPLUG_CYCLES", "12"))
"""`make soak` asks for a thousand."""


@pytest.fixture
def adapter(tmp_path: Path) -> Iterator[SlcanAdapter]:
    made = SlcanAdapter(tmp_path / "ttyCAN")
    made.plug()
    yield made
    made.unplug()


def a_reader(adapter: SlcanAdapter) -> BusReader:
    return BusReader("slcan", str(adapter.path), bitrate=500_000, options={"sleep_after_open": 0})


def taken(reader: BusReader) -> FrameBatch:
    return join_batches([item for item in reader.take() if isinstance(item, FrameBatch)])


def test_frames_come_and_the_adapter_is_told_to_be_silent(adapter: SlcanAdapter) -> None:
    with a_reader(adapter) as reader:
        for number in range(50):
            adapter.frame(0x358, bytes([number] * 8))
        wait_for(lambda: reader.status.frames == 50)
        found = taken(reader)
        assert reader.status.silence.is_confirmed
    assert found.payload[:, 7].tolist() == list(range(50))
    assert b"L" in adapter.commands
    assert b"O" not in adapter.commands
    assert {command[:1] for command in adapter.commands} <= {b"C", b"S", b"L"}


@pytest.mark.parametrize(
    ("garbage", "is_counted"),
    [
        pytest.param(b"t3588112233\r", True, id="half a line"),
        pytest.param(b"\xff\xfe\x80t3\r", True, id="bytes that are no text"),
        pytest.param(b"tXYZ8\r", True, id="no number"),
        pytest.param(b"t358\r", True, id="cut off before its length"),
        # What looks like an answer to a command is none of the driver's business.
        pytest.param(b"\r\r\a\r\a", False, id="answers to nobody"),
        pytest.param(b"Z9999\rhello\r", False, id="words"),
    ],
)
def test_garbage_is_counted_and_what_follows_is_read(
    adapter: SlcanAdapter, garbage: bytes, is_counted: bool
) -> None:
    with a_reader(adapter) as reader:
        adapter.frame(0x100, b"\x01")
        wait_for(lambda: reader.status.frames >= 1)
        adapter.say(garbage)
        time.sleep(0.1)
        number = 0
        heard: set[int] = set()

        def is_read() -> bool:
            nonlocal number
            number += 1
            adapter.frame(0x200, bytes([number % 256] * 8))
            time.sleep(0.02)
            heard.update(taken(reader).arbitration_id.tolist())
            return 0x200 in heard

        wait_for(is_read)
        status = reader.status
    assert (status.errors > 0) is is_counted
    assert (status.last_error is not None) is is_counted
    # Nothing of it became a frame.
    assert {int(one) for one in heard} <= {0x100, 0x200}


def test_bytes_that_are_no_text_are_counted_and_leave_a_gap(adapter: SlcanAdapter) -> None:
    with a_reader(adapter) as reader:
        adapter.frame(0x100, b"\x01")
        wait_for(lambda: reader.status.frames == 1)
        adapter.say(b"\xff\xfe\r")
        wait_for(lambda: reader.status.errors > 0)
        items: list[StreamItem] = []

        def is_gap() -> bool:
            adapter.frame(0x200, b"\x02")
            time.sleep(0.05)
            items.extend(reader.take())
            return any(isinstance(item, Gap) for item in items)

        wait_for(is_gap)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def resident_kb() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts what Linux tells of itself")
def test_a_pulled_cable_comes_back_every_time_and_leaves_nothing(adapter: SlcanAdapter) -> None:
    slowest_s = 0.0
    with a_reader(adapter) as reader:
        threads = files = kept_kb = 0
        for cycle in range(CYCLES):
            adapter.unplug()
            wait_for(lambda: reader.status.state in ("reconnecting", "lost"))
            before = reader.status.frames
            adapter.plug()
            plugged_at = time.monotonic()
            while reader.status.frames == before:
                adapter.frame(0x358, bytes(8))
                time.sleep(0.01)
                assert time.monotonic() - plugged_at < 10.0, reader.status
            slowest_s = max(slowest_s, time.monotonic() - plugged_at)
            assert reader.status.state == "connected", (cycle, reader.status)
            list(reader.take())
            if cycle == min(10, CYCLES // 2):
                gc.collect()
                threads, files, kept_kb = threading.active_count(), open_files(), resident_kb()
        gc.collect()
        assert threading.active_count() == threads
        assert open_files() <= files
        grown_kb = resident_kb() - kept_kb
        assert reader.status.reopened >= CYCLES
    print(f"{CYCLES} cycles, back after {slowest_s:.2f} s at most, {grown_kb} kB more memory")
    assert slowest_s < 1.0 if CYCLES > 100 else slowest_s < 2.0
    assert grown_kb < 8000
