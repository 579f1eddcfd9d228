"""What single panels say: pure pieces of the live view, from a snapshot to letters."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from canlock.model.faults import FAULT_CODES
from canlock.model.link import BusRate, TapState
from canlock.model.operations import Access, LogEvent, Operation, Outcome, Response
from canlock.model.snapshot import RoleState, Snapshot
from canlock.model.verdict import Finding, Hypothesis
from canlock.pipeline.guided_procedures import PROCEDURES
from canlock.telling import words
from canlock.telling.chain import StepKind, chain_of
from canlock.telling.door_facts import Health, list_door_facts
from canlock.tui import phrases
from canlock.tui.bus_panel import BusPanel, error_counts, load_words, node_rows, rate_words
from canlock.tui.car_view import ajar_words, car_facts, extras, last_answer, lock_words
from canlock.tui.chain_lines import SIGNS, Scale, chain_lines
from canlock.tui.hypothesis_list import HypothesisList, short_percent
from canlock.tui.next_test import replies, reply_to, variants
from canlock.tui.notice_line import notice_of
from canlock.tui.operation_facts import circumstance_words, evidence_of
from canlock.tui.operation_filter import OperationFilter, has_failed
from canlock.tui.player_line import Stretch
from canlock.tui.row_cache import RowCache
from canlock.tui.rows import Row, RowList
from canlock.tui.status_line import brief_facts
from tui.live_view_scenes import (
    DOORS,
    START_S,
    a_broken_harness,
    a_healthy_car,
    a_live_bus,
    a_lost_adapter,
    a_watched_car,
    an_operation,
    behind_a_gateway,
    too_little,
)

LAST = an_operation(31.7, driver="silent")


def said(rows: RowList, snapshot: Snapshot, width: int = 100) -> str:
    lines = [line.plain for row in rows.rows(snapshot, width) for line in row.lines(width)]
    return "\n".join(lines)


@given(st.text())
def test_a_plain_text_has_no_letter_that_does_not_print(text: str) -> None:
    plain = phrases.plain(text)
    assert len(plain) == len(text)
    assert all(letter.isprintable() for letter in plain)
    assert plain.isprintable() == (plain == phrases.plain(plain))


@given(st.text(max_size=30), st.integers(1, 40))
def test_a_shortened_text_fits_and_says_that_it_was_cut(text: str, columns: int) -> None:
    short = phrases.shortened(text, columns)
    assert len(short) <= columns
    assert short == text if len(text) <= columns else short.endswith("…")


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
    finding: Finding = replace(a_broken_harness().verdict, **changes)  # type: ignore[arg-type]
    assert phrases.tone(finding) == tone
    assert phrases.TONE_TITLES[tone]
    assert phrases.TONE_STYLES[tone]


def test_everything_that_can_be_has_a_style_and_a_sign() -> None:
    assert set(phrases.OUTCOME_STYLES) == set(get_args(Outcome))
    assert set(phrases.STEP_STYLES) == set(SIGNS) == set(get_args(StepKind))
    assert set(phrases.HEALTH_STYLES) == set(phrases.HEALTH_SIGNS) == set(get_args(Health))


def drawn_chain(
    operation: Operation, snapshot: Snapshot | None = None, width: int = 100
) -> dict[str, str]:
    chain = chain_of(operation, snapshot or a_broken_harness())
    *lines, axis = [line.plain for line in chain_lines(chain, DOORS, width)]
    named = {line[2:14].strip(): line for line in lines}
    return {**named, "axis": axis}


def test_a_chain_has_a_line_for_each_link_and_each_door() -> None:
    drawn = drawn_chain(LAST)
    assert list(drawn) == [
        "press",
        "request",
        "BCM order",
        "answer-back",
        *(door.replace("-", " ") for door in DOORS),
        "axis",
    ]
    assert drawn["press"].endswith("400 ms, pressed unlock on the fob")
    assert "○" in drawn["press"]
    assert drawn["request"].startswith("? ")
    assert "◇" in drawn["BCM order"]
    assert "150 ms, 2 flashes" in drawn["answer-back"]


def test_the_broken_link_is_marked_before_its_name_and_waited_for_in_vain() -> None:
    driver = drawn_chain(LAST)["driver"]
    assert driver.startswith("✘ driver")
    assert "╌✘" in driver
    assert "NO ANSWER" in driver
    assert "did NOT open" in driver
    assert "H" in driver.split("NO ANSWER")[0]


def test_the_motor_window_is_drawn_where_the_motor_was_driven_only() -> None:
    operation = an_operation(31.7)
    drawn = drawn_chain(operation)
    assert "░" in drawn["driver"]
    assert "░" not in drawn["press"]
    assert operation.command is not None
    one = replace(
        operation,
        command=replace(operation.command, doors=("driver",)),
        responses=operation.responses[:1],
    )
    drawn = drawn_chain(one)
    assert "░" not in drawn["passenger"]
    assert "not ordered" in drawn["passenger"]


def test_what_could_not_be_seen_is_a_question_mark_and_no_failure() -> None:
    tailgate = drawn_chain(LAST)["tailgate"]
    assert tailgate.startswith("? tailgate")
    assert "✘" not in tailgate


def test_a_late_answer_says_so_and_stands_behind_a_line() -> None:
    late = Response("driver", "slow", "measured", "unlocked", START_S + 32.9, 1.08)
    drawn = drawn_chain(replace(LAST, responses=(late,)), a_healthy_car())["driver"]
    assert drawn.startswith("! driver")
    assert "─●" in drawn
    assert "1200 ms, SLOW: unlocked" in drawn


def test_a_door_that_opened_long_after_stands_at_the_right_edge() -> None:
    snapshot = replace(
        a_healthy_car(),
        accesses=(Access(START_S + 34.0, "driver", "outer", "opened", "unlocked", "measured"),),
        events=(LogEvent(START_S + 34.3, "door.ajar", "driver", "open", ""),),
    )
    operation = snapshot.operations[-1]
    drawn = drawn_chain(operation, snapshot, 150)["driver"]
    track = drawn.split("300 ms")[0].rstrip()
    assert track.endswith("O")
    assert "handle 2300 ms, opened; open 260" in drawn


def test_a_narrow_chain_cuts_no_word_of_an_operation_short() -> None:
    lines = [line.plain for line in chain_lines(chain_of(LAST, a_broken_harness()), DOORS, 38)]
    assert not any("…" in line for line in lines)
    assert lines[0].endswith("400 ms unlock")
    assert lines[1].endswith("not visible")
    assert lines[2].endswith("120 ms unlock all")
    assert lines[3].startswith("  lamps")
    assert lines[-1].split() == ["0", "500", "ms"]


def test_a_narrow_chain_says_of_an_unlocked_door_that_it_stayed_shut() -> None:
    snapshot = a_healthy_car()
    operation = snapshot.operations[-1]
    barred = Access(operation.at_s + 1.5, "driver", "outer", "not-opened", "unlocked")
    snapshot = replace(snapshot, accesses=(barred,))
    lines = [line.plain for line in chain_lines(chain_of(operation, snapshot), DOORS, 38)]
    assert next(line for line in lines if "driver" in line).endswith("did NOT open")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (4, "(2 min, tells something)"),
        (3, "3: pressed lock on the fob"),
        (2, "1-5: its answers, see v"),
    ],
)
def test_the_next_test_is_told_in_as_many_words_as_there_is_room_for(rows: int, told: str) -> None:
    test = a_broken_harness().next_tests[0]
    wraps = [len(each.wrap(78)) for each in variants(test, replies(test.id))]
    assert wraps == sorted(wraps, reverse=True)
    fitting = [
        each.plain for each in variants(test, replies(test.id)) if len(each.wrap(78)) <= rows
    ]
    assert told in fitting[0]


@given(st.integers(1, 220), st.sampled_from([LAST, an_operation(5.0), an_operation(12.4, "lock")]))
def test_no_line_of_a_chain_is_longer_than_it_may_be_once_there_is_room(
    width: int, operation: Operation
) -> None:
    lines = list(chain_lines(chain_of(operation, a_broken_harness()), DOORS, width))
    if width >= 34:
        assert max(line.cell_length for line in lines) <= width


@given(
    st.floats(1, 1e5, allow_nan=False),
    st.integers(3, 200),
    st.floats(0, 2e5, allow_nan=False),
    st.floats(0, 2e5, allow_nan=False),
)
def test_what_is_later_never_stands_before(
    span_ms: float, columns: int, one: float, other: float
) -> None:
    scale = Scale(span_ms, columns)
    first, second = sorted((one, other))
    assert 0 <= scale.column(first) <= scale.column(second) < columns
    assert (scale.column(second) == columns - 1) == (second > span_ms)


@pytest.mark.parametrize("width", [38, 60, 100])
def test_the_axis_tells_at_least_two_instants(width: int) -> None:
    axis = drawn_chain(LAST, width=width)["axis"]
    assert len(axis.split()) >= 3  # `0`, `ms` and another.


def facts_of(snapshot: Snapshot, door: str = "driver") -> tuple[str, str, str]:
    facts = next(each for each in list_door_facts(snapshot) if each.door == door)
    return lock_words(facts, 30), ajar_words(facts), last_answer(facts, snapshot)[0]


@pytest.mark.parametrize(
    ("door", "told"),
    [
        ("driver", ("■ locked", "shut", "NO ANSWER")),
        ("passenger", ("□ unlocked (BCM's belief)", "shut", "no sensor")),
        ("tailgate", ("? lock not seen", "shut", "no answer yet")),
    ],
)
def test_a_door_says_how_it_stands_and_how_that_is_known(
    door: str, told: tuple[str, str, str]
) -> None:
    assert facts_of(a_broken_harness(), door) == told


def test_the_last_latency_stands_at_the_door() -> None:
    assert facts_of(a_healthy_car()) == ("□ unlocked", "shut", "0.18 s")


def test_a_door_of_which_nothing_is_known_says_that() -> None:
    assert facts_of(behind_a_gateway()) == ("? lock not seen", "door not seen", "no answer yet")


def test_a_belief_is_marked_where_there_is_no_room_to_say_so() -> None:
    facts = list_door_facts(a_broken_harness())[1]
    assert lock_words(facts, 15) == "□ ~unlocked"


def test_what_a_door_shows_besides_is_told_only_where_it_is_not_idle() -> None:
    def state(value: str, *, is_stale: bool = False) -> Snapshot:
        pulled = RoleState("handle.outer", "driver", value, START_S, None, is_stale)
        return replace(a_healthy_car(), states=(pulled,))

    assert extras("driver", state("pulled")) == ("outer handle pulled",)
    assert extras("driver", state("released")) == ()
    assert extras("driver", state("pulled", is_stale=True)) == ()
    assert extras("passenger", state("pulled")) == ()


def test_the_whole_car_is_told_in_units_and_what_is_stale_as_such() -> None:
    states = (
        RoleState("supply.voltage", None, 12.4375, START_S),
        RoleState("power.state", None, "on", START_S, None, True),
        RoleState("vehicle.speed", None, "fast", START_S),
    )
    assert list(car_facts(replace(a_healthy_car(), states=states))) == [
        "ignition on (no longer seen)",
        "12.4 V",
    ]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (OperationFilter(), [5.0, 12.4, 20.1, 31.7]),
        (OperationFilter(is_failed=True), [31.7]),
        (OperationFilter(door="driver"), [5.0, 12.4, 20.1, 31.7]),
        (OperationFilter(door="driver", is_failed=True), [31.7]),
        (OperationFilter(door="passenger", is_failed=True), []),
        (OperationFilter(door="hatch"), []),
        (OperationFilter(text="LOCK  fob"), [5.0, 12.4, 20.1, 31.7]),
        (OperationFilter(text="unlock"), [12.4, 31.7]),
        (OperationFilter(text="22:13:40"), [20.1]),
        (OperationFilter(text="unlock 22:13:40"), []),
    ],
)
def test_a_filter_lets_through_what_it_names(
    chosen: OperationFilter, expected: list[float]
) -> None:
    snapshot = replace(a_healthy_car(), operations=(*a_healthy_car().operations[:3], LAST))
    passed = [each for each in snapshot.operations if chosen.passes(each, snapshot)]
    assert [round(each.at_s - START_S, 1) for each in passed] == expected
    assert bool(chosen) == (chosen != OperationFilter())


def test_an_order_that_never_came_failed_at_every_door() -> None:
    silent = Operation(START_S, START_S + 3, "no-command")
    assert has_failed(silent)
    assert has_failed(silent, "driver")
    assert not has_failed(Operation(START_S, START_S + 3, "unseen"))


def test_a_filter_says_in_its_title_what_it_lets_through() -> None:
    chosen = OperationFilter("rear-left", is_failed=True, text="fob")
    assert chosen.words == 'failed only, rear left, "fob"'


def test_the_likeliest_comes_with_a_bar_and_what_is_alike_is_marked() -> None:
    group = replace(
        a_broken_harness().verdict, is_confident=False, group=("door-harness-open", "latch-jammed")
    )
    snapshot = replace(a_broken_harness(), findings=(group,))
    text = said(HypothesisList(), snapshot)
    assert text.splitlines() == [
        "≈ 93 % █████████░ broken wire in the door's rubber gaiter · driver",
        "   4 % ░░░░░░░░░░ dead lock motor in the door · driver",
        "≈  2 % ░░░░░░░░░░ jammed latch · driver",
        "≈ the evidence cannot tell these apart",
    ]


def test_where_too_little_was_seen_no_share_is_told() -> None:
    text = said(HypothesisList(), too_little())
    assert "%" not in text
    assert "? nothing is broken" in text


@pytest.mark.parametrize(
    ("probability", "told"), [(1.0, ">99 %"), (0.995, ">99 %"), (0.5, "50 %"), (0.001, "<1 %")]
)
def test_a_share_in_few_letters_is_never_certainty(probability: float, told: str) -> None:
    assert short_percent(probability) == told


def test_every_hypothesis_is_named_in_words() -> None:
    for code in FAULT_CODES:
        rival = replace(a_healthy_car(), hypotheses=(Hypothesis(code, ("driver",), 0.5),))
        assert words.FAULTS[code] in said(HypothesisList(), rival, 200)


def test_the_bus_says_who_lives_and_who_fell_silent_and_who_was_never_heard() -> None:
    lines = [line.plain for row in node_rows(a_healthy_car()) for line in row.lines(90)]
    assert lines == [
        "Node       BCM (BCM_BODY): alive",
        "Node       door module (rear left door and rear right door): SILENT for 11.3 s",
        "Node       door module (driver's door): ? not heard yet",
    ]


def test_rate_and_load_are_told_as_what_they_are() -> None:
    watched = a_watched_car()
    assert rate_words(watched).plain == "1,912 frames/s"
    assert load_words(watched).plain == "31 to 37 %"
    assert rate_words(replace(watched, bus=None)).plain == "? not measured"
    assert load_words(replace(watched, bus=BusRate(5.0, 0.0))).plain == "? (bit rate not known)"
    filtered = replace(watched, links=(a_live_bus(is_filtered=True),))
    assert "filtered" in rate_words(filtered).plain
    assert rate_words(a_lost_adapter()).plain == "0 frames/s"
    assert load_words(a_lost_adapter()).plain == "none: nothing comes"


def test_errors_and_drops_are_told_also_where_there_are_none() -> None:
    assert [each.plain for each in error_counts(a_watched_car())] == ["0 error frames", "0 dropped"]
    bad = replace(a_lost_adapter(), bus=BusRate(0.0, 2.5))
    told = [each.plain for each in error_counts(bad)]
    assert told == ["0 error frames", "2.5/s now", "120 dropped"]


def test_the_bus_panel_tells_adapter_silence_and_the_last_error() -> None:
    text = said(BusPanel(), a_lost_adapter())
    assert "Adapter    socketcan:can0: reconnecting" in text
    assert "Silent     confirmed (the kernel says listen-only)" in text
    assert "3 driver errors  1 reopening" in text
    assert "no such device" in text


def test_the_status_line_says_where_an_adapter_is_not_silent() -> None:
    link = a_live_bus()
    loud = replace(link, silence=replace(link.silence, is_confirmed=False))
    told = [each.plain for each in brief_facts(replace(a_watched_car(), links=(loud,)))]
    assert told[0] == "socketcan:can0 connected, NOT SILENT"


@pytest.mark.parametrize(
    ("snapshot", "told"),
    [
        (a_healthy_car(), ""),
        (a_watched_car(), ""),
        (a_lost_adapter(), "socketcan:can0 is reconnecting: no such device."),
        (behind_a_gateway(), "This tap seems to be behind a gateway"),
        (replace(a_watched_car(), links=(a_live_bus("silent"),)), "no frame comes. Wake the car"),
        (replace(a_watched_car(), links=(a_live_bus(dropped=7),)), "7 frames came faster"),
    ],
)
def test_what_stands_in_the_way_of_a_verdict_is_told_first(snapshot: Snapshot, told: str) -> None:
    notice = notice_of(snapshot)
    assert told in notice
    assert bool(notice) == bool(told)


def test_every_tap_that_cannot_see_it_gets_a_notice() -> None:
    for state in get_args(TapState):
        is_fine = state in ("sees-all", "sees-part")
        assert bool(notice_of(replace(a_watched_car(), tap=state))) != is_fine


def test_every_test_of_the_engine_that_asks_for_something_can_be_answered() -> None:
    for procedure in PROCEDURES:
        assert replies(procedure.id), procedure.id


def test_replies_are_counted_from_one_and_others_are_none() -> None:
    test = replace(a_broken_harness().next_tests[0], id="window-switch")
    assert [reply_to(test, number) is not None for number in (0, 1, 3, 4)] == [
        False,
        True,
        True,
        False,
    ]
    assert replies("no-such-test") == ()


def test_evidence_belongs_to_the_operation_in_which_it_was_seen() -> None:
    broken = a_broken_harness()
    of = {
        round(each.at_s - START_S, 1): [
            piece.bits for piece in evidence_of(each, broken.verdict.evidence, broken)
        ]
        for each in broken.operations
    }
    assert of == {5.0: [], 12.4: [4.1, -0.9], 20.1: [], 31.7: [4.1, 0.4]}


def test_circumstances_are_told_as_far_as_they_are_known() -> None:
    assert list(circumstance_words(LAST.circumstance)) == [
        "no door open",
        "ignition off",
        "12.4 V (lowest 12.1 V)",
    ]
    many = replace(LAST.circumstance, ajar_doors=None, operations_in_20_s=6, temperature_c=-12.0)
    assert "6 operations in 20 s" in list(circumstance_words(many))
    assert "-12 °C" in list(circumstance_words(many))
    assert not any("open" in each for each in circumstance_words(many))


@given(st.floats(0.5, 1e5), st.integers(2, 300), st.integers(0, 299))
def test_a_click_on_the_bar_leads_to_the_place_that_is_drawn_there(
    length_s: float, columns: int, column: int
) -> None:
    stretch = Stretch(START_S, START_S + length_s)
    column = min(column, columns - 1)
    after_s = stretch.instant(column, columns)
    assert abs(stretch.column(START_S + after_s, columns) - column) <= 1


LETTERS = st.text(st.characters(codec="ascii", categories=["L", "Zs"]))


@given(LETTERS, st.integers(11, 60))
def test_a_row_wraps_beside_its_prefix_and_loses_no_letter(text: str, width: int) -> None:
    lines = [line.plain for line in Row(Content(text), Content("+1 s ")).lines(width)]
    assert all(len(line) <= width for line in lines)
    assert lines[0].startswith("+1 s ")
    assert all(line.startswith("     ") for line in lines[1:])
    letters = "".join(line[5:] for line in lines).replace(" ", "")
    assert letters == text.replace(" ", "")


@given(LETTERS, st.integers(11, 60))
def test_a_row_of_one_line_is_cut(text: str, width: int) -> None:
    (line,) = Row(Content(text), Content("+1 s "), is_one_line=True).lines(width)
    assert line.cell_length <= width


@pytest.mark.parametrize("module", ["textual", "can", "cantools"])
def test_only_who_shows_the_view_loads_textual(module: str) -> None:
    code = f"import sys, canlock.model.snapshot, canlock.tui; print('{module}' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_first_screen_needs_no_part_that_is_slow_to_load() -> None:
    slow = ("numpy", "can", "cantools", "jinja2")
    code = f"import sys, canlock.tui.app; print([n for n in {slow} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_row_is_made_once_while_its_item_stays_the_same_object() -> None:
    made: list[str] = []

    def make(name: str) -> Row:
        made.append(name)
        return Row(Content(name))

    cache = RowCache()
    item = object()
    first = cache.row(item, 1, lambda: make("first"))
    cache.turn()
    assert cache.row(item, 1, lambda: make("again")) is first
    assert cache.row(item, 2, lambda: make("other variant")) is not first
    assert cache.row(object(), 1, lambda: make("other item")) is not first
    cache.turn()
    cache.turn()
    assert cache.row(item, 1, lambda: make("let go meanwhile")) is not first
    assert made == ["first", "other variant", "other item", "let go meanwhile"]
