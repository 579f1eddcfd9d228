"""How truly a replay at 1x keeps the times of its capture, on python-can's virtual bus.

Beside it, in the same run, python-can's own MessageSync with the same frames: on a busy machine
both are late, and only the comparison tells.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable

import can
import numpy as np
import numpy.typing as npt

from canlock.bundled import bundled_folder
from canlock.model.frames import FrameBatch, join_batches
from canlock.sources.canmessage import messages_of
from canlock.sources.capture import open_capture
from canlock.sources.player import CapturePlayer, open_replay_bus

CAPTURE = "qashqai-driver-door-gaiter.log"
LIMIT_MS = 2.0


def play_ours(frames: FrameBatch, channel: str) -> None:
    bus = open_replay_bus("virtual", channel)
    player = CapturePlayer([frames], bus, 1.0)
    player.start()
    player.wait()
    bus.shutdown()


def play_peer(frames: FrameBatch, channel: str) -> None:
    with can.Bus(channel, "virtual") as bus:
        for message in can.MessageSync(list(messages_of(frames)), gap=0.0001, skip=60.0):
            bus.send(message)


def measure(
    frames: FrameBatch, play: Callable[[FrameBatch, str], None], name: str
) -> npt.NDArray[np.float64]:
    """Play frames and return by how many ms each was off, the common delay left out."""
    listener = can.Bus(f"bench-{name}", "virtual")
    arrivals = np.zeros(len(frames))

    def listen() -> None:
        for row in range(len(frames)):
            listener.recv(60.0)
            arrivals[row] = time.monotonic()

    thread = threading.Thread(target=listen)
    thread.start()
    play(frames, f"bench-{name}")
    thread.join()
    listener.shutdown()
    planned = frames.timestamp_s - frames.timestamp_s[0]
    # The first frame's own delay is no error of the replay: the middle one is taken for true.
    late_ms = (arrivals - arrivals[0] - planned) * 1000
    return np.asarray(late_ms - np.median(late_ms))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--guard", action="store_true", help="fail beyond the limit")
    options = parser.parse_args()
    items = open_capture(bundled_folder("captures") / CAPTURE).batches()
    frames = join_batches([item for item in items if isinstance(item, FrameBatch)])
    frames = frames.take(frames.timestamp_s < frames.timestamp_s[0] + options.seconds)
    print(f"{len(frames)} frames in {options.seconds:g} s at 1x")
    p99s = []
    for name, play in (("canlock", play_ours), ("python-can MessageSync", play_peer)):
        late_ms = measure(frames, play, name)
        p50, p99, worst = np.percentile(np.abs(late_ms), [50, 99, 100])
        drift_ms = float(np.median(late_ms[-200:]) - np.median(late_ms[:200]))
        p99s.append(p99)
        print(
            f"{name:24} timing error p50 {p50:.3f} p99 {p99:.3f} worst {worst:.1f} ms, "
            f"drift {drift_ms:+.3f} ms"
        )
    if options.guard and p99s[0] >= LIMIT_MS:
        raise SystemExit(f"beyond the limit of {LIMIT_MS:g} ms")


if __name__ == "__main__":
    main()
