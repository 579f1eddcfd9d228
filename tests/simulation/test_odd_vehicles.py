"""Vehicle files that nobody has foreseen: the simulator drives them too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from canlock.decoding.decoder import Decoder
from canlock.decoding.layout import compile_layout
from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.model.samples import RoleSample
from canlock.simulation.drive import simulate
from canlock.simulation.injection import list_codes

HEAD = 'VERSION ""\nNS_ :\nBS_:\nBU_: B\n'

BOOLEANS = (
    HEAD
    + """BO_ 100 A: 1 B
 SG_ Any : 0|1@1+ (1,0) [0|1] "" X
 SG_ Half : 1|1@1+ (1,0) [0|1] "" X
 SG_ Ajar : 2|1@1+ (1,0) [0|1] "" X
BO_ 101 C: 2 B
 SG_ Half : 0|1@1+ (1,0) [0|1] "" X
 SG_ Other : 1|1@1+ (1,0) [0|1] "" X
BO_ 102 ANSWER: 8 B
 SG_ Key : 0|8@1+ (1,0) [0|255] "" X
"""
)

FILE = """
schema = "canlock.vehicle/1"
name = "Odd"
dbc = ["odd.dbc"]
doors = ["front", "back"]

[[signal]]
role = "lock.status"
doors = ["front", "back"]
signal = "A.Any"
feedback = "any-locked"
values = { "0" = "unlocked", "1" = "locked" }

[[signal]]
role = "ack.flasher"
signals = ["C.Half", "C.Other"]
combine = "any"
values = { "0" = "off", "1" = "on" }

[[signal]]
role = "door.ajar"
doors = ["front", "back"]
signals = ["A.Ajar", "A.Half"]
values = { "0,0" = "closed", "1,1" = "open" }

[[signal]]
role = "key.inserted"
signal = "ANSWER.Key"
values = { "0" = "no", "1" = "yes" }

[bcm]
request = 0x745
response = 0x765
protocol = "kwp"

[[poll]]
request = "21 47"
message = "ANSWER"
period = 0.5
"""


@pytest.fixture
def odd(tmp_path: Path) -> LoadedVehicle:
    (tmp_path / "odd.dbc").write_text(BOOLEANS)
    (tmp_path / "odd.toml").write_text(FILE)
    return load_vehicle(tmp_path / "odd.toml")


def samples(loaded: LoadedVehicle, faults: list[str], seed: int = 1) -> tuple[RoleSample, ...]:
    """Return what a decoder makes of a session."""
    layout = compile_layout(loaded.vehicle, loaded.databases.signal)
    return (
        Decoder(loaded.vehicle, layout).decode(simulate(loaded, faults, seed=seed).frames).samples
    )


@pytest.mark.parametrize("code", list_codes())
def test_every_fault_runs_on_a_car_whose_doors_have_other_names(
    odd: LoadedVehicle, code: str
) -> None:
    drive = simulate(odd, [code], seed=3, duration_s=20.0)

    faults = drive.truth["faults"]
    assert isinstance(faults, list)
    assert set(faults[0]["doors"]) <= {"front", "back"}
    assert len(drive.frames) > 500


def test_what_the_file_maps_is_told_and_nothing_that_it_has_no_word_for(
    odd: LoadedVehicle,
) -> None:
    told = samples(odd, ["no-fault"])

    by_role = {
        role: {one.value for one in told if one.role == role} for role in odd.vehicle.roles()
    }
    assert by_role["lock.status"] == {"locked", "unlocked"}
    assert by_role["ack.flasher"] == {"on", "off"}
    assert by_role["door.ajar"] == {"closed", "open"}


def test_the_answer_to_a_read_that_nobody_sent_is_not_on_the_bus(odd: LoadedVehicle) -> None:
    frames = simulate(odd, ["no-fault"], seed=1).frames

    assert not (frames.arbitration_id == 102).any()
    assert (frames.arbitration_id == 100).any()


def test_a_database_of_a_whole_car_does_not_flood_one_bus(tmp_path: Path) -> None:
    messages = "".join(
        f'BO_ {200 + number} M{number}: 8 B\n SG_ S : 0|8@1+ (1,0) [0|255] "" X\n'
        for number in range(400)
    )
    cycles = "".join(f'BA_ "GenMsgCycleTime" BO_ {200 + number} 10;\n' for number in range(400))
    attribute = 'BA_DEF_ BO_ "GenMsgCycleTime" INT 0 60000;\nBA_DEF_DEF_ "GenMsgCycleTime" 0;\n'
    (tmp_path / "odd.dbc").write_text(BOOLEANS + messages + attribute + cycles)
    (tmp_path / "odd.toml").write_text(FILE)

    frames = simulate(load_vehicle(tmp_path / "odd.toml"), ["no-fault"], duration_s=20.0).frames

    assert len(frames) / np.ptp(frames.timestamp_s) < 800
