"""A vehicle file that is right becomes a vehicle with everything that its databases know of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from canlock.bundled import bundled_folder
from canlock.decoding.vehicle_file import build_vehicle, check_vehicle, load_vehicle
from canlock.errors import VehicleFileError, VehicleNotFoundError
from canlock.model.roles import DOORS
from canlock.model.vehicle import Alive, BcmAccess, MessageFacts, Poll, SignalMap

DATA = Path(__file__).parent / "data"
CONTRACT = DATA / "contract.toml"
E9X_LIKE = DATA / "e9x_like.toml"


def write_vehicle(folder: Path, text: str, database: str = "contract.dbc") -> Path:
    """Write a vehicle file beside a copy of a database."""
    (folder / database).write_bytes((DATA / database).read_bytes())
    path = folder / "car.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", [CONTRACT, E9X_LIKE], ids=lambda path: path.stem)
def test_the_examples_have_nothing_wrong_in_them(path: Path) -> None:
    assert check_vehicle(path) == []
    assert load_vehicle(path).warnings == ()


def test_a_signal_of_words_is_read_with_its_raw_values() -> None:
    vehicle = load_vehicle(CONTRACT).vehicle
    assert vehicle.signals[0] == SignalMap(
        role="door.ajar",
        signals=("BCM_BODY.DriverDoorOpen",),
        doors=("driver",),
        values={(0,): "closed", (1,): "open"},
        line=10,
    )


def test_the_second_named_value_of_combined_signals_is_the_true_one() -> None:
    flasher = load_vehicle(CONTRACT).vehicle.signals[1]
    assert flasher.signals == ("BCM_BODY.LampLeft", "BCM_BODY.LampRight")
    assert (flasher.combine, flasher.true_value) == ("all", "on")
    assert flasher.values == {(0,): "off", (1,): "on"}


def test_the_true_value_goes_by_the_order_of_the_file_and_not_by_number(tmp_path: Path) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    turned = text.replace('{ "0" = "off", "1" = "on" }', '{ "1" = "on", "0" = "off" }')
    assert load_vehicle(write_vehicle(tmp_path, turned)).vehicle.signals[1].true_value == "off"


def test_an_event_keeps_its_counter_and_that_its_first_frame_counts() -> None:
    fob = load_vehicle(CONTRACT).vehicle.signals[2]
    assert (fob.kind, fob.first_is_event, fob.counter) == ("event", True, "RKE.Count")


def test_bits_that_mean_one_thing_together_keep_their_patterns() -> None:
    command = load_vehicle(CONTRACT).vehicle.signals[4]
    assert command.combine is None
    assert command.values == {(0, 0, 0): "unlock", (1, 1, 0): "lock", (1, 1, 1): "deadlock"}


def test_raw_values_may_be_written_in_hexadecimal() -> None:
    door = load_vehicle(E9X_LIKE).vehicle.signals[3]
    assert door.values == {(0xFC,): "closed", (0xFD,): "open"}


def test_the_other_tables_are_read_too() -> None:
    vehicle = load_vehicle(CONTRACT).vehicle
    assert vehicle.id == "contract"
    assert vehicle.name == "Example of the contract"
    assert vehicle.doors == DOORS
    assert (vehicle.timing.status_period, vehicle.timing.auto_relock) == (0.1, 30.0)
    assert vehicle.timing.retry == 1.5  # The default stands where the file says nothing.
    assert vehicle.alive == (Alive("bcm", "BCM_BODY", 0.1, (), "BCM_BODY.Alive"),)
    assert vehicle.bcm == BcmAccess(0x745, 0x765, "kwp")
    assert vehicle.polls == (Poll(b"\x21\x47", "BCM_LID_47", 0.5),)
    assert vehicle.is_verified
    assert vehicle.path == str(CONTRACT)


def test_a_file_may_say_that_nobody_has_seen_it_work() -> None:
    assert not load_vehicle(E9X_LIKE).vehicle.is_verified


def test_messages_have_the_facts_of_the_database() -> None:
    assert load_vehicle(CONTRACT).vehicle.messages == (
        # The period of `[[alive]]` stands where the database gives none.
        MessageFacts("BCM_BODY", 0x60D, 8, sender="BCM", period_s=0.1),
        # Sent on events: the cycle time that the database gives it is not believed.
        MessageFacts("RKE", 0x23A, 4, sender=None, period_s=None),
        MessageFacts("BCM_STATUS", 0x358, 8, sender="BCM", period_s=0.1),
        # The first of its transmitters that is somebody.
        MessageFacts("ZV", 0x583, 8, sender="GATEWAY", period_s=None),
        # Polled: it does not come by itself.
        MessageFacts("BCM_LID_47", 0x765, 8, sender="BCM", period_s=None),
    )


def test_a_29_bit_message_has_the_key_that_frames_of_it_have(tmp_path: Path) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    entry = '\n[[signal]]\nrole = "handle.outer"\nsignal = "MODULE.Handle"\n'
    words = 'values = { "0" = "released", "1" = "pulled" }\n'
    vehicle = load_vehicle(write_vehicle(tmp_path, text + entry + words)).vehicle
    assert vehicle.message("MODULE").key == 0x18DA_40F1 | 0x8000_0000


def test_doors_left_out_are_the_five_that_are_understood_everywhere(tmp_path: Path) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    without = "".join(line for line in text.splitlines(True) if not line.startswith("doors = ["))
    without = without.replace('role = "door.ajar"\n', 'role = "door.ajar"\ndoors = ["driver"]\n')
    loaded = load_vehicle(write_vehicle(tmp_path, without))
    assert loaded.vehicle.doors == DOORS
    assert [problem.severity for problem in loaded.warnings] == ["warning"]
    assert "`doors` is missing" in loaded.warnings[0].text


def test_a_car_may_have_a_door_of_its_own_name(tmp_path: Path) -> None:
    text = CONTRACT.read_text(encoding="utf-8").replace('"tailgate"]', '"tailgate", "fuel-flap"]')
    loaded = load_vehicle(write_vehicle(tmp_path, text))
    assert loaded.vehicle.doors[-1] == "fuel-flap"
    assert loaded.warnings == ()


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    content = CONTRACT.read_bytes().replace(b"\n", b"\r\n")
    (tmp_path / "contract.dbc").write_bytes((DATA / "contract.dbc").read_bytes())
    path = tmp_path / "contract.toml"
    path.write_bytes(b"\xef\xbb\xbf" + content)
    there, here = load_vehicle(path).vehicle, load_vehicle(CONTRACT).vehicle
    assert (there.signals, there.messages) == (here.signals, here.messages)


def test_several_databases_serve_one_vehicle(tmp_path: Path) -> None:
    (tmp_path / "e9x_like.dbc").write_bytes((DATA / "e9x_like.dbc").read_bytes())
    text = CONTRACT.read_text(encoding="utf-8").replace(
        'dbc = ["contract.dbc"]', 'dbc = ["contract.dbc", "e9x_like.dbc"]'
    )
    entry = '\n[[signal]]\nrole = "fob.count"\nsignal = "TERMINAL.Count"\n'
    vehicle = load_vehicle(write_vehicle(tmp_path, text + entry)).vehicle
    assert vehicle.message("TERMINAL").key == 0x130
    assert vehicle.message("BCM_BODY").key == 0x60D


def test_comments_of_what_is_mapped_tell_the_doubts() -> None:
    assert load_vehicle(CONTRACT).comments() == (
        ("BCM_STATUS", "Doubt: belief or switch."),
        ("BCM_STATUS.OthersLocked", "Stays set when a door was unlocked by hand."),
    )


def test_a_vehicle_is_made_of_bytes_alone() -> None:
    files = {
        "car.toml": CONTRACT.read_bytes(),
        "contract.dbc": (DATA / "contract.dbc").read_bytes(),
    }
    asked = []

    def read(path: Path) -> bytes:
        asked.append(path.name)
        return files[path.name]

    loaded = build_vehicle(Path("nowhere/car.toml"), files["car.toml"], read)
    assert loaded.vehicle.id == "car"
    assert asked == ["contract.dbc"]


def test_the_first_mistake_is_told_and_the_others_are_counted(tmp_path: Path) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    wrong = text.replace('"1" = "open" }', '"1" = "opened" }').replace(
        '"BCM_BODY.Voltage"', '"X.Y"'
    )
    path = write_vehicle(tmp_path, wrong)
    with pytest.raises(VehicleFileError) as caught:
        load_vehicle(path)
    assert str(caught.value) == (
        f"{path}:14: role `door.ajar` has no value `opened` (did you mean `open`?); it has"
        f" `closed`, `open` (and 1 more; run `canlock vehicle check {path}`)"
    )


def test_a_single_mistake_stands_alone(tmp_path: Path) -> None:
    text = CONTRACT.read_text(encoding="utf-8").replace('"BCM_BODY.Voltage"', '"BCM_BODY.Voltag"')
    path = write_vehicle(tmp_path, text)
    with pytest.raises(VehicleFileError) as caught:
        load_vehicle(path)
    expected = "message `BCM_BODY` has no signal `Voltag` (did you mean `Voltage`?)"
    assert str(caught.value) == f"{path}:44: {expected}"


def test_a_path_below_the_current_folder_is_shown_as_the_user_would_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dbc").mkdir()
    path = write_vehicle(tmp_path / "dbc", "schema = 1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VehicleFileError, match=r"^dbc/car\.toml:1: `schema` is 1; expected a text"):
        load_vehicle(path)


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(VehicleNotFoundError, match="no such vehicle file"):
        load_vehicle(tmp_path / "car.toml")


@pytest.mark.parametrize(
    "path", sorted(bundled_folder("dbc").glob("*.toml")), ids=lambda path: path.stem
)
def test_every_vehicle_that_ships_checks_clean(path: Path) -> None:
    assert [str(problem) for problem in check_vehicle(path)] == []


def test_compiling_a_vehicle_does_not_import_python_can() -> None:
    program = (
        "import sys\n"
        "from canlock.decoding.vehicle_file import load_vehicle\n"
        "assert 'cantools' not in sys.modules and 'cantools.database' not in sys.modules\n"
        f"load_vehicle({str(CONTRACT)!r})\n"
        "assert 'cantools.database' in sys.modules\n"
        "assert 'can' not in sys.modules, 'python-can is imported'\n"
        "import cantools\n"
        "assert cantools.database.Database is sys.modules['cantools.database'].Database\n"
        "assert cantools.tester\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CANLOCK_CACHE": "off"},
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_file_may_name_the_session_in_which_the_bcm_is_read() -> None:
    bcm = load_vehicle("nissan-qashqai-j10").vehicle.bcm
    assert bcm is not None
    assert bcm.session == 0xC0
