"""What each key of the live view does, and that the help lists every one of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import pytest
from textual.binding import Binding
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from canlock.errors import BusError
from canlock.model.operations import LogEvent
from canlock.model.snapshot import Snapshot
from canlock.model.stream import MARK_ACTIONS, Mark, MarkUndone, SideItem
from canlock.tui.app import LiveApp
from canlock.tui.car_view import CarView
from canlock.tui.chain_view import ChainView
from canlock.tui.check_screen import CheckScreen
from canlock.tui.detail_screens import BusScreen, EventScreen, VerdictScreen
from canlock.tui.event_list import EventList
from canlock.tui.frame_list import FrameList
from canlock.tui.help_screen import HelpScreen, key_lines
from canlock.tui.help_sections import SECTIONS
from canlock.tui.live_screen import LiveScreen
from canlock.tui.mark_dialog import MarkDialog
from canlock.tui.mark_keys import MARK_KEYS
from canlock.tui.messages import Ended, Failed, SnapshotArrived
from canlock.tui.operation_list import OperationList
from canlock.tui.operation_screen import OperationScreen
from canlock.tui.player_line import PlayerLine
from canlock.tui.plot_screen import PlotScreen
from canlock.tui.session import Session
from canlock.tui.status_line import StatusLine
from canlock.tui.themes import THEMES
from canlock.tui.trace_screen import TraceScreen
from tui.live_view_scenes import (
    DOORS,
    START_S,
    Held,
    a_broken_harness,
    a_healthy_car,
    an_ambiguity_group,
    some_frames,
)

NOW_S = START_S + 40.3
WIDE = (160, 50)
SMALL = (80, 24)


@pytest.fixture(autouse=True)
def _no_animation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lists jump to where they scroll, and the cursor of a text stand still."""
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Input, "cursor_blink", False)


