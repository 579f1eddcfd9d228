"""The guided check on the screen: each key, the mouse, countdowns, and how it looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from pipeline.guided_builders import BROKEN, Driven, a_snapshot, a_test, opened
from textual.pilot import Pilot
from textual.widgets import Static

from canlock.errors import BusError
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, MarkUndone, Sample, SideItem
from canlock.pipeline.guided import GuidedCheck
from canlock.pipeline.guided_clock import CaptureClock
from canlock.pipeline.guided_session import Guide
from canlock.tui.check_app import CheckApp
from canlock.tui.check_lines import ChoiceLine
from canlock.tui.check_screen import CheckScreen
from canlock.tui.help_screen import HelpText
from canlock.tui.themes import THEMES

SMALL = (80, 24)
WIDE = (160, 50)
PATIENCE_S = 30.0

Looks = Callable[..., bool]


class Hand:
    """The host's clock, turned by hand; and what the check has made."""

    def __init__(self) -> None:
        self.now = 0.0
        self.items: list[SideItem] = []

    def marks(self) -> list[str]:
        """What was marked and not taken back, but for the notes of the check."""
        left: list[Mark] = []
        for item in self.items:
            if isinstance(item, Mark):
                left.append(item)
            elif isinstance(item, MarkUndone):
                left.remove(item.mark)
        return [mark.action for mark in left if mark.action != "note"]


def nothing() -> Generator[Snapshot]:
    """A bus on which nothing comes."""
    yield from ()


def an_app(driven: Driven, steps: Generator[Snapshot] | None = None) -> tuple[CheckApp, Hand]:
    hand = Hand()
    clock = CaptureClock(1.0, lambda: hand.now)
    guide = Guide(driven.check, hand.items.append, clock)
    guide.see(driven.snapshot)
    return CheckApp(guide, steps or nothing()), hand


@asynccontextmanager
async def shown(
    driven: Driven, size: tuple[int, int] = SMALL
) -> AsyncIterator[tuple[Pilot[Any], CheckApp, Hand]]:
    app, hand = an_app(driven)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, app, hand


def text_of(app: CheckApp, name: str) -> str:
    return str(app.screen.query_one(f"#check-{name}", Static).content)


def choices_of(app: CheckApp) -> list[str]:
    return [str(line.content).strip() for line in app.screen.query(ChoiceLine)]


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE_S / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to be")


async def test_every_key_that_means_something_is_on_the_screen() -> None:
    async with shown(opened()) as (_, app, _hand):
        prompt = app._screen.guide.prompt
        told = choices_of(app)
        for choice in (*prompt.choices, *prompt.commands):
            key = "Enter" if choice.key == "enter" else choice.key
            assert any(line.startswith(f"{key} ") and choice.words in line for line in told)


async def test_enter_says_that_it_is_done_and_a_countdown_begins_and_ends() -> None:
    async with shown(opened()) as (pilot, app, hand):
        await pilot.press("enter")
        assert "Press LOCK" in text_of(app, "text")
        await pilot.press("enter")
        assert hand.marks() == ["press-fob-lock"]
        assert "8 s" in text_of(app, "countdown")
        hand.now += 5.0
        await until(lambda: "3 s" in text_of(app, "countdown"))
        hand.now += 3.1
        await until(lambda: "Press UNLOCK" in text_of(app, "text"))
        assert text_of(app, "countdown") == ""


async def test_enter_pressed_twice_marks_one_press_only() -> None:
    async with shown(opened()) as (pilot, _, hand):
        await pilot.press("enter", "enter", "enter", "enter")
        assert hand.marks() == ["press-fob-lock"]


async def test_the_help_lists_the_keys_of_the_check_and_goes_back_to_it() -> None:
    async with shown(opened()) as (pilot, app, _):
        await pilot.press("question_mark")
        await pilot.pause()
        assert app.screen.query(HelpText)
        text = str(app.screen.query_one("#help").query(Static).first().render())
        assert text.startswith("In the guided check")
        assert "Cannot be done" in text
        await pilot.press("question_mark")
        await pilot.pause()
        assert not app.screen.query(HelpText)


async def test_a_digit_answers_a_question() -> None:
    driven = Driven(GuidedCheck(asks_socket=False))
    driven.say("enter")
    async with shown(driven) as (pilot, app, hand):
        assert "Which door gives trouble?" in text_of(app, "text")
        await pilot.press("9")
        assert "from 1 to 6" in text_of(app, "notice")
        await pilot.press("2")
        notes = [item.note for item in hand.items if isinstance(item, Mark)]
        assert "check: complaint: passenger" in notes


