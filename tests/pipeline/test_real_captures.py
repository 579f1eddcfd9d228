"""Captures of real cars: what they show, and that it does not matter how they are cut."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.capture import CaptureInfo
from canlock.model.frames import FrameBatch, join_batches
from canlock.model.snapshot import Snapshot
from canlock.pipeline.analysis import Analysis
from canlock.pipeline.recorded import diagnose_recording, find_recording, vehicle_for
from canlock.reports.json_report import render_json
from canlock.sources.capture import open_capture

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"
VEHICLE_OF = {
    "bmw_e90_lock_cycles.log": "bmw-e9x",
    "taycan_idle_door_open.log": "vw-meb",
    "taycan_ign_on.log": "vw-meb",
}
E90 = "bmw_e90_lock_cycles.log"
ALL = ("driver", "passenger", "rear-left", "rear-right", "tailgate")


def capture(name: str) -> Path:
    path = CAPTURES / name
    if not path.is_file():
        pytest.skip(f"no real captures beside the checkout: {name} is not there")
    return path


@cache
def wanted_frames(name: str) -> FrameBatch:
    """Return the frames that the vehicle file maps, as one batch."""
    wanted = Analysis(load_vehicle(VEHICLE_OF[name])).wanted
    batches = open_capture(capture(name), wanted).batches()
    return join_batches([item for item in batches if isinstance(item, FrameBatch)])


def snapshot(name: str, cuts: Sequence[int] = ()) -> Snapshot:
    """Return the verdict on a capture, its frames cut before the given rows."""
    frames = wanted_frames(name)
    analysis = Analysis(load_vehicle(VEHICLE_OF[name]))
    edges = [0, *sorted(cuts), len(frames)]
    for first, last in pairwise(edges):
        if first < last:
            analysis.take(frames.take(slice(first, last)))
    return analysis.snapshot(CaptureInfo(name, "candump", len(frames)))


@cache
def recorded(name: str) -> Snapshot:
    return diagnose_recording(find_recording(capture(name)), load_vehicle(VEHICLE_OF[name]))


def after_start(found: Snapshot, at_s: float) -> float:
    assert found.capture.first_s is not None
    return at_s - found.capture.first_s


@pytest.mark.parametrize("name", VEHICLE_OF)
def test_the_fitting_vehicle_is_recognised(name: str) -> None:
    assert vehicle_for(capture(name), None).vehicle.id == VEHICLE_OF[name]


def test_the_e90_shows_five_commands_and_not_one() -> None:
    found = recorded(E90)

    commands = [operation.command for operation in found.operations if operation.command]

    assert [command.action for command in commands] == ["lock", "unlock", "lock", "unlock", "lock"]
    times = [after_start(found, command.at_s) for command in commands]
    assert times == pytest.approx([12.20, 13.31, 14.51, 18.01, 21.61], abs=0.05)
    assert len(found.operations) == 5


def test_on_the_e90_every_lock_answers_every_command_within_0_2_s() -> None:
    for operation in recorded(E90).operations:
        assert operation.outcome == "answered"
        assert {response.door for response in operation.responses} == set(ALL)
        for response in operation.responses:
            assert response.state == "answered"
            assert response.latency_s is not None
            assert response.latency_s <= 0.2


def test_on_the_e90_the_drivers_door_is_opened_from_inside_three_times() -> None:
    found = recorded(E90)

    opened = [access for access in found.accesses if access.result == "opened"]

    assert [access.door for access in opened] == ["driver"] * 3
    times = [after_start(found, access.at_s) for access in opened]
    assert times == pytest.approx([23.27, 29.00, 35.76], abs=0.05)


def test_the_e90_is_healthy() -> None:
    found = recorded(E90)

    # Nobody pulled a handle and no fob is on this bus: what was not tried stays possible.
    assert found.verdict.fault == "no-fault"
    rival = max(each.probability for each in found.hypotheses if each.fault != "no-fault")
    assert found.verdict.probability > 4 * rival


@pytest.mark.parametrize("name", ["taycan_idle_door_open.log", "taycan_ign_on.log"])
def test_a_taycan_that_nobody_locks_is_accused_of_nothing(name: str) -> None:
    found = recorded(name)

    assert found.verdict.fault == "insufficient-evidence"
    assert found.operations == ()


@pytest.mark.parametrize("name", ["taycan_idle_door_open.log", "taycan_ign_on.log"])
def test_the_taycans_doors_are_told_right(name: str) -> None:
    """The driver's door opens at the end of the one, and stands open throughout the other."""
    ajar = {state.door: state.value for state in recorded(name).states if state.role == "door.ajar"}

    assert ajar.pop("driver") == "open"
    assert set(ajar.values()) == {"closed"}


def test_the_taycans_door_opens_once() -> None:
    opened = [a.at_s for a in recorded("taycan_idle_door_open.log").accesses]

    assert opened == pytest.approx([374.59], abs=0.01)


@pytest.mark.parametrize("name", VEHICLE_OF)
def test_frames_one_by_one_give_the_same_report_as_one_batch(name: str) -> None:
    count = len(wanted_frames(name))

    assert render_json(snapshot(name, range(1, count))) == render_json(snapshot(name))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", VEHICLE_OF)
def test_random_batches_give_the_same_report_as_one_batch(name: str, seed: int) -> None:
    count = len(wanted_frames(name))
    cuts = np.random.default_rng(seed).integers(1, count, 60).tolist()

    assert render_json(snapshot(name, cuts)) == render_json(snapshot(name))
