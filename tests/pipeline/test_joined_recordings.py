"""Captures of one drive that overlap give the verdict on the drive, and say so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from canlock.bundled import bundled_folder
from canlock.decoding.vehicle_file import load_vehicle
from canlock.pipeline.joined import diagnose_drive
from canlock.pipeline.recorded import diagnose_recording, find_recording

NAME = "qashqai-driver-door-gaiter"


@pytest.fixture(name="whole")
def _whole(tmp_path: Path) -> Path:
    for suffix in (".log", ".marks.csv"):
        shutil.copy(bundled_folder("captures") / f"{NAME}{suffix}", tmp_path / f"whole{suffix}")
    return tmp_path / "whole.log"


def test_captures_that_overlap_give_the_verdict_on_the_whole(whole: Path) -> None:
    loaded = load_vehicle("nissan-qashqai-j10")
    expected = diagnose_recording(find_recording(whole), loaded)
    lines = whole.read_bytes().splitlines(keepends=True)
    parts = [whole.with_name("first.log"), whole.with_name("second.log")]
    parts[0].write_bytes(b"".join(lines[: len(lines) * 2 // 3]))
    parts[1].write_bytes(b"".join(lines[len(lines) // 3 :]))
    # Each has the marks, which are absolute or count from the first frame of the whole.
    shutil.copy(whole.with_suffix(".marks.csv"), whole.with_name("first.marks.csv"))
    found = diagnose_drive([find_recording(part) for part in parts], loaded)
    assert found.findings == expected.findings
    assert found.operations == expected.operations
    (note,) = [note for note in found.notes if "more than one of the captures" in note]
    assert int(note.rstrip(".").rsplit(" ", 1)[1]) > 100


def test_a_copy_of_a_capture_with_its_marks_adds_nothing(whole: Path) -> None:
    loaded = load_vehicle("nissan-qashqai-j10")
    expected = diagnose_recording(find_recording(whole), loaded)
    for suffix in (".log", ".marks.csv"):
        shutil.copy(whole.with_suffix(suffix), whole.with_name(f"copy{suffix}"))
    recordings = [find_recording(whole.with_name(name)) for name in ("whole.log", "copy.log")]
    found = diagnose_drive(recordings, loaded)
    assert found.findings == expected.findings
    assert found.operations == expected.operations
    assert found.marks == expected.marks


def test_a_capture_that_is_named_twice_is_read_once(whole: Path) -> None:
    loaded = load_vehicle("nissan-qashqai-j10")
    link = whole.with_name("link.log")
    link.symlink_to(whole)
    expected = diagnose_recording(find_recording(whole), loaded)
    twice = [find_recording(whole), find_recording(whole), find_recording(link)]
    found = diagnose_drive(twice, loaded)
    assert found.capture.frames == expected.capture.frames
    assert found.findings == expected.findings
    assert not any("more than one of the captures" in note for note in found.notes)
