"""A replay under the live view: its keys, its seek bar, marks while it is held, the look ahead."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from live_builders import GAITER, PATIENCE_S, QASHQAI, frames_of, wait_for
from textual.pilot import Pilot

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, MarkUndone
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.pipeline.replayed import Replay
from canlock.pipeline.survey import SurveyTask, survey_recording
from canlock.tui.app import LiveApp
from canlock.tui.player_line import PlayerLine
from canlock.tui.session import replay_session
from canlock.tui.status_line import StatusLine


def a_replay(speed: float = 0.0) -> Replay:
    return Replay(find_recording(GAITER), load_vehicle(QASHQAI), speed)


def place_of(player: Replay) -> float:
    return (player.transport.at_s or 0.0) - (player.first_s or 0.0)


def test_the_look_ahead_finds_what_the_whole_analysis_finds() -> None:
    survey = survey_recording(find_recording(GAITER), load_vehicle(QASHQAI))
    whole = diagnose_recording(find_recording(GAITER), load_vehicle(QASHQAI))
    times = frames_of(GAITER).timestamp_s
    assert survey is not None
    assert survey.operations == whole.operations
    assert (survey.first_s, survey.last_s) == (times[0], times[-1])


def test_a_look_ahead_that_nobody_wants_gives_nothing() -> None:
    recording = find_recording(GAITER)
    assert survey_recording(recording, load_vehicle(QASHQAI), lambda: False) is None
    task = SurveyTask(recording, load_vehicle(QASHQAI))
    task.stop()
    task.start()
    assert task.wait(PATIENCE_S)
    assert task.survey is None


def test_a_mark_that_is_made_while_the_replay_is_held_shows_at_once_and_can_be_taken_back() -> None:
    player = a_replay(1.0)
    seen: list[Snapshot] = []
    thread = threading.Thread(target=lambda: seen.extend(player.steps))
    thread.start()
    wait_for(lambda: bool(seen) and seen[-1].now_s is not None)
    player.transport.pause()
    at_s = player.transport.at_s
    assert at_s is not None
    mark = Mark(at_s, "note", None, "held")
    player.put(mark)
    wait_for(lambda: mark in seen[-1].marks)
    player.put(MarkUndone(at_s, mark))
    wait_for(lambda: mark not in seen[-1].marks)
    player.seek(0.0)
    wait_for(lambda: place_of(player) <= 0.5)
    assert mark not in seen[-1].marks
    player.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_the_last_frames_are_kept_and_their_rate_is_told() -> None:
    player = a_replay()
    *_, last = player.steps
    window = player.frames.window()
    assert window.end == len(frames_of(GAITER))
    assert last.bus is not None
    assert 100 < last.bus.frames_hz < 1000


async def until(pilot: Pilot[Any], is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            break
        await pilot.pause(0.01)
    assert is_so()
    await pilot.pause()


async def test_each_key_of_the_player_does_what_the_help_says() -> None:
    player = a_replay(1.0)
    view = LiveApp(lambda: replay_session(player), title="replay")
    async with view.run_test(size=(120, 40)) as pilot:
        line = view._live.query_one(PlayerLine)
        await until(pilot, lambda: player.ahead.survey is not None and place_of(player) > 0)
        await pilot.press("space")
        assert player.transport.is_paused
        assert "held" in str(line.render())
        here = place_of(player)
        await pilot.press("full_stop")
        await until(pilot, lambda: here + 0.05 < place_of(player) < here + 2)
        await pilot.press("right")
        await until(pilot, lambda: abs(place_of(player) - here - 10) < 2)
        await pilot.press("left")
        await until(pilot, lambda: abs(place_of(player) - here) < 2)
        assert player.ahead.survey is not None
        first_s = player.first_s or 0.0
        starts = [each.at_s - first_s for each in player.ahead.survey.operations]
        player.seek(20.0)
        await until(pilot, lambda: abs(place_of(player) - 20) < 1)
        await pilot.press("right_square_bracket")
        after = min(start for start in starts if start > 22)
        await until(pilot, lambda: abs(place_of(player) - after + 1) < 0.5)
        await pilot.press("left_square_bracket")
        before = max(start for start in starts if start < 20)
        await until(pilot, lambda: abs(place_of(player) - before + 1) < 0.5)
        await pilot.press("plus", "equals_sign", "minus")
        assert player.transport.speed == 2.0
        assert "2x" in str(line.render())
        states = [(player.is_looping, player.transport.is_paused)]
        for key in ("r", "r", "space"):
            await pilot.press(key)
            states.append((player.is_looping, player.transport.is_paused))
        assert states == [(False, True), (True, True), (False, True), (False, False)]
        await pilot.press("q")
    view.feed.wait()


async def test_a_click_on_the_bar_goes_there() -> None:
    player = a_replay(1.0)
    view = LiveApp(lambda: replay_session(player), title="replay")
    async with view.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: player.ahead.survey is not None and place_of(player) > 0)
        line = view._live.query_one(PlayerLine)
        line.redraw()
        player.transport.pause()
        middle = (line._bar.start + line._bar.stop) // 2
        await pilot.click(PlayerLine, offset=(middle + line.gutter.left, 0))
        assert player.ahead.survey is not None
        half_s = (player.ahead.survey.last_s - player.ahead.survey.first_s) / 2
        await until(pilot, lambda: abs(place_of(player) - half_s) < 1.5)
        await pilot.press("q")
    view.feed.wait()


async def test_at_the_end_it_waits_and_can_be_sent_back() -> None:
    player = a_replay(0.0)
    player.waits_at_end = True
    view = LiveApp(lambda: replay_session(player), title="replay")
    async with view.run_test(size=(120, 40)) as pilot:
        status = view._live.query_one(StatusLine)
        await until(pilot, lambda: "end of the recording" in str(status.render()))
        assert "ended" in str(view._live.query_one(PlayerLine).render())
        marks = len(view._snapshot.marks) if view._snapshot else 0
        await pilot.press("right", "u")
        assert player.is_at_end
        assert view._snapshot is not None
        assert len(view._snapshot.marks) == marks
        player.transport.set_speed(1.0)
        await pilot.press("left")
        await until(pilot, lambda: not player.is_at_end and place_of(player) > 40)
        await until(pilot, lambda: "running" in str(status.render()))
        await pilot.press("u")
        await until(pilot, lambda: any(isinstance(m, Mark) for m in player._made))
        await pilot.press("q")
    view.feed.wait()


async def test_space_at_the_end_begins_again() -> None:
    player = a_replay(0.0)
    player.waits_at_end = True
    view = LiveApp(lambda: replay_session(player), title="replay")
    async with view.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: player.is_at_end)
        player.transport.set_speed(0.1)
        await pilot.press("space")
        await until(pilot, lambda: not player.is_at_end and place_of(player) < 5)
        await pilot.press("q")
    view.feed.wait()


@pytest.mark.parametrize("key", ["space", "left", "right", "full_stop", "r", "plus"])
async def test_after_the_steps_are_over_the_keys_of_the_player_do_nothing(key: str) -> None:
    player = a_replay()
    view = LiveApp(lambda: replay_session(player), title="replay")
    async with view.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: view._is_over)
        transport = player.transport
        before = (transport.is_paused, transport.speed, transport.at_s, player.is_looping)
        await pilot.press(key)
        assert before == (
            transport.is_paused,
            transport.speed,
            transport.at_s,
            player.is_looping,
        )
