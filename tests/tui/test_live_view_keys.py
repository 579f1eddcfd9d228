"""What the live view does: keys, marks, bursts, ends and errors."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from canlock.errors import BusError
from canlock.model.capture import CaptureInfo
from canlock.model.operations import LogEvent
from canlock.model.snapshot import Snapshot
from canlock.model.stream import MARK_ACTIONS, Mark
from canlock.model.verdict import Finding, Hypothesis
from canlock.tui.app import REDRAW_S, LiveApp, run_live_view
from canlock.tui.event_list import EventList
from canlock.tui.live_screen import LiveScreen
from canlock.tui.mark_dialog import MarkDialog
from canlock.tui.messages import SnapshotArrived
from canlock.tui.status_line import StatusLine

START_S = 1_700_000_000.0


def a_snapshot(after_s: float = 1.0, *, events: int = 0, door: str = "driver") -> Snapshot:
    return Snapshot(
        vehicle="a-car",
        vehicle_name="A Car",
        doors=(door, "passenger"),
        tier="T3",
        capture=CaptureInfo("a.log", "candump", frames=int(after_s * 100)),
        first_s=START_S,
        now_s=START_S + after_s,
        findings=(
            Finding(
                "no-fault",
                "none",
                (),
                0.9,
                is_confident=True,
                group=("no-fault",),
                summary=f"Nothing is wrong after {after_s:g} s.",
            ),
        ),
        hypotheses=(Hypothesis("no-fault", (), 0.9),),
        events=tuple(
            LogEvent(START_S + number, "note", None, "", f"Event {number}.")
            for number in range(events)
        ),
    )


class Steps:
    """Snapshots and then a wait, as for a bus that fell silent, until `end` lets go."""

    def __init__(self, *snapshots: Snapshot, pause_s: float = 0.0) -> None:
        self._snapshots = snapshots
        self._pause_s = pause_s
        self.end = threading.Event()

    def __iter__(self) -> Iterator[Snapshot]:
        for snapshot in self._snapshots:
            yield snapshot
            time.sleep(self._pause_s)
        self.end.wait(20)


@pytest.fixture(autouse=True)
def _no_animation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lists jump to where they scroll, and the cursor of a text stand still."""
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Input, "cursor_blink", False)


@pytest.fixture
def silent_steps() -> Iterator[Steps]:
    steps = Steps(a_snapshot(3.0, events=60))
    yield steps
    steps.end.set()


async def until(pilot: Pilot[Any], is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            break
        await asyncio.sleep(0.01)
    assert is_so()
    await pilot.pause()


def screen_text(app: LiveApp) -> str:
    """Return what a reader of the live screen sees, whatever dialog lies above it."""
    strips = app._live._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


def status(app: LiveApp) -> str:
    return str(app._live.query_one(StatusLine).render())


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_it_quits_with_status_0_although_the_bus_is_silent(
    key: str, silent_steps: Steps
) -> None:
    app = LiveApp(silent_steps, title="a")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "running" in status(app))
        await pilot.press(key)
        assert app._exit
    assert app.return_code == 0


async def test_what_comes_while_the_view_shuts_down_is_let_go() -> None:
    for _ in range(3):
        steps = Steps(a_snapshot())
        app = LiveApp(steps, title="a")
        async with app.run_test():
            steps.end.set()
            app.post_message(SnapshotArrived(a_snapshot(2.0)))


def run_headless(monkeypatch: pytest.MonkeyPatch, *, wait_for: str) -> None:
    """Let `run_live_view` run without a terminal and press q once a word stands in the status."""
    run = LiveApp.run

    def run_with_pilot(app: LiveApp, **_: object) -> None:
        async def press_q(pilot: Pilot[Any]) -> None:
            await until(pilot, lambda: wait_for in status(app))
            await pilot.press("q")

        run(app, headless=True, size=(80, 24), auto_pilot=press_q)

    monkeypatch.setattr(LiveApp, "run", run_with_pilot)


def test_the_caller_gets_status_0_after_q(monkeypatch: pytest.MonkeyPatch) -> None:
    run_headless(monkeypatch, wait_for="end of the recording")
    assert run_live_view([a_snapshot()], title="a") == 0


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
        run_live_view(failing_steps(error), title="a")
    assert raised.value is error
    assert "Traceback" not in capsys.readouterr().err


