"""`canlock trend` over captures of a simulated car that wears, and over what is no such thing."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from canlock.bundled import bundled_folder
from canlock.cli.main import main
from canlock.decoding.vehicle_file import load_vehicle
from canlock.simulation.drive import START_S, run, set_up
from canlock.simulation.stories.routine import live
from canlock.sources.writer import write_capture

CAPTURES = bundled_folder("captures")
REAL = Path(__file__).parents[3] / "shared" / "captures" / "bmw_e90_lock_cycles.log"
DAYS = 6
WORN = "rear-left"


def make_days(folder: Path, wear: float, *, start_s: float = START_S, every_s: float = 4e5) -> None:
    """Write a capture for each of some days of one car whose rear left lock wears so much a day."""
    folder.mkdir()
    loaded = load_vehicle("bmw-e9x")
    for day in range(DAYS):
        case = set_up(loaded, {}, live, seed=1)
        case.world.doors[WORN].motor.wear = 1 + wear * day
        case.world.ambient_c = (20.0, -6.0, 11.0, 2.0, 27.0, 5.0)[day]
        frames = run(loaded, case, seed=1000 + day, duration_s=45.0).frames
        moved_s = frames.timestamp_s - START_S + start_s + day * every_s
        write_capture(folder / f"day{day}.log", [replace(frames, timestamp_s=moved_s)])


@pytest.fixture(scope="module")
def worn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worn") / "days"
    make_days(folder, 0.15)
    return folder


@pytest.fixture(autouse=True)
def _narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def canlock(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command within this process: a start costs more than a trend."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["canlock", *map(str, arguments)])
        try:
            main()
        except SystemExit as stop:
            status = int(stop.code or 0)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def trend(*arguments: str | Path) -> dict[str, Any]:
    done = canlock("trend", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["schema"] == "canlock.trend/1"
    return found


def verdicts(found: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(each["door"], each["direction"]): each["verdict"] for each in found["trends"]}


def test_the_lock_that_wears_is_found_and_no_other(worn: Path) -> None:
    found = trend(worn)
    told = verdicts(found)
    assert {place for place, word in told.items() if word == "getting slower"} == {
        (WORN, "lock"),
        (WORN, "unlock"),
    }
    assert len(told) == 10
    assert found["unit"] == "day"
    slower = next(each for each in found["trends"] if each["door"] == WORN)
    # It takes 0.75 longer in the end, of some 100 ms, of which half the way is seen.
    assert 0.03 < slower["relative"]["change"] < 0.15
    assert slower["relative"]["low"] < slower["relative"]["slope"] < slower["relative"]["high"]
    assert slower["operations"] == len(slower["points"])


def test_a_car_that_does_not_wear_is_not_accused(tmp_path: Path) -> None:
    make_days(tmp_path / "days", 0.0)
    words = set(verdicts(trend(tmp_path / "days")).values())
    assert "getting slower" not in words
    assert "steady" in words


def test_dated_captures_may_be_given_in_any_order(worn: Path) -> None:
    paths = sorted(worn.iterdir())
    mixed = trend(*paths[::-1])
    assert mixed["trends"] == trend(worn)["trends"]
    assert [Path(each["path"]) for each in mixed["captures"]] == paths


def test_captures_without_dates_are_taken_as_given(tmp_path: Path) -> None:
    make_days(tmp_path / "days", 0.15, start_s=0.0, every_s=0.0)
    paths = sorted((tmp_path / "days").iterdir())
    found = trend(*paths)
    assert (found["dated"], found["unit"]) == (False, "100-operations")
    assert "order in which they were given" in found["notes"][0]
    assert verdicts(found)[WORN, "lock"] == "getting slower"
    assert verdicts(trend(*paths[::-1]))[WORN, "lock"] == "getting faster"


def test_dates_that_overlap_are_wrong_and_not_believed(tmp_path: Path) -> None:
    make_days(tmp_path / "days", 0.15, every_s=10.0)
    found = trend(tmp_path / "days")
    assert not found["dated"]
    assert "at the same time" in found["notes"][0]
    assert verdicts(found)[WORN, "lock"] == "getting slower"


def test_a_packed_copy_counts_once(worn: Path, tmp_path: Path) -> None:
    copy = tmp_path / "again.log.gz"
    copy.write_bytes(gzip.compress((worn / "day0.log").read_bytes()))
    found = trend(worn, copy)
    assert found["trends"] == trend(worn)["trends"]
    assert "left out" in found["notes"][0]


def test_the_text_fits_a_terminal_and_the_table_says_what_the_plot_does(worn: Path) -> None:
    whole, bare = canlock("trend", worn), canlock("trend", worn, "--no-plot")
    assert whole.returncode == bare.returncode == 0
    assert all(len(line) <= 80 for line in whole.stdout.splitlines())
    assert whole.stdout.isascii()
    assert "\x1b" not in whole.stdout
    assert "The rear left door takes longer and longer when it locks" in bare.stdout
    rows = [line.split() for line in bare.stdout.splitlines()]
    assert sum(row[:1] == [WORN] and row[-2:] == ["getting", "slower"] for row in rows) == 2
    assert "PLOT" not in bare.stdout
    assert "2023-11-14" in whole.stdout.split("PLOT")[1]
    assert len(set(whole.stdout.splitlines()) - set(bare.stdout.splitlines())) > 20


def test_the_plot_of_a_lock_that_wears_climbs(worn: Path) -> None:
    text = canlock("trend", worn).stdout.split("Rear left door\n")[1].split("0 ms")[0]
    rows = [line.partition("|")[2] for line in text.splitlines()]
    heights = {
        column: len(rows) - number
        for number, row in enumerate(rows)
        for column, letter in enumerate(row)
        if letter in "LU*"
    }
    columns = sorted(heights)
    assert heights[columns[-1]] > heights[columns[0]]


@pytest.mark.skipif(not REAL.exists(), reason="the real captures are not beside the checkout")
def test_five_operations_of_a_real_car_are_too_few() -> None:
    found = trend(REAL)
    assert set(verdicts(found).values()) == {"too few"}
    assert all(each["latency"] is None for each in found["trends"])
    assert "Too few operations to say" in canlock("trend", REAL).stdout


def test_a_bus_without_measured_locks_is_told_plainly() -> None:
    done = canlock("trend", CAPTURES / "ford-healthy.log.gz")
    assert done.returncode == 0
    assert "This car's bus does not show measured locks" in done.stdout
    assert trend(CAPTURES / "ford-healthy.log.gz")["trends"] == []


def test_where_only_the_drivers_lock_is_measured_the_others_are_named() -> None:
    done = canlock("trend", CAPTURES / "qashqai-healthy.log")
    assert done.returncode == 0
    assert "No latency is known of: passenger, rear-left, rear-right, tailgate." in done.stdout
    assert "does not show orders" in done.stdout


def test_two_cars_are_one_clear_line_and_status_2(worn: Path) -> None:
    done = canlock("trend", worn / "day0.log", CAPTURES / "qashqai-healthy.log")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "bmw-e9x" in done.stderr
    assert "nissan-qashqai-j10" in done.stderr
    assert "--vehicle" in done.stderr


def test_a_bad_capture_is_named_and_hides_not_the_others(worn: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.log"
    bad.write_bytes(b"")
    for extra in ((), ("--vehicle", "bmw-e9x")):
        done = canlock("trend", *extra, worn, bad)
        assert done.returncode == 2
        assert "bad.log" in done.stderr
        assert "takes longer and longer" in done.stdout
    alone = canlock("trend", bad)
    assert (alone.returncode, alone.stdout, alone.stderr.count("\n")) == (2, "", 1)


def test_a_capture_is_never_written_over(worn: Path, tmp_path: Path) -> None:
    own = Path(shutil.copy(worn / "day0.log", tmp_path / "own.log"))
    before = own.read_bytes()
    done = canlock("trend", own, "-o", own)
    assert done.returncode == 2
    assert own.read_bytes() == before
    out = tmp_path / "trend.txt"
    assert canlock("trend", own, "-o", out).stdout == ""
    assert "VERDICT" in out.read_text(encoding="utf-8")
