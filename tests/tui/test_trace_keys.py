"""What each key of the trace does, as somebody at the keyboard sees it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import can
import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.errors import VehicleFileError
from canlock.model.frames import FrameBatch
from canlock.pipeline.frame_history import FrameHistory
from canlock.sources.canmessage import MessageColumns
from canlock.tui.trace_detail import TraceDetail
from canlock.tui.trace_list import TraceList
from canlock.tui.trace_prompt import TracePrompt
from canlock.tui.trace_screen import TraceScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

START_S = 1_700_000_000.0
SCROLL_BAR = "▁▂▃▄▅▆▇ "


@cache
def a_vehicle() -> LoadedVehicle:
    return load_vehicle("nissan-qashqai-j10")


def a_frame(after_s: float, arbitration_id: int, data: str, channel: str = "can0") -> can.Message:
    return can.Message(
        timestamp=START_S + after_s,
        arbitration_id=arbitration_id,
        is_extended_id=False,
        data=bytes.fromhex(data),
        channel=channel,
    )


def a_drive(count: int, since: int = 0) -> FrameBatch:
    """Return frames of two ids, a tenth of a second apart; the driver's door opens each 5 s."""
    made = []
    for number in range(since, since + count):
        door = 8 if number // 50 % 2 else 0
        made.append(a_frame(number / 10, 0x60D, f"{door:02X}00000000000000"))
        made.append(a_frame(number / 10 + 0.01, 0x123, f"{number % 256:02X}FF"))
    return MessageColumns().batch(made)


class TraceApp(App[None]):
    def __init__(self, history: FrameHistory) -> None:
        super().__init__()
        self.trace = TraceScreen(history)
        self.copied: list[str] = []

    def on_mount(self) -> None:
        self.push_screen(self.trace)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)


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


def lines(app: TraceApp) -> list[str]:
    return [strip.text.rstrip() for strip in app.trace._compositor.render_strips()]


def summary(app: TraceApp) -> str:
    return str(app.trace.query_one("#summary", Static).render())


def rows(app: TraceApp) -> list[str]:
    """Return the lines of frames in sight, without the head and the bar."""
    shown = app.trace.query_one(TraceList)
    top = shown.region.y
    found = [line.rstrip(SCROLL_BAR) for line in lines(app)[top + 1 : top + shown.size.height]]
    return [line for line in found if line]


def cursor_row(app: TraceApp) -> str:
    (row,) = [row for row in rows(app) if row.startswith("▶")]
    return row


@asynccontextmanager
async def shown(
    history: FrameHistory, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[TraceApp, Pilot[None]]]:
    app = TraceApp(history)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.screen is app.trace)
        await until(pilot, lambda: bool(app.trace._book.messages) or history.loaded is None)
        yield app, pilot


@pytest.fixture
def history() -> FrameHistory:
    kept = FrameHistory(a_vehicle())
    kept.take(a_drive(100))
    return kept


async def test_it_begins_at_the_end_with_bytes_and_signals(history: FrameHistory) -> None:
    async with shown(history) as (app, _):
        assert "200 frames · following" in summary(app)
        assert cursor_row(app).split()[:3] == ["▶", "+9.910000", "123"]
        before = rows(app)[-2]
        assert before.split()[1:4] == ["60D", "8", "08"]
        assert "BCM_BODY DriverDoorOpen=open" in before


