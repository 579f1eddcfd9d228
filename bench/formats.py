"""What canlock does with recorded logs, beside its peers on the same files, interleaved.

Every job runs in a process of its own and is timed without imports; `python -m bench.diagnose` is
for whole commands. Prints a table for the README: medians, the ratio round by round and both
memory peaks.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.diagnose import QUICK_FRAMES, mapped_signals
from bench.generate import write_database, write_format, write_log, write_ragged
from bench.guard import stays_fallen

FOLDER = Path(".bench")
FULL_FRAMES, LARGE_FRAMES = 2_000_000, 20_000_000
FULL_ROUNDS, QUICK_ROUNDS = 3, 2
ASAMMDF = "asammdf>=8,<9"

WC, INFLATE, ASAMMDF_PEER, PEER = "`wc -l`", "inflating alone", "asammdf", "python-can + cantools"


@dataclass(frozen=True)
class Case:
    """One job on one log beside one peer."""

    name: str
    log: str
    job: str
    peer: str
    figure: float
    """Least ratio of the peer's time to ours; of `wc` and inflating, the most of ours to theirs."""

    quick: float
    """Guard on small logs and busy machines: less than half of what is usual there."""


CASES = (
    Case("candump, uniform", "candump", "lock", PEER, 150, 30),
    Case("candump, uniform", "candump", "lock", WC, 3, 40),
    Case("candump, ragged", "ragged", "lock", PEER, 80, 20),
    Case("BLF", "blf", "lock", PEER, 35, 8),
    Case("BLF", "blf", "lock", INFLATE, 2.5, 12),
    Case("ASC", "asc", "lock", PEER, 60, 12),
    Case("MF4", "mf4", "lock", ASAMMDF_PEER, 6, 1.5),
    Case("candump, all signals", "candump", "all", PEER, 50, 12),
    Case("BLF, all signals", "blf", "all", PEER, 40, 10),
)
IS_FLOOR = {PEER, ASAMMDF_PEER}
"""Peers that canlock must be faster than; of the others it may take so many times their time."""


@dataclass(frozen=True)
class Run:
    """What one process needed."""

    seconds: float
    cpu_s: float
    frames: int
    peak_mb: float


def log_path(name: str, frames: int) -> Path:
    """Return where a log of some format lies."""
    names = {
        "candump": f"lock-{frames}.log",
        "ragged": f"ragged-{frames}.log",
        "blf": f"lock-{frames}.blf",
        "asc": f"lock-{frames}.asc",
        "mf4": f"lock-{frames}.mf4",
    }
    return FOLDER / names[name]


def make_log(name: str, frames: int) -> Path:
    """Return a log with the same frames as all others, written where it is missing."""
    path = log_path(name, frames)
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    part = path.with_name(f"part-{path.name}")
    if name == "candump":
        write_log(part, frames)
    elif name == "ragged":
        write_ragged(part, make_log("candump", frames))
    elif name == "mf4":
        command = [asammdf_python(), "-m", "bench.generate", str(part)]
        subprocess.run([*command, str(make_log("candump", frames))], check=True)
    else:
        write_format(part, make_log("candump", frames))
    part.rename(path)
    return path


def asammdf_python() -> str:
    """Return the interpreter of an environment with asammdf, made where it is missing."""
    folder = FOLDER / "asammdf"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet"]
        wanted = [ASAMMDF, "python-can>=4.6,<5", "cantools"]
        subprocess.run([*install, *wanted], check=True, stderr=subprocess.DEVNULL)
    return str(python)


def all_dbc() -> str:
    """Return a database of all messages of the log."""
    path = FOLDER / "all.dbc"
    if not path.exists():
        FOLDER.mkdir(exist_ok=True)
        write_database(path)
    return str(path)


