"""`canlock diagnose` on many captures as a person types it: lines, table, Parquet, statuses."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import jsonschema
import pytest

from canlock.bundled import bundled_folder
from canlock.cli.main import main
from canlock.reports.schema import load_schema

CAPTURES = bundled_folder("captures")
GAITER = CAPTURES / "qashqai-driver-door-gaiter.log"
HEALTHY = CAPTURES / "qashqai-healthy.log"
JAMMED = CAPTURES / "bmw-passenger-latch-jammed.log"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three captures with their marks, a broken one, and a note."""
    home = tmp_path / "drives"
    home.mkdir()
    for source, name in ((GAITER, "a"), (HEALTHY, "b"), (JAMMED, "d")):
        shutil.copy(source, home / f"{name}.log")
        shutil.copy(source.with_suffix(".marks.csv"), home / f"{name}.marks.csv")
    (home / "c.log").write_bytes(b"")
    (home / "notes.txt").write_text("it was raining\n")
    return home


def canlock(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command within this process: a start costs more than a small fleet."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["canlock", *map(str, arguments)])
        try:
            main()
        except SystemExit as stop:
            status = int(stop.code or 0)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def test_a_folder_gives_a_line_each_in_order_and_a_table(folder: Path) -> None:
    done = canlock("diagnose", folder, "--jobs", "1")
    lines, table = done.stdout.split("\n\n", 1)
    assert [line.split()[0] for line in lines.splitlines()] == ["a.log", "b.log", "c.log", "d.log"]
    assert "door-harness-open (driver)" in lines.splitlines()[0]
    assert "no-fault" in lines.splitlines()[1]
    assert "c.log      not read: found an empty file" in lines
    assert "latch-jammed (passenger)" in lines.splitlines()[3]
    assert table.startswith("4 captures, ")
    assert "1 not read; 1 other file passed over" in table
    assert "bmw-e9x" in table
    assert done.returncode == 2  # One could not be read.
    assert done.stderr == ""


def test_two_processes_print_what_one_prints(folder: Path) -> None:
    alone = canlock("diagnose", folder, "--jobs", "1")
    both = canlock("diagnose", folder, "--jobs", "2")
    assert both.stdout == alone.stdout
    assert both.returncode == alone.returncode


def test_json_is_the_full_report_of_each_a_line_each(folder: Path) -> None:
    done = canlock("diagnose", folder, "--jobs", "2", "--format", "json")
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    for report in reports:
        jsonschema.validate(report, load_schema())
    assert [Path(report["capture"]["path"]).name for report in reports] == [
        "a.log",
        "b.log",
        "d.log",
    ]
    assert "c.log: found an empty file" in done.stderr
    single = canlock("diagnose", folder / "a.log", "--format", "json")
    assert reports[0] == json.loads(single.stdout)


@pytest.mark.parametrize("kind", ["html", "md"])
def test_other_forms_go_on_one_page(folder: Path, kind: str, tmp_path: Path) -> None:
    out = tmp_path / "page"
    many = canlock("diagnose", folder, "--jobs", "1", "--format", kind, "-o", out)
    assert many.stdout == ""
    page = out.read_text(encoding="utf-8")
    assert page.count("<html") == (kind == "html")
    canlock("diagnose", *(folder / f"{name}.log" for name in "abd"), "--format", kind, "-o", out)
    assert page == out.read_text(encoding="utf-8")


def test_the_lines_and_the_table_go_where_they_are_wanted(folder: Path, tmp_path: Path) -> None:
    printed = canlock("diagnose", folder, "--jobs", "1").stdout
    done = canlock("diagnose", folder, "--jobs", "1", "-o", tmp_path / "out.txt")
    assert done.stdout == ""
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == printed


def test_the_parquet_table_has_a_row_for_each(folder: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    out = tmp_path / "findings.parquet"
    assert canlock("diagnose", folder, "--parquet", out, "--jobs", "1").returncode == 2
    rows = parquet.read_table(out).to_pylist()
    assert {Path(row["path"]).name: row["fault"] for row in rows if row["rank"] in {1, None}} == {
        "a.log": "door-harness-open",
        "b.log": "no-fault",
        "c.log": None,
        "d.log": "latch-jammed",
    }


def test_statuses_are_those_of_a_single_capture(folder: Path) -> None:
    healthy, gaiter = folder / "b.log", folder / "a.log"
    for captures, status in (((healthy,), 0), ((healthy, gaiter), 1), ((healthy, "no.log"), 2)):
        done = canlock("diagnose", *captures, "--jobs", "1", "--exit-code")
        assert done.returncode == status, done.stderr
    assert canlock("diagnose", healthy, gaiter, "--jobs", "1").returncode == 0


@pytest.mark.parametrize("option", ["-o", "--parquet"])
@pytest.mark.parametrize("name", ["a.log", "a.marks.csv"])
def test_nothing_is_written_over_a_capture_or_its_marks(
    folder: Path, option: str, name: str
) -> None:
    before = (folder / name).read_bytes()
    done = canlock("diagnose", folder, "--jobs", "1", option, folder / name)
    assert done.returncode == 2
    assert "one of the inputs" in done.stderr
    assert (folder / name).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("no-such-folder/", "--jobs", "1"), "no such file"),
        ((".", "--jobs", "1"), "found no file"),
        (("--jobs", "1", "--scheduler", "tcp://x:1", "a.log"), "do not go together"),
        (("a.log", "b.log", "--jobs", "1", "--marks", "m.csv"), "one capture only"),
        (("a.log", "--jobs", "1", "--parquet", "no/such/x.parquet"), "cannot be written"),
        (("a.log", "--jobs", "1", "-o", "no/such/x.txt"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_a_clear_line_and_status_2(
    arguments: tuple[str, ...],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = canlock("diagnose", *arguments)
    assert done.returncode == 2
    assert words in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_folder_without_captures_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("it was raining\n")
    done = canlock("diagnose", tmp_path, "--jobs", "1")
    assert done.returncode == 2
    assert "found no capture among 1 files" in done.stderr


def test_a_scheduler_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed (extra `fleet`)")
    monkeypatch.setattr("canlock.pipeline.fleet.cluster.CONNECT_S", 0.2)
    done = canlock("diagnose", GAITER, "--scheduler", "nonsense://nowhere")
    assert done.returncode == 2
    assert "no Dask scheduler answers there" in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_dask_a_clear_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = canlock("diagnose", GAITER, "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 2
    assert "canlock[fleet]" in done.stderr


def test_standard_input_is_diagnosed_and_named() -> None:
    def run(data: bytes) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "canlock", "diagnose", "-", "--marks"]
        command.append(str(GAITER.with_suffix(".marks.csv")))
        return subprocess.run(command, input=data, capture_output=True, check=False)

    done = run(GAITER.read_bytes())
    assert done.returncode == 0
    assert b"standard input" in done.stdout
    assert b"gaiter" in done.stdout
    nothing = run(b"")
    assert nothing.returncode == 2
    assert b"standard input: found an empty file" in nothing.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_terminal_shows_a_bar_that_is_gone_in_the_end(folder: Path) -> None:
    import pty

    for number in range(30):
        os.link(folder / "a.log", folder / f"e{number:02}.log")
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "canlock", "diagnose", str(folder), "--jobs", "1"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert " of 35 captures" in shown
    assert shown.endswith("\r\x1b[K")
    assert b"\x1b" not in done.stdout
