"""Outages and traffic of whole recordings: real ones, and simulated ones whose faults are known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import compile_layout
from canlock.decoding.vehicle_file import load_vehicle
from canlock.detection.detector import Detected, Detector
from canlock.model.frames import FrameBatch, FrameFlag, join_batches
from canlock.pipeline.analysis import Analysis
from canlock.simulation.drive import simulate
from canlock.sources.capture import open_capture
from canlock.sources.writer import write_capture

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"
VEHICLE_OF = {
    "bmw_e90_lock_cycles.log": "bmw-e9x",
    "taycan_idle_door_open.log": "vw-meb",
    "taycan_ign_on.log": "vw-meb",
}


def detect(vehicle: str, frames: FrameBatch, cuts: Sequence[int] = ()) -> Detected:
    loaded = load_vehicle(vehicle)
    decoder = Decoder(loaded.vehicle, compile_layout(loaded.vehicle, loaded.databases.signal))
    detector = Detector(loaded.vehicle)
    for first, last in pairwise([0, *sorted(set(cuts)), len(frames)]):
        if first < last:
            detector.take_decoded(decoder.decode(frames.take(slice(first, last))))
    return detector.view()


def captured(name: str) -> FrameBatch:
    path = CAPTURES / name
    if not path.is_file():
        pytest.skip(f"no real captures beside the checkout: {name} is not there")
    wanted = Analysis(load_vehicle(VEHICLE_OF[name])).wanted
    batches = open_capture(path, wanted).batches()
    return join_batches([item for item in batches if isinstance(item, FrameBatch)])


@cache
def simulated(vehicle: str, fault: str, seed: int = 0) -> FrameBatch:
    return simulate(load_vehicle(vehicle), [fault], seed=seed).frames


def bad(detected: Detected) -> int:
    """How many stretches the bus itself has spoilt."""
    return sum(
        (stretch.holes > 0 or stretch.errors > 0 or stretch.jumps > 0) and not stretch.is_logger
        for stretch in detected.traffic
    )


@pytest.mark.parametrize("name", VEHICLE_OF)
def test_no_real_car_shows_an_outage_or_a_bad_bus(name: str) -> None:
    """The Taycan's were written by a serial adapter that drops frames all the time."""
    found = detect(VEHICLE_OF[name], captured(name))

    assert found.outages == ()
    assert found.traffic
    assert bad(found) == 0


def test_the_e90_lacks_not_one_frame() -> None:
    found = detect("bmw-e9x", captured("bmw_e90_lock_cycles.log"))

    assert sum(stretch.missing for stretch in found.traffic) == 0
    assert sum(stretch.expected for stretch in found.traffic) == pytest.approx(653, abs=2)


@pytest.mark.parametrize("vehicle", ["bmw-e9x", "nissan-qashqai-j10", "vw-meb"])
def test_a_bcm_that_resets_is_out_and_one_that_does_not_is_not(vehicle: str) -> None:
    resets = detect(vehicle, simulated(vehicle, "bcm-reset"))
    healthy = detect(vehicle, simulated(vehicle, "no-fault"))

    assert len(resets.outages) > 3
    assert {outage.node for outage in resets.outages} == {"bcm"}
    assert healthy.outages == ()


@pytest.mark.parametrize("vehicle", ["bmw-e9x", "ford-fd1", "nissan-qashqai-j10", "vw-meb"])
def test_a_disturbed_bus_is_told_from_a_quiet_one(vehicle: str) -> None:
    disturbed = detect(vehicle, simulated(vehicle, "can-comm-degraded"))
    healthy = detect(vehicle, simulated(vehicle, "no-fault"))

    assert bad(disturbed) > len(disturbed.traffic) / 2
    assert disturbed.outages == ()
    assert bad(healthy) <= 1


CASES = [
    ("bmw-e9x", "bcm-reset"),
    ("ford-fd1", "can-comm-degraded"),
    ("nissan-qashqai-j10", "bcm-reset"),
    ("vw-meb", "door-module-offline"),
    ("vw-meb", "can-comm-degraded"),
]


@pytest.mark.parametrize(("vehicle", "fault"), CASES)
def test_it_does_not_matter_how_a_session_is_cut(vehicle: str, fault: str) -> None:
    frames = simulated(vehicle, fault)
    whole = detect(vehicle, frames)
    cuts = np.random.default_rng(1).integers(1, len(frames), 300).tolist()
    for other in (detect(vehicle, frames, cuts), detect(vehicle, frames, range(7, 9000, 7))):
        assert other.outages == whole.outages
        assert other.traffic == whole.traffic


@pytest.mark.parametrize("suffix", [".log", ".asc"])
def test_error_frames_come_through_a_reader_that_was_asked_for_some_ids(
    tmp_path: Path, suffix: str
) -> None:
    frames = simulated("vw-meb", "can-comm-degraded")
    errors = int(np.count_nonzero(frames.flags & FrameFlag.ERROR))
    path = tmp_path / f"disturbed{suffix}"
    write_capture(path, [frames])
    wanted = Analysis(load_vehicle("vw-meb")).wanted
    for in_order in (True, False):
        batches = open_capture(path, wanted, in_order=in_order).batches()
        kept = join_batches([item for item in batches if isinstance(item, FrameBatch)])
        assert np.count_nonzero(kept.flags & FrameFlag.ERROR) == errors > 0
