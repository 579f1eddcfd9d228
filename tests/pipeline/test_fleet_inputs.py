"""Which captures some names mean, and how those come that are not files here."""

from __future__ import annotations

import io
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol

import pytest

from canlock.bundled import bundled_folder
from canlock.errors import CanlockError, CaptureNotFoundError, CaptureUnreadableError
from canlock.pipeline.fleet import inputs
from canlock.pipeline.fleet.inputs import fetch_capture, find_jobs, looks_like_capture
from canlock.pipeline.fleet.outcome import Job, Task
from canlock.pipeline.fleet.work import diagnose_capture, find_verdict

CAPTURES = bundled_folder("captures")
GAITER = CAPTURES / "qashqai-driver-door-gaiter.log"
MARKS = GAITER.with_suffix(".marks.csv")


class MemoryFiles(Protocol):
    """What is used here of fsspec's file system in memory."""

    def pipe(self, path: str, value: bytes) -> None: ...


@pytest.fixture
def memory() -> Iterator[MemoryFiles]:
    """Return fsspec's file system in memory, empty."""
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed (extra `fleet`)")
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


@pytest.fixture
def archive(tmp_path: Path) -> str:
    pytest.importorskip("fsspec", reason="fsspec is not installed (extra `fleet`)")
    path = tmp_path / "drives.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(GAITER, "monday/drive.log")
        packed.write(MARKS, "monday/drive.marks.csv")
        packed.writestr("monday/notes.txt", "it was raining")
    return str(path)


def shown(*names: str) -> list[str]:
    return [job.shown for job in find_jobs(names)]


def test_a_folder_gives_its_files_by_name_without_what_lies_beside_captures(
    tmp_path: Path,
) -> None:
    for name in ("b.log", "a.blf", ".hidden.log", "b.marks.csv", "b.session.jsonl", "b.truth.json"):
        (tmp_path / name).touch()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "c.log").touch()
    jobs = list(find_jobs([str(tmp_path)]))
    assert [Path(job.shown).name for job in jobs] == ["a.blf", "b.log"]
    assert [job.number for job in jobs] == [0, 1]
    assert all(job.is_listed and not job.is_here for job in jobs)


def test_a_file_is_taken_as_it_was_named_whether_it_is_there_or_not() -> None:
    assert list(find_jobs(["no/../such.log"])) == [Job(0, "no/../such.log", "no/../such.log")]


def test_what_a_star_in_the_shell_adds_is_passed_over(tmp_path: Path) -> None:
    shutil.copy(MARKS, tmp_path / "drive.marks.csv")
    (job,) = find_jobs([str(tmp_path / "drive.marks.csv")])
    assert not diagnose_capture(job, Task()).is_capture


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("drive.log", True),
        ("DRIVE.BLF", True),
        ("drive.asc.gz", True),
        ("drive.log.zst", True),
        ("zip://a/drive.log::drives.zip", True),
        ("drive.marks.csv", False),
        ("notes.txt", False),
        ("notes.txt.gz", False),
        ("drive", False),
    ],
)
def test_a_name_tells_whether_it_claims_to_be_a_capture(name: str, is_one: bool) -> None:
    assert looks_like_capture(name) is is_one


def test_a_broken_capture_in_a_folder_is_told_of_and_other_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("nothing of the kind\n")
    (tmp_path / "b.txt").write_text("nothing of the kind\n")
    outcomes = [diagnose_capture(job, Task()) for job in find_jobs([str(tmp_path)])]
    assert [outcome.is_capture for outcome in outcomes] == [True, False]
    assert all(outcome.error is not None and "no line" in outcome.error for outcome in outcomes)


def test_a_remote_capture_is_diagnosed_with_what_lies_beside_it(memory: MemoryFiles) -> None:
    memory.pipe("/drives/drive.log", GAITER.read_bytes())
    memory.pipe("/drives/drive.marks.csv", MARKS.read_bytes())
    (job,) = find_jobs(["memory://drives/drive.log"])
    assert job.is_here  # No other process has this memory.
    snapshot = find_verdict(job, Task())
    assert snapshot.capture.path == "memory://drives/drive.log"
    assert snapshot.verdict.fault == "door-harness-open"
    assert snapshot.marks


def test_a_remote_folder_and_a_pattern_give_their_captures(memory: MemoryFiles) -> None:
    for name in ("b.log", "a.log", "a.marks.csv", ".hidden.log"):
        memory.pipe(f"/drives/{name}", b"x")
    memory.pipe("/drives/deeper/c.log", b"x")
    wanted = ["memory:///drives/a.log", "memory:///drives/b.log"]
    assert shown("memory://drives/") == wanted
    assert shown("memory://drives/*.log") == wanted
    assert all(job.is_listed for job in find_jobs(["memory://drives/"]))


def test_captures_within_a_zip_archive_are_found_and_read(archive: str) -> None:
    jobs = list(find_jobs([f"zip://monday::{archive}"]))
    assert [job.shown for job in jobs] == [
        f"zip://monday/drive.log::{archive}",
        f"zip://monday/notes.txt::{archive}",
    ]
    assert not any(job.is_here for job in jobs)
    drive, notes = (diagnose_capture(job, Task()) for job in jobs)
    assert drive.findings[0].fault == "door-harness-open"
    assert not notes.is_capture


def test_a_broken_remote_capture_is_named_as_it_was_named(memory: MemoryFiles) -> None:
    memory.pipe("/bad.log", b"nothing of the kind\n")
    (job,) = find_jobs(["memory://bad.log"])
    with pytest.raises(CaptureUnreadableError, match=r"^memory://bad\.log: found text"):
        find_verdict(job, Task())


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("memory://no/such.log", "no such file"),
        ("nonsense://drive.log", "Protocol not known"),
        ("zip://drive.log::no-such.zip", "no such file"),
    ],
)
def test_what_cannot_be_reached_is_one_line(name: str, words: str) -> None:
    with pytest.raises(CanlockError, match=words) as caught:
        [find_verdict(job, Task()) for job in find_jobs([name])]
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_without_fsspec_a_clear_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(CaptureUnreadableError, match=r"s3://b/x\.log: .*canlock\[fleet\]"):
        list(find_jobs(["s3://b/x.log"]))


def test_a_copy_stops_before_the_disk_is_full(
    memory: MemoryFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    memory.pipe("/drive.log", GAITER.read_bytes())
    job = next(find_jobs(["memory://drive.log"]))
    size = GAITER.stat().st_size
    for spare, has_room in ((0, True), (-1, False)):
        free = inputs._LEAST_FREE_BYTES + size + spare
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        outcome = diagnose_capture(job, Task(workspace=str(tmp_path)))
        assert (outcome.error is None) is has_room
        assert has_room or "no room" in str(outcome.error)
        assert list(tmp_path.iterdir()) == []


def test_standard_input_is_read_to_its_end_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(GAITER.read_bytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    (job,) = find_jobs(["-"])
    snapshot = find_verdict(job, Task())
    assert snapshot.capture.path == "standard input"
    assert snapshot.capture.frames == 12_542


def test_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    with pytest.raises(CaptureUnreadableError, match="found a terminal"), fetch_capture("-", None):
        pass


def test_a_missing_capture_is_that(tmp_path: Path) -> None:
    (job,) = find_jobs([str(tmp_path / "no.log")])
    with pytest.raises(CaptureNotFoundError, match=r"no\.log"):
        find_verdict(job, Task())
