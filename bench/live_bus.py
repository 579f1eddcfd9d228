"""A full 1 Mbit/s bus on python-can's virtual bus: canlock watching it, beside Notifier + cantools.

Prints for each: frames lost, the processor that the receiving thread takes, the time from a frame
to what is known of it, and how memory grows. The sender is a thread of the same process, for the
virtual bus knows no other; it takes its share of the interpreter too. A process that does nothing
but sleep tells how long the machine itself stood still meanwhile: no program is quicker than that.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import can
import numpy as np

from bench.metronome import Metronome
from canlock.bundled import bundled_folder
from canlock.decoding.vehicle_file import load_vehicle
from canlock.detection.detector import Detected
from canlock.model.snapshot import Snapshot
from canlock.model.stream import StreamItem
from canlock.pipeline.bus_group import BusGroup
from canlock.pipeline.ring import Ring
from canlock.pipeline.watching import Attached, Watch
from canlock.sources.bus import BusReader

VEHICLE = "nissan-qashqai-j10"
DOORS, LOCKS = 0x60D, 0x358
FRAMES_PER_S = 8000
IDS = 80
TOGGLE_S = 1.0
"""A door opens or shuts so often: each is an event to be timed."""

LIMITS = {"filtered": 15.0, "unfiltered": 40.0}
LATENCY_MS = 60.0


@dataclass
class Figures:
    """What one run showed."""

    sent: int = 0
    received: int = 0
    dropped: int = 0
    thread_share: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        p50, p99 = np.percentile(self.latencies_ms or [0.0], [50, 99])
        middle = self.resident_mb[len(self.resident_mb) // 2]
        return (
            f"{name:32} sent {self.sent:8} lost {self.sent - self.received:5} "
            f"dropped {self.dropped:4}  receiving thread {self.thread_share:5.1f} % of a core  "
            f"frame to event p50 {p50:5.1f} p99 {p99:5.1f} ms "
            f"({len(self.latencies_ms)} events)  memory "
            f"{self.resident_mb[0]:.1f} MB at the start, {middle:.1f} half-way, "
            f"{self.resident_mb[-1]:.1f} MB at the end"
        )


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


class Sender(threading.Thread):
    """Sends frames evenly; now and then a door opens or shuts."""

    def __init__(self, channel: str, seconds: float) -> None:
        super().__init__(daemon=True)
        self._bus = can.Bus(channel, "virtual")
        self._seconds = seconds
        self.sent = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        ids = [DOORS, LOCKS, 0x625, *range(0x100, 0x100 + IDS - 3)]
        messages = [
            can.Message(arbitration_id=one, is_extended_id=False, data=bytes(8), check=False)
            for one in ids
        ]
        began_at = time.monotonic()
        while (now := time.monotonic() - began_at) < self._seconds:
            is_open = int(now / TOGGLE_S) % 2
            messages[0].data = bytearray([0x08 * is_open, 0, 0, 0, 0, 0, 0, 0])
            due = int(now * FRAMES_PER_S)
            while self.sent < due:
                self._bus.send(messages[self.sent % len(messages)])
                self.sent += 1
            time.sleep(0.001)
        time.sleep(0.3)
        self.is_over.set()
        self._bus.shutdown()


class Doors:
    """Times how long after its frame a door's event is known."""

    def __init__(self) -> None:
        self.latencies_ms: list[float] = []
        self._last_s = 0.0

    def see(self, detected: Detected) -> None:
        now_s = time.time()
        for event in reversed(detected.events):
            if event.at_s <= self._last_s:
                break
            if event.role == "door.ajar":
                self.latencies_ms.append((now_s - event.at_s) * 1000)
        if detected.events:
            self._last_s = max(self._last_s, detected.events[-1].at_s)


class Everything:
    """A consumer that needs all frames: the ring that incidents are cut from."""

    notes = ()

    def __init__(self) -> None:
        self._ring = Ring()

    def take(self, item: StreamItem) -> None:
        self._ring.take(item)

    def look(self, snapshot: Snapshot) -> None:
        pass

    def close(self) -> None:
        pass


