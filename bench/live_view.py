"""What the live view costs on a full bus, how soon it answers a key, and when it stands.

A log of a full bus is replayed as fast as it was recorded into the view on a pseudo-terminal. Wall
time says little where others work on the machine, so the time of cores is printed beside it.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import Self

import numpy as np

from bench.generate import write_log
from bench.metronome import Metronome

FRAMES_A_SECOND = 8000.0
ROWS, COLUMNS = 50, 160
VEHICLE = "bmw-e9x"
FIRST_PAINT_S = 0.6
VIEW_SHARE = 0.25
KEY_MS = 50.0
PATIENCE_S = 30.0
SETTLE_S = 4.0
VIEW_THREADS = ("MainThread", "textual-input", "textual-output")
"""The others receive, decode and diagnose, with or without a view."""

ROUNDS: tuple[tuple[bytes, bytes], ...] = (
    (b"?", b"Keys and signs"),
    (b"?", b"Operations, newest first"),
    (b"f", b"failed only"),
    (b"f", b"Operations, newest first"),
)
"""Keys, and what is drawn in answer to each and at no other time.

Escape is none of them: any terminal program waits a tenth of a second whether it begins the code of
another key.
"""

BETWEEN_KEYS_S = 0.15
STALL_S = 0.01

PROGRAM = """
import json, sys, threading, time
from pathlib import Path
place = Path(sys.argv.pop(1))
def tell():
    time.sleep(3)
    place.write_text(json.dumps({one.name: one.native_id for one in threading.enumerate()}))
threading.Thread(target=tell, daemon=True).start()
from canlock.cli.main import main
sys.argv[0] = "canlock"
main()
"""
"""canlock, and after three seconds the names of its threads."""


class Shown:
    """A program on a terminal of its own."""

    def __init__(self, *command: str) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.began_s = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        os.close(theirs)
        self._terminal = ours

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._terminal)

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._terminal, key)

    def wait_for(self, text: bytes) -> float:
        """Read what is drawn until a text comes; return the time then.

        Raises:
            TimeoutError: It does not come.
        """
        seen = b""
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            seen += self.read(0.5)
            if text in seen:
                return time.monotonic()
        raise TimeoutError(f"{text!r} was never drawn")

    def read(self, wait_s: float) -> bytes:
        """Return what has been drawn, waiting for some."""
        ready, _, _ = select.select([self._terminal], [], [], wait_s)
        return os.read(self._terminal, 1 << 16) if ready else b""

    def read_for(self, seconds: float) -> None:
        """Let it draw."""
        until_s = time.monotonic() + seconds
        while (left_s := until_s - time.monotonic()) > 0:
            self.read(left_s)


def cores_s(pid: int, thread: int | None = None) -> float:
    """Return how long cores have worked for a process, or for one of its threads."""
    place = f"/proc/{pid}/stat" if thread is None else f"/proc/{pid}/task/{thread}/stat"
    fields = Path(place).read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def view_s(pid: int, threads: dict[str, int]) -> float:
    """Return how long cores have worked for the threads of the view."""
    return sum(cores_s(pid, threads[name]) for name in VIEW_THREADS if name in threads)


def is_there(pid: int, thread: int) -> bool:
    """Return whether a thread has not ended yet."""
    return Path(f"/proc/{pid}/task/{thread}").exists()


def time_first_paint(rounds: int) -> float:
    """Return how long `canlock demo` takes at the least until its first screen is drawn."""
    walls_s, used_s = [], []
    for _ in range(rounds):
        with Shown(sys.executable, "-m", "canlock", "demo") as shown:
            walls_s.append(shown.wait_for(b"Verdict") - shown.began_s)
            used_s.append(cores_s(shown.process.pid))
    print(
        f"first paint of `canlock demo`: least {min(walls_s):.2f} s, median "
        f"{np.median(walls_s):.2f} s; of cores least {min(used_s):.2f} s"
    )
    return min(walls_s)


def time_view(log: Path, threads_at: Path, seconds: float, keys: int) -> tuple[float, float]:
    """Return the view's share of a core, and the 99th percentile of its answers to keys, in ms."""
    command = ("replay", str(log), "--vehicle", VEHICLE)
    with Shown(sys.executable, "-c", PROGRAM, str(threads_at), *command) as shown:
        shown.wait_for(b"Verdict")
        shown.read_for(SETTLE_S)
        pid = shown.process.pid
        told: dict[str, int] = json.loads(threads_at.read_text(encoding="utf-8"))
        threads = {name: number for name, number in told.items() if is_there(pid, number)}
        began_s = time.monotonic()
        before = {name: cores_s(pid, number) for name, number in threads.items()}
        shown.read_for(seconds)
        spent_s = time.monotonic() - began_s
        shares = {
            name: (cores_s(pid, number) - before[name]) / spent_s
            for name, number in threads.items()
            if is_there(pid, number)
        }
        view = sum(share for name, share in shares.items() if name in VIEW_THREADS)
        rest = sum(share for name, share in shares.items() if name not in VIEW_THREADS)
        print(
            f"{FRAMES_A_SECOND:,.0f} frames/s, {COLUMNS}x{ROWS}: the view takes {view:.1%} "
            f"of a core, the threads behind it {rest:.1%}"
        )
        used_s = -view_s(pid, threads)
        began_s = time.monotonic()
        p99_ms = time_keys(shown, keys)
        used_s += view_s(pid, threads) - view * (time.monotonic() - began_s)
        print(
            f"  of a core {1000 * used_s / keys:.0f} ms a key, all that is drawn after it included"
        )
        return view, p99_ms