async def test_an_error_before_any_snapshot_is_shown_as_well() -> None:
    app = LiveApp(failing_steps(BusError("can0: no such interface."), before=0), title="a")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "can0: no such interface." in status(app))
        assert "can0: no such interface." in screen_text(app)


@pytest.mark.parametrize(
    ("count", "pause_s"),
    [pytest.param(1000, 0.0, id="in a burst"), pytest.param(200, 0.002, id="500 a second")],
)
async def test_of_fast_snapshots_ten_a_second_are_drawn_and_always_the_last(
    count: int, pause_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[float | None] = []
    draw = LiveScreen.draw

    def note_and_draw(screen: LiveScreen, snapshot: Snapshot, *, is_final: bool = False) -> None:
        drawn.append(snapshot.now_s)
        draw(screen, snapshot, is_final=is_final)

    monkeypatch.setattr(LiveScreen, "draw", note_and_draw)
    steps = Steps(*(a_snapshot(number / 10) for number in range(1, count + 1)), pause_s=pause_s)
    app = LiveApp(steps, title="a")
    async with app.run_test() as pilot:
        began_s = time.monotonic()
        await until(pilot, lambda: drawn[-1:] == [START_S + count / 10])
        assert f"Nothing is wrong after {count // 10} s." in screen_text(app)
        assert len(drawn) <= (time.monotonic() - began_s) / REDRAW_S + 2
        steps.end.set()
    assert drawn == sorted(drawn, key=lambda now_s: now_s or 0.0)


async def test_the_last_snapshot_is_drawn_before_the_end_is_told() -> None:
    app = LiveApp([a_snapshot(number) for number in (1.0, 2.0, 3.0)], title="a")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "end of the recording" in status(app))
        assert "Nothing is wrong after 3 s." in screen_text(app)
        assert "+3.0 s" in screen_text(app)


async def test_frames_are_waited_for_until_the_recording_ends_without_any() -> None:
    empty = replace(a_snapshot(), capture=CaptureInfo("a.log", "candump"), first_s=None, now_s=None)
    steps = Steps(empty)
    app = LiveApp(steps, title="a")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "0 frames" in status(app))
        assert "Waiting for the first frame." in screen_text(app)
        assert "Nothing is wrong" not in screen_text(app)
        steps.end.set()
        await until(pilot, lambda: "end of the recording" in status(app))
        assert "Nothing is wrong" in screen_text(app)


async def choose(pilot: Pilot[Any], row: int) -> None:
    pilot.app.screen.query_one(OptionList).highlighted = row
    await pilot.press("enter")
    await pilot.pause()


async def test_a_mark_bears_the_time_at_which_m_was_pressed_and_the_chosen_door(
    silent_steps: Steps,
) -> None:
    marks: list[Mark] = []
    app = LiveApp(silent_steps, title="a", on_mark=marks.append)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "running" in status(app))
        await pilot.press("m")
        await pilot.pause()
        app.post_message(SnapshotArrived(a_snapshot(9.0)))
        await choose(pilot, MARK_ACTIONS.index("pull-outer-handle"))
        await choose(pilot, 2)
        await until(pilot, lambda: not isinstance(app.screen, MarkDialog))
    assert marks == [Mark(START_S + 3.0, "pull-outer-handle", "passenger")]


@pytest.mark.parametrize(
    ("action", "rows"),
    [
        pytest.param("press-fob-unlock", [], id="none is asked for"),
        pytest.param("heard-click", [0], id="none is chosen"),
    ],
)
async def test_a_mark_may_concern_no_single_door(
    action: str, rows: list[int], silent_steps: Steps
) -> None:
    marks: list[Mark] = []
    app = LiveApp(silent_steps, title="a", on_mark=marks.append)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "running" in status(app))
        await pilot.press("m")
        await pilot.pause()
        for row in [MARK_ACTIONS.index(action), *rows]:
            await choose(pilot, row)
        await until(pilot, lambda: not isinstance(app.screen, MarkDialog))
    assert marks == [Mark(START_S + 3.0, action)]


