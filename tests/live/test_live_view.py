"""The live view of `watch` and `replay` on a real terminal: every end leaves the terminal whole."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from live_builders import CAPTURES, QASHQAI, a_channel

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

MAIN_SCREEN = b"\x1b[?1049l"
"""What a terminal is sent to show what stood there before."""

DRAWN = b"\x1b[?1049h"


def terminate(process: int, _: int) -> None:
    os.kill(process, signal.SIGTERM)


def press(key: bytes) -> Callable[[int, int], None]:
    def write(_: int, terminal: int) -> None:
        os.write(terminal, key)

    return write


def shown_by(arguments: list[str], end: Callable[[int, int], None]) -> tuple[int, bytes]:
    """Run canlock on a terminal, end it once it draws, and return its status and what it drew."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS="100", LINES="30")
        os.execv(sys.executable, [sys.executable, "-m", "canlock", *arguments])
    shown = b""
    ends_at = float("inf")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                some = os.read(terminal, 65536)
            except OSError:
                break
            if not some:
                break
            if DRAWN in some:
                ends_at = time.monotonic() + 1.0
            shown += some
        if time.monotonic() > ends_at:
            ends_at = float("inf")
            end(process, terminal)
    else:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown


@pytest.mark.parametrize(
    "end", [terminate, press(b"q"), press(b"\x03")], ids=["SIGTERM", "q", "Ctrl-C"]
)
def test_a_watch_ends_with_its_recording_whole(
    end: Callable[[int, int], None], tmp_path: Path
) -> None:
    record = tmp_path / "drive.log"
    arguments = ["watch", "-i", "virtual", "-c", a_channel(), "--vehicle", QASHQAI]
    status, shown = shown_by([*arguments, "--record", str(record)], end)
    assert status == 0, shown[-2000:]
    assert MAIN_SCREEN in shown
    assert b"Traceback" not in shown
    assert record.exists()


def test_a_replay_ends_on_a_signal() -> None:
    status, shown = shown_by(["replay", str(CAPTURES / "qashqai-healthy.log")], terminate)
    assert status == 0, shown[-2000:]
    assert MAIN_SCREEN in shown
    assert b"Traceback" not in shown
