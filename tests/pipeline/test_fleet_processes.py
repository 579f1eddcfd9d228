"""Many captures over processes: each is told of once, whatever happens to one of them."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import ModuleType

import pytest

from canlock.bundled import bundled_folder
from canlock.pipeline.fleet.inputs import find_jobs
from canlock.pipeline.fleet.outcome import Outcome, Task
from canlock.pipeline.fleet.processes import run_here, run_processes

CAPTURES = bundled_folder("captures")
SMALL = CAPTURES / "qashqai-driver-door-gaiter.log"

ODD_RENDERERS = """
import os, time

def kill(snapshot):
    if "deadly" in snapshot.capture.path:
        os._exit(9)
    return snapshot.capture.path

def fail(snapshot):
    if "odd" in snapshot.capture.path:
        raise ZeroDivisionError("of\\nall things")
    return snapshot.capture.path

def linger(snapshot):
    time.sleep(60)
"""


@pytest.fixture
def renderers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a module that the processes can import too."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "odd_renderers.py").write_text(textwrap.dedent(ODD_RENDERERS))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "odd_renderers", raising=False)
    return importlib.import_module("odd_renderers")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of six captures and a broken one."""
    home = tmp_path / "drives"
    home.mkdir()
    for name in ("a", "b", "deadly", "odd", "y", "z"):
        shutil.copy(SMALL, home / f"{name}.log")
        shutil.copy(SMALL.with_suffix(".marks.csv"), home / f"{name}.marks.csv")
    (home / "empty.log").touch()
    return home


def by_name(outcomes: list[Outcome]) -> dict[str, Outcome]:
    named = {Path(outcome.job.shown).stem: outcome for outcome in outcomes}
    assert len(named) == len(outcomes)
    return named


def test_processes_say_what_one_process_says(folder: Path) -> None:
    jobs = list(find_jobs([str(folder)]))
    alone = by_name(list(run_here(jobs, Task())))
    several = by_name(list(run_processes(jobs, Task(), 2)))
    assert several.keys() == alone.keys()
    for name, outcome in alone.items():
        assert several[name].findings == outcome.findings
        assert several[name].capture == outcome.capture
        assert several[name].error == outcome.error
    assert alone["a"].findings[0].fault == "door-harness-open"
    assert "empty file" in str(alone["empty"].error)


def test_a_capture_that_kills_its_process_costs_only_itself(
    folder: Path, renderers: ModuleType
) -> None:
    outcomes = by_name(
        list(run_processes(find_jobs([str(folder)]), Task(render=renderers.kill), 2))
    )
    assert len(outcomes) == 7
    assert "died" in str(outcomes["deadly"].error)
    assert outcomes["z"].report == str(folder / "z.log")
    assert {name for name, each in outcomes.items() if each.error} == {"deadly", "empty"}


def test_a_mistake_of_our_own_is_one_line_and_costs_one_capture(
    folder: Path, renderers: ModuleType
) -> None:
    outcomes = by_name(list(run_here(find_jobs([str(folder)]), Task(render=renderers.fail))))
    assert "ZeroDivisionError: of all things" in str(outcomes["odd"].error)
    assert {name for name, each in outcomes.items() if each.error} == {"odd", "empty"}


def test_who_stops_listening_does_not_wait_for_what_is_running(
    folder: Path, renderers: ModuleType
) -> None:
    (folder / "empty.log").rename(folder / "0-first.log")
    outcomes = run_processes(find_jobs([str(folder)]), Task(render=renderers.linger), 2)
    assert next(outcomes).error is not None  # The empty one; the others linger.
    began_s = time.monotonic()
    outcomes.close()
    assert time.monotonic() - began_s < 10


def test_no_captures_are_none() -> None:
    assert list(run_processes([], Task(), 2)) == []


def children_of(group: int) -> set[int]:
    """Return the processes of a session that still live."""
    alive = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == group and fields[0] != "Z":
                alive.add(int(entry.name))
    return alive


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_an_end_of_the_command_is_an_end_of_all_its_processes(
    tmp_path: Path, how: signal.Signals
) -> None:
    home = tmp_path / "drives"
    home.mkdir()
    one = shutil.copy(SMALL, tmp_path / "one.log")
    for number in range(400):
        os.link(one, home / f"{number:03}.log")
    command = [sys.executable, "-m", "canlock", "diagnose", str(home), "--jobs", "2"]
    errors = tmp_path / "errors.txt"
    with errors.open("wb") as stderr:
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, start_new_session=True
        )
    assert running.stdout is not None
    first = running.stdout.readline()
    assert "nissan-qashqai-j10" in first
    if how is signal.SIGINT:
        os.killpg(running.pid, how)  # As a terminal does it: to all of them.
    else:
        running.kill()
    out = running.stdout.read()
    running.stdout.close()
    assert running.wait(timeout=30) is not None
    err = errors.read_text()
    until_s = time.monotonic() + 10
    while (left := children_of(running.pid)) and time.monotonic() < until_s:
        time.sleep(0.05)
    assert left == set()
    assert "Traceback" not in err
    if how is signal.SIGINT:
        assert running.returncode == 130
        assert "of 400 were looked at" in err
        assert re.search(r"^\d+ captures?, ", out, re.MULTILINE)  # What was done is told.
        assert len(out.splitlines()) < 400
