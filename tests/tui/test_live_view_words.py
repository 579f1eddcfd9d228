"""What single facts read like, and which of several facts a door shows."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from canlock.model.capture import CaptureInfo
from canlock.model.operations import (
    Command,
    Operation,
    Outcome,
    Request,
    Response,
    ResponseState,
)
from canlock.model.snapshot import RoleState, Snapshot
from canlock.model.verdict import Finding
from canlock.tui import phrases
from canlock.tui.door_table import best_state, last_answer, last_responses, state_cells
from canlock.tui.operation_list import answers
from canlock.tui.rows import Row

DOORS = ("driver", "passenger", "rear-left")


def a_finding(**changes: object) -> Finding:
    finding = Finding(
        "latch-jammed", "mechanical", ("driver",), 0.9, True, ("latch-jammed",), "It is jammed."
    )
    return replace(finding, **changes)  # type: ignore[arg-type]


def a_snapshot(**changes: object) -> Snapshot:
    snapshot = Snapshot(
        "car", "Car", DOORS, "T2", CaptureInfo("a", "live"), 100.0, 110.0, (a_finding(),), ()
    )
    return replace(snapshot, **changes)  # type: ignore[arg-type]


def an_operation(**changes: object) -> Operation:
    return replace(Operation(105.0, 108.0, "answered"), **changes)  # type: ignore[arg-type]


def a_response(door: str = "driver", **changes: object) -> Response:
    response = Response(door, "answered", "measured", "locked", 105.2, 0.2)
    return replace(response, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (1.0, "over 99 %"),
        (0.995, "over 99 %"),
        (0.994, "99 %"),
        (0.5, "50 %"),
        (0.006, "1 %"),
        (0.004, "under 1 %"),
        (0.0, "under 1 %"),
    ],
)
def test_a_probability_is_never_certainty(probability: float, words: str) -> None:
    assert phrases.chance(probability) == words


@pytest.mark.parametrize(
    ("at_s", "words"),
    [
        (112.5, "+12.50 s"),
        (99.0, "-1.00 s"),
        (99.999, "+0.00 s"),
        (1334.5, "+1,234.50 s"),
        (None, "?"),
        (float("nan"), "?"),
    ],
)
def test_an_instant_counts_from_the_first_frame(at_s: float | None, words: str) -> None:
    assert phrases.instant(at_s, a_snapshot()) == words


@given(st.text())
def test_a_plain_text_has_no_letter_that_does_not_print(text: str) -> None:
    plain = phrases.plain(text)
    assert len(plain) == len(text)
    assert all(letter.isprintable() for letter in plain)
    assert plain.isprintable() == (plain == phrases.plain(plain))


@pytest.mark.parametrize(
    ("changes", "tone"),
    [
        ({}, "fault"),
        ({"is_confident": False}, "unsure"),
        ({"layer": "none"}, "fine"),
        ({"layer": "unknown", "is_confident": False}, "unknown"),
        ({"layer": "by-design"}, "by-design"),
        ({"layer": "by-design", "is_confident": False}, "unsure"),
    ],
)
def test_each_kind_of_verdict_has_a_title_and_a_style(
    changes: dict[str, object], tone: phrases.Tone
) -> None:
    assert phrases.tone(a_finding(**changes)) == tone
    assert phrases.TONE_TITLES[tone]
    assert phrases.TONE_STYLES[tone]


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (("a", "b", "c", "d"), "cannot tell apart: a / b / c / d"),
        (("a", "b", "c", "d", "e"), "cannot tell apart: a / b / c / d and 1 more"),
    ],
)
def test_a_long_group_is_cut_in_the_headline(group: tuple[str, ...], words: str) -> None:
    assert phrases.sureness(a_finding(is_confident=False, group=group)) == words


def test_every_outcome_and_every_answer_has_a_word() -> None:
    assert set(phrases.OUTCOMES) == set(get_args(Outcome))
    assert set(phrases.ANSWERS) == set(get_args(ResponseState))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"can_see_request": True}, "no request seen"),
        ({}, "request not visible"),
        ({"cause": "auto-relock"}, "auto-relock"),
        ({"request": Request(105.0, "request.fob", "lock", is_seen=True)}, "fob: lock"),
        (
            {"request": Request(105.0, "request.handle", "unlock", "driver", is_marked=True)},
            "handle: unlock (driver) (marked)",
        ),
        (
            {
                "request": Request(105.0, "request.fob", "lock", is_marked=True),
                "can_see_request": True,
            },
            "fob: lock (marked, NOT SEEN)",
        ),
        (
            {
                "request": Request(
                    105.0, "request.fob", "lock", is_seen=True, mark_action="press-spare-fob-lock"
                )
            },
            "spare fob: lock",
        ),
    ],
)
def test_what_was_asked_tells_seen_from_said(changes: dict[str, object], words: str) -> None:
    assert phrases.asked(an_operation(**changes)) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "command not visible"),
        ({"can_see_command": True}, "BCM: NO COMMAND"),
        ({"outcome": "refused", "inhibit": "key-inside"}, "BCM refused: key-inside"),
        ({"outcome": "refused"}, "BCM refused: no reason given"),
        ({"command": Command(105.1, "lock", DOORS)}, "BCM: lock"),
        ({"command": Command(105.1, "unlock", ("driver",))}, "BCM: unlock driver"),
        (
            {"command": Command(105.1, "lock", DOORS, is_inferred=True, repeats=1)},
            "BCM: lock (echo), tried 2 times",
        ),
    ],
)
def test_what_was_ordered_tells_none_from_not_visible(
    changes: dict[str, object], words: str
) -> None:
    assert phrases.ordered(an_operation(**changes), DOORS) == words


def test_answers_name_the_doors_that_failed_first_and_count_the_rest_where_room_is_short() -> None:
    operation = an_operation(
        responses=(
            a_response("driver"),
            a_response("passenger"),
            a_response("rear-left", state="silent", latency_s=None),
        )
    )
    long = [str(piece) for piece in answers(operation, is_brief=False)]
    brief = [str(piece) for piece in answers(operation, is_brief=True)]
    assert long == ["rear-left SILENT", "driver, passenger 0.20 s"]
    assert brief == ["rear-left SILENT", "2 doors 0.20 s"]


@pytest.mark.parametrize("is_brief", [True, False])
def test_doors_that_all_answered_alike_are_all_doors(is_brief: bool) -> None:
    operation = an_operation(responses=tuple(a_response(door) for door in DOORS))
    assert [str(piece) for piece in answers(operation, is_brief=is_brief)] == ["all doors 0.20 s"]


def a_state(value: str | None, feedback: str | None = None, **changes: object) -> RoleState:
    state = RoleState("lock.status", "driver", value, 101.0, feedback)
    return replace(state, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "value"),
    [
        ((a_state("locked", "belief"), a_state("unlocked", "measured")), "unlocked"),
        ((a_state("locked", "belief"), a_state("unlocked", "any-locked")), "unlocked"),
        (
            (a_state("locked", "belief"), a_state("unlocked", "measured", is_stale=True)),
            "locked",
        ),
        ((a_state("unlocked", door=None), a_state("locked")), "locked"),
        ((a_state("unlocked", door=None),), "unlocked"),
    ],
)
def test_a_door_shows_what_still_comes_and_then_the_surest(
    states: tuple[RoleState, ...], value: str
) -> None:
    for ordering in (states, states[::-1]):
        best = best_state("lock.status", "driver", ordering)
        assert best is not None
        assert best.value == value


def test_a_door_open_somewhere_is_no_door_in_particular() -> None:
    somewhere = RoleState("door.ajar", None, "open", 101.0)
    assert best_state("door.ajar", "driver", (somewhere,)) is None


@pytest.mark.parametrize(
    ("states", "cells"),
    [
        ((), ["?", "", "?"]),
        ((a_state("locked", "measured"),), ["locked", "sensor", "?"]),
        ((a_state("locked", "belief"),), ["locked", "BCM", "?"]),
        ((a_state("locked", "all-locked"),), ["locked", "group", "?"]),
        ((a_state("locked", door=None),), ["locked", "car", "?"]),
        ((a_state("locked", "measured", is_stale=True),), ["not seen", "", "?"]),
        ((a_state(None, "measured"),), ["unclear", "", "?"]),
        ((RoleState("door.ajar", "driver", "open", 1.0),), ["?", "", "OPEN"]),
        ((RoleState("latch.status", "driver", "ajar", 1.0),), ["?", "", "ajar"]),
    ],
)
def test_a_door_says_how_its_state_is_known(
    states: tuple[RoleState, ...], cells: list[str]
) -> None:
    shown = state_cells("driver", a_snapshot(states=states))
    assert [str(cell).strip() for cell in shown] == cells


def test_the_last_answer_is_that_of_the_latest_operation_with_one() -> None:
    snapshot = a_snapshot(
        states=(a_state("locked"),),
        operations=(
            an_operation(responses=(a_response(state="silent", latency_s=None),)),
            an_operation(responses=(a_response(state="slow", latency_s=0.9),)),
            an_operation(responses=(a_response("passenger"),)),
        ),
    )
    latest = last_responses(snapshot)
    assert last_answer("driver", snapshot, latest["driver"])[0] == "SLOW 0.90 s"
    assert last_answer("passenger", snapshot, latest["passenger"])[0] == "0.20 s"


def test_no_answer_yet_is_told_from_none_that_could_be_seen() -> None:
    snapshot = a_snapshot(states=(a_state("locked"),))
    assert last_answer("driver", snapshot, None)[0] == "-"
    assert last_answer("passenger", snapshot, None)[0] == "?"


@given(st.text(st.characters(codec="ascii", categories=["L", "Zs"])), st.integers(11, 60))
def test_a_row_wraps_beside_its_prefix_and_loses_no_letter(text: str, width: int) -> None:
    lines = [line.plain for line in Row(Content(text), Content("+1 s ")).lines(width)]
    assert all(len(line) <= width for line in lines)
    assert lines[0].startswith("+1 s ")
    assert all(line.startswith("     ") for line in lines[1:])
    letters = "".join(line[5:] for line in lines).replace(" ", "")
    assert letters == text.replace(" ", "")


def test_only_who_shows_the_view_loads_textual() -> None:
    code = "import sys, canlock.model.snapshot, canlock.tui; print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
