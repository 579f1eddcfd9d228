"""How truly a replay at 1x keeps the times of its capture, on python-can's virtual bus."""

from __future__ import annotations

import argparse
import threading
import time

import can
import numpy as np

from canlock.bundled import bundled_folder
from canlock.model.frames import FrameBatch, join_batches
from canlock.sources.capture import open_capture
from canlock.sources.player import CapturePlayer, open_replay_bus

CAPTURE = "qashqai-driver-door-gaiter.log"
LIMIT_MS = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--guard", action="store_true", help="fail beyond the limit")
    options = parser.parse_args()
    items = open_capture(bundled_folder("captures") / CAPTURE).batches()
    frames = join_batches([item for item in items if isinstance(item, FrameBatch)])
    frames = frames.take(frames.timestamp_s < frames.timestamp_s[0] + options.seconds)
    bus = open_replay_bus("virtual", "bench-replay")
    listener = can.Bus("bench-replay", "virtual")
    arrivals = np.zeros(len(frames))

    def listen() -> None:
        for row in range(len(frames)):
            listener.recv(60.0)
            arrivals[row] = time.monotonic()

    thread = threading.Thread(target=listen)
    thread.start()
    player = CapturePlayer([frames], bus, 1.0)
    player.start()
    player.wait()
    thread.join()
    bus.shutdown()
    listener.shutdown()
    planned = frames.timestamp_s - frames.timestamp_s[0]
    # The first frame's own delay is no error of the replay: the middle one is taken for true.
    late_ms = (arrivals - arrivals[0] - planned) * 1000
    error_ms = np.abs(late_ms - np.median(late_ms))
    p50, p99, worst = np.percentile(error_ms, [50, 99, 100])
    drift_ms = float(np.median(late_ms[-200:]) - np.median(late_ms[:200]))
    print(
        f"{len(frames)} frames in {planned[-1]:.1f} s at 1x: timing error p50 {p50:.3f} "
        f"p99 {p99:.3f} worst {worst:.1f} ms, drift {drift_ms:+.3f} ms"
    )
    if options.guard and p99 >= LIMIT_MS:
        raise SystemExit(f"beyond the limit of {LIMIT_MS:g} ms")


if __name__ == "__main__":
    main()