async def until(pilot: Pilot[Any], is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            break
        await asyncio.sleep(0.01)
    assert is_so()
    await pilot.pause()


class Shown:
    """A live view with one snapshot on it, and what was handed in by its keys."""

    def __init__(self, pilot: Pilot[Any], view: LiveApp, handed_in: list[SideItem]) -> None:
        self.pilot = pilot
        self.view = view
        self.handed_in = handed_in

    @property
    def live(self) -> LiveScreen:
        return self.view._live

    @property
    def operations(self) -> OperationList:
        return self.live.query_one(OperationList)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def text(self) -> str:
        strips = self.view.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    def marks(self) -> list[tuple[str, str | None]]:
        return [(each.action, each.door) for each in self.handed_in if isinstance(each, Mark)]


@asynccontextmanager
async def shown(
    snapshot: Snapshot | None = None, size: tuple[int, int] = WIDE
) -> AsyncIterator[Shown]:
    steps = Held(snapshot or a_broken_harness())
    handed_in: list[SideItem] = []
    session = Session(steps, handed_in.append, frames=some_frames())
    view = LiveApp(lambda: session, title="a")
    async with view.run_test(size=size) as pilot:
        status = view._live.query_one(StatusLine)
        await until(pilot, lambda: "running" in str(status.render()))
        yield Shown(pilot, view, handed_in)
        steps.is_over.set()


async def test_a_key_marks_what_the_person_did_at_once() -> None:
    async with shown() as on:
        await on.press(*(key.key for key in MARK_KEYS))
        assert on.marks() == [(key.action, "driver" if key.has_door else None) for key in MARK_KEYS]
        times = [mark.at_s for mark in on.handed_in if isinstance(mark, Mark)]
        assert times == sorted(times)
        assert NOW_S <= times[0] < times[-1] < NOW_S + 9


def test_each_mark_key_makes_a_mark_that_others_understand() -> None:
    assert {key.action for key in MARK_KEYS} <= set(MARK_ACTIONS)
    assert len({key.key for key in MARK_KEYS}) == len(MARK_KEYS)


async def test_time_goes_on_for_marks_while_the_bus_sleeps() -> None:
    async with shown() as on:
        await on.press("u")
        await asyncio.sleep(0.3)
        await on.press("u")
        first, second = (each.at_s for each in on.handed_in if isinstance(each, Mark))
        assert 0.3 <= second - first < 5


async def test_backspace_takes_back_the_last_mark_and_then_the_one_before() -> None:
    async with shown() as on:
        await on.press("u", "l", "backspace", "backspace", "backspace")
        unlock, lock, *undone = on.handed_in
        assert isinstance(unlock, Mark)
        assert isinstance(lock, Mark)
        assert undone == [MarkUndone(lock.at_s, lock), MarkUndone(unlock.at_s, unlock)]


async def test_d_chooses_the_door_that_marks_are_for_and_goes_round() -> None:
    async with shown() as on:
        seen = []
        for _ in range(len(DOORS) + 1):
            seen.append(on.live.door)
            await on.press("d")
        assert seen == [*DOORS, DOORS[0]]
        await on.press("h")
        assert on.marks() == [("pull-outer-handle", DOORS[1])]


async def test_a_click_chooses_a_door_too() -> None:
    async with shown() as on:
        car = on.live.query_one(CarView)
        columns, rows = car._places["rear-right"]
        offset = (columns.start + 3 + car.gutter.left, rows.start + car.gutter.top)
        await on.pilot.click(CarView, offset=offset)
        await on.pilot.pause()
        assert on.live.door == "rear-right"


async def test_until_a_door_is_chosen_marks_are_for_the_door_of_the_verdict() -> None:
    other = replace(a_broken_harness().verdict, doors=("rear-left",))
    async with shown(replace(a_broken_harness(), findings=(other,))) as on:
        assert on.live.door == "rear-left"


async def test_a_digit_answers_the_next_test_at_its_door() -> None:
    async with shown(an_ambiguity_group()) as on:
        await on.press("d", "1", "2", "3", "6")
        assert on.marks() == [
            ("press-window-switch", "driver"),
            ("window-moved", "driver"),
            ("window-dead", "driver"),
        ]


SCREENS: Final[dict[str, type]] = {
    "v": VerdictScreen,
    "b": BusScreen,
    "e": EventScreen,
    "t": TraceScreen,
    "p": PlotScreen,
    "question_mark": HelpScreen,
    "f1": HelpScreen,
    "enter": OperationScreen,
    "m": MarkDialog,
}


async def test_keys_open_screens_and_escape_leads_back() -> None:
    async with shown() as on:
        for key, screen in SCREENS.items():
            await on.press(key)
            assert isinstance(on.view.screen, screen), key
            await on.press("escape")
            assert on.view.screen is on.live, key


async def test_c_leads_through_the_check_which_makes_its_own_marks() -> None:
    async with shown() as on:
        await on.press("c")
        assert isinstance(on.view.screen, CheckScreen)
        await on.press("h", "l")
        assert on.marks() == []
        await on.press("q")
        await until(on.pilot, lambda: on.view.screen is on.live)


@pytest.mark.parametrize("key", ["v", "b", "e"])
async def test_a_screen_of_its_own_goes_on_with_what_comes(key: str) -> None:
    async with shown() as on:
        await on.press(key)
        healthy = a_healthy_car()
        event = LogEvent(START_S + 41.0, "gap", None, "", "Something new.")
        on.view.post_message(
            SnapshotArrived(
                replace(
                    healthy,
                    events=(*healthy.events, event),
                    capture=replace(healthy.capture, frames=77_777),
                )
            )
        )
        words = {"v": "No fault found", "b": "77,777 frames", "e": "Something new."}[key]
        await until(on.pilot, lambda: words in on.text())


async def test_up_and_down_move_the_cursor_and_the_chain_follows() -> None:
    async with shown() as on:
        chain = on.live.query_one(ChainView)
        assert on.operations.has_focus
        assert "Last operation: +31.70 s" in str(chain.border_title)
        await on.press("down")
        assert "Operation: +20.10 s" in str(chain.border_title)
        await on.press("end")
        assert "Operation: +5.00 s" in str(chain.border_title)
        await on.press("up")
        assert "Operation: +12.40 s" in str(chain.border_title)
        await on.press("home", "pagedown")
        assert "Operation: +5.00 s" in str(chain.border_title)
        await on.press("pageup")
        assert "Last operation" in str(chain.border_title)


async def test_the_cursor_stays_with_its_operation_and_at_the_top_with_the_newest() -> None:
    async with shown() as on:
        longer = a_broken_harness()
        newer = replace(longer.operations[-1], at_s=START_S + 50, until_s=START_S + 53)
        longer = replace(longer, operations=(*longer.operations, newer))
        on.view.post_message(SnapshotArrived(longer))
        await until(on.pilot, lambda: on.operations.selected == newer)
        await on.press("down")
        chosen = on.operations.selected
        newest = replace(newer, at_s=START_S + 60, until_s=START_S + 63)
        on.view.post_message(
            SnapshotArrived(replace(longer, operations=(*longer.operations, newest)))
        )
        await until(on.pilot, lambda: "+60.00 s" in on.text())
        assert on.operations.selected == chosen


async def test_a_click_puts_the_cursor_and_a_second_opens() -> None:
    async with shown() as on:
        line = on.operations.line_of(2)
        offset = (20, line + 1)
        await on.pilot.click(OperationList, offset=offset)
        await on.pilot.pause()
        assert on.operations.selected == a_broken_harness().operations[1]
        await on.pilot.click(OperationList, offset=offset)
        await on.pilot.pause()
        assert isinstance(on.view.screen, OperationScreen)


async def test_f_lists_failed_operations_only_and_f_again_all() -> None:
    mixed = a_broken_harness()
    mixed = replace(mixed, operations=(*a_healthy_car().operations[:2], *mixed.operations[2:]))
    async with shown(mixed) as on:
        await on.press("f")
        assert "2 of 4 operations: failed only" in on.text()
        await on.press("f")
        assert "Operations, newest first" in on.text()


async def test_capital_d_lists_the_chosen_doors_operations_and_goes_with_the_choice() -> None:
    async with shown() as on:
        await on.press("d", "D")
        assert "operations: passenger" in on.text()
        await on.press("d")
        assert "operations: rear left" in on.text()
        await on.press("D")
        assert "Operations, newest first" in on.text()


async def test_slash_finds_as_one_types_and_letters_make_no_marks() -> None:
    async with shown() as on:
        await on.press("slash", *"unlock")
        assert '2 of 4 operations: "unlock"' in on.text()
        assert on.handed_in == []
        await on.press("enter")
        assert on.operations.has_focus
        assert '2 of 4 operations: "unlock"' in on.text()
        await on.press("escape")
        assert "Operations, newest first" in on.text()


async def test_escape_leaves_the_search_without_a_filter() -> None:
    async with shown() as on:
        await on.press("slash", "x", "escape")
        assert not on.live.query_one("#search").display
        assert "Operations, newest first" in on.text()


async def test_brackets_go_through_the_operations_and_a_lists_all_frames() -> None:
    async with shown() as on:
        await on.press("enter")
        frames = on.view.screen.query_one(FrameList)
        assert frames.count == 6
        await on.press("a")
        assert frames.count == 40
        await on.press("a")
        assert frames.count == 6
        await on.press("left_square_bracket")
        assert "+20.10 s" in str(on.view.screen.query_one(ChainView).border_title)
        await on.press("right_square_bracket", "right_square_bracket")
        assert "+31.70 s" in str(on.view.screen.query_one(ChainView).border_title)


async def test_t_on_an_operations_screen_shows_the_frames_of_that_time() -> None:
    async with shown() as on:
        await on.press("enter", "t")
        assert isinstance(on.view.screen, TraceScreen)
        assert on.view.screen._at_s == START_S + 31.7


async def test_an_operation_shows_the_evidence_that_was_seen_in_it() -> None:
    async with shown() as on:
        await on.press("enter")
        assert "+4.1 the lock of the driver's door did not move" in on.text()
        assert "does not move at its switch" not in on.text()


async def test_tab_goes_through_the_lists_and_back() -> None:
    async with shown() as on:
        seen = []
        for _ in range(5):
            assert on.view.focused is not None
            seen.append(on.view.focused.id)
            await on.press("tab")
        assert set(seen) == {"operations", "events", "bus", "reasons", "hypotheses"}
        await on.press("shift+tab")
        assert on.view.focused is not None
        assert on.view.focused.id == seen[-1]


async def test_arrows_and_pages_scroll_a_list_that_has_no_cursor() -> None:
    many = tuple(
        LogEvent(START_S + number, "gap", None, "", f"Event {number}.") for number in range(60)
    )
    async with shown(replace(a_broken_harness(), events=many)) as on:
        events = on.live.query_one(EventList)
        events.focus()
        places = {}
        for key in ("down", "up", "pagedown", "pageup", "end", "home"):
            await on.press(key)
            places[key] = events.scroll_offset.y
        assert places["down"] == 1
        assert places["up"] == places["pageup"] == places["home"] == 0
        assert places["end"] > places["pagedown"] > 5


async def test_new_events_do_not_push_away_the_line_that_is_being_read() -> None:
    def with_events(count: int) -> Snapshot:
        events = tuple(
            LogEvent(START_S + number, "gap", None, "", f"Event {number}.")
            for number in range(count)
        )
        return replace(a_broken_harness(), events=events)

    async with shown(with_events(60)) as on:
        events = on.live.query_one(EventList)
        events.scroll_to(y=20, animate=False)
        await until(on.pilot, lambda: events.scroll_offset.y == 20)
        on.view.post_message(SnapshotArrived(with_events(65)))
        await until(on.pilot, lambda: events.scroll_offset.y == 25)


async def test_f2_goes_from_dark_to_light_to_high_contrast_and_round() -> None:
    async with shown(size=SMALL) as on:
        for theme in (*THEMES, THEMES[0]):
            await until(on.pilot, lambda name=theme.name: on.view.theme == name)  # type: ignore[misc]
            await on.press("f2")


async def choose(on: Shown, row: int) -> None:
    on.view.screen.query_one(OptionList).highlighted = row
    await on.press("enter")


async def test_a_mark_bears_the_time_at_which_m_was_pressed_and_the_chosen_door() -> None:
    async with shown() as on:
        await on.press("m")
        on.view.post_message(SnapshotArrived(replace(a_broken_harness(), now_s=NOW_S + 60)))
        await choose(on, MARK_ACTIONS.index("pull-outer-handle"))
        await choose(on, 2)
        await until(on.pilot, lambda: on.view.screen is on.live)
        (mark,) = on.handed_in
        assert isinstance(mark, Mark)
        assert (mark.action, mark.door) == ("pull-outer-handle", "passenger")
        assert NOW_S <= mark.at_s < NOW_S + 5


@pytest.mark.parametrize(
    ("action", "rows"),
    [
        pytest.param("press-fob-unlock", [], id="none is asked for"),
        pytest.param("heard-click", [0], id="none is chosen"),
    ],
)
async def test_a_mark_may_concern_no_single_door(action: str, rows: list[int]) -> None:
    async with shown() as on:
        await on.press("m")
        for row in [MARK_ACTIONS.index(action), *rows]:
            await choose(on, row)
        await until(on.pilot, lambda: on.view.screen is on.live)
        assert on.marks() == [(action, None)]


async def test_a_note_takes_a_line_of_text_in_which_q_is_a_letter() -> None:
    async with shown() as on:
        await on.press("m")
        await choose(on, MARK_ACTIONS.index("note"))
        assert isinstance(on.view.focused, Input)
        await on.press(*"q!", "enter")
        await until(on.pilot, lambda: on.view.screen is on.live)
        (mark,) = on.handed_in
        assert isinstance(mark, Mark)
        assert (mark.action, mark.note) == ("note", "q!")


async def test_escape_leaves_the_dialog_without_a_mark_and_its_keys_make_none() -> None:
    async with shown() as on:
        await on.press("m", "u", "l", "escape")
        assert on.view.screen is on.live
        assert on.handed_in == []


async def test_where_nobody_takes_marks_no_key_makes_one() -> None:
    steps = Held(a_broken_harness())
    view = LiveApp(lambda: Session(steps), title="a")
    async with view.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: view.session is not None and view._snapshot is not None)
        for key in ("m", "u", "1", "backspace", "c"):
            await pilot.press(key)
            await pilot.pause()
            assert view.screen is view._live
        assert not list(view._notifications)
        assert "unlock" not in str(view._live.query_one("KeyLine").render())
        steps.is_over.set()


