"""The guided check as a state machine: what it asks, when it moves on, when it stops."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.diagnosis.next_tests import CATALOGUE
from canlock.model.link import LinkState, LinkStatus, Silence
from canlock.model.snapshot import RoleState
from canlock.model.stream import MARK_ACTIONS, Mark, MarkUndone, Sample
from canlock.pipeline.guided import GuidedCheck
from canlock.pipeline.guided_parts import Act, Part, Question
from canlock.pipeline.guided_procedures import PROCEDURES, SAFETY, complaint
from canlock.pipeline.guided_progress import read_progress
from pipeline.guided_builders import BROKEN, SOUND, START_S, Driven, a_snapshot, a_test, opened

AGAIN = "Lock and unlock three times"
HANDLE = "Pull the outside handle of the driver's door"
WINDOW = "Try the window of the driver's door"
SPARE = "Try the spare fob"


def past_the_first_tests(driven: Driven) -> Driven:
    driven.do_test()
    if driven.check.prompt.title == HANDLE:
        driven.do_test("2")
    return driven


# --- The opening ----------------------------------------------------------------------------------


def test_it_asks_first_how_the_socket_can_be_reached() -> None:
    prompt = GuidedCheck().prompt
    assert prompt.kind == "question"
    assert "OBD socket" in prompt.text
    ways = " ".join(choice.words for choice in prompt.choices)
    for way in ("another door", "window", "mechanical key"):
        assert way in ways


def test_whoever_cannot_get_in_is_told_how_and_asked_again() -> None:
    driven = Driven(GuidedCheck())
    driven.say_all("5")
    assert "mechanical key" in driven.check.prompt.text
    assert driven.check.ending is None
    driven.say_all("enter")
    assert "OBD socket" in driven.check.prompt.text


def test_safety_comes_before_anything_is_to_be_done_at_the_car() -> None:
    driven = Driven(GuidedCheck())
    assert driven.check.prompt.kind == "question"
    driven.say_all("1")
    text = driven.check.prompt.text
    assert all(line in text for line in SAFETY)
    assert "force" in text
    assert "burnt" in text


def test_no_bus_is_needed_for_the_opening_and_one_is_after_it() -> None:
    check = GuidedCheck()
    assert not check.needs_bus
    check.answer("2")
    assert not check.needs_bus
    check.answer("enter")
    assert check.needs_bus


def test_what_was_answered_before_the_first_frame_is_marked_at_it() -> None:
    check = GuidedCheck()
    check.answer("4")
    check.answer("enter")
    assert check.take_items() == ()
    check.see(a_snapshot(7.0))
    items = check.take_items()
    assert [item.at_s for item in items] == [START_S + 7.0, START_S + 7.0]
    progress = read_progress([item for item in items if isinstance(item, Mark)])
    assert (progress.socket, progress.is_prepared) == ("mechanical-key", True)


def test_on_a_bus_that_is_open_already_the_socket_is_not_asked_for() -> None:
    assert "OBD" not in GuidedCheck(asks_socket=False).prompt.text


def test_it_waits_until_this_car_is_heard() -> None:
    check = GuidedCheck(asks_socket=False)
    check.answer("enter")
    assert "No frame has come" in check.prompt.text
    check.see(replace(a_snapshot(), lives=()))
    assert "none of this vehicle" in check.prompt.text
    check.see(a_snapshot())
    assert check.prompt.title == "Which door gives trouble"


def test_a_car_with_very_many_doors_still_has_a_key_for_each_answer() -> None:
    part = complaint([f"door-{number}" for number in range(20)]).parts[0]
    assert isinstance(part, Question)
    assert len(part.answers) <= 9


# --- What comes next ------------------------------------------------------------------------------


def test_first_it_locks_and_unlocks_and_pulls_the_handle_that_gives_trouble() -> None:
    driven = opened()
    assert driven.check.prompt.title == AGAIN
    driven.do_test()
    assert driven.check.prompt.title == HANDLE


def test_without_one_door_that_gives_trouble_no_handle_is_pulled_at_first() -> None:
    driven = opened("6")
    driven.tests = (a_test("spare-fob"),)
    driven.do_test()
    assert driven.check.prompt.title == SPARE


def test_then_the_engine_chooses_by_information_a_minute() -> None:
    driven = opened()
    driven.tests = (a_test("window-switch", "driver"), a_test("spare-fob"))
    past_the_first_tests(driven)
    assert driven.check.prompt.title == WINDOW
    driven.do_test("2")
    assert driven.check.prompt.title == SPARE


def test_what_cannot_be_done_is_passed_over_for_good() -> None:
    driven = opened()
    driven.tests = (a_test("spare-fob"), a_test("window-switch", "driver"))
    past_the_first_tests(driven)
    driven.say_all("k")
    assert driven.check.prompt.title == WINDOW
    assert any("left out: spare-fob (there is no spare fob here)" in n for n in driven.notes())


def test_where_the_best_few_are_done_those_behind_them_come() -> None:
    driven = opened()
    driven.tests, driven.further = (a_test("press-again"),), (a_test("spare-fob"),)
    past_the_first_tests(driven)
    for _ in range(2):
        assert driven.check.prompt.title == AGAIN
        driven.do_test()
    assert driven.check.prompt.title == SPARE


@pytest.mark.parametrize(
    ("share", "title"),
    [
        pytest.param(0.19, SPARE, id="hardly suspect"),
        pytest.param(0.21, "Try the window of the rear left door", id="suspect"),
    ],
)
def test_another_door_than_the_one_complained_of_must_be_suspect(share: float, title: str) -> None:
    driven = opened()
    driven.tests = (a_test("window-switch", "rear-left"), a_test("spare-fob"))
    driven.suspects = {"rear-left": share}
    past_the_first_tests(driven)
    assert driven.check.prompt.title == title


def test_where_nobody_complains_of_a_door_the_engine_may_choose_any() -> None:
    driven = opened("6")
    driven.tests = (a_test("window-switch", "rear-left"),)
    driven.do_test()
    assert driven.check.prompt.title == "Try the window of the rear left door"


def test_a_test_that_no_person_can_do_is_passed_over() -> None:
    driven = opened("6")
    driven.tests = (a_test("read-minds"), a_test("spare-fob"))
    driven.do_test()
    assert driven.check.prompt.title == SPARE


def test_what_comes_and_goes_is_provoked_when_the_engine_knows_nothing_more() -> None:
    driven = opened()
    past_the_first_tests(driven)
    assert driven.check.prompt.title == "Flex the rubber gaiter of the driver's door"


def test_it_waits_for_the_verdict_on_the_last_test_but_not_for_ever() -> None:
    driven = opened()
    check = driven.check
    while check.prompt.title == AGAIN:
        if check.prompt.kind == "wait":
            driven.at_s += check.prompt.wait_s or 0.1
            check.tick(START_S + driven.at_s)
        else:
            check.answer("enter", START_S + driven.at_s)
    # The analysis has not seen the end of the test yet: nothing is chosen.
    assert check.prompt.title == "Thinking"
    check.see(driven.snapshot)
    assert check.prompt.title == "Thinking"
    check.tick(START_S + driven.at_s + 4.9)
    assert check.prompt.title == "Thinking"
    check.tick(START_S + driven.at_s + 5.1)
    assert check.prompt.title == HANDLE


# --- Countdowns and marks -------------------------------------------------------------------------


def test_after_a_press_the_car_is_left_alone_and_then_it_goes_on() -> None:
    driven = opened()
    driven.say_all("enter", "enter")
    assert driven.check.prompt.kind == "wait"
    assert driven.check.prompt.wait_s == pytest.approx(8.0)
    assert not driven.say("enter")
    driven.wait(7.9)
    assert driven.check.prompt.kind == "wait"
    driven.wait(0.2)
    assert "UNLOCK" in driven.check.prompt.text


def test_presses_in_a_row_never_come_so_fast_that_motors_would_rest() -> None:
    driven = opened()
    driven.do_test()
    presses = [mark.at_s for mark in driven.marks if mark.action.startswith("press-fob")]
    assert len(presses) == 6
    # Six in 40 s are warm motors to the engine; eight in 20 s make a BCM rest.
    assert presses[5] - presses[0] > 40.0


def test_an_act_is_marked_at_the_moment_in_which_it_is_said() -> None:
    driven = opened()
    driven.say_all("enter")
    driven.at_s = 12.25
    driven.say_all("enter")
    assert Mark(START_S + 12.25, "press-fob-lock") in driven.marks


def test_what_came_of_it_is_marked_beside_the_act_however_long_the_answer_took() -> None:
    driven = opened()
    driven.do_test()
    driven.say_all("enter")
    driven.wait(5.1)
    driven.say_all("enter")
    pulled_s = driven.at_s
    driven.wait(30.0)
    driven.say_all("2")
    mark = next(mark for mark in driven.marks if mark.action == "not-opened")
    assert mark == Mark(START_S + pulled_s + 1.0, "not-opened", "driver")


def test_an_answer_of_long_ago_is_still_within_what_the_analysis_can_change() -> None:
    driven = opened()
    driven.do_test()
    driven.say_all("enter")
    driven.wait(5.1)
    driven.say_all("enter")
    driven.wait(400.0)
    driven.say_all("2")
    mark = next(mark for mark in driven.marks if mark.action == "not-opened")
    assert START_S + driven.at_s - mark.at_s == pytest.approx(50.0)


def test_a_door_that_opened_is_shut_again() -> None:
    driven = opened()
    driven.do_test()
    driven.do_test("1")
    assert driven.actions()[-3:] == ["pull-outer-handle", "opened", "closed"]


def test_a_measured_voltage_becomes_a_sample() -> None:
    driven = opened("6")
    driven.tests = (a_test("measure-supply"),)
    driven.do_test()
    assert driven.check.prompt.unit == "V"
    for nonsense in ("abc", "", "3.9", "18.1", "nan", "inf", "-12"):
        assert not driven.say(nonsense)
        assert "from 4 to 18 V" in driven.check.prompt.notice
    driven.say_all("12,4")
    assert any(isinstance(i, Sample) and i.value == 12.4 for i in driven.items)


def test_a_car_that_moves_is_not_worked_on() -> None:
    driven = opened()
    driven.say_all("enter")
    driven.states = (RoleState("vehicle.speed", None, 3.1, START_S),)
    driven.look()
    assert "moves" in driven.check.prompt.text
    assert not driven.say("enter")
    driven.states = (RoleState("vehicle.speed", None, 2.9, START_S),)
    driven.look()
    assert driven.say("enter")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        pytest.param("connected", "", id="awake"),
        pytest.param("silent", "sleeps", id="asleep"),
        pytest.param("lost", "adapter", id="unplugged"),
    ],
)
def test_it_says_why_no_frame_comes(state: LinkState, told: str) -> None:
    driven = opened()
    link = LinkStatus("can0", state, 1, 0, 0, 0, 0, None, Silence(True, "listen-only"))
    driven.check.see(replace(driven.snapshot, links=(link,)))
    assert told in driven.check.prompt.notice
    assert bool(driven.check.prompt.notice) is bool(told)


# --- Taking back, leaving, stopping ---------------------------------------------------------------


def test_an_answer_can_be_taken_back_and_given_again() -> None:
    driven = opened()
    driven.say_all("enter")
    before = driven.check.prompt
    driven.say_all("enter")
    assert driven.actions() == ["press-fob-lock"]
    driven.say_all("u")
    assert driven.actions() == []
    assert isinstance(driven.items[-1], MarkUndone)
    assert (driven.check.prompt.text, driven.check.prompt.kind) == (before.text, "act")


def test_what_was_left_out_can_be_taken_back() -> None:
    driven = opened()
    driven.say_all("k", "u")
    assert driven.check.prompt.title == AGAIN
    assert driven.check.progress.skipped == ()


def test_the_end_of_a_test_is_taken_back_with_its_last_answer() -> None:
    driven = opened()
    driven.do_test()
    driven.do_test("2")
    assert ("outside-handle", "driver") in driven.check.progress.done
    driven.say_all("u")
    assert ("outside-handle", "driver") not in driven.check.progress.done
    assert driven.check.prompt.title == HANDLE
    assert driven.check.progress == read_progress(driven.marks)


def test_it_stops_when_sure_and_says_so() -> None:
    driven = opened()
    driven.finding = BROKEN
    driven.do_test()
    assert driven.check.prompt.title == "Sure enough"
    assert "93 %" in driven.check.prompt.text
    assert BROKEN.summary in driven.check.prompt.text
    driven.say_all("1")
    assert driven.check.ending is not None
    assert driven.check.ending.kind == "sure"


def test_who_wants_to_go_on_though_it_is_sure_is_given_one_more_test() -> None:
    driven = opened()
    driven.finding = BROKEN
    driven.tests = (a_test("window-switch", "driver"),)
    driven.do_test()
    driven.say_all("2")
    assert driven.check.prompt.title == HANDLE
    driven.do_test("2")
    assert driven.check.prompt.title == "Sure enough"


def test_a_car_is_not_called_sound_before_the_door_complained_of_was_tried() -> None:
    driven = opened()
    driven.finding = SOUND
    driven.do_test()
    assert driven.check.prompt.title == HANDLE
    driven.do_test("1")
    assert driven.check.prompt.title == "Sure enough"


def test_it_ends_by_itself_when_nothing_is_left_to_try() -> None:
    driven = opened("6")
    titles = []
    for _ in range(5):
        titles.append(driven.check.prompt.title)
        if titles[-1] == "Nothing more to try":
            break
        driven.do_test()
    assert titles == [AGAIN] * 3 + ["Nothing more to try"]
    driven.say_all("1")
    assert driven.check.ending is not None
    assert driven.check.ending.kind == "exhausted"


@pytest.mark.parametrize(("key", "kind"), [("q", "left"), ("r", "finished"), ("b", "stopped")])
def test_it_can_be_ended_at_any_moment(key: str, kind: str) -> None:
    for acts in range(4):
        driven = opened()
        for _ in range(acts):
            driven.say()
            driven.wait(9.0)
        driven.say_all(key)
        assert driven.check.ending is not None
        assert driven.check.ending.kind == kind
        assert not driven.say("enter")


def test_a_burning_smell_stops_it_with_advice_and_is_remembered() -> None:
    driven = opened()
    driven.say_all("b")
    assert driven.check.ending is not None
    assert "ignition off" in driven.check.ending.text
    again = GuidedCheck(driven.marks)
    assert "burnt" in again.prompt.notice


def test_a_key_that_means_nothing_changes_nothing() -> None:
    driven = opened()
    before, marks = driven.check.prompt, list(driven.marks)
    for key in ("7", "x", "0"):
        assert not driven.say(key)
    assert driven.check.prompt.text == before.text
    assert driven.marks == marks


# --- Taking up again ------------------------------------------------------------------------------


def test_a_check_that_was_left_goes_on_where_it_was() -> None:
    driven = opened()
    driven.tests = (a_test("spare-fob"), a_test("window-switch", "driver"))
    past_the_first_tests(driven)
    driven.say_all("k")
    assert driven.check.prompt.title == WINDOW
    driven.say_all("enter", "q")
    again = Driven(GuidedCheck(driven.marks))
    again.marks = list(driven.marks)
    again.tests = driven.tests
    again.at_s = driven.at_s + 600.0
    assert again.check.needs_bus
    again.look()
    assert again.check.prompt.title == WINDOW
    assert "step 1" in again.check.prompt.place


def test_marks_that_are_no_notes_of_a_check_are_no_progress() -> None:
    assert read_progress([Mark(1.0, "note", None, "cold"), Mark(2.0, "opened", "driver")]) == (
        read_progress([])
    )


def keys() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(["enter", "1", "2", "3", "k", "u", "u", "12", "zz"]))


@settings(max_examples=60, deadline=None)
@given(keys(), st.integers(0, 3))
def test_whatever_is_typed_the_marks_alone_tell_how_far_it_is(typed: list[str], know: int) -> None:
    driven = opened()
    tests = (a_test("window-switch", "driver"), a_test("listen", "driver"), a_test("spare-fob"))
    driven.tests = tests[:know]
    for key in typed:
        driven.say(key)
        driven.wait(3.0)
    assert driven.check.progress == read_progress(driven.marks)
    times = [mark.at_s for mark in driven.marks]
    assert all(START_S - 1.0 <= at_s <= START_S + driven.at_s for at_s in times)
    assert driven.check.prompt.title


# --- The procedures themselves --------------------------------------------------------------------


def parts_of(parts: tuple[Part, ...]) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        found.append(part)
        if isinstance(part, Question):
            for answer in part.answers:
                found.extend(parts_of(answer.then))
    return found


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.id)
def test_a_procedure_asks_for_one_thing_at_a_time_and_makes_marks_of_the_contract(
    procedure: object,
) -> None:
    from canlock.pipeline.guided_parts import Procedure

    assert isinstance(procedure, Procedure)
    filled = procedure.at("rear-left")
    for part in parts_of(filled.parts):
        assert "{" not in part.text
        if isinstance(part, Act):
            assert set(part.marks) <= set(MARK_ACTIONS)
            assert sum(mark.startswith("press-") for mark in part.marks) <= 1
            presses = any(mark.startswith("press-fob") for mark in part.marks)
            # After a press the car has the window of an operation (3 s) to answer in.
            assert part.wait_s > 3.0 or not presses
        if isinstance(part, Question):
            assert {mark for answer in part.answers for mark in answer.marks} <= set(MARK_ACTIONS)
    assert "{" not in filled.title + filled.why + filled.cannot


def test_there_is_a_procedure_for_every_test_of_the_engine_and_no_other() -> None:
    assert {each.id for each in PROCEDURES} == {test.id for test in CATALOGUE}
    per_door = {test.id: test.is_per_door for test in CATALOGUE}
    per_door["press-again"] = False  # It concerns all doors alike.
    assert {each.id: each.is_per_door for each in PROCEDURES} == per_door


def test_no_procedure_forces_anything() -> None:
    for procedure in PROCEDURES:
        for part in parts_of(procedure.parts):
            words = part.text.lower()
            assert not any(bad in words for bad in ("force", "hard", "hit", "jerk", "pry"))
