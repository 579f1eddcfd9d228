"""Many captures as a Parquet table: flat, typed, whole, and as its description says."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from canlock.errors import CanlockError
from canlock.model.capture import CaptureInfo
from canlock.model.verdict import Finding
from canlock.pipeline.fleet.outcome import Job, Outcome
from canlock.reports import fleet_parquet
from canlock.reports.fleet_parquet import COLUMNS, FleetTable, flatten_outcome

ROOT = Path(__file__).parents[2]
SURE = Finding("latch-jammed", "mechanical", ("driver",), 0.93, True, ("latch-jammed",), "Jammed.")
UNSURE = Finding(
    "door-harness-open", "wiring", ("rear-left", "rear-right"), 0.5, False, ("a", "b"), "A wire."
)
INFO = CaptureInfo("x", "blf", frames=7, bad_lines=1, first_s=1.5, last_s=9.5)
DRIVE = Outcome(
    Job(0, "drive.log", "drive.log"),
    seconds=0.25,
    vehicle="bmw-e9x",
    vehicle_name="BMW E9x",
    tier="T3",
    capture=INFO,
    operations=4,
    findings=(SURE, UNSURE),
)
BROKEN = Outcome(Job(1, "b\udcff.log", "b\udcff.log"), error="b\udcff.log: broken")
OTHER = Outcome(Job(2, "notes.txt", "notes.txt"), error="prose", is_capture=False)


def read(path: Path) -> Any:  # noqa: ANN401 - pyarrow's own.
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    return parquet.read_table(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra `fleet`)")
    return tmp_path / "findings.parquet"


def test_a_row_is_a_finding_with_its_capture_and_a_broken_capture_has_one_too(path: Path) -> None:
    with FleetTable(path) as table:
        for outcome in (DRIVE, BROKEN, OTHER):
            table.take(outcome)
    rows = read(path).to_pylist()
    assert [(row["path"], row["rank"], row["fault"]) for row in rows] == [
        ("drive.log", 1, "latch-jammed"),
        ("drive.log", 2, "door-harness-open"),
        ("b\\udcff.log", None, None),
    ]
    assert rows[0] == {
        "path": "drive.log",
        "error": None,
        "vehicle": "bmw-e9x",
        "vehicle_name": "BMW E9x",
        "tier": "T3",
        "format": "blf",
        "frames": 7,
        "bad_lines": 1,
        "first_s": 1.5,
        "last_s": 9.5,
        "operations": 4,
        "rank": 1,
        "fault": "latch-jammed",
        "layer": "mechanical",
        "doors": "driver",
        "probability": 0.93,
        "confident": True,
        "group": "latch-jammed",
        "summary": "Jammed.",
        "seconds": 0.25,
        "canlock_version": rows[0]["canlock_version"],
    }
    assert (rows[1]["doors"], rows[1]["group"]) == ("rear-left,rear-right", "a,b")
    assert rows[2]["error"] == "b\\udcff.log: broken"


def test_the_columns_have_the_described_names_and_types(path: Path) -> None:
    with FleetTable(path):
        pass
    schema = read(path).schema
    found = [(field.name, str(field.type).replace("double", "float64")) for field in schema]
    assert found == [(name, kind) for name, kind, _ in COLUMNS]


def read_with_pyarrow(path: Path) -> list[tuple[Any, ...]]:
    dataset: Any = pytest.importorskip("pyarrow.dataset", reason="pyarrow is not installed")
    columns = list(dataset.dataset(path).to_table().to_pydict().values())
    return list(zip(*columns, strict=True))


def read_with_polars(path: Path) -> list[tuple[Any, ...]]:
    polars: Any = pytest.importorskip("polars", reason="polars is not installed: no part needs it")
    rows: list[tuple[Any, ...]] = polars.read_parquet(path).rows()
    return rows


def read_with_duckdb(path: Path) -> list[tuple[Any, ...]]:
    duckdb: Any = pytest.importorskip("duckdb", reason="duckdb is not installed: no part needs it")
    with duckdb.connect() as database:
        rows: list[tuple[Any, ...]] = database.execute(
            "SELECT * FROM read_parquet(?)", [str(path)]
        ).fetchall()
    return rows


@pytest.mark.parametrize("reader", [read_with_pyarrow, read_with_polars, read_with_duckdb])
def test_the_table_is_read_back_as_it_was_written(
    path: Path, reader: Callable[[Path], list[tuple[Any, ...]]]
) -> None:
    outcomes = [DRIVE, BROKEN] * 3
    with FleetTable(path) as table:
        for outcome in outcomes:
            table.take(outcome)
    names = [name for name, _, _ in COLUMNS]
    expected = [
        tuple(row[name] for name in names)
        for outcome in outcomes
        for row in flatten_outcome(outcome)
    ]
    assert reader(path) == expected


def test_every_row_has_every_column() -> None:
    for outcome in (DRIVE, BROKEN):
        for row in flatten_outcome(outcome):
            assert set(row) == {name for name, _, _ in COLUMNS}


def test_the_document_lists_the_columns_as_they_are() -> None:
    text = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", text, re.MULTILINE)
    assert listed == list(COLUMNS)


def test_many_rows_are_written_in_groups(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_parquet, "ROWS_AT_ONCE", 4)
    with FleetTable(path) as table:
        for _ in range(5):
            table.take(DRIVE)
            assert len(table._rows) < 4
    assert read(path).num_rows == 10


def test_where_something_goes_wrong_an_older_table_stays_and_nothing_else(path: Path) -> None:
    path.write_bytes(b"older")

    def fail() -> None:
        with FleetTable(path) as table:
            table.take(DRIVE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b"older"
    assert list(path.parent.iterdir()) == [path]


def test_a_table_that_cannot_be_written_is_one_line(path: Path) -> None:
    with pytest.raises(CanlockError, match=r"no-such/x\.parquet: cannot be written"):
        FleetTable(path.parent / "no-such" / "x.parquet")


def test_without_pyarrow_a_clear_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CanlockError, match=r"needs pyarrow: `pip install 'canlock\[fleet\]'`"):
        FleetTable(tmp_path / "x.parquet")
