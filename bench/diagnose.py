"""`canlock diagnose` beside python-can + cantools, both as whole cold processes, interleaved.

The peer decodes the same signals of the same file and finds their edges; canlock does that and
diagnoses. Prints medians, the ratio pair by pair and both memory peaks.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.generate import write_log
from bench.guard import stays_fallen
from canlock.bundled import bundled_folder

VEHICLE = "bmw-e9x"
NEVER_COMPILED = "PYTHONDONTWRITEBYTECODE"
FULL_FRAMES, QUICK_FRAMES = 2_000_000, 300_000
FULL_ROUNDS, QUICK_ROUNDS = 3, 2
LEAST_QUICK_RATIO = 1.5
"""Guard for CI on the small log, where start-up weighs most; the full run is for the figure."""


def run(command: list[str]) -> tuple[float, float]:
    """Run a command to its end; return wall seconds and peak memory in MB."""
    # An installed package is compiled; a checkout is where its first run may keep what it compiled.
    environment = {name: value for name, value in os.environ.items() if name != NEVER_COMPILED}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        assert process.stderr is not None
        raise SystemExit(f"{command}: {process.stderr.read().decode()}")
    return seconds, usage.ru_maxrss / 1024


def mapped_signals() -> tuple[str, list[str]]:
    """Return the DBC of the vehicle and the signals that its file maps."""
    import tomllib

    folder = bundled_folder("dbc")
    document = tomllib.loads((folder / f"{VEHICLE}.toml").read_text(encoding="utf-8"))
    names = [
        name
        for entry in document["signal"]
        for name in [*entry.get("signals", []), *([entry["signal"]] if "signal" in entry else [])]
    ]
    return str(folder / document["dbc"][0]), sorted(set(names))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small log, guarding the ratio")
    parser.add_argument("--frames", type=int)
    options = parser.parse_args()
    frames = options.frames or (QUICK_FRAMES if options.quick else FULL_FRAMES)
    rounds = QUICK_ROUNDS if options.quick else FULL_ROUNDS
    folder = Path(".bench")
    folder.mkdir(exist_ok=True)
    log = folder / f"lock-{frames}.log"
    if not log.exists():
        write_log(log, frames)
    dbc, signals = mapped_signals()
    ours = [sys.executable, "-m", "canlock", "diagnose", str(log), "--vehicle", VEHICLE]
    peer = [sys.executable, "-m", "bench.peer", str(log), dbc, *signals]
    run(ours)  # Warms the file cache for both.
    pairs = [(run(ours), run(peer)) for _ in range(rounds)]
    ratios = [theirs[0] / mine[0] for mine, theirs in pairs]
    print(f"{frames} frames, {log.stat().st_size / 1e6:.0f} MB, {rounds} rounds, cold processes")
    for name, column in (("canlock diagnose", 0), ("python-can + cantools", 1)):
        seconds = statistics.median(pair[column][0] for pair in pairs)
        peak = max(pair[column][1] for pair in pairs)
        print(f"{name:24}{seconds:8.2f} s {frames / seconds / 1e3:9.0f} k frames/s {peak:6.0f} MB")
    print(f"ratio {statistics.median(ratios):.1f} (from {min(ratios):.1f} to {max(ratios):.1f})")
    if options.quick and stays_fallen(
        [(mine[0], theirs[0]) for mine, theirs in pairs],
        lambda: (run(ours)[0], run(peer)[0]),
        lambda ratio: ratio < LEAST_QUICK_RATIO,
    ):
        raise SystemExit(f"the ratio has fallen under {LEAST_QUICK_RATIO}")


if __name__ == "__main__":
    main()
