"""The samples that travel with canlock tell the story that their descriptions tell."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from canlock.bundled import bundled_folder
from canlock.errors import CanlockError
from canlock.model.faults import FAULT_CODES
from canlock.simulation.drive import Drive
from canlock.simulation.sample_list import SAMPLES
from canlock.simulation.samples import make_sample, write_sample

GAITER = "qashqai-driver-door-gaiter"
LINE = re.compile(r"\(\d{10}\.\d{6}\) can0 [0-9A-F]{3}#([0-9A-F]{2}){0,8}")


def actions(drive: Drive, door: str) -> list[str]:
    return [mark.action for mark in drive.marks if mark.door == door]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_a_small_capture_its_marks_and_what_should_be_found(
    name: str, tmp_path: Path
) -> None:
    capture = write_sample(name, tmp_path)

    lines = capture.read_text().splitlines()
    assert capture.stat().st_size < 1_000_000
    assert all(LINE.fullmatch(line) for line in lines)
    assert 55 <= float(lines[-1][1:18]) - float(lines[0][1:18]) <= 75
    told = tomllib.loads((tmp_path / f"{name}.toml").read_text())
    assert told["found"]["fault"] in FAULT_CODES
    assert told["schema"] == "canlock.sample/1"
    marks = (tmp_path / f"{name}.marks.csv").read_text().splitlines()
    assert marks[0] == "time,action,door,note"
    assert len(marks) > 10


@pytest.mark.parametrize("name", SAMPLES)
def test_a_bundled_sample_is_what_its_seed_gives(name: str, tmp_path: Path) -> None:
    bundled = bundled_folder("captures")
    write_sample(name, tmp_path)

    for suffix in (".log", ".marks.csv", ".toml"):
        made = (tmp_path / f"{name}{suffix}").read_bytes()
        assert (bundled / f"{name}{suffix}").read_bytes() == made, f"{name}{suffix} is out of date"


def test_the_gaiter_story_is_that_of_a_wire_that_touches_only_while_it_is_bent() -> None:
    drive = make_sample(GAITER)
    orders = drive.truth["orders"]
    assert isinstance(orders, list)
    driver = actions(drive, "driver")
    flexed_s = next(mark.at_s for mark in drive.marks if mark.action == "flex-harness") - 1.7e9

    assert "flash" in str(drive.truth["sights"])
    others = ["passenger", "rear-left", "rear-right", "tailgate"]
    assert orders[0]["action"] == "unlock"
    assert orders[0]["obeyed"] == others
    assert driver[:2] == ["pull-outer-handle", "not-opened"]
    assert driver[-1] == "not-opened"
    assert {"heard-silence", "window-dead"} <= set(driver)
    assert "window-moved" in actions(drive, "passenger")
    during = [
        "driver" in order["obeyed"]
        for order in orders
        if flexed_s - 1.0 < order["after_s"] < flexed_s + 10.0
    ]
    assert {True, False} == set(during)


def test_the_jammed_latch_is_heard_and_its_window_moves() -> None:
    drive = make_sample("bmw-passenger-latch-jammed")

    passenger = actions(drive, "passenger")
    assert {"heard-hum", "window-moved", "knob-stiff", "not-opened"} <= set(passenger)
    assert "opened" not in passenger


def test_in_the_healthy_sample_nothing_stays_shut() -> None:
    drive = make_sample("qashqai-healthy")

    told = {mark.action for mark in drive.marks}
    assert "opened" in told
    assert not told & {"not-opened", "window-dead", "heard-silence"}


def test_an_unknown_sample_is_named_with_those_that_there_are() -> None:
    with pytest.raises(CanlockError, match="no sample `x`; there are qashqai-driver-door-gaiter"):
        make_sample("x")
