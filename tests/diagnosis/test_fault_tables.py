"""Every fault's file: its tables add up, its help text is whole, its words are there."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest

from canlock.diagnosis import faults
from canlock.diagnosis.catalogue import fault_models, models_by_code
from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.likelihoods import Likelihoods
from canlock.diagnosis.next_tests import CATALOGUE
from canlock.diagnosis.observation import ABSENCES, DIRECTED, HEALTHY, Group
from canlock.diagnosis.wording import SENTENCES, sentence
from canlock.model.faults import FAULT_CODES, INSUFFICIENT, LAYER_OF, NO_FAULT, UNKNOWN_FAULT

MODULES = sorted(module.name for module in iter_modules(faults.__path__))
HELP_LINES = ("Looks like:", "For:", "Against:", "Could also be:", "Confirm by:")


def fault_of(name: str) -> FaultModel:
    fault: FaultModel = import_module(f"{faults.__name__}.{name}").FAULT
    return fault


def kind_of(key: str) -> str:
    """`command.unlock` is about the kind `command`, where it goes one way."""
    if key in HEALTHY:
        return key
    kind, _, way = key.rpartition(".")
    assert way in ("lock", "unlock")
    assert kind in DIRECTED
    return kind


def a_group(kind: str, outcome: str, door: str | None = "driver", count: int = 1) -> Group:
    return Group(kind, outcome, door, None, tuple(map(float, range(count))), count, False)


@pytest.mark.parametrize("kind", HEALTHY)
def test_a_healthy_car_does_something_every_time(kind: str) -> None:
    assert sum(HEALTHY[kind].values()) == pytest.approx(1.0)
    assert min(HEALTHY[kind].values()) > 0.0


@pytest.mark.parametrize("name", MODULES)
def test_a_faults_code_is_its_modules_name(name: str) -> None:
    assert fault_of(name).code == name.replace("_", "-")
    assert fault_of(name).code in FAULT_CODES
    assert LAYER_OF[fault_of(name).code]


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("which", ["own", "others"])
def test_a_faults_tables_have_the_outcomes_of_their_kind_and_add_up(name: str, which: str) -> None:
    for key, table in getattr(fault_of(name), which).items():
        assert set(table) == set(HEALTHY[kind_of(key)]), key
        assert sum(table.values()) == pytest.approx(1.0), key
        assert min(table.values()) >= 0.0, key


@pytest.mark.parametrize("name", MODULES)
def test_a_faults_help_text_has_its_five_lines_in_order(name: str) -> None:
    text = import_module(f"{faults.__name__}.{name}").__doc__
    assert text is not None
    places = [text.index(f"\n{line}") for line in HELP_LINES]

    assert places == sorted(places)
    assert all(text[place:].split("\n")[1].partition(":")[2].strip() for place in places)


@pytest.mark.parametrize("name", MODULES)
def test_a_fault_has_a_weight_and_a_sentence_that_names_its_place(name: str) -> None:
    fault = fault_of(name)

    assert fault.prior > 0.0
    assert ("{door}" in fault.summary) is (fault.scope == "door")
    assert fault.summary.endswith(".")
    assert not fault.others or fault.scope == "door"


@pytest.mark.parametrize("name", MODULES)
def test_a_fault_that_is_accused_tells_what_to_do(name: str) -> None:
    fault = fault_of(name)

    assert fault.code == NO_FAULT or fault.advice.steps


@pytest.mark.parametrize("name", [n for n in MODULES if n != "no_fault"])
def test_something_speaks_for_every_fault(name: str) -> None:
    fault = fault_of(name)
    gains = [
        probability / HEALTHY[kind_of(key)][outcome]
        for key, table in fault.own.items()
        for outcome, probability in table.items()
    ]

    assert max(gains) >= 3.0


@pytest.mark.parametrize("name", [n for n in MODULES if n != "unknown_fault"])
@pytest.mark.parametrize("which", ["own", "others"])
def test_a_fault_lists_only_the_kinds_that_it_changes(name: str, which: str) -> None:
    for key, table in getattr(fault_of(name), which).items():
        assert dict(table) != dict(HEALTHY[kind_of(key)]), key


def test_every_code_but_the_rule_has_a_file() -> None:
    assert set(models_by_code()) == set(FAULT_CODES) - {INSUFFICIENT}


def test_what_is_by_design_is_as_likely_as_the_commonest_faults_together() -> None:
    models = models_by_code().values()
    by_design = sum(model.prior for model in models if LAYER_OF[model.code] == "by-design")

    assert by_design == pytest.approx(0.3, abs=0.05)
    assert min(model.prior for model in models) >= 0.01
    assert max(models, key=lambda model: model.prior).code == NO_FAULT


def test_wires_and_motors_are_the_commonest_faults_and_computers_are_rare() -> None:
    prior = {model.code: model.prior for model in models_by_code().values()}
    rare = [prior[code] for code in prior if LAYER_OF[code] == "bcm"]

    assert min(prior["door-harness-open"], prior["actuator-motor-fault"]) > 3 * max(rare)


def test_the_catalogue_finds_every_module_once() -> None:
    codes = [model.code for model in fault_models()]

    assert codes == sorted(set(codes))
    assert len(codes) == len(MODULES)


def test_everything_that_can_be_observed_has_a_sentence_of_its_own() -> None:
    pairs = {(kind, outcome) for kind, table in HEALTHY.items() for outcome in table}

    assert set(SENTENCES) == pairs


@pytest.mark.parametrize(("kind", "outcome"), SENTENCES)
@pytest.mark.parametrize("door", ["driver", "rear-left", "tailgate"])
def test_a_sentence_names_its_door_where_it_has_one(kind: str, outcome: str, door: str) -> None:
    text = sentence(a_group(kind, outcome, door, count=3))

    assert "{" not in text
    assert "None" not in text
    assert "3 of 3 times" in text or "in 3 of 3 watches" in text


def test_absences_are_outcomes_of_some_kind() -> None:
    outcomes = {outcome for table in HEALTHY.values() for outcome in table}

    assert outcomes >= ABSENCES


@pytest.mark.parametrize("test", CATALOGUE, ids=lambda test: test.id)
def test_a_next_test_shows_something_that_is_observed(test: object) -> None:
    kind = test.kind  # type: ignore[attr-defined]

    assert kind in HEALTHY
    assert test.minutes > 0.0  # type: ignore[attr-defined]


def test_a_direction_has_its_own_table_where_a_fault_tells_it() -> None:
    told = {"given": 0.1, "late": 0.1, "absent": 0.7, "refused": 0.1}
    fault = FaultModel("bcm-reset", "car", 1.0, "x", {"command.unlock": told})
    judged = Likelihoods()
    healthy = judged.of(fault, "others", "command.lock")

    assert judged.of(fault, "own", "command.unlock")[2] > judged.of(fault, "own", "command")[2]
    assert judged.of(fault, "own", "command.lock") == healthy


def test_the_unknown_fault_finds_every_outcome_of_a_kind_alike() -> None:
    for table in models_by_code()[UNKNOWN_FAULT].own.values():
        assert len(set(table.values())) == 1
