"""How the trace and the plots look, at the least and at a comfortable size."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import can
import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import Input

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.frames import FrameBatch
from canlock.model.stream import Gap, Mark
from canlock.pipeline.frame_history import FrameHistory
from canlock.sources.canmessage import MessageColumns
from canlock.tui.plot_screen import PlotScreen
from canlock.tui.themes import HIGH_CONTRAST, LIGHT
from canlock.tui.trace_screen import TraceScreen

SMALL = (80, 24)
LARGE = (120, 40)
Looks = Callable[..., bool]


def a_drive() -> FrameBatch:
    """Return 30 s: the driver locks twice, his door stays unlocked; the supply dips; a pause."""
    columns = MessageColumns()
    made = []
    for number in range(300):
        at_s = number / 10
        if 20 <= at_s < 22:
            continue
        locks = 2 if 5 <= at_s < 12 or at_s >= 17 else 0
        volts = 180 if 5 <= at_s < 5.4 or 17 <= at_s < 17.4 else 200 + number % 3
        frames = (
            (0x358, bytes([0, 0, 0, 0, 0, locks, 0, 0]), "can0"),
            (0x60D, bytes([8 if 13 <= at_s < 16 else 0, 96 if 5 <= at_s < 6 else 0]), "can0"),
            (0x625, bytes([0, 0, volts, 0, 0, 0]), "can0"),
            (0x18DAF110, bytes([3, 0x7F, 0x21, number % 256]), "can1"),
        )
        made += [
            can.Message(
                timestamp=at_s + 0.002 * place,
                arbitration_id=key,
                is_extended_id=key > 0x7FF,
                data=data.ljust(8, b"\0") if key != 0x18DAF110 else data,
                channel=channel,
            )
            for place, (key, data, channel) in enumerate(frames)
        ]
        if number == 150:
            made.append(can.Message(timestamp=at_s + 0.01, is_error_frame=True, channel="can0"))
    return columns.batch(made)


class ScreenApp(App[None]):
    def __init__(
        self, make: type[TraceScreen] | type[PlotScreen], *, is_empty: bool = False
    ) -> None:
        super().__init__()
        history = FrameHistory(load_vehicle("nissan-qashqai-j10"))
        self.shown: Screen[None] = make(history)
        if is_empty:
            return
        history.take(a_drive())
        history.take(Mark(4.8, "press-fob-lock"))
        history.take(Mark(16.9, "press-fob-lock"))
        history.take(Gap(20.0, 22.0, "adapter overflow"))
        history.book()
        self.shown = make(history)

    def on_mount(self) -> None:
        self.push_screen(self.shown)


@pytest.fixture(autouse=True)
def _stillness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Input, "cursor_blink", False)


def is_ready(screen: Screen[None]) -> bool:
    if isinstance(screen, TraceScreen):
        return bool(screen._book.messages)
    assert isinstance(screen, PlotScreen)
    return screen._tracks is not None


async def settle(pilot: Pilot[Any]) -> None:
    app = pilot.app
    assert isinstance(app, ScreenApp)
    for _ in range(500):
        if is_ready(app.shown):
            break
        await asyncio.sleep(0.01)
    assert is_ready(app.shown)
    await pilot.pause()


@pytest.mark.parametrize(
    ("make", "press", "size"),
    [
        pytest.param(TraceScreen, [], SMALL, id="trace-80x24"),
        pytest.param(TraceScreen, [], LARGE, id="trace-120x40"),
        pytest.param(
            TraceScreen,
            ["slash", *"is=changed BCM", "enter", "home", "n", "enter"],
            SMALL,
            id="trace-frame-80x24",
        ),
        pytest.param(TraceScreen, ["o"], SMALL, id="trace-ids-80x24"),
        pytest.param(TraceScreen, ["o", "r", "r"], LARGE, id="trace-ids-decoded-120x40"),
        pytest.param(
            TraceScreen, ["slash", *"DriverLocked=ajar", "enter"], SMALL, id="trace-refused-80x24"
        ),
        pytest.param(
            TraceScreen, ["g", *"15", "enter", "shift+down", "shift+down"], SMALL, id="trace-chosen"
        ),
        pytest.param(PlotScreen, [], SMALL, id="plots-80x24"),
        pytest.param(PlotScreen, ["0", "n", "n"], LARGE, id="plots-cursor-120x40"),
        pytest.param(PlotScreen, ["a", *"lock"], SMALL, id="plots-choice-80x24"),
    ],
)
def test_frames_of_a_drive(
    make: type[TraceScreen] | type[PlotScreen],
    press: list[str],
    size: tuple[int, int],
    snap_compare: Looks,
) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press(*press)
        await pilot.pause()

    assert snap_compare(ScreenApp(make), terminal_size=size, run_before=act)


@pytest.mark.parametrize("theme", [LIGHT, HIGH_CONTRAST], ids=["light", "high-contrast"])
@pytest.mark.parametrize("make", [TraceScreen, PlotScreen])
def test_frames_of_a_drive_in_other_colours(
    make: type[TraceScreen] | type[PlotScreen], theme: Theme, snap_compare: Looks
) -> None:
    app = ScreenApp(make)
    app.register_theme(theme)
    app.theme = theme.name
    assert snap_compare(app, terminal_size=SMALL, run_before=settle)


@pytest.mark.parametrize("make", [TraceScreen, PlotScreen])
def test_no_frame_has_come_yet(
    make: type[TraceScreen] | type[PlotScreen], snap_compare: Looks
) -> None:
    assert snap_compare(ScreenApp(make, is_empty=True), terminal_size=SMALL, run_before=settle)


async def test_it_can_be_read_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ScreenApp(TraceScreen)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert "text-decoration: underline" in app.export_screenshot()
