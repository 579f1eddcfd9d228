"""The fitted likelihoods that ship: read as they stand, whole, and of known words only."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from math import isfinite

import pytest

from canlock.diagnosis.catalogue import fault_models, models_by_code
from canlock.diagnosis.likelihoods import SCHEMA, kind_of
from canlock.diagnosis.observation import DIRECTED, HEALTHY
from canlock.model.faults import NO_FAULT
from canlock.pipeline.fitted import load_likelihoods

TEXT = files("canlock.diagnosis").joinpath("likelihoods.toml").read_text(encoding="utf-8")
DATA = tomllib.loads(TEXT)
ROWS = [
    (code, mode, relation, way, row)
    for code, tables in DATA["fault"].items()
    for mode, table in enumerate(tables)
    for relation, ways in table.items()
    if relation != "share"
    for way, row in ways.items()
]


def test_the_file_has_its_form_and_was_fitted_on_something() -> None:
    assert DATA["schema"] == SCHEMA
    assert DATA["sessions"] > 0
    assert ROWS


def test_the_file_is_read_once() -> None:
    assert load_likelihoods() is load_likelihoods()


def test_the_evidence_is_neither_ignored_nor_more_than_it_is() -> None:
    trust = load_likelihoods().trust

    assert set(trust) <= set(HEALTHY)
    assert all(0.0 < value <= 1.2 for value in trust.values())


def test_every_row_is_of_a_known_fault_and_relation() -> None:
    codes = models_by_code()

    assert {code for code, *_ in ROWS} <= set(codes)
    assert {relation for _, _, relation, _, _ in ROWS} <= {"own", "others"}


def test_a_fault_of_the_whole_car_has_others_only_where_it_spares_doors() -> None:
    for code, _, relation, _, _ in ROWS:
        model = models_by_code()[code]
        assert relation == "own" or model.scope != "car" or model.spares


def test_every_row_is_of_a_known_kind_and_has_its_outcomes() -> None:
    for *_, way, row in ROWS:
        kind = kind_of(way)
        assert kind in HEALTHY, way
        assert way == kind or (kind in DIRECTED and way in (f"{kind}.lock", f"{kind}.unlock"))
        assert set(row) == set(HEALTHY[kind]), way


def test_every_weight_is_positive_and_bounded() -> None:
    for code, mode, relation, way, row in ROWS:
        for outcome, weight in row.items():
            assert isfinite(weight), (code, mode, relation, way, outcome)
            assert 0.0 < weight < 1000.0, (code, mode, relation, way, outcome)


def test_all_rows_arrive_in_the_table() -> None:
    found = load_likelihoods()

    assert set(found.weights) == {row[:4] for row in ROWS}
    for (_, _, _, way), weights in found.weights.items():
        assert len(weights) == len(HEALTHY[kind_of(way)])
        assert min(weights) > 0.0


def test_the_modes_of_a_fault_are_all_its_cases() -> None:
    found = load_likelihoods()

    assert set(found.modes) >= {code for code, *_ in ROWS}
    for code, shares in found.modes.items():
        assert min(shares) > 0.0
        assert sum(shares) == pytest.approx(1.0, abs=0.01), code


def test_every_mode_of_a_fault_speaks_of_the_same_kinds() -> None:
    ways: dict[str, dict[int, set[tuple[str, str]]]] = {}
    for code, mode, relation, way, _ in ROWS:
        ways.setdefault(code, {}).setdefault(mode, set()).add((relation, way))

    for code, by_mode in ways.items():
        first = by_mode[0]
        assert all(each == first for each in by_mode.values()), code


@pytest.mark.parametrize("kind", ["command", "response"])
@pytest.mark.parametrize("way", ["lock", "unlock"])
def test_a_healthy_car_mostly_does_what_it_should(kind: str, way: str) -> None:
    weights = load_likelihoods().of(models_by_code()[NO_FAULT], "own", f"{kind}.{way}")

    assert weights[0] > 0.8 * sum(weights)


@pytest.mark.parametrize("model", fault_models(), ids=lambda model: model.code)
def test_every_fault_has_weights_for_every_kind(model: object) -> None:
    found = load_likelihoods()

    for kind in HEALTHY:
        ways = [f"{kind}.lock", f"{kind}.unlock"] if kind in DIRECTED else [kind]
        for way in ways:
            for relation in ("own", "others"):
                assert min(found.of(model, relation, way)) > 0.0  # type: ignore[arg-type]