async def test_after_the_end_no_key_makes_a_mark() -> None:
    marks: list[SideItem] = []
    view = LiveApp(lambda: Session([a_broken_harness()], marks.append), title="a")
    async with view.run_test() as pilot:
        await until(pilot, lambda: view._is_over)
        await pilot.press("m", "u", "1", "c")
        await pilot.pause()
        assert view.screen is view._live
        assert marks == []


@pytest.mark.parametrize("key", ["m", "u"])
async def test_before_the_first_frame_there_is_no_time_for_a_mark_and_it_says_so(key: str) -> None:
    steps = Held()
    marks: list[SideItem] = []
    view = LiveApp(lambda: Session(steps, marks.append), title="a")
    async with view.run_test() as pilot:
        await until(pilot, lambda: view.session is not None)
        await pilot.press(key)
        await pilot.pause()
        assert view.screen is view._live
        assert marks == []
        assert len(view._notifications) == 1
        steps.is_over.set()


async def test_a_mark_that_is_not_taken_is_told_and_kept_for_the_caller() -> None:
    error = BusError("marks.csv: the disk is full.")

    def refuse(_: SideItem) -> None:
        raise error

    steps = Held(a_broken_harness())
    view = LiveApp(lambda: Session(steps, refuse), title="a")
    async with view.run_test() as pilot:
        await until(pilot, lambda: view._snapshot is not None)
        await pilot.press("u")
        await until(pilot, lambda: view.failure is error)
        assert any("the disk is full" in note.message for note in view._notifications)
        steps.is_over.set()


