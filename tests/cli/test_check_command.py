"""`canlock check` line by line: what it asks, what it keeps, and that it sends nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import can
import pytest

from canlock.bundled import bundled_folder
from canlock.cli.main import main
from canlock.model.frames import FrameBatch
from canlock.model.stream import Mark
from canlock.pipeline.guided_progress import read_progress
from canlock.pipeline.recorded import diagnose_recording, find_recording, vehicle_for
from canlock.sources.capture import open_capture
from canlock.sources.marks import read_marks
from canlock.sources.player import CapturePlayer, open_replay_bus

GAITER = bundled_folder("captures") / "qashqai-driver-door-gaiter.log"
PATIENCE_S = 30.0


class Talk:
    """A `canlock check` whose questions are answered as they come."""

    def __init__(self, *arguments: str | Path) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "canlock", "check", "--plain", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )

    def say(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def answer(self, reply: Callable[[str], str | None]) -> int:
        """Answer each line that wants it, until the end; return the exit status."""
        with self.process as process:
            assert process.stdout is not None
            for line in process.stdout:
                self.lines.append(line.rstrip("\n"))
                text = reply(self.lines[-1])
                if text is not None:
                    self.say(text)
        return process.returncode

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def marks_in(folder: Path) -> list[Mark]:
    found: list[Mark] = []
    for number in range(1, 9):
        path = folder / f"part-{number}.marks.csv"
        if path.exists():
            found.extend(read_marks(path, 0.0).marks)
    return found


def answering(stop_at: int, last: str) -> Callable[[str], str | None]:
    """Do what is asked, answer 1, and say `last` at the `stop_at`-th thing to do."""
    seen = [0]

    def reply(line: str) -> str | None:
        if line.strip() in ("Enter: done, just now", "Enter: go on"):
            seen[0] += 1
            return last if seen[0] == stop_at else ""
        return "1" if line.startswith("    1: ") else None

    return reply


def test_a_check_of_a_capture_is_led_left_taken_up_and_reported(tmp_path: Path) -> None:
    folder = tmp_path / "check"
    first = Talk("--replay", GAITER, "--speed", "60", "-o", folder)
    assert first.answer(answering(4, "q")) == 0
    assert "Press LOCK on the fob. Then press Enter at once." in first.text
    assert "Left. All answers are kept." in first.text
    progress = read_progress(marks_in(folder))
    assert (progress.is_prepared, progress.complaint, progress.done) == (True, "driver", ())
    second = Talk("--replay", GAITER, "--speed", "60", "-o", folder)
    assert second.answer(answering(3, "r")) == 0
    assert "Going on with the check" in second.text
    assert "Which door gives trouble" not in second.text
    assert "VERDICT" in second.text
    assert "-308" not in second.text  # Times count from the first part.
    assert (folder / "report.txt").read_text().startswith("Nissan Qashqai")
    assert "http-equiv" in (folder / "report.html").read_text()
    assert sorted(path.name for path in folder.glob("*.log")) == ["part-1.log", "part-2.log"]


def test_what_a_check_recorded_is_an_ordinary_recording(tmp_path: Path) -> None:
    talk = Talk("--replay", GAITER, "--speed", "60", "-o", tmp_path)
    assert talk.answer(answering(4, "r")) == 0
    part = tmp_path / "part-1.log"
    snapshot = diagnose_recording(find_recording(part), vehicle_for(part, None))
    assert any(mark.action == "press-fob-lock" for mark in snapshot.marks)
    assert snapshot.operations


def test_where_the_input_ends_the_check_is_left(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "canlock", "check", "--plain", "-o", str(tmp_path / "new")],
        input="1\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0
    assert "How do you get there?" in done.stdout
    assert "sends nothing to the car" in done.stdout
    assert "Left." in done.stdout
    assert not (tmp_path / "new").exists()


def test_whoever_cannot_reach_the_socket_is_helped_before_any_bus_is_opened(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "canlock", "check", "--plain", "-o", str(tmp_path / "new")],
        input="5\n?\nq\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0
    assert done.stdout.count("mechanical key, and most cars a lock for it") == 2
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("--speed", "0"), "expected 0.1 to 100", id="no speed"),
        pytest.param(("--replay", "no-such.log"), "no-such.log", id="no capture"),
    ],
)
def test_what_cannot_be_is_one_line_and_status_2(
    arguments: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "canlock", "check", *arguments, "-o", str(tmp_path / "new")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_on_a_live_bus_nothing_is_sent_and_everything_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    channel, folder = f"check-{os.getpid()}", tmp_path / "check"
    ours, theirs = os.pipe()
    batches = [item for item in open_capture(GAITER).batches() if isinstance(item, FrameBatch)]
    spy = can.Bus(channel, "virtual")
    heard: list[int] = []
    is_over = threading.Event()

    def listen() -> None:
        while not is_over.is_set():
            if spy.recv(0.05) is not None:
                heard.append(1)

    def drive() -> None:
        bus = open_replay_bus("virtual", channel)
        player = CapturePlayer(batches, bus, 20.0)
        time.sleep(0.3)
        player.start()
        for text in ("1", "", "", "q"):
            time.sleep(0.5)
            os.write(theirs, f"{text}\n".encode())
        player.stop()
        played.append(player.sent)
        bus.shutdown()

    played: list[int] = []
    threads = [threading.Thread(target=each, daemon=True) for each in (listen, drive)]
    with os.fdopen(ours) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        arguments = ["check", "--plain", "-i", "virtual", "-c", channel, "-o", str(folder)]
        monkeypatch.setattr("sys.argv", ["canlock", *arguments, "--vehicle", "nissan-qashqai-j10"])
        os.write(theirs, b"1\n\n")
        for thread in threads:
            thread.start()
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0
    threads[1].join()
    time.sleep(0.2)
    is_over.set()
    threads[0].join()
    spy.shutdown()
    os.close(theirs)
    out = capfd.readouterr().out
    assert "Which door gives trouble" in out
    assert len(heard) == played[0]  # All that was on the bus came from the player.
    progress = read_progress(marks_in(folder))
    assert (progress.socket, progress.complaint) == ("at-hand", "driver")
    assert (folder / "part-1.log").stat().st_size > 0
