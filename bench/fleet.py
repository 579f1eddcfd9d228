"""Many captures over two processes, beside what two busy processes reach over one on this machine.

Two cores are seldom twice one: they share caches, memory and whatever else runs. So the gain of
`--jobs 2` over `--jobs 1` is put beside two other gains, measured in turn with it: of two processes
that only count, and of two that diagnose captures in a plain loop, without anything of a fleet.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.generate import write_log

CAPTURES, FRAMES, SEEDS = 100, 300_000, 10
QUICK_CAPTURES, QUICK_FRAMES = 40, 50_000
ROUNDS, QUICK_ROUNDS = 3, 1
COUNTED = 40_000_000
"""Steps of the process that only counts: some seconds."""

LEAST_SHARE = 0.85
FOLDER = Path(".bench")

COUNT = f"n = {COUNTED}\nwhile n:\n    n -= 1"
LOOP = """
import sys
from canlock.pipeline.fleet.inputs import find_jobs
from canlock.pipeline.fleet.outcome import Task
from canlock.pipeline.fleet.processes import run_here
for outcome in run_here(find_jobs(sys.argv[1:]), Task(vehicle="bmw-e9x")):
    assert outcome.error is None, outcome.error
"""


def make_captures(count: int, frames: int) -> list[Path]:
    """Return so many captures; ten differ, the others are links to them."""
    folder = FOLDER / f"fleet-{count}-{frames}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"drive-{number:03}.log" for number in range(count)]
    for number, path in enumerate(paths):
        if path.exists():
            continue
        if number < SEEDS:
            write_log(path, frames, seed=number + 1)
        else:
            os.link(paths[number % SEEDS], path)
    return paths


def environment() -> dict[str, str]:
    """Return the variables of a user's processes: compiled code and vehicles are kept."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    folder = FOLDER.absolute()
    return kept | {
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "CANLOCK_CACHE": str(folder / "cache"),
        "OPENBLAS_NUM_THREADS": "1",
    }


def time_together(commands: Sequence[Sequence[str]]) -> float:
    """Return how long some commands take side by side, in seconds."""
    environ = environment()
    began_s = time.perf_counter()
    running = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environ)
        for command in commands
    ]
    for process in running:
        _, errors = process.communicate()
        if process.returncode:
            raise SystemExit(f"{process.args!r}: {errors.decode()}")
    return time.perf_counter() - began_s


def cores_s() -> float:
    """Return how long cores have worked for the processes that were started and have ended."""
    spent = os.times()
    return spent.children_user + spent.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer and smaller captures, one round"
    )
    options = parser.parse_args()
    count, frames = (QUICK_CAPTURES, QUICK_FRAMES) if options.quick else (CAPTURES, FRAMES)
    paths = [str(path) for path in make_captures(count, frames)]
    fleet = [sys.executable, "-m", "canlock", "diagnose", *paths, "--vehicle", "bmw-e9x", "--jobs"]
    counting = [sys.executable, "-c", COUNT]
    halves = [
        [sys.executable, "-c", LOOP, *half] for half in (paths[: count // 2], paths[count // 2 :])
    ]
    time_together([[*fleet, "1"]])  # Warms the file cache, the compiled code and the vehicles.
    rows: list[tuple[float, ...]] = []
    used_s = []
    for _ in range(QUICK_ROUNDS if options.quick else ROUNDS):
        began_s = cores_s()
        one = time_together([[*fleet, "1"]])
        middle_s = cores_s()
        two = time_together([[*fleet, "2"]])
        used_s.append((middle_s - began_s, cores_s() - middle_s))
        count_gain = 2 * time_together([counting]) / time_together([counting, counting])
        each = [time_together([half]) for half in halves]
        loop_gain = sum(each) / time_together(halves)
        rows.append((one, two, one / two, count_gain, loop_gain))
    one, two, gain, count_gain, loop_gain = map(statistics.median, zip(*rows, strict=True))
    share = statistics.median(row[2] / row[3] for row in rows)
    loop_share = statistics.median(row[2] / row[4] for row in rows)
    one_used_s, two_used_s = map(statistics.median, zip(*used_s, strict=True))
    print(f"{count} captures of {frames} frames, {len(rows)} rounds, whole processes")
    print(f"canlock diagnose --jobs 1         {one:6.2f} s, of cores {one_used_s:6.2f} s")
    print(f"canlock diagnose --jobs 2         {two:6.2f} s, of cores {two_used_s:6.2f} s")
    print(f"two processes over one            {gain:.2f} times as fast")
    print(f"two that only count over one      {count_gain:.2f} times; of that {share:.2f}")
    print(f"two that diagnose in plain loops  {loop_gain:.2f} times; of that {loop_share:.2f}")
    print(f"wanted of two busy ones: {LEAST_SHARE}")


if __name__ == "__main__":
    main()
