"""Every mistake in a vehicle file is named with its line, what was found and what was expected."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from canlock.decoding.problem import Problem
from canlock.decoding.vehicle_file import check_vehicle, load_vehicle
from canlock.errors import VehicleFileError

DATA = Path(__file__).parent / "data"
RIGHT = (DATA / "contract.toml").read_text(encoding="utf-8")
MISTAKES = tomllib.loads((DATA / "vehicle_mistakes.toml").read_text(encoding="utf-8"))


def check_text(folder: Path, text: str) -> list[Problem]:
    (folder / "contract.dbc").write_bytes((DATA / "contract.dbc").read_bytes())
    path = folder / "car.toml"
    path.write_text(text, encoding="utf-8")
    return check_vehicle(path)


def make_mistake(mistake: dict[str, Any]) -> tuple[str, int]:
    """Return the text with the mistake in it, and the line that is to be named."""
    old, new, place = mistake["old"], mistake["new"], mistake["place"]
    at = RIGHT.index(old)
    wrong = RIGHT[:at] + new + RIGHT[at + len(old) :]
    offset = at + new.index(place) if place in new else wrong.rfind(place, 0, at)
    if offset < 0:
        offset = wrong.index(place, at)
    return wrong, wrong.count("\n", 0, offset) + 1


@pytest.mark.parametrize("mistake", MISTAKES["error"], ids=lambda mistake: mistake["name"])
def test_a_mistake_is_an_error_with_its_line(tmp_path: Path, mistake: dict[str, Any]) -> None:
    wrong, line = make_mistake(mistake)
    errors = [problem for problem in check_text(tmp_path, wrong) if problem.is_error]
    told = [str(problem) for problem in errors if mistake["says"] in problem.text]
    assert told, [str(problem) for problem in errors]
    assert told[0].startswith(f"{tmp_path}/car.toml:{line}: "), told
    with pytest.raises(VehicleFileError, match=r"car\.toml:\d+: "):
        load_vehicle(tmp_path / "car.toml")


@pytest.mark.parametrize("mistake", MISTAKES["warning"], ids=lambda mistake: mistake["name"])
def test_a_doubtful_thing_is_a_warning_with_its_line(
    tmp_path: Path, mistake: dict[str, Any]
) -> None:
    wrong, line = make_mistake(mistake)
    problems = check_text(tmp_path, wrong)
    assert not any(problem.is_error for problem in problems), [str(one) for one in problems]
    told = [str(problem) for problem in problems if mistake["says"] in problem.text]
    assert told, [str(problem) for problem in problems]
    assert told[0].startswith(f"{tmp_path}/car.toml:{line}: warning: "), told
    assert told[0] in [str(problem) for problem in load_vehicle(tmp_path / "car.toml").warnings]


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    wrong = (
        RIGHT.replace('name = "Example of the contract"', "name = 7")
        .replace("status_period = 0.1", "status_period = -1")
        .replace('role = "door.ajar"', 'role = "door.ajr"')
        .replace('"BCM_BODY.DriverDoorOpen"', '"BCM_BODY.Nothing"')
        .replace('counter = "RKE.Count"', 'counter = 3\nfeedbak = "x"')
        .replace('"2" = "unlock"', '"99" = "unlok"')
        .replace('protocol = "kwp"', 'protocol = "can"')
    )
    problems = check_text(tmp_path, wrong)
    assert [problem.line for problem in problems] == [2, 7, 11, 13, 27, 28, 29, 29, 56]
    assert [problem.severity for problem in problems].count("warning") == 1


@pytest.mark.parametrize(("raw", "fits"), [(-129, False), (-128, True), (127, True), (128, False)])
def test_raw_values_of_a_signed_signal_may_be_negative(
    tmp_path: Path, raw: int, *, fits: bool
) -> None:
    entry = '\n[[signal]]\nrole = "power.state"\nsignal = "BCM_BODY.Trim"\n'
    problems = check_text(tmp_path, f'{RIGHT}{entry}values = {{ "{raw}" = "on" }}\n')
    assert fits == (not problems)
    assert all("is signed with 8 bits, -128 to 127" in problem.text for problem in problems)


def test_the_same_role_of_the_same_door_from_the_same_signal_is_an_error(tmp_path: Path) -> None:
    entry = (
        '\n[[signal]]\nrole = "door.ajar"\ndoors = ["passenger", "driver"]\n'
        'signal = "BCM_BODY.DriverDoorOpen"\nvalues = { "1" = "closed", "0" = "open" }\n'
    )
    (problem,) = check_text(tmp_path, RIGHT + entry)
    assert problem.is_error
    assert problem.line == (RIGHT + entry).count("\n") - 4
    assert "`door.ajar` of door `driver` already comes from" in problem.text
    assert problem.text.endswith("on line 10")


def test_entries_on_one_line_are_told_apart(tmp_path: Path) -> None:
    head = RIGHT[: RIGHT.index("[timing]")]
    table = '{ role = "fob.count", signal = "RKE.Count" }'
    (problem,) = check_text(tmp_path, f"{head}signal = [{table}, {table}]\n")
    assert problem.is_error
    assert "`fob.count` of the whole car already comes from `RKE.Count` on line" in problem.text


def test_two_signals_may_play_one_role_for_one_door(tmp_path: Path) -> None:
    entry = (
        '\n[[signal]]\nrole = "door.ajar"\ndoors = ["driver"]\n'
        'signal = "BCM_BODY.PassengerDoorOpen"\nvalues = { "1" = "closed", "0" = "open" }\n'
    )
    assert check_text(tmp_path, RIGHT + entry) == []


def test_a_multiplexed_signal_may_be_mapped(tmp_path: Path) -> None:
    entry = '\n[[signal]]\nrole = "handle.outer"\nsignal = "MODULE.Handle"\n'
    values = 'values = { "0" = "released", "1" = "pulled" }\n'
    assert check_text(tmp_path, RIGHT + entry + values) == []


def test_a_wanted_state_that_is_held_may_have_a_counter(tmp_path: Path) -> None:
    entry = '\n[[signal]]\nrole = "command.lock"\nsignal = "RKE.Button"\n'
    rest = 'counter = "RKE.Count"\nvalues = { "1" = "lock" }\n'
    assert check_text(tmp_path, RIGHT + entry + rest) == []


def test_a_file_that_maps_nothing_is_a_warning(tmp_path: Path) -> None:
    (problem,) = check_text(tmp_path, RIGHT[: RIGHT.index("[timing]")])
    assert not problem.is_error
    assert "nothing of this car can be observed" in problem.text


def test_where_a_database_cannot_be_read_its_names_are_not_called_wrong(tmp_path: Path) -> None:
    problems = check_text(tmp_path, RIGHT.replace('"contract.dbc"', '"contrast.dbc"'))
    assert [problem.line for problem in problems] == [3]


def test_a_mistake_in_the_database_is_told_with_the_line_there(tmp_path: Path) -> None:
    path = tmp_path / "car.toml"
    path.write_text(RIGHT, encoding="utf-8")
    database = (DATA / "contract.dbc").read_text(encoding="utf-8")
    (tmp_path / "contract.dbc").write_text(database.replace("DriverDoorOpen :", "DriverDoorOpen"))
    (problem,) = check_vehicle(path)
    assert problem.place == f"{tmp_path}/contract.dbc:10"
    assert "found `3|1@1+`, expected `SG_ <Name> : <start>|<length>@" in problem.text


def test_mapped_messages_of_one_id_are_an_error(tmp_path: Path) -> None:
    database = (DATA / "contract.dbc").read_text(encoding="utf-8")
    (tmp_path / "contract.dbc").write_text(database.replace("BO_ 856 BCM_S", "BO_ 1549 BCM_S"))
    path = tmp_path / "car.toml"
    path.write_text(RIGHT, encoding="utf-8")
    errors = [problem for problem in check_vehicle(path) if problem.is_error]
    assert [problem.line for problem in errors] == [3]
    assert "`BCM_BODY` and `BCM_STATUS` have the same id" in errors[0].text


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        pytest.param("", 1, "`schema` is missing", id="empty"),
        pytest.param('schema = "x"\nname\n', 2, "Expected '=' after a key", id="key alone"),
        pytest.param('schema = "x\nname = "y"\n', 1, "Illegal character", id="open quote"),
        pytest.param('schema = "x"\ndbc = ["y",\n', 2, "found the end of the file", id="open list"),
        pytest.param('name = "x"\nname = "y"\n', 2, "Cannot overwrite", id="key twice"),
        pytest.param("[bcm]\n[bcm]\n", 2, "Cannot declare", id="table twice"),
        pytest.param("%PDF-1.4\n", 1, "Invalid statement", id="no TOML at all"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    problem = check_text(tmp_path, text)[0]
    assert (problem.is_error, problem.line) == (True, line)
    assert says in problem.text


def test_text_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "car.toml"
    path.write_bytes(b'schema = "canlock.vehicle/1"\nname = "Citro\xebn"\n')
    assert [str(problem) for problem in check_vehicle(path)] == [
        f"{path}:2: found byte 0xEB; expected text in UTF-8"
    ]


@pytest.mark.parametrize("text", ["a = " + "[" * 3000, "a = " + "9" * 5000], ids=["deep", "long"])
def test_what_the_toml_reader_gives_up_on_is_an_error(tmp_path: Path, text: str) -> None:
    (problem,) = check_text(tmp_path, text)
    assert problem.is_error
    assert len(str(problem)) < 400


def test_a_mistake_stays_one_printable_line_whatever_the_file_holds(tmp_path: Path) -> None:
    wrong = RIGHT.replace('role = "door.ajar"', 'role = "do\\nor\\u001b[31m.ajar"')
    problems = check_text(tmp_path, wrong)
    assert problems
    assert all(str(problem).isprintable() for problem in problems)