async def test_a_click_answers_too() -> None:
    async with shown(opened()) as (pilot, app, _):
        lines = list(app.screen.query(ChoiceLine))
        await pilot.click(lines[0])
        await pilot.pause()
        assert "Press LOCK" in text_of(app, "text")


@pytest.mark.parametrize("key", ["k", "u"])
async def test_what_cannot_be_done_is_left_out_and_taken_back(key: str) -> None:
    async with shown(opened()) as (pilot, app, _):
        check = app._screen.guide.check
        await pilot.press("k")
        assert check.progress.skipped
        if key == "u":
            await pilot.press("u")
            assert not check.progress.skipped
            assert "Taken back" in text_of(app, "notice")


@pytest.mark.parametrize(
    ("key", "kind"), [("q", "left"), ("r", "finished"), ("b", "stopped"), ("ctrl+c", "left")]
)
async def test_a_key_ends_it(key: str, kind: str) -> None:
    app, _ = an_app(opened())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press(key)
        await until(lambda: not app.is_running)
    ending = app._screen.guide.ending
    assert ending is not None
    assert ending.kind == kind


async def test_a_number_is_typed_and_can_be_rubbed_out() -> None:
    driven = opened("6")
    driven.tests = (a_test("measure-supply"),)
    driven.do_test()
    async with shown(driven) as (pilot, app, hand):
        await pilot.press("1", "3", "backspace", "2", "comma", "6")
        assert "12.6 V" in text_of(app, "text")
        await pilot.press("enter")
        assert [item.value for item in hand.items if isinstance(item, Sample)] == [12.6]


async def test_a_number_that_cannot_be_is_asked_for_again() -> None:
    driven = opened("6")
    driven.tests = (a_test("measure-supply"),)
    driven.do_test()
    async with shown(driven) as (pilot, app, hand):
        await pilot.press("9", "9", "enter")
        assert "from 4 to 18" in text_of(app, "notice")
        await pilot.press("k")
        assert not any(isinstance(item, Sample) for item in hand.items)


async def test_f2_changes_the_colours() -> None:
    async with shown(opened()) as (pilot, app, _):
        for theme in (*THEMES[1:], THEMES[0]):
            await pilot.press("f2")
            assert app.theme == theme.name


async def test_what_is_likely_is_drawn_with_each_snapshot() -> None:
    driven = opened()
    likely = replace(a_snapshot(5.0), hypotheses=a_snapshot(suspects={"driver": 0.6}).hypotheses)

    def steps() -> Generator[Snapshot]:
        yield likely

    app, _ = an_app(driven, steps())
    async with app.run_test(size=SMALL):
        await until(lambda: "60 %  Driver's door: dead lock motor" in text_of(app, "likely"))


async def test_when_the_bus_fails_it_ends_and_the_error_is_kept() -> None:
    def steps() -> Generator[Snapshot]:
        yield from ()
        raise BusError("can0: gone")

    app, _ = an_app(opened(), steps())
    async with app.run_test(size=SMALL):
        await until(lambda: not app.is_running)
    assert isinstance(app.failure, BusError)


# --- How it looks ---------------------------------------------------------------------------------


def sure() -> Driven:
    driven = opened()
    driven.finding = BROKEN
    driven.suspects = {"driver": 0.93}
    driven.do_test()
    return driven


def waiting() -> Driven:
    driven = opened()
    driven.say_all("enter", "enter")
    driven.suspects = {"driver": 0.4, "passenger": 0.2}
    return driven


def opening() -> Driven:
    return Driven(GuidedCheck())


def safety() -> Driven:
    driven = Driven(GuidedCheck())
    driven.check.answer("1")
    return driven


SCENES = {"opening": opening, "safety": safety, "act": opened, "waiting": waiting, "sure": sure}


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "160x50"])
@pytest.mark.parametrize("scene", SCENES)
def test_the_check(scene: str, size: tuple[int, int], snap_compare: Looks) -> None:
    app, _ = an_app(SCENES[scene]())
    assert snap_compare(app, terminal_size=size)


@pytest.mark.parametrize("theme", ["canlock-light", "canlock-high-contrast"])
def test_the_check_in_other_colours(theme: str, snap_compare: Looks) -> None:
    app, _ = an_app(waiting())
    app.theme = theme
    assert snap_compare(app, terminal_size=SMALL)


async def test_everything_that_can_be_done_fits_on_the_smallest_screen() -> None:
    for scene in SCENES.values():
        app, _ = an_app(scene())
        async with app.run_test(size=SMALL) as pilot:
            await pilot.pause()
            screen = app.screen
            assert isinstance(screen, CheckScreen)
            shown_rows = screen.query_one("#check-task").region
            last = list(screen.query(ChoiceLine))[-1].region
            assert last.bottom <= shown_rows.bottom
