"""One job in a process of its own, timed without imports.

Run as `python -m bench.job NAME LOG [ARGUMENT...]`. Prints seconds, processor seconds, frames,
edges and the peak memory in MB.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

Work = Callable[[], tuple[int, int]]
"""Does the job and returns how many frames and edges it found."""

VEHICLE = "bmw-e9x"


def lock(log: str) -> Work:
    """Return the lock job as canlock does it: read, decode the mapped messages, find edges."""
    from canlock.decoding.decoder import Decoder
    from canlock.decoding.layout import compile_layout
    from canlock.decoding.vehicle_file import load_vehicle
    from canlock.model.frames import FrameBatch
    from canlock.sources.capture import open_capture

    loaded = load_vehicle(VEHICLE)
    decoder = Decoder(loaded.vehicle, compile_layout(loaded.vehicle, loaded.databases.signal))
    open_source(log)

    def work() -> tuple[int, int]:
        reader = open_capture(log, decoder.wanted)
        edges = 0
        for item in reader.batches():
            if isinstance(item, FrameBatch):
                edges += len(decoder.decode(item).samples)
        return reader.info.frames, edges

    return work


def all_signals(log: str, dbc: str) -> Work:
    """Return what canlock does where every signal of every frame is wanted."""
    import numpy as np

    from canlock.decoding.all_signals import SignalReader, find_fields
    from canlock.decoding.database import load_databases
    from canlock.model.frames import FrameBatch
    from canlock.sources.capture import open_capture

    reader = SignalReader(find_fields(load_databases([Path(dbc)])))
    open_source(log)

    def work() -> tuple[int, int]:
        capture = open_capture(log)
        batches = (item for item in capture.batches() if isinstance(item, FrameBatch))
        edges = sum(int(np.count_nonzero(column.is_change)) for column in reader.read(batches))
        return capture.info.frames, edges

    return work


def open_source(log: str) -> None:
    """Import what reads a log of this kind: the peers' readers are imported by now too."""
    from canlock.sources.capture import open_capture

    open_capture(log)


def peer_lock(log: str, dbc: str, *signals: str) -> Work:
    """Return the lock job as a user of python-can and cantools would write it."""
    from bench.peer import find_edges, load_messages

    wanted = load_messages(dbc, list(signals))
    return lambda: find_edges(log, wanted)


def peer_all(log: str, dbc: str) -> Work:
    """Return the same with every signal of every frame."""
    from bench.peer import find_edges, load_messages

    wanted = load_messages(dbc, None)
    return lambda: find_edges(log, wanted)


def asammdf_lock(log: str, dbc: str, *signals: str) -> Work:
    """Return the lock job with asammdf, where it is installed."""
    import numpy as np
    from asammdf import MDF

    names = {name.split(".")[1] for name in signals}

    def work() -> tuple[int, int]:
        edges = 0
        with MDF(log) as measured:
            frames = measured.groups[0].channel_group.cycles_nr
            extracted = measured.extract_bus_logging({"CAN": [(dbc, 0)]})
            for signal in extracted.iter_channels(copy_master=False, raw=True):
                samples = signal.samples if signal.name in names else signal.samples[:1]
                edges += int(np.count_nonzero(samples[1:] != samples[:-1]))
        return int(frames), edges

    return work


def inflate(log: str) -> Work:
    """Return nothing but the inflating of a BLF log's containers with libdeflate."""
    import struct

    import deflate

    content = Path(log).read_bytes()
    container = struct.Struct("<4s4xLL8xL4x")

    def work() -> tuple[int, int]:
        at = struct.unpack_from("<4sL", content)[1]
        size = 0
        while at + 32 <= len(content):
            _, length, _, inflated = container.unpack_from(content, at)
            size += len(deflate.zlib_decompress(content[at + 32 : at + length], inflated))
            at += length + length % 4
        return size, 0

    return work


JOBS: dict[str, Callable[..., Work]] = {
    "lock": lock,
    "all": all_signals,
    "peer-lock": peer_lock,
    "peer-all": peer_all,
    "asammdf-lock": asammdf_lock,
    "inflate": inflate,
}


def main(name: str, *arguments: str) -> None:
    work = JOBS[name](*arguments)
    began_cpu, began = time.process_time(), time.perf_counter()
    frames, edges = work()
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    print(seconds, cpu, frames, edges, peak_mb())


def peak_mb() -> float:
    """Return the peak memory of this process; `getrusage` would count that of its parent too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
