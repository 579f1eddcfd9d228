"""How the live view looks in each state and on each of its screens, small and large."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import BusError
from canlock.model.snapshot import Snapshot
from canlock.pipeline.guided_clock import CaptureClock
from canlock.pipeline.recorded import find_recording
from canlock.pipeline.replayed import Replay
from canlock.tui.app import LiveApp
from canlock.tui.player_line import PlayerLine
from canlock.tui.session import Session
from tui.live_view_scenes import (
    Held,
    a_broken_harness,
    a_damaged_capture,
    a_healthy_car,
    a_lost_adapter,
    a_watched_car,
    an_ambiguity_group,
    behind_a_gateway,
    some_frames,
    too_little,
)

GAITER = Path(__file__).parents[2] / "captures" / "qashqai-driver-door-gaiter.log"
SMALL = (80, 24)
MIDDLE = (100, 30)
WIDE = (160, 50)
PATIENCE_S = 30.0
SIZES = {"80x24": SMALL, "100x30": MIDDLE, "160x50": WIDE}

STATES: dict[str, Callable[[], Snapshot] | None] = {
    "waiting": None,
    "healthy": a_healthy_car,
    "failing": a_broken_harness,
    "group": an_ambiguity_group,
    "insufficient": too_little,
    "damaged": a_damaged_capture,
    "watched": a_watched_car,
    "reconnecting": a_lost_adapter,
    "gateway": behind_a_gateway,
}

Looks = Callable[..., bool]


@pytest.fixture(autouse=True)
def _still_cursor_and_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input, "cursor_blink", False)
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    # With a rate of 0 the time of a mark is that of the last frame.
    monkeypatch.setattr("canlock.tui.app.CaptureClock", partial(CaptureClock, 0.0))


def a_view(steps: Held, *, has_frames: bool = True) -> LiveApp:
    frames = some_frames() if has_frames else None
    return LiveApp(lambda: Session(steps, lambda _: None, frames=frames), title="canlock watch")


async def settle(pilot: Pilot[Any], last: Snapshot | None = None) -> None:
    """Wait until a snapshot, or the end of the steps, is on the screen."""
    app = pilot.app
    assert isinstance(app, LiveApp)
    async with asyncio.timeout(PATIENCE_S):
        while app.session is None or not (
            app._is_over or (app._snapshot is last and app._drawing.is_drawn)
        ):
            await asyncio.sleep(0.01)
    await pilot.pause()
    await pilot.pause()


def looks_as_before(
    snap_compare: Looks,
    steps: Held,
    size: tuple[int, int],
    *press: str,
    view: LiveApp | None = None,
) -> bool:
    async def act(pilot: Pilot[Any]) -> None:
        last = steps.snapshots[-1] if steps.snapshots else None
        await settle(pilot, last)
        for key in press:
            await pilot.press(key)
            await settle(pilot, last)

    try:
        return snap_compare(view or a_view(steps), terminal_size=size, run_before=act)
    finally:
        steps.is_over.set()


@pytest.mark.parametrize(
    ("state", "size"),
    [*((state, size) for state in STATES for size in ("80x24", "160x50")), ("failing", "100x30")],
)
def test_the_first_screen(state: str, size: str, snap_compare: Looks) -> None:
    scene = STATES[state]
    steps = Held() if scene is None else Held(scene())
    assert looks_as_before(snap_compare, steps, SIZES[size])


@pytest.mark.parametrize("state", ["healthy", "failing"])
@pytest.mark.parametrize(("colours", "press"), [("light", ["f2"]), ("high-contrast", ["f2", "f2"])])
def test_other_colours(colours: str, press: list[str], state: str, snap_compare: Looks) -> None:
    scene = STATES[state]
    assert scene is not None
    steps = Held(scene())
    view = a_view(steps)

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, steps.snapshots[-1])
        await pilot.press(*press)
        view.clear_notifications()
        await settle(pilot, steps.snapshots[-1])
        assert colours in view.theme

    try:
        assert snap_compare(view, terminal_size=MIDDLE, run_before=act)
    finally:
        steps.is_over.set()


@pytest.mark.parametrize("size", ["80x24", "160x50"])
@pytest.mark.parametrize(
    ("screen", "press"),
    [
        ("verdict", ["v"]),
        ("bus", ["b"]),
        ("events", ["e"]),
        ("operation", ["enter"]),
        ("all-frames", ["enter", "a"]),
        ("help", ["question_mark"]),
        ("mark", ["m"]),
        ("failed-only", ["f"]),
        ("search", ["slash", "l", "o", "c", "k"]),
    ],
)
def test_another_screen(screen: str, press: list[str], size: str, snap_compare: Looks) -> None:
    scene = an_ambiguity_group if screen == "verdict" else a_watched_car
    assert looks_as_before(snap_compare, Held(scene()), SIZES[size], *press)


@pytest.mark.parametrize("state", ["waiting", "healthy", "reconnecting", "gateway"])
@pytest.mark.parametrize("press", ["v", "b"], ids=["verdict", "bus"])
def test_a_screen_in_each_state(press: str, state: str, snap_compare: Looks) -> None:
    scene = STATES[state]
    steps = Held() if scene is None else Held(scene())
    assert looks_as_before(snap_compare, steps, SMALL, press)


@pytest.mark.parametrize("colours", ["light", "high-contrast"])
@pytest.mark.parametrize(
    "press",
    ["v", "b", "enter", "question_mark", "m"],
    ids=["verdict", "bus", "operation", "help", "mark"],
)
def test_another_screen_in_other_colours(press: str, colours: str, snap_compare: Looks) -> None:
    steps = Held(a_watched_car())
    view = a_view(steps)

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, steps.snapshots[-1])
        while colours not in view.theme:
            await pilot.press("f2")
        view.clear_notifications()
        await pilot.press(press)
        await settle(pilot, steps.snapshots[-1])

    try:
        assert snap_compare(view, terminal_size=SMALL, run_before=act)
    finally:
        steps.is_over.set()


@pytest.mark.parametrize("size", ["80x24", "160x50"])
def test_a_replay_has_a_line_for_its_player(size: str, snap_compare: Looks) -> None:
    player = Replay(find_recording(GAITER), load_vehicle("nissan-qashqai-j10"), 8.0)
    player.transport.pause()
    steps = Held(a_broken_harness())
    view = LiveApp(
        lambda: Session(steps, player.put, player, player.frames), title="canlock replay"
    )

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot, steps.snapshots[-1])
        assert player.ahead.wait(20)
        view._live.query_one(PlayerLine).redraw()
        await pilot.pause()

    try:
        assert snap_compare(view, terminal_size=SIZES[size], run_before=act)
    finally:
        steps.is_over.set()


@pytest.mark.parametrize("size", ["80x24", "160x50"])
def test_the_end_of_a_recording(size: str, snap_compare: Looks) -> None:
    view = LiveApp(lambda: Session([a_broken_harness()], lambda _: None), title="canlock demo")
    assert snap_compare(view, terminal_size=SIZES[size], run_before=settle)


def broken_off_steps() -> Iterator[Snapshot]:
    yield a_broken_harness()
    raise BusError("can0: the adapter went away after 40.3 s; plug it in and start again.")


def test_an_adapter_that_goes_away(snap_compare: Looks) -> None:
    view = LiveApp(lambda: Session(broken_off_steps()), title="canlock watch")
    assert snap_compare(view, terminal_size=SMALL, run_before=settle)


def screen_text(view: LiveApp) -> str:
    return "\n".join(strip.text for strip in view._live._compositor.render_strips())


async def test_names_from_files_are_drawn_as_they_are_spelt() -> None:
    hostile = replace(
        a_healthy_car(),
        vehicle_name="[red]Car\x1b[2J\u202e",
        doors=("[b]hatch[/b]",),
        notes=("[link=x]y",),
    )
    view = LiveApp(lambda: Session([hostile]), title="[bold]t")
    async with view.run_test(size=WIDE) as pilot:
        await settle(pilot)
        text = screen_text(view)
        await pilot.press("v")
        await pilot.pause()
        text += "\n".join(strip.text for strip in view.screen._compositor.render_strips())
    assert "[bold]t · [red]Car [2J" in text
    assert "[b]hatch[/b]" in text
    assert "[link=x]y" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("size", [(1, 1), (30, 9), (300, 90)])
async def test_no_size_of_terminal_breaks_it(size: tuple[int, int]) -> None:
    steps = Held(a_watched_car())
    view = a_view(steps)
    async with view.run_test(size=size) as pilot:
        await settle(pilot, steps.snapshots[-1])
        await pilot.press("tab", "down", "e", "escape", "v", "escape", "enter", "escape")
        await pilot.resize_terminal(*WIDE)
        await pilot.pause()
        assert "broken wire in the door's rubber gaiter" in screen_text(view)
        steps.is_over.set()


async def test_a_narrow_screen_without_colours_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    view = LiveApp(lambda: Session([a_broken_harness()]), title="narrow")
    async with view.run_test(size=(40, 12)) as pilot:
        await pilot.pause(0.3)
        assert view.export_screenshot()
    assert view.return_code in (None, 0)
