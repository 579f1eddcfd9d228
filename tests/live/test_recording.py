"""Recording: what is old enough is on the disk, whatever happens to the recorder."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from live_builders import (
    GAITER,
    PATIENCE_S,
    QASHQAI,
    a_channel,
    frames_of,
    some_frames,
    wait_for,
)
from typer.testing import CliRunner

from canlock.cli.main import app
from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import SourceError
from canlock.model.frames import FrameBatch
from canlock.model.stream import Gap, Mark, MarkUndone, Sample
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.sources import recording as recording_module
from canlock.sources.marks import find_marks, read_marks
from canlock.sources.player import CapturePlayer, open_replay_bus
from canlock.sources.recording import Recorder, Rotation
from canlock.sources.session import find_session, read_session

FORMATS = (".log", ".asc", ".blf", ".csv", ".trc", ".db")
START_S = 1_700_000_000.0


def recorded(path: Path, *items: FrameBatch | Mark | MarkUndone | Gap | Sample) -> Recorder:
    recorder = Recorder(path)
    for item in items:
        recorder.take(item)
    recorder.close()
    return recorder


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_recorded_is_read_again(suffix: str, tmp_path: Path) -> None:
    frames = frames_of(GAITER)
    halves = frames.take(slice(0, 5000)), frames.take(slice(5000, None))
    recorder = recorded(tmp_path / f"drive{suffix}", *halves)
    found = frames_of(tmp_path / f"drive{suffix}")
    assert found.timestamp_s == pytest.approx(frames.timestamp_s, abs=1e-5)
    assert (found.keys == frames.keys).all()
    assert (found.payload == frames.payload).all()
    assert [note for note in recorder.notes if "ended" in note] == []


def test_a_recording_gives_the_verdict_of_what_was_recorded(tmp_path: Path) -> None:
    frames = frames_of(GAITER)
    original = find_recording(GAITER)
    assert original.marks is not None
    marks = read_marks(original.marks, float(frames.timestamp_s[0])).marks
    recorded(tmp_path / "drive.log", *marks, frames)
    again = diagnose_recording(find_recording(tmp_path / "drive.log"), load_vehicle(QASHQAI))
    whole = diagnose_recording(original, load_vehicle(QASHQAI))
    assert again.verdict.fault == whole.verdict.fault
    assert again.verdict.probability == pytest.approx(whole.verdict.probability, abs=1e-3)


def test_marks_and_all_else_go_into_files_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "drive.blf"
    early, wrong = Mark(START_S + 1.0, "press-fob-unlock"), Mark(START_S + 2.0, "opened", "driver")
    recorded(
        path,
        early,
        some_frames([START_S + 0.5, START_S + 1.5]),
        wrong,
        Gap(START_S + 1.0, START_S + 1.2, "adapter overflow"),
        MarkUndone(START_S + 2.5, wrong),
        Mark(START_S + 3.0, "not-opened", "driver"),
        Sample(START_S + 3.0, "supply.voltage", 12.1),
    )
    marks = find_marks(path)
    session = find_session(path)
    assert marks is not None
    assert session is not None
    actions = [mark.action for mark in read_marks(marks, START_S + 0.5).marks]
    assert actions == ["press-fob-unlock", "not-opened"]
    assert [type(item).__name__ for item in read_session(session)] == ["Gap", "Sample"]


def test_marks_without_one_frame_are_kept(tmp_path: Path) -> None:
    recorded(tmp_path / "drive.log", Mark(START_S, "not-opened", "driver"))
    assert "not-opened" in (tmp_path / "drive.marks.csv").read_text()


def test_a_recording_goes_on_in_another_file_when_one_is_big(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "drive.log", Rotation(size_mb=0.02))
    for second in range(40):
        recorder.take(some_frames([START_S + second + n / 100 for n in range(100)]))
    recorder.take(Mark(START_S + 39.0, "note", None, "last"))
    recorder.close()
    names = sorted(path.name for path in tmp_path.glob("drive-*.log"))
    assert names == [f"drive-{number:03d}.log" for number in range(1, len(names) + 1)]
    assert len(names) > 3
    assert all(path.stat().st_size < 30_000 for path in tmp_path.glob("drive-*.log"))
    times = np.concatenate([frames_of(path).timestamp_s for path in recorder.paths])
    assert len(times) == 4000
    assert (np.diff(times) > 0).all()
    marked = [path for path in recorder.paths if find_marks(path)]
    assert marked == recorder.paths[-1:]


@pytest.mark.parametrize(("seconds", "files"), [(59.0, 1), (60.0, 2)])
def test_a_recording_goes_on_in_another_file_after_some_minutes(
    tmp_path: Path, seconds: float, files: int
) -> None:
    recorder = Recorder(tmp_path / "drive.log", Rotation(minutes=1.0))
    recorder.take(some_frames([START_S]))
    recorder.take(some_frames([START_S + seconds]))
    recorder.close()
    assert [len(frames_of(path)) for path in recorder.paths] == [2 // files] * files


@pytest.mark.parametrize("name", ["drive-002.log", "drive-002.marks.csv"])
def test_a_later_file_is_never_written_over_either(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    recorder = Recorder(tmp_path / "drive.log", Rotation(minutes=1.0))
    recorder.take(some_frames([START_S]))
    recorder.take(some_frames([START_S + 60.0]))
    recorder.close()
    (note,) = [note for note in recorder.notes if "ended" in note]
    assert str(tmp_path / name) in note
    assert (tmp_path / name).read_text() == "precious"
    assert len(frames_of(tmp_path / "drive-001.log")) == 1


@pytest.mark.parametrize("name", ["drive.log", "drive.marks.csv", "drive.session.jsonl"])
def test_nothing_is_ever_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    with pytest.raises(SourceError, match="is there already"):
        Recorder(tmp_path / "drive.log")
    assert (tmp_path / name).read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "words"), [("drive.txt", "expected one of .log"), ("no/such/drive.log", "no such")]
)
def test_a_recording_that_cannot_begin_is_told(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        Recorder(tmp_path / name)


@contextmanager
def a_disk_of(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond some bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("suffix", [".log", ".asc", ".blf", ".db"])
def test_a_full_disk_is_told_and_nobody_is_held_up(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"drive{suffix}"
    rng = np.random.default_rng(1)
    with a_disk_of(30_000):
        recorder = Recorder(path)
        for second in range(100):
            batch = some_frames([START_S + second + n / 100 for n in range(100)])
            batch.payload[:] = rng.integers(0, 256, batch.payload.shape)
            recorder.take(batch)
        wait_for(lambda: bool(recorder.notes))
        recorder.take(some_frames([START_S + 1000.0]))
        recorder.close()
    (note,) = [note for note in recorder.notes if "ended" in note]
    assert "The watching goes on" in note
    assert path.name in note
    if suffix != ".db":
        assert len(frames_of(path)) > 100


def test_a_disk_that_is_too_slow_costs_frames_that_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "WAITING_FRAMES", 150)
    slow = recording_module._Files.write

    def sleepy(files: recording_module._Files, item: FrameBatch) -> None:
        time.sleep(0.2)
        slow(files, item)

    monkeypatch.setattr(recording_module._Files, "write", sleepy)
    recorder = Recorder(tmp_path / "drive.log")
    for number in range(3):
        recorder.take(some_frames([START_S + number + n / 200 for n in range(100)]))
    wait_for(lambda: recorder._waiting == 0)
    recorder.take(some_frames([START_S + 10.0]))
    recorder.close()
    assert any("not recorded" in note for note in recorder.notes)
    session = find_session(tmp_path / "drive.log")
    assert session is not None
    assert [item.at_s for item in read_session(session)] == [START_S + 1.0]


def test_frames_that_cannot_be_converted_to_mf4_are_kept_and_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever asammdf raises at the end; here it is not even there."""
    monkeypatch.setattr("canlock.sources.recording_formats.find_spec", lambda _: object())
    monkeypatch.setattr("canlock.sources.writer.find_spec", lambda _: None)
    frames = some_frames([START_S, START_S + 0.1])
    recorder = recorded(tmp_path / "drive.mf4", frames)
    kept = tmp_path / "drive.until-converted.log"
    (note,) = [note for note in recorder.notes if "ended" in note]
    assert str(kept) in note
    assert frames_of(kept).timestamp_s == pytest.approx(frames.timestamp_s)
    assert not (tmp_path / "drive.mf4").exists()


