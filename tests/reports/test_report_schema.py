"""The schema that ships holds every json report to the contract's keys, types and words."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import jsonschema
import pytest

from canlock.model.faults import FAULT_CODES, LAYERS
from canlock.model.operations import Outcome, ResponseState
from canlock.model.roles import FEEDBACKS, REQUEST_ROLES, ROLE_VALUES, ROLES
from canlock.model.stream import MARK_ACTIONS
from canlock.reports.json_report import render_json
from canlock.reports.schema import load_schema
from reports.report_contract import CONTRACT, Node, parsed
from reports.report_gallery import GALLERY, a_broken_harness, a_long_day, too_little

SCHEMA = load_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def objects(node: Node) -> list[Node]:
    """Return all objects within a piece of JSON."""
    if isinstance(node, dict):
        return [node, *(each for child in node.values() for each in objects(child))]
    if isinstance(node, list):
        return [each for child in node for each in objects(child)]
    return []


def shortened(node: Node) -> Node:
    """Return JSON with only the first entry of each list of objects."""
    if isinstance(node, dict):
        return {key: shortened(child) for key, child in node.items()}
    if isinstance(node, list) and node and isinstance(node[0], dict):
        return [shortened(node[0])]
    return node


@pytest.mark.parametrize("name", GALLERY)
def test_every_report_keeps_the_schema(name: str) -> None:
    for indent in (True, False):
        VALIDATOR.validate(parsed(render_json(GALLERY[name](), indent=indent)))


def test_the_schema_itself_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_contracts_own_example_keeps_the_schema() -> None:
    VALIDATOR.validate(CONTRACT)


def remove_each_required_key() -> list[tuple[str, str]]:
    """Return (place, key) for each key of the contract's example."""

    def walk(node: Node, path: str) -> list[tuple[str, str]]:
        if isinstance(node, dict):
            own = [(path, key) for key in node]
            return own + [pair for key in node for pair in walk(node[key], f"{path}/{key}")]
        if isinstance(node, list) and node and isinstance(node[0], dict):
            return walk(node[0], f"{path}/0")
        return []

    return walk(CONTRACT, "")


def at(report: Node, path: str) -> Node:
    for part in path.split("/")[1:]:
        report = report[int(part)] if part.isdigit() else report[part]
    return report


@pytest.mark.parametrize(("path", "key"), remove_each_required_key())
def test_a_report_without_one_of_the_contracts_keys_is_rejected(path: str, key: str) -> None:
    report = parsed(render_json(a_broken_harness()))
    VALIDATOR.validate(report)
    del at(report, path)[key]
    assert not VALIDATOR.is_valid(report)


def test_a_key_that_nobody_knows_is_rejected_wherever_it_stands() -> None:
    snapshot = replace(a_broken_harness(), codes=a_long_day().codes)
    snapshot = replace(snapshot, capture=GALLERY["damaged-capture"]().capture)
    # One entry of each list is enough and keeps this fast.
    report = shortened(parsed(render_json(snapshot)))
    VALIDATOR.validate(report)
    # The report, its capture and damage, and each kind of entry that a list can hold.
    assert len(objects(report)) == 16
    for number in range(len(objects(report))):
        spoilt = copy.deepcopy(report)
        objects(spoilt)[number]["surprise"] = 1
        assert not VALIDATOR.is_valid(spoilt), objects(report)[number]