def run_canlock(seconds: float, *, is_filtered: bool) -> Figures:
    doors, stop = Doors(), threading.Event()
    channel = f"bench-{is_filtered}"
    reader = BusReader("virtual", channel)
    group = BusGroup([reader])
    consumers = () if is_filtered else (Everything(),)
    attached = Attached(consumers, on_detected=doors.see, tap_s=0.0)
    steps = Watch(group, load_vehicle(VEHICLE), group.items(stop), stop, attached).steps()
    next(steps)
    share = thread_cpu(reading_thread(reader))
    sender = Sender(channel, seconds)
    sender.start()
    memory: list[float] = []
    next_look_at = 0.0
    thread_share = 0.0
    for _ in steps:
        if time.monotonic() > next_look_at:
            memory.append(resident_mb())
            next_look_at = time.monotonic() + max(1.0, seconds / 20)
        if sender.is_over.is_set() and not stop.is_set():
            thread_share = share()
            stop.set()
    status = reader.status
    return Figures(
        sender.sent,
        status.frames,
        status.dropped,
        thread_share,
        doors.latencies_ms,
        memory[2:] or [0.0],
    )


def reading_thread(reader: BusReader) -> threading.Thread:
    (thread,) = (one for one in threading.enumerate() if one.name == f"read {reader.name}")
    return thread


def thread_cpu(thread: threading.Thread) -> Callable[[], float]:
    """Return what tells how much of a core a thread has taken since now, in percent."""
    assert thread.ident is not None
    clock = time.pthread_getcpuclockid(thread.ident)
    work_s, began_at = time.clock_gettime(clock), time.monotonic()
    return lambda: (time.clock_gettime(clock) - work_s) / (time.monotonic() - began_at) * 100


def run_peer(seconds: float) -> Figures:
    """Run python-can's Notifier with a listener that decodes the same messages with cantools."""
    import cantools

    figures = Figures()
    loaded = cantools.database.load_file(bundled_folder("dbc") / "nissan_qashqai_j10.dbc")
    assert isinstance(loaded, cantools.database.Database)
    database = loaded
    mapped = {message.frame_id for message in database.messages}
    is_open: list[object] = [None]

    class Decoding(can.Listener):
        def on_message_received(self, msg: can.Message) -> None:
            figures.received += 1
            if msg.arbitration_id not in mapped:
                return
            values = database.decode_message(
                msg.arbitration_id, bytes(msg.data), decode_choices=False
            )
            if msg.arbitration_id == DOORS and values != is_open[0]:
                is_open[0] = values
                figures.latencies_ms.append((time.time() - msg.timestamp) * 1000)

    with listening("bench-peer", Decoding()) as thread:
        sender = Sender("bench-peer", seconds)
        share = thread_cpu(thread)
        sender.start()
        while not sender.is_over.wait(max(1.0, seconds / 20)):
            figures.resident_mb.append(resident_mb())
        figures.thread_share = share()
    figures.sent = sender.sent
    figures.resident_mb = figures.resident_mb or [0.0]
    return figures


@contextmanager
def listening(channel: str, listener: can.Listener) -> Iterator[threading.Thread]:
    bus = can.Bus(channel, "virtual")
    before = set(threading.enumerate())
    notifier = can.Notifier(bus, [listener])
    (thread,) = set(threading.enumerate()) - before
    yield thread
    notifier.stop()
    bus.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="for each of ours")
    parser.add_argument("--guard", action="store_true", help="fail beyond the limits")
    options = parser.parse_args()
    print(f"{FRAMES_PER_S} frames/s of {IDS} ids, {options.seconds:g} s each")
    failures = []
    for is_filtered in (True, False):
        name = "filtered" if is_filtered else "unfiltered"
        with Metronome() as metronome:
            figures = run_canlock(options.seconds, is_filtered=is_filtered)
            print(figures.line(f"canlock, {name}"), metronome.line(), sep="\n", flush=True)
        p99 = float(np.percentile(figures.latencies_ms or [1e9], 99))
        if figures.received != figures.sent or figures.dropped:
            failures.append(f"{name}: frames were lost")
        if figures.thread_share > LIMITS[name]:
            failures.append(f"{name}: {figures.thread_share:.1f} % of a core")
        if p99 > LATENCY_MS:
            failures.append(f"{name}: {p99:.1f} ms from frame to event")
    with Metronome() as metronome:
        peer = run_peer(min(options.seconds, 60.0))
        print(peer.line("Notifier + cantools"), metronome.line(), sep="\n", flush=True)
    if options.guard and failures:
        raise SystemExit("; ".join(failures))
    for failure in failures:
        print(f"beyond the limit: {failure}")


if __name__ == "__main__":
    main()
