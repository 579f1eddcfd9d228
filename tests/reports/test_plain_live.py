"""The plain twin of the live view: each fact a line, once, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.bundled import bundled_folder
from canlock.model.frames import FrameBatch
from canlock.model.link import LinkState, LinkStatus, Silence
from canlock.model.operations import Command, Operation, Request, Response
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, StreamItem
from canlock.model.verdict import Finding, Hypothesis, NextTest
from canlock.pipeline.analysis import Analysis, in_step
from canlock.pipeline.recorded import find_recording, read_side_items, vehicle_for
from canlock.reports.plain_live import PlainLines
from canlock.sources.capture import open_capture
from reports.report_builders import START_S, a_snapshot, an_operation

JAM = bundled_folder("captures") / "bmw-passenger-latch-jammed.log"
EVERY_FRAMES = 400


@cache
def looks() -> tuple[Snapshot, ...]:
    """A car with a jammed latch, looked at again and again while it is used."""
    loaded = vehicle_for(JAM, None)
    analysis = Analysis(loaded)
    reader = open_capture(JAM, analysis.wanted)
    pieces: list[StreamItem] = []
    for batch in reader.batches():
        if isinstance(batch, FrameBatch):
            starts = range(0, len(batch), EVERY_FRAMES)
            pieces.extend(batch.take(slice(start, start + EVERY_FRAMES)) for start in starts)
    side = read_side_items(find_recording(JAM), loaded, reader.info.first_s)
    found = []
    for item in in_step(pieces, side.items):
        analysis.take(item)
        if isinstance(item, FrameBatch):
            found.append(analysis.snapshot(reader.info))
    return tuple(found)


def told(snapshots: Sequence[Snapshot], *, is_led: bool = False) -> list[str]:
    lines = PlainLines(is_led=is_led)
    found = [line for snapshot in snapshots for line in lines.look(snapshot)]
    found.extend(lines.look(snapshots[-1], is_last=True))
    return found


def of(lines: Sequence[str], what: str) -> list[str]:
    return [line.partition(": ")[2] for line in lines if what in line]


def a_link(state: LinkState, **changes: int) -> LinkStatus:
    link = LinkStatus("can0", state, 10, 0, 0, 0, 0, "No such device", Silence(True, "listen-only"))
    return replace(link, **changes)  # type: ignore[arg-type]


def looked_at(*operations: Operation) -> Snapshot:
    """A car that was used for twenty seconds."""
    return replace(
        a_snapshot(), operations=operations, events=(), accesses=(), now_s=START_S + 20.0
    )


def test_at_the_end_the_next_test_is_one_for_the_next_time() -> None:
    test = NextTest("window-switch", "Press the window switch.", 1.0, 0.4, "driver")
    snapshot = replace(a_snapshot(), next_tests=(test,))
    lead = "nothing more comes; the next time at the car: "

    lines = told([snapshot])

    (now,) = (line for line in lines if "next test: " in line)
    (later,) = (line for line in lines if lead in line)
    assert later.partition(lead)[2] == now.partition("next test: ")[2]
    assert "in the end, verdict" in lines[-1]
    assert not any(lead in line for line in told([snapshot], is_led=True))


# --- The chain of one operation -------------------------------------------------------------------


def test_request_order_and_answers_stand_one_a_line_in_milliseconds() -> None:
    lines = told([looked_at(an_operation(silent=("driver",)))])
    operation = [line for line in lines if line.startswith(("+12.", "+15.4"))]
    assert [line.partition(": ")[2] for line in operation] == [
        "request: fob: unlock, heard by the car",
        "order: unlock all, 100 ms after the request",
        "driver's door: NO ANSWER",
        "passenger's door: unlocked after 210 ms",
        "rear left door: unlocked after 220 ms",
        "rear right door: unlocked after 230 ms",
        "tailgate: unlocked after 240 ms",
        "result, fob: unlock: ONLY SOME DOORS",
    ]
    assert operation[0].startswith("+12.40 s (22:13:32 UTC): ")


def test_no_answer_is_only_told_when_the_time_for_one_is_over() -> None:
    open_one = replace(an_operation(silent=("driver",)), is_closed=False)
    lines = PlainLines()
    assert not any("NO ANSWER" in line for line in lines.look(looked_at(open_one)))
    closed = looked_at(replace(open_one, is_closed=True))
    assert any("driver's door: NO ANSWER" in line for line in lines.look(closed))


def test_what_is_open_at_the_very_end_is_told_as_it_stands() -> None:
    open_one = looked_at(replace(an_operation(silent=("driver",)), is_closed=False))
    lines = PlainLines()
    list(lines.look(open_one))
    assert any("driver's door: NO ANSWER" in line for line in lines.look(open_one, is_last=True))


def test_a_press_that_was_only_marked_does_not_tell_how_long_the_order_took() -> None:
    marked = Request(START_S + 13.0, "request.fob", "unlock", is_marked=True)
    lines = told([looked_at(replace(an_operation(), request=marked, can_see_request=False))])
    assert "unlock all" in of(lines, "order:")[0]
    assert "after the request" not in " ".join(lines)


def test_a_press_that_the_car_would_have_shown_and_did_not_is_told() -> None:
    at_s = START_S + 12.4
    marked = Request(at_s, "request.fob", "unlock", is_marked=True)
    unheard = Operation(at_s, at_s + 3.0, "no-command", marked, can_see_request=True)
    lines = told([looked_at(unheard)])
    assert any("NOT HEARD by the car" in line for line in lines)
    assert any("NO ORDER CAME" in line for line in lines)


def test_doors_that_did_the_same_at_once_share_a_line() -> None:
    believed = tuple(
        Response(door, "answered", "belief", "locked", START_S + 12.5, 0.0, 0.0)
        for door in ("passenger", "rear-left")
    )
    order = Command(START_S + 12.5, "lock", ("passenger", "rear-left"), is_inferred=True)
    lines = told([looked_at(replace(an_operation(), command=order, responses=believed))])
    (line,) = of(lines, "rear left door")
    assert line.startswith("passenger's door and rear left door: locked (what the BCM believes")
    assert "0 ms" not in line


# --- What the whole tells -------------------------------------------------------------------------


def test_a_car_in_use_is_told_line_by_line() -> None:
    text = "\n".join(told(looks()))
    for words in (
        "request: fob: unlock, heard by the car",
        "order: unlock all, 51 ms after the request",
        "passenger's door: NO ANSWER",
        "you: pressed unlock on the fob",
        "outer handle pulled, the door did NOT open",
        "verdict: ",
        "jammed latch",
        "next test: ",
    ):
        assert words in text
    assert re.search(r"rear right door: unlocked after [0-9]+ ms", text)


def test_nothing_is_told_twice_in_a_row_about_the_same_thing() -> None:
    lines = told(looks())
    requests = [line for line in lines if ": request: " in line]
    assert len(requests) == len(set(requests))
    assert len(lines) < 4 * len(looks()[-1].operations) * 8


def test_a_line_is_one_line_whatever_a_name_holds() -> None:
    evil = Mark(START_S + 1.0, "note", None, "a\nb\x1b[31m")
    lines = told([replace(looked_at(), marks=(evil,))])
    assert all(line.isprintable() for line in lines)
    assert any("a b [31m" in line for line in lines)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=12))
def test_however_often_one_looks_the_same_chains_are_told_in_the_end(picks: list[int]) -> None:
    every = looks()
    some = sorted({pick % len(every) for pick in picks} | {len(every) - 1})
    final = {
        line
        for line in told([every[-1]])
        if ": result, " in line or ": request: " in line or "after the request" in line
    }
    assert final <= set(told([every[index] for index in some]))


# --- Verdict, tests, buses, marks -----------------------------------------------------------------


def a_verdict(probability: float, *, is_sure: bool = False) -> Snapshot:
    finding = Finding(
        "latch-jammed", "mechanical", ("driver",), probability, is_sure, ("latch-jammed",), "Jam."
    )
    shares = (Hypothesis("latch-jammed", ("driver",), probability),)
    return replace(looked_at(), findings=(finding,), hypotheses=shares)


@pytest.mark.parametrize(
    ("after", "is_told"),
    [
        pytest.param(0.549, False, id="hardly changed"),
        pytest.param(0.551, True, id="changed"),
    ],
)
def test_a_verdict_is_told_again_when_it_has_changed(after: float, is_told: bool) -> None:
    lines = PlainLines()
    first = list(lines.look(a_verdict(0.5)))
    assert any("verdict: Not sure yet." in line and "50 %" in line for line in first)
    again = list(lines.look(a_verdict(after)))
    assert any("verdict:" in line for line in again) is is_told


def test_a_verdict_that_becomes_sure_is_told_though_its_number_stays() -> None:
    lines = PlainLines()
    list(lines.look(a_verdict(0.8)))
    (line,) = lines.look(a_verdict(0.8, is_sure=True))
    assert "verdict: Driver's door: jammed latch (80 % sure)." in line


def test_the_next_test_is_told_when_it_is_another_one() -> None:
    lines = PlainLines()
    tests = looks()[-1].next_tests or looks()[5].next_tests
    assert any(
        ": next test: " in line for line in lines.look(replace(looks()[0], next_tests=tests))
    )
    assert not any(
        "next test" in line for line in lines.look(replace(looks()[0], next_tests=tests))
    )
    none = list(lines.look(replace(looks()[0], next_tests=())))
    assert any("next test: none is needed" in line for line in none)


def test_who_is_led_through_a_check_hears_neither_next_tests_nor_its_notes() -> None:
    note = Mark(START_S + 1.0, "note", "driver", "check: complaint: driver")
    snapshots = [replace(each, marks=(*each.marks, note)) for each in looks()]
    text = "\n".join(told(snapshots, is_led=True))
    assert "next test" not in text
    assert "complaint" not in text
    assert "complaint" in "\n".join(told(snapshots))


def test_the_bus_is_told_when_its_state_changes_and_not_with_every_frame() -> None:
    lines = PlainLines()
    bare = looked_at()
    said = []
    for links in (
        [a_link("connected")],
        [a_link("connected", frames=500)],
        [a_link("silent", frames=500)],
        [a_link("reconnecting", errors=1)],
        [a_link("connected", errors=1, reopened=1, dropped=7)],
    ):
        look = lines.look(replace(bare, links=tuple(links)))
        said.append([line for line in look if "bus can0: " in line])
    assert [len(each) for each in said] == [2, 0, 1, 1, 1]
    assert "frames come" in said[0][0]
    assert "listen-only" in said[0][1]
    assert "no frame comes" in said[2][0]
    assert "RECONNECTING" in said[3][0]
    assert "No such device" in said[3][0]
    assert "7 frames lost here" in said[4][0]


def test_before_anything_came_the_bus_is_told_without_a_time() -> None:
    lines = PlainLines()
    assert next(lines.links([a_link("closed")])) == "bus can0: closed"


def test_a_mark_that_is_taken_back_is_told() -> None:
    mark = Mark(START_S + 19.0, "opened", "driver")
    lines = PlainLines()
    with_mark = replace(looked_at(), marks=(mark,))
    first = list(lines.look(with_mark))
    assert any("you: the door opened (driver's door)" in line for line in first)
    (line,) = lines.look(looked_at())
    assert line.endswith("taken back: the door opened (driver's door)")


def test_memory_does_not_grow_with_the_session() -> None:
    lines = PlainLines()
    for minute in range(200):
        at_s = START_S + 60.0 * minute
        operation = replace(an_operation(60.0 * minute), responses=())
        marks = (Mark(at_s, "opened", "driver"),)
        list(lines.look(replace(looked_at(operation), now_s=at_s + 5.0, marks=marks)))
    assert len(lines._said) < 60
    assert len(lines._times_s) < 40
