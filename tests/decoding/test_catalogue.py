"""A vehicle is found by its shipped name or by a path; a wrong name is told with the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from canlock.decoding import catalogue
from canlock.decoding.catalogue import find_vehicle, shipped_vehicles
from canlock.errors import VehicleNotFoundError


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let two vehicles ship, and stand in an empty folder."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name in ("nissan-qashqai-j10.toml", "bmw-e9x.toml", "bmw_e9x.dbc"):
        (folder / name).touch()
    monkeypatch.setattr(catalogue, "bundled_folder", lambda _: folder)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return folder


def test_vehicle_files_ship_and_their_databases_are_none(shipped: Path) -> None:
    assert shipped_vehicles() == [shipped / "bmw-e9x.toml", shipped / "nissan-qashqai-j10.toml"]


@pytest.mark.parametrize("name", ["bmw-e9x", "BMW-E9x"])
def test_a_shipped_name_finds_its_file(shipped: Path, name: str) -> None:
    assert find_vehicle(name) == shipped / "bmw-e9x.toml"


def test_a_folder_of_the_same_name_does_not_hide_a_shipped_vehicle(shipped: Path) -> None:
    Path("bmw-e9x").mkdir()
    assert find_vehicle("bmw-e9x") == shipped / "bmw-e9x.toml"


@pytest.mark.usefixtures("shipped")
def test_a_path_finds_a_file_of_ones_own() -> None:
    Path("mine.toml").touch()
    assert find_vehicle("mine.toml") == Path("mine.toml")
    assert find_vehicle(Path("mine.toml")) == Path("mine.toml")


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (
            "nissan-qashqai",
            "no vehicle `nissan-qashqai` (did you mean `nissan-qashqai-j10`?). Shipped are "
            "`bmw-e9x`, `nissan-qashqai-j10`; or give the path of a vehicle file",
        ),
        ("opel", "no vehicle `opel`. Shipped are `bmw-e9x`, `nissan-qashqai-j10`; or give"),
        (
            "bmw_e9x.toml",
            "bmw_e9x.toml: no such vehicle file (did you mean the shipped `bmw-e9x`?). Shipped are",
        ),
        ("mine.tml", "no vehicle `mine.tml`. Shipped are"),
        ("here/mine.toml", "here/mine.toml: no such vehicle file. Shipped are"),
        ("", "no vehicle ``. Shipped are"),
        ("\0", "Shipped are"),
        ("x" * 5000, "Shipped are"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(wanted: str, says: str) -> None:
    with pytest.raises(VehicleNotFoundError) as caught:
        find_vehicle(wanted)
    assert says in str(caught.value)


@pytest.mark.usefixtures("shipped")
def test_a_misspelt_file_is_told_with_its_neighbour() -> None:
    Path("my-car.toml").touch()
    with pytest.raises(VehicleNotFoundError, match=r"\(did you mean `my-car\.toml`\?\)"):
        find_vehicle("mycar.toml")


@pytest.mark.usefixtures("shipped")
def test_a_database_is_no_vehicle_file() -> None:
    Path("car.dbc").touch()
    with pytest.raises(VehicleNotFoundError, match=r"car\.dbc: this is a database; expected a veh"):
        find_vehicle("car.dbc")
