"""`canlock simulate`: the files it writes, and what it says where it cannot."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from canlock.cli.main import main
from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.frames import FrameBatch, join_batches
from canlock.simulation.drive import simulate
from canlock.sources.capture import open_capture
from canlock.sources.marks import find_marks, read_marks

VEHICLE = "bmw-e9x"
SUFFIXES = (".log", ".asc", ".blf", ".csv", ".trc", ".db", ".log.gz", ".asc.gz")


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


def write(capture: Path, *more: str, fault: str = "door-harness-open") -> int:
    """Simulate a short session into a capture."""
    chosen = ("--vehicle", VEHICLE, "--fault", fault)
    return run("simulate", *chosen, "--seconds", "10", "-o", capture, *more)


def read(capture: Path) -> FrameBatch:
    items = open_capture(capture).batches()
    return join_batches([item for item in items if isinstance(item, FrameBatch)])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_capture_of_each_format_reads_back_as_what_was_on_the_bus(
    suffix: str, tmp_path: Path
) -> None:
    capture = tmp_path / f"drive{suffix}"
    assert write(capture, "--seed", "7") == 0

    frames = simulate(load_vehicle(VEHICLE), ("door-harness-open",), seed=7, duration_s=10.0).frames
    back = read(capture)
    assert len(back) == len(frames)
    assert np.array_equal(back.arbitration_id, frames.arbitration_id)
    assert np.array_equal(back.payload, frames.payload)
    # ASC keeps 10 us, TRC 0.1 ms of the time since its beginning; both begin where they began.
    spread_s = np.ptp(back.timestamp_s - frames.timestamp_s)
    assert spread_s < 2.5e-4


def content(capture: Path) -> bytes:
    """Return the bytes of a capture, less the one line that tells when the file was written."""
    content = capture.read_bytes()
    if ".asc" in capture.suffixes:
        unpacked = gzip.decompress(content) if capture.suffix == ".gz" else content
        date, _, rest = unpacked.partition(b"\n")
        # python-can puts the wall clock there; the time of the frames stands three lines below.
        assert date.startswith(b"date ")
        return rest
    return content


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_seed_gives_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    capture = tmp_path / f"drive{suffix}"  # One name, for a TRC file tells its own.
    made = []
    for seed in ("7", "7", "8"):
        assert write(capture, "--seed", seed) == 0
        beside = [(tmp_path / f"drive.{side}").read_bytes() for side in ("marks.csv", "truth.json")]
        made.append((content(capture), *beside))

    assert made[0] == made[1]
    assert all(one != other for one, other in zip(made[0], made[2], strict=True))


def test_marks_and_truth_lie_beside_the_capture_by_its_stem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture = tmp_path / "drive.asc.gz"
    assert write(capture, "--seed", "3", "--door", "rear-left") == 0

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "drive.asc.gz",
        "drive.marks.csv",
        "drive.truth.json",
    ]
    truth = json.loads((tmp_path / "drive.truth.json").read_text())
    assert truth["schema"] == "canlock.truth/1"
    assert truth["faults"][0]["code"] == "door-harness-open"
    assert truth["faults"][0]["doors"] == ["rear-left"]
    found = find_marks(capture)
    assert found is not None
    marks = read_marks(found, 0.0)
    assert marks.left_out == 0
    assert len(marks.marks) >= 3
    said = capsys.readouterr()
    assert "door-harness-open (rear-left); the truth is in" in said.out
    assert said.err == ""


def test_two_faults_are_both_put_in(tmp_path: Path) -> None:
    assert write(tmp_path / "drive.log", "--fault", "fob-battery-low") == 0

    truth = json.loads((tmp_path / "drive.truth.json").read_text())
    assert [each["code"] for each in truth["faults"]] == ["door-harness-open", "fob-battery-low"]


def test_fitting_worlds_are_other_worlds(tmp_path: Path) -> None:
    assert write(tmp_path / "a.log") == write(tmp_path / "b.log", "--worlds", "fitting") == 0

    truths = [json.loads((tmp_path / f"{stem}.truth.json").read_text()) for stem in "ab"]
    assert [truth["worlds"] for truth in truths] == ["test", "fitting"]
    assert truths[0]["world"] != truths[1]["world"]


def test_diagnose_takes_what_simulate_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture = tmp_path / "drive.blf"
    assert write(capture, fault="no-fault") == 0
    capsys.readouterr()

    assert run("diagnose", capture, "--vehicle", VEHICLE, "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["vehicle"] == VEHICLE
    assert len(report["marks"]) >= 3


def test_an_earlier_simulation_is_replaced(tmp_path: Path) -> None:
    capture = tmp_path / "drive.log"
    assert write(capture, "--seed", "1") == 0
    first = capture.read_bytes()

    assert write(capture, "--seed", "2") == 0
    assert capture.read_bytes() != first


@pytest.mark.parametrize("name", ["drive.log", "drive.marks.csv"])
def test_a_recording_that_cannot_be_made_again_is_left_alone(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("precious")

    assert write(tmp_path / "drive.log") == 2
    assert (tmp_path / name).read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert "may be a recording of a real car" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param(
            ("--vehicle", "bmw-e9", "--fault", "no-fault"), "did you mean `bmw-e9x`", id="vehicle"
        ),
        pytest.param(
            ("--vehicle", VEHICLE, "--fault", "latch-jamed"),
            "no fault is called `latch-jamed` (did you mean `latch-jammed`?)",
            id="code",
        ),
        pytest.param(
            ("--vehicle", VEHICLE, "--fault", "insufficient-evidence"),
            "there are actuator-",
            id="a verdict that is no fault",
        ),
        pytest.param(
            ("--vehicle", VEHICLE, "--fault", "latch-jammed", "--door", "drivr"),
            "bmw-e9x has no door `drivr` (did you mean `driver`?)",
            id="door",
        ),
        pytest.param(
            ("--vehicle", VEHICLE, "--fault", "latch-jammed", "--worlds", "real"),
            "unknown worlds `real`",
            id="worlds",
        ),
    ],
)
def test_a_wrong_name_is_one_line_with_the_nearest_right_one(
    arguments: tuple[str, ...], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("simulate", *arguments, "-o", tmp_path / "drive.log") == 2

    said = capsys.readouterr().err
    assert text in said
    assert said.startswith("canlock: ")
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("drive.xyz", ".blf", id="unknown suffix"),
        pytest.param("drive", ".blf", id="no suffix"),
        pytest.param("no/such/folder/drive.log", "cannot be written", id="no such folder"),
        pytest.param("", "give the capture a name", id="a folder"),
    ],
)
def test_a_capture_that_cannot_be_written_is_one_line(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(tmp_path / name) == 2

    said = capsys.readouterr().err
    assert text in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seconds", ["9.9", "3601", "nan", "inf", "soon"])
def test_a_session_too_short_or_too_long_is_refused(seconds: str, tmp_path: Path) -> None:
    assert write(tmp_path / "drive.log", "--seconds", seconds) == 2
    assert not list(tmp_path.iterdir())


def test_without_a_length_a_session_is_the_one_that_an_evaluation_plays(tmp_path: Path) -> None:
    capture = tmp_path / "drive.log"
    chosen = ("--vehicle", VEHICLE, "--fault", "latch-jammed", "--seed", "4")
    assert run("simulate", *chosen, "-o", capture) == 0

    truth = json.loads((tmp_path / "drive.truth.json").read_text())
    played = simulate(load_vehicle(VEHICLE), ("latch-jammed",), seed=4)
    assert truth == json.loads(json.dumps(played.truth))