def spoil(path: str, value: Node) -> Callable[[Node], None]:
    """Return what sets the value at `/a/0/b`."""
    place, _, key = path.rpartition("/")

    def change(report: Node) -> None:
        at(report, place)[int(key) if key.isdigit() else key] = value

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/schema", "canlock.report/2"),
        ("/tier", "T5"),
        ("/vehicle", ""),
        ("/capture/frames", -1),
        ("/capture/frames", 1.5),
        ("/capture/first", "1700000000"),
        ("/capture/truncated", 0),
        ("/findings", []),
        ("/findings/0/fault", "broken"),
        ("/findings/0/layer", "harness"),
        ("/findings/0/doors", "driver"),
        ("/findings/0/doors", [""]),
        ("/findings/0/probability", 1.01),
        ("/findings/0/probability", -0.01),
        ("/findings/0/probability", None),
        ("/findings/0/probability", math.nan),
        ("/findings/0/confident", "yes"),
        ("/findings/0/group", []),
        ("/findings/0/group", ["door-harness-open", "door-harness-open"]),
        ("/findings/0/summary", ""),
        ("/findings/0/evidence/0/time", math.nan),
        ("/findings/0/evidence/0/bits", math.inf),
        ("/findings/0/evidence/0/bits", -math.inf),
        ("/findings/0/evidence/0/times", [None]),
        ("/findings/0/advice/parts_cost_rub", [1500]),
        ("/findings/0/advice/parts_cost_rub", [1500, 3000, 4000]),
        ("/findings/0/advice/steps", None),
        ("/findings/0/advice/labour_cost_rub", [2000]),
        ("/findings/0/advice/hours", -1),
        ("/findings/0/advice/prevention", "grease"),
        ("/findings/0/advice/locked_out", [1]),
        ("/hypotheses/0/probability", "0.93"),
        ("/operations/0/outcome", "failed"),
        ("/operations/0/request/role", "command.lock"),
        ("/operations/0/request/action", "none"),
        ("/operations/0/command/action", "unlock-all"),
        ("/operations/0/command/requestor", "somebody"),
        ("/operations/0/command/inferred", None),
        ("/operations/0/responses/0/state", "dead"),
        ("/operations/0/responses/0/feedback", "guess"),
        ("/operations/0/responses/0/role", "lock.state"),
        ("/next_tests/0/minutes", -1),
        ("/next_tests/0/information_bits", math.nan),
        ("/missing_roles", ["lock.state"]),
        ("/missing_roles", ["lock.status", "lock.status"]),
        ("/marks/0/action", "kick"),
        ("/accesses/0/result", "broken"),
        ("/dropped_operations", -1),
    ],
)
def test_a_wrong_value_is_rejected(path: str, value: Node) -> None:
    report = parsed(render_json(a_broken_harness()))
    spoil(path, value)(report)
    assert not VALIDATOR.is_valid(report)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/capture/first", None),
        ("/findings/0/probability", 0),
        ("/findings/0/probability", 1),
        ("/findings/0/doors", []),
        ("/findings/0/doors", ["sliding-left"]),
        ("/findings/0/evidence/0/bits", -3.5),
        ("/findings/0/evidence/0/time", 0.5),
        ("/findings/0/advice/parts_cost_rub", None),
        ("/findings/0/advice/difficulty", None),
        ("/findings/0/advice/labour_cost_rub", None),
        ("/findings/0/advice/hours", None),
        ("/operations/0/request", None),
        ("/operations/0/command", None),
        ("/operations/0/command/requestor", None),
        ("/missing_roles", []),
    ],
)
def test_a_value_that_the_contract_allows_is_accepted(path: str, value: Node) -> None:
    report = parsed(render_json(a_broken_harness()))
    spoil(path, value)(report)
    VALIDATOR.validate(report)


def test_too_little_evidence_is_never_a_confident_verdict() -> None:
    report = parsed(render_json(too_little()))
    VALIDATOR.validate(report)
    report["findings"][0]["confident"] = True
    assert not VALIDATOR.is_valid(report)


def test_the_schema_knows_the_same_words_as_the_model() -> None:
    kinds = SCHEMA["$defs"]

    def words(kind: str, key: str) -> list[str | None]:
        found = kinds[kind]["properties"][key]["enum"]
        assert isinstance(found, list)
        return found

    assert kinds["fault"]["enum"] == list(FAULT_CODES)
    assert kinds["layer"]["enum"] == list(LAYERS)
    assert kinds["role"]["enum"] == list(ROLES)
    assert kinds["feedback"]["enum"] == list(FEEDBACKS)
    assert words("operation", "outcome") == list(get_args(Outcome))
    assert words("response", "state") == list(get_args(ResponseState))
    assert words("request", "role") == list(REQUEST_ROLES)
    assert words("command", "requestor") == [*ROLE_VALUES["command.requestor"], None]
    assert words("mark", "action") == list(MARK_ACTIONS)
    asked = {value for role in REQUEST_ROLES for value in ROLE_VALUES[role]} - {"none"}
    assert set(words("request", "action")) == asked
    assert set(words("command", "action")) == set(ROLE_VALUES["command.lock"]) - {"none"}