def run_job(python: str, *arguments: str) -> Run:
    """Run one job."""
    command = [python, "-m", "bench.job", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    seconds, cpu, frames, _, peak = done.stdout.split()
    return Run(float(seconds), float(cpu), int(frames), float(peak))


def run_wc(log: Path) -> Run:
    """Run `wc -l`, whole: it has no start-up to speak of."""
    began = time.perf_counter()
    printed = subprocess.run(["wc", "-l", str(log)], capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    return Run(seconds, seconds, int(printed.stdout.split()[0]), 0.0)


def runner(job: str, peer: str | None, log: Path) -> Callable[[], Run]:
    """Return what runs a job: canlock's where there is no peer."""
    dbc, signals = mapped_signals()
    if peer == WC:
        return lambda: run_wc(log)
    if peer == INFLATE:
        return lambda: run_job(sys.executable, "inflate", str(log))
    if peer == ASAMMDF_PEER:
        python = asammdf_python()
        return lambda: run_job(python, "asammdf-lock", str(log), dbc, *signals)
    arguments = [dbc, *signals] if job == "lock" and peer else []
    arguments = [all_dbc()] if job == "all" else arguments
    name = f"peer-{job}" if peer else job
    return lambda: run_job(sys.executable, name, str(log), *arguments)


def compare(case: Case, frames: int, rounds: int, is_guarded: bool) -> tuple[str, bool]:
    """Return a row of the table, and whether the ratio is beyond the guard's."""
    log = make_log(case.log, frames)
    ours, theirs = runner(case.job, None, log), runner(case.job, case.peer, log)
    ours()  # Warms the file cache for both.
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    is_floor = case.peer in IS_FLOOR
    is_same = all(mine.frames == frames for mine, _ in pairs)
    is_same &= case.peer == INFLATE or all(other.frames == frames for _, other in pairs)
    if not is_same:
        raise SystemExit(f"{log}: not all frames were read")
    ratios = [
        other.seconds / mine.seconds if is_floor else mine.seconds / other.seconds
        for mine, other in pairs
    ]
    mine_s, other_s = (statistics.median(pair[k].seconds for pair in pairs) for k in (0, 1))
    mine_mb, other_mb = (max(pair[k].peak_mb for pair in pairs) for k in (0, 1))
    ratio = statistics.median(ratios)
    is_fallen = is_guarded and stays_fallen(
        [(mine.seconds, other.seconds) for mine, other in pairs],
        lambda: (ours().seconds, theirs().seconds),
        lambda found: found < case.quick if is_floor else 1 / found > case.quick,
    )
    return (
        f"| {case.name} | {frames / mine_s / 1e6:.1f} M/s, {mine_mb:.0f} MB | {case.peer} | "
        f"{frames / other_s / 1e6:.2f} M/s, {other_mb:.0f} MB | "
        f"{ratio:.1f} ({min(ratios):.1f} to {max(ratios):.1f}) | "
        f"{'>=' if is_floor else '<='} {case.figure:g} |"
    ), is_fallen


def compare_memory(frames: int) -> str:
    """Return a row with the memory that the lock job needs for a short log and a long one."""
    peaks = []
    for count in (frames, frames * LARGE_FRAMES // FULL_FRAMES):
        log = make_log("candump", count)
        peaks.append(runner("lock", None, log)().peak_mb)
    found = f"{peaks[0]:.0f} and {peaks[1]:.0f} MB"
    return f"| memory, {frames} and ten times as many frames | {found} | | | | <= 90 |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small logs, guarding the ratios")
    parser.add_argument("--frames", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", nargs="*", help="words of the first column")
    parser.add_argument("--large", action="store_true", help="memory with ten times the frames too")
    options = parser.parse_args()
    frames = options.frames or (QUICK_FRAMES if options.quick else FULL_FRAMES)
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else FULL_ROUNDS)
    fallen = []
    load = os.getloadavg()[0]
    print(
        f"{frames} frames, medians of {rounds} interleaved rounds, load {load:.1f} at the start\n"
    )
    print("| log | canlock | peer | its rate | ratio (from, to) | aim |")
    print("|---|---|---|---|---|---|", flush=True)
    for case in CASES:
        if options.only and not any(word in case.name for word in options.only):
            continue
        if options.quick and case.peer == ASAMMDF_PEER and not log_path("mf4", frames).exists():
            continue  # Its environment is large; the full run makes it.
        row, is_fallen = compare(case, frames, rounds, options.quick)
        print(row, flush=True)
        if is_fallen:
            fallen.append(f"{case.name} beside {case.peer}")
    if options.large:
        print(compare_memory(frames), flush=True)
    if fallen:
        raise SystemExit(f"ratios have fallen and stayed so: {', '.join(fallen)}")


if __name__ == "__main__":
    main()
