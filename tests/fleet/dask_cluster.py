"""Many captures on a real Dask cluster of several worker processes, one of which is killed.

Not collected by a plain `pytest`, since it starts a cluster: `make test-fleet` runs it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from canlock.bundled import bundled_folder

pytest.importorskip("distributed", reason="Dask is not installed (extra `fleet`)")

CAPTURES = bundled_folder("captures")
SOURCES = ("qashqai-driver-door-gaiter", "qashqai-healthy", "bmw-passenger-latch-jammed")
COPIES = 20
WORKERS = 3
START_S = 60.0
LONGEST_S = 200.0


@dataclass
class Cluster:
    """A scheduler and workers, each a process of its own and without a nurse that revives it."""

    home: Path
    address: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    scheduler: subprocess.Popen[bytes] | None = None

    def start(self, workers: int) -> None:
        """Start the scheduler and so many workers, and wait until it has an address."""
        file = self.home / "scheduler.json"
        self.scheduler = self._run(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", file=file
        )
        until_s = time.monotonic() + START_S
        while not self.address:
            assert time.monotonic() < until_s, "the scheduler did not start"
            time.sleep(0.1)
            if file.exists() and file.stat().st_size:
                self.address = json.loads(file.read_text())["address"]
        for _ in range(workers):
            options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--death-timeout", "60")
            worker = self._run("dask_worker", *options, "--local-directory", self.home, file=file)
            self.workers.append(worker)

    def stop(self) -> None:
        """End all that was started."""
        started = [*self.workers, *([self.scheduler] if self.scheduler is not None else [])]
        for process in started:
            process.kill()
        for process in started:
            process.wait()

    def _run(self, tool: str, *options: object, file: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                f"distributed.cli.{tool}",
                *map(str, options),
                "--scheduler-file",
                str(file),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.home,
        )


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "cluster").mkdir()
    made = Cluster(tmp_path / "cluster")
    try:
        made.start(WORKERS)
        yield made
    finally:
        made.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of captures, one of them broken, and a file that is none."""
    home = tmp_path / "drives"
    home.mkdir()
    for source in SOURCES:
        for number in range(COPIES):
            shutil.copy(CAPTURES / f"{source}.log", home / f"{number:02}-{source}.log")
            marks = f"{source}.marks.csv"
            shutil.copy(CAPTURES / marks, home / f"{number:02}-{marks}")
    (home / "broken.log").touch()
    (home / "notes.txt").write_text("it was raining\n")
    return home


class Run:
    """The command while it runs beside the test."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._errors = folder.with_name("errors.txt")
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "canlock", "diagnose", folder.name, *options],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=folder.parent,  # A relative name, which no worker would understand.
            )
        self._ends = threading.Timer(LONGEST_S, self.process.kill)
        self._ends.start()

    def line(self) -> str:
        """Return the next line that it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self) -> tuple[str, str, int]:
        """Return the rest that it prints, its errors and its status."""
        assert self.process.stdout is not None
        out = self.process.stdout.read()
        status = self.process.wait()
        return out, self._errors.read_text(), status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._ends.cancel()
        self.process.kill()
        self.process.communicate()


def test_a_cluster_says_what_one_process_says_although_a_worker_is_killed(
    cluster: Cluster, folder: Path, tmp_path: Path
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    with Run(folder, "--jobs", "1") as run:
        alone, _, _ = run.end()
    table = tmp_path / "findings.parquet"
    with Run(folder, "--scheduler", cluster.address, "--parquet", str(table)) as run:
        head = [run.line() for _ in range(3)]
        assert run.process.poll() is None  # It is in mid-run.
        cluster.workers[0].kill()
        cluster.workers[0].wait()
        rest, errors, status = run.end()
    assert ("".join(head) + rest).splitlines() == alone.splitlines()
    assert status == 2  # One capture is broken.
    assert "Traceback" not in errors
    rows = parquet.read_table(table).to_pylist()
    assert len({row["path"] for row in rows}) == COPIES * len(SOURCES) + 1


def test_a_cluster_that_goes_away_is_one_line(cluster: Cluster, folder: Path) -> None:
    with Run(folder, "--scheduler", cluster.address) as run:
        assert run.line()
        cluster.stop()
        _, errors, status = run.end()
    assert status == 2
    assert "the Dask scheduler went away" in errors.splitlines()[-1]
    assert "Traceback" not in errors


def test_a_cluster_without_workers_is_one_line(cluster: Cluster, folder: Path) -> None:
    for worker in cluster.workers:
        worker.kill()
        worker.wait()
    with Run(folder, "--scheduler", cluster.address) as run:
        _, errors, status = run.end()
    assert status == 2
    assert "has no workers" in errors
    assert errors.count("\n") == 1, errors