KILLED = """
import os, signal, sys, time
import numpy as np
from pathlib import Path
from canlock.model.frames import FrameBatch
from canlock.model.stream import Mark
from canlock.sources.recording import Recorder
recorders = [Recorder(Path(sys.argv[1]) / f"drive{s}") for s in sys.argv[2:]]
sent = 0
began_at = before = time.time()
longest_pause_s = 0.0
while True:
    now = time.time()
    longest_pause_s = max(longest_pause_s, now - before)
    before = now
    rows = 20
    payload = np.zeros((rows, 8), np.uint8)
    payload[:, :4] = np.arange(sent, sent + rows, dtype="<u4").view(np.uint8).reshape(rows, 4)
    batch = FrameBatch(now + np.arange(rows) / 10000, np.full(rows, 0x358, np.uint32),
        np.zeros(rows, np.uint8), np.full(rows, 8, np.uint8), np.zeros(rows, np.uint8), payload,
        ("can0",))
    for recorder in recorders:
        recorder.take(batch)
        recorder.take(Mark(now, "note"))
    sent += rows
    if now > began_at + 2:
        print(now, longest_pause_s, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
"""


def test_after_a_power_cut_all_but_the_last_second_is_there(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), *FORMATS], stdout=subprocess.PIPE, text=True
    )
    out, _ = process.communicate(timeout=PATIENCE_S)
    killed_at, longest_pause_s = map(float, out.split())
    lost_s = 1.0 + longest_pause_s  # Nothing is written while the machine itself stands still.
    for suffix in FORMATS:
        found = frames_of(tmp_path / f"drive{suffix}")
        numbers = found.payload[:, :4].copy().view("<u4").ravel()
        assert (numbers == np.arange(len(numbers))).all(), suffix
        assert killed_at - found.timestamp_s[-1] < lost_s, suffix
    marks = read_marks(tmp_path / "drive.marks.csv", float(found.timestamp_s[0])).marks
    assert killed_at - marks[-1].at_s < lost_s


