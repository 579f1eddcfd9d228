"""`canlock evaluate`: a tiny evaluation in each format, and what it says of wrong names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from canlock.cli.main import main
from canlock.evaluation.json_form import load_schema

TINY = ("evaluate", "--vehicle", "bmw-e9x", "--fault", "no-fault", "--fault", "latch-jammed")


def run(*arguments: str | Path) -> int:
    """Run the command line; return its exit status."""
    before, sys.argv = sys.argv, ["canlock", *map(str, arguments)]
    try:
        main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    finally:
        sys.argv = before
    return 0


def test_a_tiny_evaluation_tells_its_sessions_and_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(*TINY, "--per-class", "2", "--format", "json") == 0

    said = capsys.readouterr()
    told = json.loads(said.out)
    jsonschema.Draft202012Validator(load_schema()).validate(told)
    assert told["codes"] == ["no-fault", "latch-jammed"]
    assert told["vehicles"] == ["bmw-e9x"]
    assert [each["code"] for each in told["sessions"]] == ["no-fault"] * 2 + ["latch-jammed"] * 2
    assert told["overall"]["all"]["sessions"] == 4
    assert said.err == ""  # No progress bar where nobody looks.


def test_text_is_what_is_printed_when_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*TINY, "--per-class", "1") == 0

    said = capsys.readouterr().out
    assert said.startswith("2 sessions: 1 of each of 2 codes on 1 vehicle, test worlds")
    assert "CONFIDENT AND WRONG" in said


def test_the_result_is_the_same_whatever_the_jobs(tmp_path: Path) -> None:
    texts = []
    for jobs in ("1", "2"):
        out = tmp_path / f"{jobs}.json"
        arguments = ("--per-class", "3", "--jobs", jobs, "--format", "json", "-o", str(out))
        # As a user runs it, for the workers start from the command itself.
        subprocess.run([sys.executable, "-m", "canlock", *TINY, *arguments], check=True)
        texts.append(out.read_bytes())
    assert texts[0] == texts[1]


def test_another_seed_gives_other_sessions(capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for seed in ("0", "1"):
        assert run(*TINY, "--per-class", "1", "--seed", seed, "--format", "json") == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0]["sessions"][0]["seed"] != told[1]["sessions"][0]["seed"]


def test_html_goes_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "evaluation.html"
    assert run(*TINY, "--per-class", "1", "--format", "html", "-o", out) == 0

    page = out.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param(("--fault", "latch-jamed"), "did you mean `latch-jammed`", id="code"),
        pytest.param(("--vehicle", "bmw-e9"), "did you mean `bmw-e9x`", id="vehicle"),
        pytest.param((*TINY[1:], "-o", "no/such/folder/x"), "there is no folder", id="place"),
        pytest.param((*TINY[1:], "-o", "."), "is a folder", id="folder"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: tuple[str, ...],
    text: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("evaluate", "--per-class", "1", *arguments) == 2

    said = capsys.readouterr().err
    assert text in said
    assert said.count("\n") == 1
