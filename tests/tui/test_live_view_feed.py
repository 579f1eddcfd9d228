"""How snapshots reach the screen: bursts, ends, errors, and quitting whatever goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from canlock.errors import BusError, SourceError
from canlock.model.capture import CaptureInfo
from canlock.model.snapshot import Snapshot
from canlock.tui.app import LiveApp, run_live_view
from canlock.tui.drawing import REDRAW_S
from canlock.tui.live_screen import LiveScreen
from canlock.tui.messages import SnapshotArrived
from canlock.tui.session import Session
from canlock.tui.status_line import StatusLine
from tui.live_view_scenes import Held, a_healthy_car


def a_snapshot(after_s: float) -> Snapshot:
    healthy = a_healthy_car()
    assert healthy.first_s is not None
    finding = replace(healthy.verdict, summary=f"Nothing is wrong after {after_s:g} s.")
    return replace(healthy, now_s=healthy.first_s + after_s, findings=(finding,))


def a_view(steps: object) -> LiveApp:
    return LiveApp(lambda: Session(steps), title="a")  # type: ignore[arg-type]


async def until(pilot: Pilot[Any], is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            break
        await asyncio.sleep(0.01)
    assert is_so()
    await pilot.pause()


def screen_text(view: LiveApp) -> str:
    """Return what a reader of the live screen sees, whatever dialog lies above it."""
    strips = view._live._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


def status(view: LiveApp) -> str:
    return str(view._live.query_one(StatusLine).render())


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_it_quits_with_status_0_although_the_bus_is_silent(key: str) -> None:
    steps = Held(a_snapshot(1.0))
    view = a_view(steps)
    async with view.run_test() as pilot:
        await until(pilot, lambda: "running" in status(view))
        await pilot.press(key)
        assert view._exit
    steps.is_over.set()
    assert view.return_code == 0


async def test_what_comes_while_the_view_shuts_down_is_let_go() -> None:
    for _ in range(3):
        steps = Held(a_snapshot(1.0))
        view = a_view(steps)
        async with view.run_test():
            steps.is_over.set()
            view.post_message(SnapshotArrived(a_snapshot(2.0)))


def run_headless(monkeypatch: pytest.MonkeyPatch, *, wait_for: str | None) -> None:
    """Let `run_live_view` run without a terminal and press q once a word stands in the status."""
    run = LiveApp.run_async

    async def run_with_pilot(view: LiveApp) -> None:
        async def press_q(pilot: Pilot[Any]) -> None:
            if wait_for is not None:
                await until(pilot, lambda: wait_for in status(view))
                await pilot.press("q")

        await run(view, headless=True, size=(80, 24), auto_pilot=press_q)

    monkeypatch.setattr(LiveApp, "run_async", run_with_pilot)


def test_the_caller_gets_status_0_after_q(monkeypatch: pytest.MonkeyPatch) -> None:
    run_headless(monkeypatch, wait_for="end of the recording")
    assert run_live_view(a_view([a_snapshot(1.0)])) == 0


def failing_steps(error: BaseException, *, before: int = 1) -> Iterator[Snapshot]:
    for number in range(before):
        yield a_snapshot(number + 1.0)
    raise error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(
            BusError("can0: gone.\nPlug it in."), "stopped: can0: gone. Plug it in.", id="own"
        ),
        pytest.param(
            ZeroDivisionError("by 0"), "canlock itself failed (ZeroDivisionError", id="bug"
        ),
    ],
)
def test_the_caller_gets_the_error_that_the_view_has_told_in_one_line(
    error: Exception,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_headless(monkeypatch, wait_for=words)
    with pytest.raises(type(error)) as raised:
        run_live_view(a_view(failing_steps(error)))
    assert raised.value is error
    assert "Traceback" not in capsys.readouterr().err


def test_what_cannot_be_opened_ends_the_view_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Session:
        raise SourceError("no.log: is not there")

    run_headless(monkeypatch, wait_for=None)
    with pytest.raises(SourceError, match="is not there"):
        run_live_view(LiveApp(refuse, title="a"))


async def test_an_error_before_any_snapshot_is_shown_as_well() -> None:
    view = a_view(failing_steps(BusError("can0: no such interface."), before=0))
    async with view.run_test() as pilot:
        await until(pilot, lambda: "can0: no such interface." in status(view))
        assert "can0: no such interface." in screen_text(view)


class Paced:
    """Many snapshots, some time apart, and then a wait."""

    def __init__(self, count: int, pause_s: float) -> None:
        self._snapshots = [a_snapshot(number / 10) for number in range(1, count + 1)]
        self._pause_s = pause_s
        self.held = Held()

    def __iter__(self) -> Iterator[Snapshot]:
        for snapshot in self._snapshots:
            yield snapshot
            time.sleep(self._pause_s)
        yield from self.held


@pytest.mark.parametrize(
    ("count", "pause_s"),
    [pytest.param(1000, 0.0, id="in a burst"), pytest.param(200, 0.002, id="500 a second")],
)
async def test_of_fast_snapshots_ten_a_second_are_drawn_and_always_the_last(
    count: int, pause_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[float] = []
    draw = LiveScreen.draw

    def note_and_draw(screen: LiveScreen, snapshot: Snapshot, *, is_final: bool = False) -> None:
        drawn.append((snapshot.now_s or 0.0) - (snapshot.first_s or 0.0))
        draw(screen, snapshot, is_final=is_final)

    monkeypatch.setattr(LiveScreen, "draw", note_and_draw)
    steps = Paced(count, pause_s)
    view = a_view(steps)
    async with view.run_test(size=(160, 50)) as pilot:
        began_s = time.monotonic()
        await until(pilot, lambda: bool(drawn) and drawn[-1] == pytest.approx(count / 10))
        assert f"Nothing is wrong after {count // 10} s." in screen_text(view)
        assert len(drawn) <= (time.monotonic() - began_s) / REDRAW_S + 2
        steps.held.is_over.set()
    assert drawn == sorted(drawn)


async def test_the_last_snapshot_is_drawn_before_the_end_is_told() -> None:
    view = a_view([a_snapshot(number) for number in (1.0, 2.0, 3.0)])
    async with view.run_test(size=(160, 50)) as pilot:
        await until(pilot, lambda: "end of the recording" in status(view))
        assert "Nothing is wrong after 3 s." in screen_text(view)
        assert "+3.0 s  22:13:23 UTC" in screen_text(view)


async def test_frames_are_waited_for_until_the_recording_ends_without_any() -> None:
    empty = replace(
        a_snapshot(1.0), capture=CaptureInfo("a.log", "candump"), first_s=None, now_s=None
    )
    steps = Held(empty)
    view = a_view(steps)
    async with view.run_test(size=(160, 50)) as pilot:
        await until(pilot, lambda: "0 frames" in status(view))
        assert "Waiting for the first frame." in screen_text(view)
        assert "Nothing is wrong" not in screen_text(view)
        steps.is_over.set()
        await until(pilot, lambda: "end of the recording" in status(view))
        assert "Nothing is wrong" in screen_text(view)


async def test_the_view_stands_before_the_session_is_open() -> None:
    held = Held()

    def open_slowly() -> Session:
        held.is_over.wait(20)
        return Session([a_snapshot(1.0)])

    view = LiveApp(open_slowly, title="a")
    async with view.run_test(size=(160, 50)) as pilot:
        await until(pilot, lambda: "opening" in status(view))
        assert view.session is None
        held.is_over.set()
        await until(pilot, lambda: "end of the recording" in status(view))
