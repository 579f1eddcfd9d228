"""What is drawn when: keys first, and nothing that another screen covers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from canlock.model.snapshot import Snapshot
from canlock.tui.app import LiveApp
from canlock.tui.drawing import LONGEST_S
from canlock.tui.help_screen import HelpScreen
from canlock.tui.live_screen import LiveScreen
from canlock.tui.messages import SnapshotArrived
from canlock.tui.next_test import NextTestLine
from canlock.tui.session import Session
from canlock.tui.themes import LIGHT
from tui.live_view_scenes import Held, a_broken_harness, a_healthy_car


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Snapshot]:
    """Return what the first screen drew."""
    found: list[Snapshot] = []
    draw = LiveScreen.draw

    def note_and_draw(screen: LiveScreen, snapshot: Snapshot, *, is_final: bool = False) -> None:
        found.append(snapshot)
        draw(screen, snapshot, is_final=is_final)

    monkeypatch.setattr(LiveScreen, "draw", note_and_draw)
    return found


def later(snapshot: Snapshot, seconds: float) -> Snapshot:
    assert snapshot.now_s is not None
    return replace(snapshot, now_s=snapshot.now_s + seconds)


async def test_a_covered_screen_is_drawn_once_it_is_seen_again(drawn: list[Snapshot]) -> None:
    first = a_healthy_car()
    steps = Held(first)
    view = LiveApp(lambda: Session(steps), title="a")
    async with view.run_test(size=(160, 50)) as pilot:
        await pilot.pause(0.4)
        await pilot.press("question_mark")
        assert isinstance(view.screen, HelpScreen)
        count = len(drawn)
        last = later(first, 9.0)
        view.post_message(SnapshotArrived(last))
        await pilot.pause(0.4)
        assert len(drawn) == count
        await pilot.press("escape")
        await pilot.pause(0.4)
        assert drawn[-1] is last
        steps.is_over.set()


async def test_keys_that_keep_coming_do_not_stop_the_drawing(drawn: list[Snapshot]) -> None:
    first = a_healthy_car()
    steps = Held(first)
    view = LiveApp(lambda: Session(steps), title="a")
    async with view.run_test(size=(160, 50)) as pilot:
        await pilot.pause(0.4)
        count = len(drawn)
        async with asyncio.timeout(20 * LONGEST_S):
            while len(drawn) < count + 3:
                first = later(first, 1.0)
                view.post_message(SnapshotArrived(first))
                await pilot.press("f")
        steps.is_over.set()


async def test_the_help_is_made_once_and_wears_the_colours_of_now() -> None:
    steps = Held(a_healthy_car())
    view = LiveApp(lambda: Session(steps), title="a")
    async with view.run_test(size=(160, 50)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("question_mark")
        made = view.screen
        await pilot.press("end")
        await pilot.press("escape")
        view.theme = LIGHT.name
        await pilot.pause(0.1)
        await pilot.press("question_mark")
        await pilot.pause(0.1)
        assert view.screen is made
        assert made.query_one("#help").scroll_y == 0
        live, own = view._live.styles.background, made.styles.background
        assert own.is_transparent is live.is_transparent is False
        assert own == live
        steps.is_over.set()


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_where_nothing_more_comes_the_next_test_is_for_the_next_time(
    size: tuple[int, int],
) -> None:
    car = a_broken_harness()
    steps = Held(car)
    view = LiveApp(lambda: Session(steps, lambda _: None), title="a")
    async with view.run_test(size=size) as pilot:
        line = view._live.query_one(NextTestLine)
        async with asyncio.timeout(20):
            while "Next test: " not in str(line.render()):
                await pilot.pause(0.05)
        assert "1" in str(line.render())
        steps.is_over.set()
        async with asyncio.timeout(20):
            while "Next time at the car: " not in str(line.render()):
                await pilot.pause(0.05)
        told = str(line.render())
        assert car.next_tests[0].instruction in told
        assert "1: " not in told
        assert "answers" not in told
