"""What each key of the plots does, as somebody at the keyboard sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

import can
import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.errors import VehicleFileError
from canlock.model.frames import FrameBatch
from canlock.model.stream import Mark
from canlock.pipeline.frame_history import FrameHistory
from canlock.sources.canmessage import MessageColumns
from canlock.tui.plot_choice import PlotChoice
from canlock.tui.plot_screen import PlotScreen
from canlock.tui.plot_view import PlotView
from canlock.tui.trace_list import TraceList
from canlock.tui.trace_screen import TraceScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

START_S = 1_700_000_000.0


@cache
def a_vehicle() -> LoadedVehicle:
    return load_vehicle("nissan-qashqai-j10")


def a_drive(until_s: int, since_s: int = 0) -> FrameBatch:
    """Return frames of locks, doors and supply; the locks change each 10 s, the door each 4 s."""
    made = []
    for number in range(10 * since_s, 10 * until_s):
        after_s = number / 10
        locks = 3 if int(after_s) // 10 % 2 else 0
        door = 8 if int(after_s) // 4 % 2 else 0
        for key, data in (
            (0x358, bytes([0, 0, 0, 0, 0, locks, 0, 0])),
            (0x60D, bytes([door, 0, 0, 0, 0, 0, 0, 0])),
            (0x625, bytes([0, 0, 200 - 8 * bool(door), 0, 0, 0])),
        ):
            made.append(
                can.Message(
                    timestamp=START_S + after_s, arbitration_id=key, is_extended_id=False, data=data
                )
            )
    return MessageColumns().batch(made)


class PlotApp(App[None]):
    def __init__(self, history: FrameHistory) -> None:
        super().__init__()
        self.plots = PlotScreen(history)

    def on_mount(self) -> None:
        self.push_screen(self.plots)


@pytest.fixture(autouse=True)
def _no_animation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Input, "cursor_blink", False)


async def until(pilot: Pilot[None], is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            break
        await asyncio.sleep(0.01)
    assert is_so()
    await pilot.pause()


def lines(app: PlotApp) -> list[str]:
    return [strip.text.rstrip() for strip in app.plots._compositor.render_strips()]


def summary(app: PlotApp) -> list[str]:
    return str(app.plots.query_one("#summary", Static).render()).split(" · ")


def names(app: PlotApp) -> list[str]:
    return [name for name, _ in app.plots.query_one(PlotView).lanes]


def selected(app: PlotApp) -> str:
    (line,) = [line for line in lines(app) if line.startswith("▶")]
    return line[1:]


@asynccontextmanager
async def shown(
    history: FrameHistory, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[PlotApp, Pilot[None]]]:
    app = PlotApp(history)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.screen is app.plots and app.plots._tracks is not None)
        yield app, pilot


@pytest.fixture
def history() -> FrameHistory:
    kept = FrameHistory(a_vehicle())
    kept.take(a_drive(40))
    kept.take(Mark(START_S + 30.0, "press-fob-lock"))
    return kept


async def test_it_begins_with_what_matters_at_the_end_and_follows(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        assert selected(app).startswith("lock.status driver (measured) = locked  since +30.000 s")
        assert {"following", "30 s in sight"} < set(summary(app))
        assert "supply.voltage" in names(app)
        assert "▼" in "\n".join(lines(app))
        history.take(a_drive(45, since_s=40))
        await until(pilot, lambda: "unlocked  since +40.000 s" in selected(app))


async def test_f_stands_still_and_follows_again(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("f")
        assert "standing still" in summary(app)
        until_s = app.plots.query_one(PlotView).span.until_s
        history.take(a_drive(45, since_s=40))
        await until(pilot, lambda: app.plots._window.end > 1200)
        assert app.plots.query_one(PlotView).span.until_s == until_s
        await pilot.press("f")
        assert app.plots.query_one(PlotView).span.until_s > until_s
        assert "following" in summary(app)


async def test_p_takes_in_nothing_until_pressed_again(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("p")
        assert "PAUSED" in summary(app)
        history.take(a_drive(45, since_s=40))
        await pilot.pause(0.3)
        assert app.plots._window.end == 1200
        await pilot.press("p")
        await until(pilot, lambda: app.plots._window.end == 1350)


@pytest.mark.parametrize(
    ("keys", "from_after_s", "width_s"),
    [
        pytest.param(["left"], 6.9, 30.0, id="left"),
        pytest.param(["left", "left", "right"], 6.9, 30.0, id="right"),
        pytest.param(["plus"], 24.9, 15.0, id="plus"),
        pytest.param(["equals_sign"], 24.9, 15.0, id="plus without shift"),
        pytest.param(["minus"], -20.1, 60.0, id="minus"),
        pytest.param(["minus", "plus"], 9.9, 30.0, id="there and back"),
        pytest.param(["0"], 0.0, 40.3, id="all"),
        pytest.param(["home"], -15.0, 30.0, id="home"),
        pytest.param(["home", "end"], 9.9, 30.0, id="end"),
        pytest.param(["pageup"], -17.1, 30.0, id="page up"),
        pytest.param(["left", "pagedown"], 33.9, 30.0, id="page down"),
        pytest.param(["pagedown"] * 3, 39.9, 30.0, id="no further than all"),
        pytest.param(["plus"] * 30, 39.899, 0.001, id="no closer than a millisecond"),
    ],
)
async def test_keys_pan_and_zoom(
    keys: list[str], from_after_s: float, width_s: float, history: FrameHistory
) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press(*keys)
        span = app.plots.query_one(PlotView).span
        assert span.width_s == pytest.approx(width_s, rel=0.01)
        assert span.from_s - START_S == pytest.approx(from_after_s, abs=0.01)


async def test_n_puts_the_cursor_on_changes_of_the_selected_lane(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("n")
        assert "cursor at +10.0000 s" in summary(app)
        assert "locked  since +10.000 s" in selected(app)
        await pilot.press("n")
        assert "cursor at +20.0000 s" in summary(app)
        assert "unlocked  since +20.000 s" in selected(app)
        await pilot.press("N", "N", "N")
        assert "cursor at +0.0000 s" in summary(app)


async def test_the_marks_at_the_cursor_are_named(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("n", "n", "n")
        assert "mark: press-fob-lock" in summary(app)
        await pilot.press("shift+right", "shift+right")
        assert "mark: press-fob-lock" not in summary(app)


async def test_shifted_arrows_move_the_cursor_by_a_column(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        view = app.plots.query_one(PlotView)
        await pilot.press("n", "shift+right")
        column_s = view.shown_span.column_s
        at_s = view.span.cursor_s
        assert at_s is not None
        await pilot.press("shift+left", "shift+left")
        assert view.span.cursor_s == pytest.approx(at_s - 2 * column_s)


async def test_the_cursor_stays_in_its_column_as_one_zooms(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        view = app.plots.query_one(PlotView)
        await pilot.press("n", "n")
        assert view.span.cursor_s is not None
        column = view.shown_span.column(view.span.cursor_s)
        await pilot.press("plus", "plus", "plus")
        assert abs(view.shown_span.column(view.span.cursor_s) - column) <= 1


async def test_arrows_select_a_lane_and_bring_it_into_sight(history: FrameHistory) -> None:
    async with shown(history, (80, 14)) as (app, pilot):
        await pilot.press("down")
        assert selected(app).startswith(names(app)[1])
        await pilot.press(*["down"] * 20)
        assert selected(app).startswith("supply.voltage = 12 V")
        await pilot.press(*["up"] * 20)
        assert selected(app).startswith(names(app)[0])


async def test_a_click_puts_the_cursor_and_selects_the_lane(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        view = app.plots.query_one(PlotView)
        await pilot.click(PlotView, offset=(40, 4))
        assert view.selected == 1
        assert view.span.cursor_s == pytest.approx(view.shown_span.time(40 - 13))


async def test_g_goes_to_a_time(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("g", *"12.5", "enter")
        await pilot.pause()
        assert "cursor at +12.5000 s" in summary(app)
        assert app.plots.query_one(PlotView).has_focus


async def test_a_chooses_what_is_plotted(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, PlotChoice))
        await pilot.press(*"brakelamp")
        choices = app.screen.query_one(OptionList)
        assert choices.option_count == 1
        await pilot.press("down", "space")
        assert str(choices.get_option_at_index(0).prompt) == "[x] BCM_POWER.BrakeLamp"
        await pilot.press("enter")
        await until(pilot, lambda: "BCM_POWER.BrakeLamp" in names(app))
        assert names(app)[0] == "lock.status driver (measured)"


async def test_what_is_chosen_can_be_left_out(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        before = names(app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, PlotChoice))
        await pilot.press("down", "space", "enter")
        await until(pilot, lambda: names(app) == before[1:])


async def test_escape_leaves_the_choice_as_it_was(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        before = names(app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, PlotChoice))
        await pilot.press("down", "space", "escape")
        await until(pilot, lambda: app.screen is app.plots)
        assert names(app) == before


async def test_a_name_that_nothing_holds_is_said(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("a", *"zzz")
        choices = app.screen.query_one(OptionList)
        assert str(choices.get_option_at_index(0).prompt) == "No name holds `zzz`."
        await pilot.press("down", "space", "enter")
        await until(pilot, lambda: app.screen is app.plots)


async def test_delete_takes_the_selected_lane_away(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        before = names(app)
        await pilot.press("down", "delete")
        assert names(app) == [before[0], *before[2:]]
        await pilot.press(*["delete"] * len(before), "n", "down")
        assert names(app) == []
        assert "press `a` to choose" in "\n".join(lines(app))


async def test_enter_shows_the_frames_at_the_cursor(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("n", "enter")
        await until(pilot, lambda: isinstance(app.screen, TraceScreen))
        shown_list = app.screen.query_one(TraceList)
        await until(pilot, lambda: not shown_list.is_following)
        cells = shown_list.view.cursor
        assert cells is not None
        assert cells.at_s == START_S + 10.0
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.plots)


async def test_escape_leaves_the_plots(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not app.plots)


async def test_without_a_vehicle_it_says_why_there_is_nothing() -> None:
    history = FrameHistory()
    history.take(a_drive(2))
    async with shown(history) as (app, pilot):
        assert "no vehicle file tells what the frames mean" in summary(app)
        await pilot.press("n", "plus", "left", "down", "delete", "0", "home", "end", "shift+left")


async def test_a_database_that_cannot_be_read_is_told() -> None:
    history = FrameHistory(a_vehicle())
    error = VehicleFileError("car.dbc:7: found no message")

    def refuse() -> None:
        raise error

    history.book = refuse  # type: ignore[method-assign,assignment]
    app = PlotApp(history)
    async with app.run_test() as pilot:
        await until(pilot, lambda: bool(app._notifications))
        assert [note.message for note in app._notifications] == [str(error)]


@pytest.mark.parametrize("size", [(1, 1), (16, 5), (300, 90)])
async def test_no_size_of_terminal_breaks_it(size: tuple[int, int], history: FrameHistory) -> None:
    async with shown(history, size) as (app, pilot):
        await pilot.press("down", "plus", "left", "n", "0")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert selected(app).startswith("lock.status passenger")
