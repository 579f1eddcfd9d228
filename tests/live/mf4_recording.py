"""Recording as MF4, which asammdf writes: `make test-mf4` installs it and runs this."""

from __future__ import annotations

from pathlib import Path

from live_builders import GAITER, frames_of, wait_for

from canlock.sources.recording import Recorder


def test_an_mf4_file_is_made_at_the_stop_and_holds_every_frame(tmp_path: Path) -> None:
    frames = frames_of(GAITER)
    path = tmp_path / "drive.mf4"
    recorder = Recorder(path)
    recorder.take(frames.take(slice(0, 5000)))
    recorder.take(frames.take(slice(5000, None)))
    recorder.close()
    assert recorder.notes == ()
    assert sorted(tmp_path.iterdir()) == [path]
    found = frames_of(path)
    assert (found.timestamp_s == frames.timestamp_s).all()
    assert (found.keys == frames.keys).all()
    assert (found.payload == frames.payload).all()


def test_until_the_stop_everything_is_in_a_log_that_any_program_reads(tmp_path: Path) -> None:
    frames = frames_of(GAITER).take(slice(0, 1000))
    recorder = Recorder(tmp_path / "drive.mf4")
    recorder.take(frames)
    log = tmp_path / "drive.until-converted.log"
    wait_for(lambda: len(log.read_bytes().splitlines()) == len(frames))
    assert (frames_of(log).keys == frames.keys).all()
    recorder.close()
    assert not log.exists()