def every_binding() -> list[Binding]:
    sections = (("Everywhere", LiveApp.BINDINGS), *SECTIONS)
    return [each for _, bindings in sections for each in bindings if isinstance(each, Binding)]


async def test_the_help_lists_every_key_with_what_it_does() -> None:
    async with shown(size=(100, 200)) as on:
        await on.press("question_mark")
        text = " ".join(
            str(each.render()) for each in on.view.screen.query_one("#help").query(Static)
        )
        for keys, what in key_lines(every_binding()):
            assert keys in text
            assert what
            assert " ".join(what.split()) in " ".join(text.split())


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("t", "In the trace, behind t"),
        ("p", "In the plots, behind p"),
        ("c", "In the guided check"),
    ],
)
async def test_the_help_begins_with_the_keys_of_where_one_is(key: str, place: str) -> None:
    async with shown(size=(100, 200)) as on:
        await on.press(key, "question_mark")
        first = on.view.screen.query_one("#help").query(Static).first()
        assert str(first.render()).startswith(place)


def test_no_two_keys_of_one_place_are_the_same() -> None:
    for _, bindings in (("Everywhere", LiveApp.BINDINGS), *SECTIONS):
        keys = [
            key for each in bindings if isinstance(each, Binding) for key in each.key.split(",")
        ]
        assert len(keys) == len(set(keys))


