"""One lock job in a process of its own: read a log, decode the mapped signals, find their edges.

Run as `python -m bench.lock_job canlock|peer LOG DBC SIGNAL...`; prints seconds without imports,
frames, edges and the peak memory in MB.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

VEHICLE = "bmw-e9x"


def prepare_canlock(log: str) -> Callable[[], tuple[int, int]]:
    """Return the job as canlock does it, everything imported and loaded."""
    from canlock.decoding.decoder import Decoder
    from canlock.decoding.layout import compile_layout
    from canlock.decoding.vehicle_file import load_vehicle
    from canlock.model.frames import FrameBatch
    from canlock.sources.capture import open_capture

    loaded = load_vehicle(VEHICLE)
    decoder = Decoder(loaded.vehicle, compile_layout(loaded.vehicle, loaded.databases.signal))

    def work() -> tuple[int, int]:
        reader = open_capture(log, decoder.wanted)
        edges = 0
        for item in reader.batches():
            if isinstance(item, FrameBatch):
                edges += len(decoder.decode(item).samples)
        return reader.info.frames, edges

    return work


def prepare_peer(log: str, dbc: str, signals: list[str]) -> Callable[[], tuple[int, int]]:
    """Return the job as a user of python-can and cantools would write it."""
    from bench.peer import find_edges, load_messages

    wanted = load_messages(dbc, signals)
    return lambda: find_edges(log, wanted)


def main(who: str, log: str, dbc: str, signals: list[str]) -> None:
    work = prepare_canlock(log) if who == "canlock" else prepare_peer(log, dbc, signals)
    began = time.perf_counter()
    frames, edges = work()
    seconds = time.perf_counter() - began
    print(seconds, frames, edges, peak_mb())


def peak_mb() -> float:
    """Return the peak memory of this process; `getrusage` would count that of its parent too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
