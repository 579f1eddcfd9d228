"""A day at a body bus, 50 times as fast: does memory stay where it was after the first hour?

A healthy sample capture is played again and again, its times going on, onto a virtual bus that is
watched, with a ring for incidents. Prints memory for each simulated hour.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.live_bus import Everything, resident_mb
from canlock.bundled import bundled_folder
from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.frames import FrameBatch, join_batches
from canlock.pipeline.bus_group import BusGroup
from canlock.pipeline.watching import Attached, Watch
from canlock.sources.bus import BusReader
from canlock.sources.capture import open_capture
from canlock.sources.player import CapturePlayer, open_replay_bus

CAPTURE, VEHICLE = "qashqai-healthy.log", "nissan-qashqai-j10"
HOUR_S = 3600.0
GROWTH = 0.10


def endless(path: Path, until_s: float) -> Iterator[FrameBatch]:
    """Yield a capture again and again, its times going on for `until_s` seconds."""
    items = open_capture(path).batches()
    frames = join_batches([item for item in items if isinstance(item, FrameBatch)])
    length_s = float(frames.timestamp_s[-1] - frames.timestamp_s[0]) + 0.01
    rounds = int(until_s / length_s) + 1
    for number in range(rounds):
        yield replace(frames, timestamp_s=frames.timestamp_s + number * length_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--speed", type=float, default=50.0)
    parser.add_argument("--guard", action="store_true", help="fail beyond the limit")
    options = parser.parse_args()
    stop = threading.Event()
    reader = BusReader("virtual", "bench-soak")
    group = BusGroup([reader])
    attached = Attached((Everything(),))
    steps = Watch(group, load_vehicle(VEHICLE), group.items(stop), stop, attached).steps()
    next(steps)
    bus = open_replay_bus("virtual", "bench-soak")
    path = bundled_folder("captures") / CAPTURE
    player = CapturePlayer(endless(path, options.hours * HOUR_S), bus, options.speed)
    player.start()
    hours: list[float] = []
    began_at = time.monotonic()
    for snapshot in steps:
        if snapshot.first_s is not None and snapshot.now_s is not None:
            hour = (snapshot.now_s - snapshot.first_s) / HOUR_S
            if hour >= len(hours) + 1:
                hours.append(resident_mb())
                work = len(snapshot.operations) + snapshot.dropped_operations
                print(f"hour {len(hours):3}: {hours[-1]:6.1f} MB, {work} operations", flush=True)
        if player.finished.is_set():
            stop.set()
    bus.shutdown()
    status = reader.status
    print(
        f"{status.frames} frames in {time.monotonic() - began_at:.0f} s, "
        f"{player.sent - status.frames} lost, {status.dropped} dropped"
    )
    if len(hours) < 2:
        return
    growth = max(hours) / hours[0] - 1
    print(f"memory: first hour {hours[0]:.1f} MB, most {max(hours):.1f} MB ({growth:+.1%})")
    if options.guard and (growth > GROWTH or status.dropped or player.sent != status.frames):
        raise SystemExit("beyond the limit")


if __name__ == "__main__":
    main()
