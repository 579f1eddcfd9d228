"""The samples that travel with canlock tell the story that their descriptions tell."""

from __future__ import annotations

import gzip
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

from canlock.bundled import bundled_folder
from canlock.decoding.vehicle_file import load_vehicle
from canlock.diagnosis import faults
from canlock.diagnosis.catalogue import models_by_code
from canlock.errors import CanlockError
from canlock.model.faults import FAULT_CODES, LAYER_OF, LAYERS, NO_FAULT
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.simulation.drive import Drive
from canlock.simulation.sample_list import SAMPLES
from canlock.simulation.samples import describe_samples, make_sample, write_sample

GAITER = "qashqai-driver-door-gaiter"
BUNDLED = bundled_folder("captures")
KNOWN = {module.name for module in pkgutil.iter_modules(faults.__path__)}
LINE = re.compile(r"\(\d{10}\.\d{6}\) can0 ([0-9A-F]{3}|[0-9A-F]{8})#([0-9A-F]{2}){0,8}")


def actions(drive: Drive, door: str) -> list[str]:
    return [mark.action for mark in drive.marks if mark.door == door]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all samples, made anew."""
    folder = tmp_path_factory.mktemp("samples")
    for name in SAMPLES:
        write_sample(name, folder)
    return folder


def read_capture(path: Path) -> bytes:
    """Return a capture unpacked: how well it is packed is the library's own affair."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_a_small_capture_its_marks_and_what_should_be_found(
    name: str, made: Path
) -> None:
    lines = read_capture(made / f"{name}{SAMPLES[name].suffix}").decode().splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    assert 50 <= float(lines[-1][1:18]) - float(lines[0][1:18]) <= 130
    told = tomllib.loads((made / f"{name}.toml").read_text())
    assert told["found"]["fault"] in FAULT_CODES
    assert told["schema"] == "canlock.sample/1"
    marks = (made / f"{name}.marks.csv").read_text().splitlines()
    assert marks[0] == "time,action,door,note"
    assert len(marks) > 10


@pytest.mark.parametrize("name", SAMPLES)
def test_a_bundled_sample_is_what_its_seed_gives(name: str, made: Path) -> None:
    for suffix in (SAMPLES[name].suffix, ".marks.csv", ".toml"):
        bundled = read_capture(BUNDLED / f"{name}{suffix}")
        assert bundled == read_capture(made / f"{name}{suffix}"), f"{name}{suffix} is out of date"


def test_the_samples_are_small_and_nothing_else_lies_among_them() -> None:
    files = [path for path in BUNDLED.iterdir() if path.is_file()]

    assert sum(path.stat().st_size for path in files) < 8_000_000
    assert {path.name.partition(".")[0] for path in files} == {*SAMPLES, "README"}
    assert (BUNDLED / "README.md").read_text() == describe_samples()


def test_there_is_a_healthy_car_and_a_fault_of_every_layer_among_the_samples() -> None:
    vehicles = {sample.vehicle for sample in SAMPLES.values()}
    healthy = {sample.vehicle for sample in SAMPLES.values() if sample.fault == "no-fault"}

    assert healthy == vehicles
    assert {LAYER_OF[sample.fault] for sample in SAMPLES.values()} == set(LAYERS) - {"unknown"}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_the_engine_says_of_a_sample_does_not_contradict_its_description(name: str) -> None:
    sample = SAMPLES[name]
    if sample.fault.replace("-", "_") not in KNOWN:
        pytest.skip(f"the engine has no hypothesis `{sample.fault}`")
    recording = find_recording(BUNDLED / f"{name}{sample.suffix}")

    verdict = diagnose_recording(recording, load_vehicle(sample.vehicle)).verdict

    if verdict.fault == NO_FAULT and LAYER_OF[sample.fault] == "by-design":
        return  # Nothing is wrong with such a car, which may be all that there is to say.
    models = models_by_code()
    # Who reads up what the engine says finds there what it is easily taken for.
    is_near = sample.fault in models[verdict.fault].like if verdict.fault in models else True
    assert is_near or sample.fault in {verdict.fault, *verdict.group}


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
