"""The json report has the contract's shape and says what the snapshot says."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.model.stream import TroubleCode
from canlock.model.verdict import Evidence, Hypothesis
from canlock.reports.json_report import render_json, shares
from reports.report_builders import START_S, a_snapshot
from reports.report_contract import CONTRACT, Node, parsed
from reports.report_gallery import a_broken_harness, by_design, too_little


def test_keys_stand_in_the_contracts_order_and_others_behind() -> None:
    report = parsed(render_json(a_broken_harness()))

    def compare(ours: Node, theirs: Node) -> None:
        if isinstance(theirs, dict):
            assert list(ours)[: len(theirs)] == list(theirs)
            for key in theirs:
                compare(ours[key], theirs[key])
        elif isinstance(theirs, list) and theirs:
            compare(ours[0], theirs[0])

    compare(report, CONTRACT)
    behind = list(report)[len(CONTRACT) :]
    assert behind == [
        "vehicle_name",
        "notes",
        "events",
        "accesses",
        "marks",
        "codes",
        "dropped_operations",
    ]


def test_one_line_is_one_line_and_says_the_same() -> None:
    snapshot = a_broken_harness()
    line = render_json(snapshot, indent=False)
    assert "\n" not in line
    assert parsed(line) == parsed(render_json(snapshot))
    assert not render_json(snapshot).endswith("\n")


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    for indent in (True, False):
        one = render_json(a_broken_harness(), indent=indent)
        assert one == render_json(a_broken_harness(), indent=indent)
        assert one.isascii()


def test_the_facts_of_a_snapshot_come_out_as_they_are() -> None:
    report = parsed(render_json(a_broken_harness()))
    finding = report["findings"][0]
    assert finding["confident"] is True
    assert finding["advice"]["parts_cost_rub"] == [1500, 3000]
    assert list(finding["advice"])[4:] == ["labour_cost_rub", "hours", "prevention", "locked_out"]
    assert finding["advice"]["labour_cost_rub"] == [2000, 3000]
    assert finding["advice"]["hours"] == 1
    assert finding["evidence"][1]["times"] == [START_S + at_s for at_s in (12.5, 20.1, 28.5, 31.0)]
    driver, passenger = report["operations"][0]["responses"][:2]
    assert (driver["state"], driver["value"], driver["time"], driver["latency"]) == (
        "silent",
        None,
        None,
        None,
    )
    assert (passenger["state"], passenger["feedback"]) == ("answered", "measured")
    assert passenger["latency"] == 0.21


def test_where_no_request_or_command_was_seen_there_is_null() -> None:
    assert parsed(render_json(too_little()))["operations"][0]["request"] is None
    refused = parsed(render_json(by_design()))["operations"][0]
    assert refused["command"] is None


def test_an_order_known_from_its_echo_is_marked_as_inferred() -> None:
    assert parsed(render_json(too_little()))["operations"][0]["command"]["inferred"] is True


def test_times_are_rounded_to_the_microsecond() -> None:
    piece = Evidence(START_S + 0.123_456_7, "It was.", 1.0, (START_S + 0.123_456_7,))
    finding = replace(a_snapshot().verdict, evidence=(piece,), probability=0.123_456_789)
    found = parsed(render_json(replace(a_snapshot(), findings=(finding,))))["findings"][0]
    assert found["evidence"][0]["time"] == START_S + 0.123_457
    assert found["probability"] == 0.123_457


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_lacks_is_null(value: float) -> None:
    healthy = a_snapshot()
    piece = Evidence(value, "It was.", value, (value,))
    report = parsed(
        render_json(
            replace(
                healthy,
                findings=(replace(healthy.verdict, probability=value, evidence=(piece,)),),
                capture=replace(healthy.capture, first_s=value),
                hypotheses=(Hypothesis("no-fault", (), value),),
            )
        )
    )
    assert report["capture"]["first"] is None
    assert report["findings"][0]["probability"] is None
    assert report["findings"][0]["evidence"] == [
        {"time": None, "text": "It was.", "bits": None, "times": [None]}
    ]
    assert report["hypotheses"][0]["probability"] == 0


def test_a_name_that_is_no_text_still_gives_json() -> None:
    healthy = a_snapshot()
    capture = replace(healthy.capture, path="a\udcff\x1b\u0434.log")
    assert parsed(render_json(replace(healthy, capture=capture)))["capture"]["path"] == capture.path


def test_hypotheses_are_sorted_whatever_order_they_come_in() -> None:
    snapshot = a_snapshot()
    turned = replace(snapshot, hypotheses=snapshot.hypotheses[::-1])
    assert parsed(render_json(turned)) == parsed(render_json(snapshot))


WEIGHTS = st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=180)


@given(WEIGHTS)
def test_shares_of_a_whole_still_add_up_to_it_after_rounding(weights: list[float]) -> None:
    exact = [weight / math.fsum(weights) for weight in weights]
    rounded = shares(exact)
    assert abs(math.fsum(rounded) - 1) < 1e-9
    for before, after in zip(exact, rounded, strict=True):
        assert abs(before - after) < 1.001e-6
        assert after == round(after, 6)


@given(WEIGHTS)
def test_rounding_turns_no_order_around(weights: list[float]) -> None:
    exact = sorted((weight / math.fsum(weights) for weight in weights), reverse=True)
    rounded = shares(exact)
    assert rounded == sorted(rounded, reverse=True)


@given(st.lists(st.integers(0, 1_000_000), max_size=50))
def test_what_is_round_already_stays_as_it_is(millionths: list[int]) -> None:
    exact = [each / 1e6 for each in millionths]
    assert shares(exact) == exact


def test_trouble_codes_come_with_what_is_known_of_them() -> None:
    codes = (TroubleCode(START_S, "bcm", "B2562", "16"),)
    report = parsed(render_json(replace(a_snapshot(), codes=codes)))
    assert report["codes"] == [
        {"time": START_S, "ecu": "bcm", "code": "B2562", "failure_type": "16", "status": None}
    ]
