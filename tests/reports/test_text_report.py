"""What the text report says, in which order, and what it leaves out."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from canlock.diagnosis.wording import PRIOR
from canlock.model.capture import Damage
from canlock.model.faults import FAULT_CODES, LAYER_OF
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Finding, Hypothesis
from canlock.reports import text as text_report
from canlock.reports.text import render_text
from canlock.telling import words
from canlock.telling.conclusion import headline
from canlock.telling.reasons import FOR_SHOWN
from reports.report_builders import (
    DOORS,
    HARNESS_ADVICE,
    a_snapshot,
    evidence,
    no_fault,
    section,
)
from reports.report_gallery import (
    GALLERY,
    a_broken_harness,
    a_damaged_capture,
    too_little,
    two_faults,
    two_that_look_the_same,
)

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def with_evidence(*bits: float) -> Snapshot:
    pieces = tuple(evidence(f"Sign {number}.", each, 1.0) for number, each in enumerate(bits))
    return replace(a_snapshot(), findings=(replace(no_fault(), evidence=pieces),))


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_every_report_keeps_its_width_and_is_printable_ascii(name: str, width: int) -> None:
    for line in render_text(GALLERY[name](), width=width).split("\n"):
        assert len(line) <= width
        assert line.isascii()
        assert line.isprintable()
        assert line == line.rstrip()


@pytest.mark.parametrize("name", GALLERY)
def test_nothing_is_said_by_colour_alone(name: str) -> None:
    coloured = render_text(GALLERY[name](), color=True)
    assert "\x1b[" in coloured
    assert ANSI.sub("", coloured) == render_text(GALLERY[name]())


@pytest.mark.parametrize("name", GALLERY)
def test_the_verdict_comes_first_and_the_record_last(name: str) -> None:
    report = render_text(GALLERY[name]())
    order = [
        "VERDICT",
        "WHY",
        "WHAT TO DO NEXT",
        "WHAT COULD NOT BE SEEN",
        "THE RECORDING",
        "WHAT THE LOCKS DID",
    ]
    lines = report.split("\n")
    places = [lines.index(heading) for heading in order]
    assert places == sorted(places)
    assert places[0] == 2


@pytest.mark.parametrize("code", FAULT_CODES)
@pytest.mark.parametrize("is_confident", [True, False])
def test_every_fault_has_a_readable_verdict(code: str, is_confident: bool) -> None:
    finding = Finding(
        code, LAYER_OF[code], ("driver",), 0.85, is_confident, (code,), "It is as it is."
    )
    snapshot = replace(
        a_snapshot(), findings=(finding,), hypotheses=(Hypothesis(code, ("driver",), 0.85),)
    )
    verdict = section(render_text(snapshot), "VERDICT")
    assert "It is as it is." in verdict
    assert code not in verdict
    if code not in ("no-fault", "insufficient-evidence"):
        assert words.FAULTS[code] in verdict


def test_a_sure_verdict_names_door_fault_certainty_and_place() -> None:
    verdict = section(render_text(a_broken_harness()), "VERDICT")
    assert verdict.startswith("Driver's door: broken wire in the door's rubber gaiter (93 % sure).")
    assert "Where in the chain: the wires between body and door." in verdict


def test_an_unsure_verdict_names_all_candidates_and_points_nowhere() -> None:
    verdict = section(render_text(two_that_look_the_same()), "VERDICT")
    assert "cannot tell these apart: 54 % broken wire" in verdict
    assert "28 % dead lock motor" in verdict
    assert "11 % jammed latch 7 % something else" in verdict
    assert "Where in the chain" not in verdict


@pytest.mark.parametrize(("share", "is_named"), [(0.0101, True), (0.0099, False)])
def test_a_candidate_worth_less_than_a_per_cent_is_not_listed(share: float, is_named: bool) -> None:
    snapshot = two_that_look_the_same()
    snapshot = replace(
        snapshot,
        hypotheses=(
            Hypothesis("door-harness-open", ("driver",), 1 - share),
            Hypothesis("latch-jammed", ("driver",), share),
        ),
    )
    verdict = section(render_text(snapshot), "VERDICT")
    assert ("jammed latch" in verdict) == is_named
    assert "something else" not in verdict


def test_what_is_known_of_too_little_is_not_put_in_per_cent() -> None:
    verdict = section(render_text(too_little()), "VERDICT")
    assert verdict.startswith("Too little was seen to say what is wrong. It may be")
    assert "%" not in verdict


@pytest.mark.parametrize(
    ("doors", "start"),
    [
        ((), "One of the doors: dead"),
        (("driver",), "Driver's door: dead"),
        (DOORS, "All doors: dead"),
    ],
)
def test_the_verdict_names_the_place_where_there_is_one(doors: tuple[str, ...], start: str) -> None:
    code = "actuator-motor-fault"
    finding = Finding(code, "actuator", doors, 0.9, True, (code,), "It is dead.")
    assert headline(finding, [], DOORS).startswith(start)


def test_evidence_is_told_with_strength_both_times_and_weight() -> None:
    why = section(render_text(a_broken_harness()), "WHY")
    assert "fair, at +35.00 s (22:13:55 UTC); weight +2.9" in why


def test_evidence_for_stands_before_evidence_against_and_the_strongest_first() -> None:
    why = section(render_text(with_evidence(-1.0, 0.6, -3.0, 2.0)), "WHY")
    places = [why.index(f"Sign {number}.") for number in (3, 1, 2, 0)]
    assert places == sorted(places)
    assert why.index("For it:") < why.index("Against it:")


@pytest.mark.parametrize(
    ("text", "told"),
    [("it moved", "It moved."), ("It moved.", "It moved."), ("Did it move?", "Did it move?")],
)
def test_evidence_is_told_in_sentences(text: str, told: str) -> None:
    finding = replace(no_fault(), evidence=(evidence(text, 1.0, 3.0),))
    why = section(render_text(replace(a_snapshot(), findings=(finding,))), "WHY")
    assert why.startswith(f"For it: + {told} weak")


def test_where_too_little_was_seen_the_evidence_is_said_to_be_on_the_likeliest_cause() -> None:
    why = section(render_text(too_little()), "WHY")
    assert why.startswith("On the likeliest single cause so far, nothing is broken: For it:")
    assert "On the likeliest cause" not in render_text(two_that_look_the_same())


def test_what_was_known_beforehand_comes_last_and_has_no_time() -> None:
    finding = replace(no_fault(), evidence=(evidence(PRIOR, -6.1), evidence("It moved.", 1.0, 3.0)))
    why = section(render_text(replace(a_snapshot(), findings=(finding,))), "WHY")
    assert "the odds of this were about 1 to 69 (weight -6.1)." in why
    assert why.index("It moved.") < why.index("Before anything was seen")


@pytest.mark.parametrize(
    ("count", "ending"), [(FOR_SHOWN, ""), (FOR_SHOWN + 1, "+ One weaker sign, weight +1.0.")]
)
def test_long_evidence_is_summed_up(count: int, ending: str) -> None:
    why = section(render_text(with_evidence(*[1.0] * count)), "WHY")
    assert why.count("Sign ") == FOR_SHOWN
    assert ("weaker" in why) == bool(ending)
    assert ending in why


@pytest.mark.parametrize(
    ("count", "is_cut"), [(text_report.TIMES_SHOWN, False), (text_report.TIMES_SHOWN + 1, True)]
)
def test_only_the_first_times_of_evidence_are_told(count: int, is_cut: bool) -> None:
    piece = evidence("Again and again.", 1.0, *[float(number) for number in range(count)])
    snapshot = replace(a_snapshot(), findings=(replace(no_fault(), evidence=(piece,)),))
    why = section(render_text(snapshot), "WHY")
    assert why.count("UTC") == text_report.TIMES_SHOWN
    assert ("and later" in why) == is_cut


def test_the_next_steps_tell_tests_repair_warnings_and_cost() -> None:
    steps = section(render_text(a_broken_harness()), "WHAT TO DO NEXT")
    order = ["flex the rubber gaiter", "(about 3 minutes, tells something)", "To repair it:"]
    order += ["Solder", "CAREFUL: There may be"]
    order += ["Difficulty: average. Parts: 1500-3000 RUB.", "Time: about an hour."]
    order += ["If you stand before the shut door: 1. Get in by", "So that it does not come back:"]
    places = [steps.index(text) for text in order]
    assert places == sorted(places)


def test_what_holds_for_two_faults_is_told_once() -> None:
    both = two_faults()
    second = replace(both.findings[1], advice=HARNESS_ADVICE)
    steps = section(render_text(replace(both, findings=(both.verdict, second))), "WHAT TO DO NEXT")
    assert steps.count("Solder the broken wire") == 2
    for once in ("CAREFUL:", "If you stand before the shut door:", "Get in by another door"):
        assert steps.count(once) == 1


def test_each_of_two_faults_has_its_own_reasons() -> None:
    why = section(render_text(two_faults()), "WHY")
    first, second = why.split("2. Rear left door: worn lock motor that gets slow")
    assert "The driver's window did not move" in first
    assert "The rear left door took 0.90 s" in second


def a_harness_somewhere() -> Snapshot:
    broken = a_broken_harness()
    return replace(
        broken,
        findings=(replace(broken.verdict, doors=()),),
        hypotheses=(
            Hypothesis("door-harness-open", ("driver",), 0.55),
            Hypothesis("door-harness-open", ("rear-left",), 0.38),
            Hypothesis("latch-jammed", ("driver",), 0.07),
        ),
    )


def test_a_fault_of_a_door_that_is_not_settled_is_at_one_of_the_doors() -> None:
    verdict = section(render_text(a_harness_somewhere()), "VERDICT")
    assert verdict.startswith("One of the doors: broken wire in the door's rubber gaiter (93 %")
    assert "not settled yet: driver's door 55 %, rear left door 38 %." in verdict
    assert "whole car" not in verdict


@pytest.mark.parametrize(
    ("doors", "listed"),
    [
        (("driver", "passenger"), "20 % jammed latch (driver's door) 20 % jammed latch (passen"),
        (("driver", "passenger", "rear-left"), "60 % jammed latch (one of the doors)"),
    ],
)
def test_one_cause_at_many_doors_is_listed_once(doors: tuple[str, ...], listed: str) -> None:
    snapshot = two_that_look_the_same()
    snapshot = replace(
        snapshot,
        hypotheses=(
            Hypothesis("door-harness-open", ("driver",), 1 - 0.2 * len(doors)),
            *(Hypothesis("latch-jammed", (door,), 0.2) for door in doors),
        ),
    )
    assert listed in section(render_text(snapshot), "VERDICT")


def test_a_fault_of_the_car_is_at_no_door() -> None:
    finding = replace(
        a_broken_harness().verdict, fault="bcm-reset", layer="bcm", doors=(), group=("bcm-reset",)
    )
    verdict = section(render_text(replace(a_broken_harness(), findings=(finding,))), "VERDICT")
    assert verdict.startswith("The BCM restarts by itself (93 % sure).")
    assert "not settled" not in verdict


def test_a_repair_is_not_advised_before_the_fault_is_sure() -> None:
    steps = section(render_text(two_that_look_the_same()), "WHAT TO DO NEXT")
    assert "Only if tests confirm it (broken wire" in steps
    assert "To repair it" not in steps


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        ((1500, 3000), "Parts: 1500-3000 RUB."),
        ((4000, 4000), "Parts: 4000 RUB."),
        ((0, 0), "Parts: 0 RUB."),
    ],
)
def test_a_cost_with_one_end_is_one_number(cost: tuple[int, int], text: str) -> None:
    snapshot = a_broken_harness()
    finding = snapshot.verdict
    finding = replace(finding, advice=replace(finding.advice, parts_cost_rub=cost))
    report = render_text(replace(snapshot, findings=(finding,)))
    assert text in section(report, "WHAT TO DO NEXT")


def test_a_healthy_car_needs_nothing() -> None:
    assert section(render_text(a_snapshot()), "WHAT TO DO NEXT") == "Nothing."


def test_where_no_test_is_known_an_unsure_report_says_so() -> None:
    report = render_text(replace(too_little(), next_tests=()))
    assert section(report, "WHAT TO DO NEXT") == "No test is known that would tell more."


@pytest.mark.parametrize(
    ("minutes", "text"), [(0.2, "1 minute,"), (1.4, "1 minute,"), (1.6, "2 minutes,")]
)
def test_minutes_are_whole_and_at_least_one(minutes: float, text: str) -> None:
    test = replace(too_little().next_tests[0], minutes=minutes)
    steps = section(render_text(replace(too_little(), next_tests=(test,))), "WHAT TO DO NEXT")
    assert f"(about {text} tells much)" in steps


def test_damage_is_told_with_its_places() -> None:
    unseen = section(render_text(a_damaged_capture()), "WHAT COULD NOT BE SEEN")
    assert "could not be read: 212." in unseen
    assert "- logs/yard/evening.log:10: expected" in unseen
    assert "evening.log:60" not in unseen
    assert "... and 207 more." in unseen
    for text in ("frame before them: 17.", "went back: 1.", "on the wires: 3.", "end is missing"):
        assert text in unseen


@pytest.mark.parametrize(("count", "is_cut"), [(5, False), (6, True)])
def test_damage_is_listed_to_the_fifth_place(count: int, is_cut: bool) -> None:
    healthy = a_snapshot()
    damage = tuple(Damage(f"a.log:{line}", "short") for line in range(1, count + 1))
    capture = replace(healthy.capture, bad_lines=count, damage=damage)
    unseen = section(render_text(replace(healthy, capture=capture)), "WHAT COULD NOT BE SEEN")
    assert unseen.count("a.log:") == 5
    assert ("... and 1 more." in unseen) == is_cut


def test_damage_that_cost_no_line_is_told_all_the_same() -> None:
    healthy = a_snapshot()
    capture = replace(healthy.capture, damage=(Damage("a.blf:byte 99", "no end"),))
    unseen = section(render_text(replace(healthy, capture=capture)), "WHAT COULD NOT BE SEEN")
    assert "Damage to the recording: - a.blf:byte 99: no end" in unseen
    assert "more" not in unseen.split("byte 99")[1]


def test_an_undamaged_capture_is_not_called_damaged() -> None:
    unseen = section(render_text(a_snapshot()), "WHAT COULD NOT BE SEEN")
    assert "could not be read" not in unseen
    assert "Damage" not in unseen


def test_words_are_explained_only_where_they_occur() -> None:
    assert "\nWORDS\n" not in render_text(a_snapshot())
    assert section(render_text(a_broken_harness()), "WORDS").startswith("gaiter: ")


def test_a_hostile_file_name_cannot_steer_the_terminal() -> None:
    healthy = a_snapshot()
    capture = replace(healthy.capture, path="logs/\x1b[2J\u043f\u0440\u043e\u0431\u0430.log")
    report = render_text(replace(healthy, capture=capture), encoding="utf-8")
    assert "\x1b" not in report
    assert "?[2J\u043f\u0440\u043e\u0431\u0430.log" in report


def test_a_capture_without_a_clock_shows_none() -> None:
    report = render_text(too_little())
    assert "UTC" not in report
    assert "without a clock" in section(report, "THE RECORDING")


def test_reporting_loads_no_program_part_that_it_does_not_need() -> None:
    code = (
        "import sys, canlock.reports.text, canlock.reports.json_report;"
        "print([name for name in ('can', 'cantools', 'textual', 'rich', 'jinja2', 'jsonschema')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