async def test_it_follows_what_comes_until_f(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        history.take(a_drive(1, since=100))
        await until(pilot, lambda: "+10.010000" in cursor_row(app))
        await pilot.press("f")
        assert "row 202" in summary(app)
        history.take(a_drive(30, since=101))
        await until(pilot, lambda: "262 frames" in summary(app))
        assert "+10.010000" in cursor_row(app)
        await pilot.press("f")
        assert "+13.010000" in cursor_row(app)
        assert "following" in summary(app)


async def test_p_takes_in_nothing_until_pressed_again(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("p")
        assert "PAUSED" in summary(app)
        history.take(a_drive(5, since=100))
        await pilot.pause(0.3)
        assert "200 frames" in summary(app)
        await pilot.press("p")
        await until(pilot, lambda: "210 frames" in summary(app))
        assert "PAUSED" not in summary(app)


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        pytest.param(["up"], 199, id="up"),
        pytest.param(["up", "up", "down"], 199, id="down"),
        pytest.param(["pageup"], 180, id="page up"),
        pytest.param(["home"], 1, id="home"),
        pytest.param(["home", "up"], 1, id="no further than the first"),
        pytest.param(["home", "pagedown"], 21, id="page down"),
        pytest.param(["home", "down", "down"], 3, id="down from the first"),
    ],
)
async def test_keys_move_the_cursor(keys: list[str], row: int, history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        assert f"row {row}" in summary(app).split(" · ")
        number = row - 1
        at_s = number // 2 / 10 + (0.01 if number % 2 else 0)
        assert f"{at_s:+.6f}" in cursor_row(app)


async def test_end_goes_to_the_last_and_follows(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("home", "end")
        assert "following" in summary(app)
        assert "+9.910000" in cursor_row(app)


async def test_t_shows_times_in_four_ways(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("t")
        assert ":" in cursor_row(app).split()[0] + cursor_row(app).split()[1]
        await pilot.press("t")
        assert "+0.010000" in cursor_row(app)
        await pilot.press("t")
        assert "+0.100000" in cursor_row(app)
        await pilot.press("home")
        assert "first" in cursor_row(app)
        await pilot.press("t")
        assert "+0.000000" in cursor_row(app)


async def test_r_shows_bytes_then_signals_then_both(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("up", "r")
        assert "08 00 00" in cursor_row(app)
        assert "DriverDoorOpen" not in cursor_row(app)
        await pilot.press("r")
        assert "08 00 00" not in cursor_row(app)
        assert "DriverDoorOpen=open" in cursor_row(app)
        await pilot.press("r")
        assert "08 00 00" in cursor_row(app)
        assert "DriverDoorOpen=open" in cursor_row(app)


async def test_o_gives_each_id_one_row_that_goes_on(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("o")
        assert "2 ids" in summary(app)
        assert [row.removeprefix("▶").split()[:4] for row in rows(app)] == [
            ["100", "100.0", "0.00", "123"],
            ["100", "100.0", "0.01", "60D"],
        ]
        history.take(a_drive(10, since=100))
        await until(pilot, lambda: "110" in rows(app)[0])
        await pilot.press("down")
        assert "60D" in cursor_row(app)
        history.take(a_drive(10, since=110))
        await until(pilot, lambda: "120" in rows(app)[0])
        assert "60D" in cursor_row(app)
        await pilot.press("o")
        assert "240 frames" in summary(app)


async def typed(pilot: Pilot[None], key: str, text: str) -> None:
    await pilot.press(key)
    await pilot.pause()
    line = pilot.app.screen.query_one(Input)
    assert line.has_focus
    line.value = text
    await pilot.press("enter")
    await pilot.pause()


async def test_slash_filters_by_what_is_typed(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await typed(pilot, "slash", "DriverDoorOpen=open")
        assert "50 of 200 frames" in summary(app)
        assert "filter: DriverDoorOpen=open" in summary(app)
        assert {row.removeprefix("▶").split()[1] for row in rows(app)} == {"60D"}
        assert app.trace.query_one(TraceList).has_focus
        history.take(a_drive(60, since=100))
        await until(pilot, lambda: "60 of 320 frames" in summary(app))


async def test_a_filter_that_means_nothing_is_told_and_can_be_mended(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await typed(pilot, "slash", "NoSuch=1")
        assert "no signal `NoSuch`" in "\n".join(lines(app))
        assert "200 frames" in summary(app)
        line = app.trace.query_one(Input)
        assert line.has_focus
        line.value = "id=60D"
        await pilot.press("enter")
        await pilot.pause()
        assert "100 of 200 frames" in summary(app)


async def test_escape_leaves_the_line_and_keeps_the_filter(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await typed(pilot, "slash", "id=60D")
        await pilot.press("slash")
        await pilot.pause()
        assert app.trace.query_one(Input).value == "id=60D"
        await pilot.press("q", "escape")
        await pilot.pause()
        assert not app.trace.query_one(TracePrompt).is_asking
        assert app.screen is app.trace
        assert "filter: id=60D" in summary(app)
        assert app.trace.query_one(TraceList).has_focus


async def test_c_takes_the_filter_away(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await typed(pilot, "slash", "id=60D")
        await pilot.press("c")
        assert "200 frames" in summary(app)
        assert "filter" not in summary(app)


async def test_nothing_to_show_is_said(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await typed(pilot, "slash", "id=7FF")
        assert "None of 200 frames is as `id=7FF` asks." in "\n".join(lines(app))
        await pilot.press("up", "pageup", "n", "enter", "x", "y", "o")
        await pilot.pause()
        assert "0 ids" in summary(app)


async def test_x_shows_only_the_cursors_id_and_shift_x_all_others(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("up", "x")
        assert "filter: id=60D" in summary(app)
        assert "100 of 200" in summary(app)
        await pilot.press("c", "home", "X")
        assert "filter: id!=60D" in summary(app)
        assert "123" in cursor_row(app)


async def test_x_on_an_ids_row_shows_its_frames(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("o", "up", "x")
        assert "100 of 200 frames" in summary(app)
        assert "filter: id=123" in summary(app)


async def test_g_goes_to_a_time(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await typed(pilot, "g", "5.05")
        assert "+5.100000" in cursor_row(app)
        assert "following" not in summary(app)
        await typed(pilot, "g", "-1")
        assert "+8.910000" in cursor_row(app)
        await typed(pilot, "g", "noon")
        assert "expected seconds" in "\n".join(lines(app))


async def test_n_goes_from_change_to_change(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await typed(pilot, "slash", "id=60D")
        await pilot.press("home", "n")
        assert "+5.000000" in cursor_row(app)
        await pilot.press("n")
        await pilot.pause()
        assert "No change in that direction." in [note.message for note in app._notifications]
        await pilot.press("end", "N")
        assert "+5.000000" in cursor_row(app)


async def test_enter_shows_a_frame_in_full_and_the_next_one_as_one_moves(
    history: FrameHistory,
) -> None:
    async with shown(history) as (app, pilot):
        await typed(pilot, "slash", "id=60D")
        await pilot.press("home", "n", "enter")
        await pilot.pause()
        text = "\n".join(lines(app))
        assert "0x60D (1549) BCM_BODY from BCM on can0" in text
        assert "* DriverDoorOpen = open  (raw 1)  door.ajar" in text
        assert "PassengerDoorOpen = closed" in text
        await pilot.press("up")
        await pilot.pause()
        assert "* DriverDoorOpen" not in "\n".join(lines(app))
        assert "DriverDoorOpen = closed" in "\n".join(lines(app))
        await pilot.press("escape")
        await pilot.pause()
        assert not app.trace.query_one(TraceDetail).has_class("-open")
        assert app.screen is app.trace


async def test_escape_leaves_the_trace(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not app.trace)


async def test_y_copies_what_is_in_sight_or_chosen_as_candump_lines(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("y")
        assert len(app.copied[-1].splitlines()) == 21
        await pilot.press("home", "shift+down", "shift+down")
        assert "3 chosen" in summary(app)
        assert [row[0] for row in rows(app)[:4]] == ["┃", "┃", "▶", " "]
        await pilot.press("y")
        assert app.copied[-1].splitlines() == [
            "(1700000000.000000) can0 60D#0000000000000000",
            "(1700000000.010000) can0 123#00FF",
            "(1700000000.100000) can0 60D#0000000000000000",
        ]
        await pilot.press("down")
        assert "chosen" not in summary(app)
        await pilot.press("end", "shift+up")
        assert "2 chosen" in summary(app)
        assert "row 199" in summary(app)


async def test_w_saves_what_the_filter_shows(history: FrameHistory, tmp_path: Path) -> None:
    path = tmp_path / "opened.log"
    async with shown(history) as (app, pilot):
        await typed(pilot, "slash", "DriverDoorOpen=open t<6")
        await typed(pilot, "w", str(path))
        await until(pilot, path.exists)
        await until(pilot, lambda: any("Saved" in note.message for note in app._notifications))
        await typed(pilot, "w", str(path))
        assert "there is such a file already" in "\n".join(lines(app))
    assert len(path.read_text().splitlines()) == 10


async def test_w_says_what_stands_in_the_way(history: FrameHistory, tmp_path: Path) -> None:
    async with shown(history) as (app, pilot):
        await typed(pilot, "w", str(tmp_path / "a.txt"))
        await until(pilot, lambda: any(".txt" in note.message for note in app._notifications))


async def test_the_wheel_looks_back_and_a_click_puts_the_cursor(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        shown_list = app.trace.query_one(TraceList)
        top = shown_list.scroll_offset.y
        await pilot._post_mouse_events([_wheel_up()], TraceList, (5, 5))
        await pilot.pause()
        assert shown_list.scroll_offset.y < top
        assert not shown_list.is_following
        await pilot.click(TraceList, offset=(5, 4))
        await pilot.pause()
        assert rows(app)[3].startswith("▶")


def _wheel_up() -> type:
    from textual.events import MouseScrollUp

    return MouseScrollUp


async def test_a_click_on_a_key_presses_it(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        place = lines(app)[-1].index("p Pause")
        await pilot.click("#keys", offset=(place, 0))
        await until(pilot, lambda: "PAUSED" in summary(app))


async def test_rows_that_are_read_stay_while_old_ones_are_let_go() -> None:
    history = FrameHistory(a_vehicle(), kept_frames=200, block_rows=50)
    history.take(a_drive(100))
    async with shown(history) as (app, pilot):
        await pilot.press("home", *["pagedown"] * 8)
        await pilot.pause()
        before = rows(app)
        history.take(a_drive(40, since=100))
        await until(pilot, lambda: "older let go" in summary(app))
        assert rows(app) == before
        history.take(a_drive(400, since=140))
        await until(pilot, lambda: "row 1" in summary(app).split(" · "))
        assert rows(app)[0].startswith("▶")


async def test_a_replay_that_begins_again_is_followed_from_there(history: FrameHistory) -> None:
    async with shown(history) as (app, pilot):
        await pilot.press("home", "shift+down")
        history.begin_again()
        history.take(a_drive(3))
        await until(pilot, lambda: "6 frames · following" in summary(app))
        assert "+0.210000" in cursor_row(app)


async def test_without_a_vehicle_frames_are_shown_raw() -> None:
    history = FrameHistory()
    async with shown(history) as (app, pilot):
        assert "No frame has come yet." in "\n".join(lines(app))
        await pilot.press("up", "down", "home", "end", "n", "enter", "t", "o", "o", "y", "x")
        history.take(a_drive(3))
        await until(pilot, lambda: "6 frames" in summary(app))
        assert "60D  8  00 00" in "\n".join(rows(app))


async def test_a_database_that_cannot_be_read_is_told_and_frames_are_shown_raw() -> None:
    history = FrameHistory(a_vehicle())
    history.take(a_drive(3))
    error = VehicleFileError("car.dbc:7: found no message")

    def refuse() -> None:
        raise error

    history.book = refuse  # type: ignore[method-assign,assignment]
    app = TraceApp(history)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app._notifications))
        assert [note.message for note in app._notifications] == [str(error)]
        assert "60D" in "\n".join(rows(app))


async def test_what_changed_is_bold_and_underlined() -> None:
    history = FrameHistory()
    history.take(MessageColumns().batch([a_frame(0, 0x60D, "0011"), a_frame(1, 0x60D, "0022FF")]))
    async with shown(history) as (app, _):
        shown_list = app.trace.query_one(TraceList)
        marked = [
            [
                segment.text
                for segment in shown_list.render_line(line)
                if segment.style and segment.style.bold and segment.style.underline
            ]
            for line in (1, 2)
        ]
    assert marked == [[], [" 3", "22", "FF"]]


async def test_several_channels_get_a_column(history: FrameHistory) -> None:
    history.take(MessageColumns().batch([a_frame(20, 0x123, "00", "can1")]))
    async with shown(history) as (app, _):
        assert "channel"[:4] in lines(app)[1]
        assert "can1 123" in cursor_row(app)


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (300, 90)])
async def test_no_size_of_terminal_breaks_it(size: tuple[int, int], history: FrameHistory) -> None:
    async with shown(history, size) as (app, pilot):
        await pilot.press("up", "o", "enter", "o", "pageup")
        await pilot.resize_terminal(80, 24)
        await pilot.press("escape", "end")
        await pilot.pause()
        assert "+9.910000" in cursor_row(app)


def test_hostile_names_cannot_move_the_cursor() -> None:
    from rich.style import Style

    from canlock.decoding.signal_book import SignalBook
    from canlock.tui.trace_text import FrameCells, Palette, TraceText, fit_columns, frame_cells

    history = FrameHistory()
    history.take(
        MessageColumns().batch([a_frame(0, 1, "00", "\x1b[2J\u202e"), a_frame(0, 1, "00", "b")])
    )
    window = history.window()
    style = Style()
    text = TraceText(SignalBook(), Palette(*[style] * 6))
    columns = fit_columns(window, SignalBook(), "both", 80)
    cells: Sequence[FrameCells] = list(frame_cells([0, 1], window.parts[0].rows, window))
    line = "".join(segment.text for segment in text.frame(cells[0], columns, " ", 80))
    assert line.isprintable()
    assert math.isnan(cells[0].step_s)
