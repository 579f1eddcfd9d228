"""`canlock diagnose` as a person types it: statuses, error lines, several captures, side files."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from canlock.bundled import bundled_folder
from canlock.reports.schema import load_schema

CAPTURES = bundled_folder("captures")
GAITER = CAPTURES / "qashqai-driver-door-gaiter.log"
HEALTHY = CAPTURES / "qashqai-healthy.log"


def canlock(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "canlock", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def report(*arguments: str | Path) -> dict[str, Any]:
    done = canlock("diagnose", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(found, load_schema())
    return found


def test_the_seed_story_is_told_with_its_harness() -> None:
    found = report(GAITER)
    verdict = found["findings"][0]
    assert (verdict["fault"], verdict["doors"]) == ("door-harness-open", ["driver"])
    assert verdict["confident"]
    assert found["vehicle"] == "nissan-qashqai-j10"


def test_a_healthy_car_is_not_accused() -> None:
    assert report(HEALTHY)["findings"][0]["fault"] == "no-fault"


def test_without_marks_the_bus_of_a_qashqai_cannot_name_the_harness(tmp_path: Path) -> None:
    alone = shutil.copy(GAITER, tmp_path / "alone.log")
    verdict = report(alone)["findings"][0]
    assert not verdict["confident"]
    assert verdict["fault"] == "insufficient-evidence" or len(verdict["group"]) > 1


def test_marks_can_be_given_from_elsewhere(tmp_path: Path) -> None:
    alone = shutil.copy(GAITER, tmp_path / "alone.log")
    marks = GAITER.with_suffix(".marks.csv")
    assert report(alone, "--marks", marks)["findings"][0]["fault"] == "door-harness-open"


def test_a_gzipped_capture_finds_its_marks_and_gives_the_same_verdict(tmp_path: Path) -> None:
    packed = tmp_path / "drive.log.gz"
    packed.write_bytes(gzip.compress(GAITER.read_bytes()))
    shutil.copy(GAITER.with_suffix(".marks.csv"), tmp_path / "drive.marks.csv")
    found, plain = report(packed), report(GAITER)
    assert found["findings"] == plain["findings"]
    assert found["operations"] == plain["operations"]


def test_the_bits_and_the_prior_add_up_to_the_odds() -> None:
    verdict = report(GAITER)["findings"][0]
    bits = sum(piece["bits"] for piece in verdict["evidence"])
    assert 1 / (1 + 2**-bits) == pytest.approx(verdict["probability"], abs=1e-4)


def leave_missing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda path: path.write_bytes(b""), "empty", id="empty"),
        pytest.param(leave_missing, "no such file", id="missing"),
        pytest.param(lambda path: path.mkdir(), "no capture", id="folder without captures"),
        pytest.param(lambda path: path.write_bytes(b"%PDF-1.7\n%\xe2\xe3"), "PDF", id="PDF"),
        pytest.param(lambda path: path.write_bytes(bytes(range(256)) * 9), "binary", id="binary"),
        pytest.param(lambda path: path.write_text("dear diary\n"), "no line", id="prose"),
    ],
)
def test_what_is_no_capture_is_one_clear_line_and_status_2(
    make: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "thing.log"
    make(path)
    done = canlock("diagnose", path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert str(path) in done.stderr
    assert words in done.stderr


def test_an_unknown_bus_lists_the_vehicles_and_exits_with_2(tmp_path: Path) -> None:
    path = tmp_path / "unknown.log"
    lines = [f"({n / 100:.6f}) can0 7{n % 7:02X}#00\n" for n in range(500)]
    path.write_text("".join(lines), encoding="ascii")
    done = canlock("diagnose", path)
    assert done.returncode == 2
    assert "--vehicle" in done.stderr
    assert "nissan-qashqai-j10" in done.stderr


def test_a_fault_gives_status_1_only_where_it_was_asked_for() -> None:
    assert canlock("diagnose", GAITER).returncode == 0
    assert canlock("diagnose", GAITER, "--exit-code").returncode == 1
    assert canlock("diagnose", HEALTHY, "--exit-code").returncode == 0


def test_several_captures_give_a_json_line_each_and_a_bad_one_hides_none(tmp_path: Path) -> None:
    bad = tmp_path / "bad.log"
    bad.write_bytes(b"")
    done = canlock("diagnose", GAITER, bad, HEALTHY, "--format", "json")
    assert done.returncode == 2
    assert "bad.log" in done.stderr
    verdicts = [json.loads(line)["findings"][0]["fault"] for line in done.stdout.splitlines()]
    assert verdicts == ["door-harness-open", "no-fault"]


def test_the_report_goes_where_it_is_wanted(tmp_path: Path) -> None:
    out = tmp_path / "report.txt"
    done = canlock("diagnose", GAITER, "-o", out)
    assert done.stdout == ""
    assert "gaiter" in out.read_text(encoding="utf-8")


def test_a_vehicle_file_of_ones_own_is_used(tmp_path: Path) -> None:
    for name in ("nissan-qashqai-j10.toml", "nissan_qashqai_j10.dbc"):
        shutil.copy(bundled_folder("dbc") / name, tmp_path)
    own = (tmp_path / "nissan-qashqai-j10.toml").rename(tmp_path / "mine.toml")
    assert report(GAITER, "--vehicle", own)["vehicle"] == "mine"


def test_a_mistake_in_a_vehicle_file_is_named_with_its_line(tmp_path: Path) -> None:
    folder = bundled_folder("dbc")
    shutil.copy(folder / "nissan_qashqai_j10.dbc", tmp_path)
    text = (folder / "nissan-qashqai-j10.toml").read_text(encoding="utf-8")
    own = tmp_path / "mine.toml"
    own.write_text(text.replace('"door.ajar"', '"door.ayar"', 1), encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if '"door.ajar"' in row)
    for done in (canlock("diagnose", GAITER, "--vehicle", own), canlock("vehicle", "check", own)):
        assert done.returncode == 2
        assert f"mine.toml:{line}:" in done.stdout + done.stderr
        assert "door.ajar" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_the_demo_on_a_pipe_prints_the_report() -> None:
    done = canlock("demo")
    assert done.returncode == 0
    assert "gaiter" in done.stdout
    assert done.stderr == ""


def test_a_page_tells_the_seed_story_and_needs_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = canlock("diagnose", GAITER, "--format", "html", "-o", out)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    page = out.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert page.count("<article>") == 1
    assert "gaiter" in page
    assert "<script" not in page


def test_several_captures_are_one_page() -> None:
    done = canlock("diagnose", GAITER, HEALTHY, "--format", "html")
    assert done.returncode == 0
    assert done.stdout.count("<!doctype html>") == done.stdout.count("</html>") == 1
    assert done.stdout.count("<article>") == 2


@pytest.mark.parametrize("report_format", ["html", "md"])
def test_a_vin_in_a_name_is_told_only_where_it_was_asked_for(
    report_format: str, tmp_path: Path
) -> None:
    vin = "SJNFBAJ10U2000001"
    alone = shutil.copy(HEALTHY, tmp_path / f"{vin}.log")
    hidden = canlock("diagnose", alone, "--format", report_format).stdout
    told = canlock("diagnose", alone, "--format", report_format, "--show-private").stdout
    assert vin not in hidden
    assert str(tmp_path) not in hidden
    assert vin in told
    assert hidden.startswith(("<!doctype html>", "# canlock report"))
