"""Captures that are parts of one drive give the report of the whole drive."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from canlock.bundled import bundled_folder
from canlock.cli.main import app

NAME = "bmw-driver-actuator-worn"


@pytest.fixture(name="drive")
def _drive(tmp_path: Path) -> tuple[Path, list[Path]]:
    """Return a whole capture, and the same in three parts; marks lie beside the first part."""
    folder = bundled_folder("captures")
    whole = tmp_path / "whole.log"
    whole.write_bytes(gzip.decompress((folder / f"{NAME}.log.gz").read_bytes()))
    marks = (folder / f"{NAME}.marks.csv").read_bytes()
    lines = whole.read_bytes().splitlines(keepends=True)
    parts = [tmp_path / f"part-{number}.log" for number in range(3)]
    for number, part in enumerate(parts):
        third = len(lines) // 3 + 1
        part.write_bytes(b"".join(lines[number * third : (number + 1) * third]))
    for path in (whole, parts[0]):
        path.with_name(f"{path.stem}.marks.csv").write_bytes(marks)
    return whole, parts


def report(*arguments: str) -> list[str]:
    done = CliRunner().invoke(app, ["diagnose", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_parts_in_any_order_are_one_drive(drive: tuple[Path, list[Path]]) -> None:
    whole, parts = drive
    expected = json.loads("".join(report("--format", "json", str(whole))))
    names = (str(parts[number]) for number in (2, 0, 1))
    found = json.loads("".join(report("--format", "json", "--join", *names)))
    for each in ("vehicle", "tier", "findings", "hypotheses", "operations"):
        assert found[each] == expected[each]


def test_without_the_option_each_part_has_its_report(drive: tuple[Path, list[Path]]) -> None:
    _, parts = drive
    joined = "\n".join(report("--vehicle", "bmw-e9x", *map(str, parts)))
    assert all(part.name in joined for part in parts)


def test_a_joint_report_and_a_fleet_do_not_go_together(drive: tuple[Path, list[Path]]) -> None:
    _, parts = drive
    done = CliRunner().invoke(app, ["diagnose", "--join", "--jobs", "2", *map(str, parts)])
    assert done.exit_code == 2


def test_what_takes_its_time_is_said_where_somebody_asks(tmp_path: Path) -> None:
    path = tmp_path / "delta.txt"
    steps = [0, *range(3000)]
    path.write_text("".join(f"(000.{step % 7 * 1000:06d}) can0 130#0011\n" for step in steps))
    for options, is_told in (((), False), (("-v",), True)):
        arguments = ["diagnose", str(path), "--vehicle", "bmw-e9x", *options]
        done = CliRunner().invoke(app, arguments)
        assert (f"{path}: read slowly: 3001 of 3001 lines" in done.stderr) == is_told