def test_watch_records_while_it_watches(tmp_path: Path) -> None:
    channel = a_channel()
    path = tmp_path / "drive.log"
    folder = tmp_path / "incidents"
    bus = open_replay_bus("virtual", channel)
    frames = frames_of(GAITER)
    player = CapturePlayer([frames], bus, 0)

    def play() -> None:
        wait_for(path.exists)
        time.sleep(0.3)
        player.start()

    import threading

    thread = threading.Thread(target=play)
    thread.start()
    given = ["watch", "-i", "virtual", "-c", channel, "--headless", "--vehicle", QASHQAI]
    kept = ["--record", str(path), "--incidents", str(folder), "--for", "3"]
    done = CliRunner().invoke(app, [*given, *kept])
    thread.join(PATIENCE_S)
    player.stop()
    bus.shutdown()
    assert done.exit_code == 0, done.output
    assert len(frames_of(path)) == len(frames)
    assert list(folder.glob("*.log"))


def test_a_watch_whose_recording_cannot_begin_says_so(tmp_path: Path) -> None:
    path = tmp_path / "drive.log"
    path.write_text("precious")
    done = CliRunner().invoke(
        app, ["watch", "-i", "virtual", "-c", a_channel(), "--record", str(path)]
    )
    assert isinstance(done.exception, SourceError)
    done = CliRunner().invoke(app, ["watch", "-i", "virtual", "--rotate-mb", "5"])
    assert done.exit_code == 2
