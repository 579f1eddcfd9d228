"""The lock job on logs of each format beside python-can + cantools, interleaved.

Every job runs in a process of its own and is timed without imports. Prints medians, the ratio round
by round and both memory peaks.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

from bench.diagnose import QUICK_FRAMES, mapped_signals
from bench.generate import write_format, write_log, write_ragged

FULL_FRAMES = 2_000_000
FULL_ROUNDS, QUICK_ROUNDS = 3, 2
LEAST_QUICK_RATIOS = {"candump": 15.0, "ragged": 10.0, "blf": 4.0, "asc": 8.0}
"""Guards for CI on small logs and busy machines: less than half of what is usual there."""


def make_logs(folder: Path, frames: int) -> dict[str, Path]:
    """Return one log a format, each with the same frames, written where it is missing."""
    folder.mkdir(exist_ok=True)
    logs = {
        "candump": folder / f"lock-{frames}.log",
        "ragged": folder / f"ragged-{frames}.log",
        "blf": folder / f"lock-{frames}.blf",
        "asc": folder / f"lock-{frames}.asc",
    }
    for name, path in logs.items():
        if path.exists():
            continue
        part = path.with_name(f"part-{path.name}")
        if name == "candump":
            write_log(part, frames)
        elif name == "ragged":
            write_ragged(part, logs["candump"])
        else:
            write_format(part, logs["candump"])
        part.rename(path)
    return logs


def run(who: str, log: Path, dbc: str, signals: list[str]) -> tuple[float, int, float]:
    """Run one job; return seconds, frames and peak memory in MB."""
    command = [sys.executable, "-m", "bench.lock_job", who, str(log), dbc, *signals]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(printed[0]), int(printed[1]), float(printed[3])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small logs, guarding the ratios")
    parser.add_argument("--frames", type=int)
    parser.add_argument("--only", nargs="*", help="names of formats")
    options = parser.parse_args()
    frames = options.frames or (QUICK_FRAMES if options.quick else FULL_FRAMES)
    rounds = QUICK_ROUNDS if options.quick else FULL_ROUNDS
    logs = make_logs(Path(".bench"), frames)
    dbc, signals = mapped_signals()
    fallen = []
    print(f"lock job, {frames} frames, {rounds} rounds, imports left out")
    print("format    canlock k frames/s  MB   peer k frames/s  MB   ratio (from to)")
    for name, log in logs.items():
        if options.only and name not in options.only:
            continue
        run("canlock", log, dbc, signals)  # Warms the file cache for both.
        pairs = [
            (run("canlock", log, dbc, signals), run("peer", log, dbc, signals))
            for _ in range(rounds)
        ]
        if any(mine[1] != frames or theirs[1] != frames for mine, theirs in pairs):
            raise SystemExit(f"{log}: not all frames were read")
        ratios = [theirs[0] / mine[0] for mine, theirs in pairs]
        ratio = statistics.median(ratios)
        rates = [frames / statistics.median(pair[k][0] for pair in pairs) / 1e3 for k in (0, 1)]
        peaks = [max(pair[k][2] for pair in pairs) for k in (0, 1)]
        print(
            f"{name:10}{rates[0]:17.0f}{peaks[0]:5.0f}{rates[1]:17.0f}{peaks[1]:5.0f}"
            f"{ratio:8.1f} ({min(ratios):.1f} {max(ratios):.1f})"
        )
        if options.quick and ratio < LEAST_QUICK_RATIOS[name]:
            fallen.append(f"{name} under {LEAST_QUICK_RATIOS[name]}")
    if fallen:
        raise SystemExit(f"ratios have fallen: {', '.join(fallen)}")


if __name__ == "__main__":
    main()