def time_keys(shown: Shown, count: int) -> float:
    """Return the 99th percentile of the time from a key to what it draws, in ms.

    Keys that met a stall of the machine are told apart: no program answers while it stands still.
    """
    spans_s = []
    with Metronome(STALL_S) as metronome:
        for number in range(count):
            key, answer = ROUNDS[number % len(ROUNDS)]
            # What the last key drew is drawn to its end.
            shown.read_for(BETWEEN_KEYS_S)
            pressed_s = time.monotonic()
            shown.press(key)
            spans_s.append((pressed_s, shown.wait_for(answer)))
        stalls = metronome.stalls()
    waits_ms = [1000 * (until_s - from_s) for from_s, until_s in spans_s]
    p50, p99 = np.percentile(waits_ms, [50, 99])
    print(f"{count} keys: answered within {p50:.0f} ms (median), {p99:.0f} ms (99th percentile)")
    undisturbed_ms = [
        wait_ms
        for wait_ms, span_s in zip(waits_ms, spans_s, strict=True)
        if not any(stall.meets(*span_s) for stall in stalls)
    ]
    told = "none"
    if undisturbed_ms:
        own_p50, own_p99 = np.percentile(undisturbed_ms, [50, 99])
        told = f"{own_p50:.0f} ms (median), {own_p99:.0f} ms (99th percentile)"
    print(
        f"  {len(undisturbed_ms)} of them met no stall of the machine of {STALL_S * 1000:.0f} ms: "
        f"{told}"
    )
    for place, (key, answer) in enumerate(ROUNDS):
        own = waits_ms[place :: len(ROUNDS)]
        print(f"  {key!r} {answer.decode()}: median {np.median(own):.0f} worst {max(own):.0f} ms")
    return float(p99)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--keys", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--guard", action="store_true", help="fail beyond the limits")
    options = parser.parse_args()
    paint_s = time_first_paint(options.rounds)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "full.log"
        lasts_s = SETTLE_S + options.seconds + options.keys * 0.4 + 10
        frames = int(lasts_s * FRAMES_A_SECOND)
        write_log(log, frames, frames_a_second=FRAMES_A_SECOND)
        view, p99_ms = time_view(log, Path(folder) / "threads", options.seconds, options.keys)
    if options.guard and (paint_s > FIRST_PAINT_S or view > VIEW_SHARE or p99_ms > KEY_MS):
        raise SystemExit("the live view is slower than it may be")


if __name__ == "__main__":
    main()
