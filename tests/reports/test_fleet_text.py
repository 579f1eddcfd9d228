"""Many captures for a person: one line each, and which cars have which faults, how sure."""

from __future__ import annotations

import pytest

from canlock.model.capture import CaptureInfo
from canlock.model.verdict import Finding
from canlock.pipeline.fleet.outcome import Job, Outcome
from canlock.reports.fleet_text import FleetLines, FleetSummary


def a_finding(
    fault: str = "latch-jammed",
    probability: float = 0.93,
    *,
    doors: tuple[str, ...] = ("driver",),
    group: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        fault=fault,
        layer="mechanical",
        doors=doors,
        probability=probability,
        is_confident=not group,
        group=group or (fault,),
        summary="One sentence.",
    )


def an_outcome(name: str = "drive.log", *findings: Finding, vehicle: str = "bmw-e9x") -> Outcome:
    return Outcome(
        Job(0, name, name),
        vehicle=vehicle,
        tier="T3",
        capture=CaptureInfo(name, "candump", frames=1000),
        operations=4,
        findings=findings or (a_finding(),),
    )


def a_failure(name: str, reason: str, *, is_capture: bool = True) -> Outcome:
    return Outcome(Job(0, name, name), error=f"{name}: {reason}", is_capture=is_capture)


def test_a_line_has_the_car_the_fault_and_how_sure_it_is() -> None:
    told = FleetLines(["drive.log"]).describe(an_outcome())
    assert told == "drive.log  bmw-e9x  T3  latch-jammed (driver) 93 %, sure"


def test_an_unsure_line_names_what_else_it_may_be() -> None:
    codes = tuple(f"fault-{number}" for number in range(6))
    told = FleetLines(["a"]).describe(an_outcome("a", a_finding("fault-0", 0.4, group=codes)))
    assert told.endswith("fault-0 (driver) 40 %, not sure: fault-1, fault-2, fault-3 and 2 more")


def test_two_faults_stand_in_one_line() -> None:
    both = (a_finding(), a_finding("fob-battery-low", 0.9, doors=()))
    told = FleetLines(["a"]).describe(an_outcome("a", *both))
    assert told.endswith("latch-jammed (driver) 93 %, sure; fob-battery-low 90 %, sure")


def test_names_stand_in_a_column_without_the_folder_of_all() -> None:
    names = ["/home/x/drives/a.log", "/home/x/drives/longer.log"]
    lines = FleetLines(names)
    assert lines.describe(an_outcome(names[0])).startswith("a.log       bmw-e9x")
    assert lines.describe(an_outcome(names[1])).startswith("longer.log  bmw-e9x")


def test_names_that_begin_alike_are_not_cut_within_a_word() -> None:
    lines = FleetLines(["day-1.log", "day-2.log"])
    assert lines.describe(an_outcome("day-1.log")).startswith("day-1.log  ")


def test_a_broken_capture_has_its_reason_and_its_name_once() -> None:
    told = FleetLines(["a.log"]).describe(a_failure("a.log", "found an empty file"))
    assert told == "a.log  not read: found an empty file"


def test_a_name_of_many_lines_stays_one_line() -> None:
    name = "a\nb\x1b[31m\udcff.log"
    told = FleetLines([name]).describe(an_outcome(name))
    assert told.startswith("a?b?[31m?.log  ")
    assert told.isprintable()


def test_the_table_counts_cars_and_faults_the_most_frequent_first() -> None:
    summary = FleetSummary()
    for probability in (0.91, 0.99):
        summary.take(an_outcome("a", a_finding(probability=probability)))
    summary.take(an_outcome("b", a_finding("no-fault", 0.5, doors=(), group=("no-fault", "x"))))
    summary.take(an_outcome("c", a_finding("no-fault", doors=()), vehicle="vw-meb"))
    for _ in range(3):
        summary.take(an_outcome("d", a_finding("bcm-reset", 0.8, doors=())))
    assert summary.render().splitlines() == [
        "7 captures, 7,000 frames",
        "",
        "vehicle  fault         doors   captures  sure  probability",
        "bmw-e9x  bcm-reset     -              3     3         80 %",
        "bmw-e9x  latch-jammed  driver         2     2  91 % - 99 %",
        "bmw-e9x  no-fault      -              1     0         50 %",
        "vw-meb   no-fault      -              1     1         93 %",
    ]


def test_what_was_not_read_is_counted_and_other_files_are_not_captures() -> None:
    summary = FleetSummary()
    summary.take(a_failure("a.log", "broken"))
    summary.take(a_failure("b.txt", "prose", is_capture=False))
    assert summary.captures == 1
    assert summary.render() == "1 capture, 0 frames; 1 not read; 1 other file passed over"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_numbers_agree_with_their_nouns(count: int) -> None:
    summary = FleetSummary()
    for _ in range(count):
        summary.take(an_outcome())
    assert summary.headline().startswith(f"{count} capture{'' if count == 1 else 's'}, ")