async def test_a_note_takes_a_line_of_text_in_which_q_is_a_letter(silent_steps: Steps) -> None:
    marks: list[Mark] = []
    app = LiveApp(silent_steps, title="a", on_mark=marks.append)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "running" in status(app))
        await pilot.press("m")
        await pilot.pause()
        await choose(pilot, MARK_ACTIONS.index("note"))
        assert isinstance(app.focused, Input)
        await pilot.press(*"q!", "enter")
        await until(pilot, lambda: not isinstance(app.screen, MarkDialog))
    assert marks == [Mark(START_S + 3.0, "note", None, "q!")]


async def test_escape_leaves_the_dialog_without_a_mark(silent_steps: Steps) -> None:
    marks: list[Mark] = []
    app = LiveApp(silent_steps, title="a", on_mark=marks.append)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "running" in status(app))
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(app.screen, MarkDialog)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, MarkDialog))
    assert marks == []


async def test_m_does_nothing_where_nobody_takes_marks(silent_steps: Steps) -> None:
    app = LiveApp(silent_steps, title="a")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "running" in status(app))
        await pilot.press("m")
        await pilot.pause()
        assert not isinstance(app.screen, MarkDialog)
        assert "Mark" not in screen_text(app)


async def test_m_does_nothing_after_the_end() -> None:
    app = LiveApp([a_snapshot()], title="a", on_mark=lambda _: None)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "end of the recording" in status(app))
        await pilot.press("m")
        await pilot.pause()
        assert not isinstance(app.screen, MarkDialog)


async def test_m_before_the_first_frame_says_that_there_is_no_time_yet() -> None:
    steps = Steps()
    app = LiveApp(steps, title="a", on_mark=lambda _: None)
    async with app.run_test() as pilot:
        await pilot.press("m")
        await pilot.pause()
        assert not isinstance(app.screen, MarkDialog)
        assert len(app._notifications) == 1
        steps.end.set()


async def test_a_mark_that_is_not_taken_is_told_and_kept_for_the_caller(
    silent_steps: Steps,
) -> None:
    error = BusError("marks.csv: the disk is full.")

    def refuse(_: Mark) -> None:
        raise error

    app = LiveApp(silent_steps, title="a", on_mark=refuse)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "running" in status(app))
        await pilot.press("m")
        await pilot.pause()
        await choose(pilot, MARK_ACTIONS.index("rested"))
        await until(pilot, lambda: app.failure is error)
        assert any("the disk is full" in note.message for note in app._notifications)


async def test_d_turns_dark_to_light_and_back(silent_steps: Steps) -> None:
    app = LiveApp(silent_steps, title="a")
    async with app.run_test() as pilot:
        was_dark = app.current_theme.dark
        await pilot.press("d")
        assert app.current_theme.dark != was_dark
        await pilot.press("d")
        assert app.current_theme.dark == was_dark


async def test_e_brings_the_events_where_there_is_no_room_for_them(silent_steps: Steps) -> None:
    app = LiveApp(silent_steps, title="a")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "running" in status(app))
        assert "Event 59." not in screen_text(app)
        await pilot.press("e")
        await until(pilot, lambda: "Event 59." in screen_text(app))
        await pilot.press("e")
        await until(pilot, lambda: "Event 59." not in screen_text(app))


async def test_arrows_scroll_the_list_that_tab_has_reached(silent_steps: Steps) -> None:
    app = LiveApp(silent_steps, title="a")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "running" in status(app))
        events = app._live.query_one(EventList)
        for _ in range(6):
            if app.focused is events:
                break
            await pilot.press("tab")
        assert app.focused is events
        await pilot.press("down", "down")
        await until(pilot, lambda: events.scroll_offset.y == 2)
        assert "Event 59." not in screen_text(app)
        await pilot.press("end")
        await until(pilot, lambda: "Event 0." in screen_text(app))


async def test_new_events_do_not_push_away_the_line_that_is_being_read() -> None:
    steps = Steps(a_snapshot(3.0, events=60))
    app = LiveApp(steps, title="a")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "running" in status(app))
        events = app._live.query_one(EventList)
        events.scroll_to(y=20, animate=False)
        await until(pilot, lambda: events.scroll_offset.y == 20)
        app.post_message(SnapshotArrived(a_snapshot(4.0, events=65)))
        await until(pilot, lambda: events.scroll_offset.y == 25)
        steps.end.set()