async def test_the_palette_offers_what_the_keys_do() -> None:
    async with shown() as on:
        offered = [each.title for each in on.view.get_system_commands(on.live)]
        for expected in (
            "Mark now: pressed unlock on the fob",
            "Take the last mark back",
            "The verdict with all its reasons",
            "Colours: high contrast",
            "All frames, raw and decoded",
        ):
            assert expected in offered
        assert not any("0.1 s" in each for each in offered), "there is no player"
        command = next(
            each
            for each in on.view.get_system_commands(on.live)
            if each.title == "Mark now: pressed unlock on the fob"
        )
        command.callback()
        await until(on.pilot, lambda: on.marks() == [("press-fob-unlock", None)])
        command = next(
            each
            for each in on.view.get_system_commands(on.live)
            if each.title == "The verdict with all its reasons"
        )
        command.callback()
        await until(on.pilot, lambda: isinstance(on.view.screen, VerdictScreen))


@pytest.mark.parametrize(
    "message", [Ended(), Failed(RuntimeError("gone")), PlayerLine.Turned(is_at_end=True)]
)
async def test_what_comes_while_the_app_shuts_down_touches_no_screen(message: Message) -> None:
    view = LiveApp(lambda: Session(Held(a_broken_harness())), title="a")
    async with view.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: view._snapshot is not None)
    assert not view.screen_stack
    if isinstance(message, Failed):
        view.fail(message)
    elif isinstance(message, PlayerLine.Turned):
        view.turn(message)
    else:
        view.end()
