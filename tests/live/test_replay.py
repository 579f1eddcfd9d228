"""`canlock replay`: the verdict of the file, at any speed, held, sought and looped."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from itertools import pairwise

import can
import numpy as np
import pytest
from live_builders import GAITER, PATIENCE_S, PROMPT_S, QASHQAI, a_group, frames_of, wait_for
from typer.testing import CliRunner

from canlock.cli.main import app
from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import BusError
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.pipeline.replayed import Replay
from canlock.sources.player import CapturePlayer, Mirror, open_replay_bus

RUNNER = CliRunner()


def a_replay(speed: float = 0.0, **how: bool) -> Replay:
    return Replay(find_recording(GAITER), load_vehicle(QASHQAI), speed, **how)  # type: ignore[arg-type]


def the_whole() -> Snapshot:
    return diagnose_recording(find_recording(GAITER), load_vehicle(QASHQAI))


@pytest.mark.parametrize("speed", [0.0, 100.0])
def test_a_replay_ends_in_the_verdict_of_the_file(speed: float) -> None:
    *_, last = a_replay(speed).steps
    whole = the_whole()
    assert last.findings == whole.findings
    assert last.hypotheses == whole.hypotheses
    assert last.operations == whole.operations


def test_going_back_plays_what_was_before_and_the_verdict_is_that_of_the_place() -> None:
    played = a_replay(50.0)
    places: list[float] = []
    has_gone_back = False
    with closing(played.steps) as steps:
        for snapshot in steps:
            assert snapshot.first_s == played.first_s or snapshot.now_s is None
            if snapshot.now_s is None or played.first_s is None:
                continue
            places.append(snapshot.now_s - played.first_s)
            if not has_gone_back and places[-1] > 30.0:
                played.seek(5.0)
                has_gone_back = True
            elif has_gone_back and places[-1] < 29.0:
                played.transport.hasten(1e12)
        last = snapshot
    assert has_gone_back
    assert any(later < before for before, later in pairwise(places))
    assert last.findings == the_whole().findings


def test_a_held_replay_can_be_moved_and_a_mark_is_kept_when_it_goes_back() -> None:
    played = a_replay(1.0)
    first_s = played.first_s
    assert first_s is not None
    played.transport.pause()
    seen: list[Snapshot] = []

    def run() -> None:
        seen.extend(played.steps)

    thread = threading.Thread(target=run)
    thread.start()
    played.seek(20.0)
    wait_for(lambda: (played.transport.at_s or 0.0) > first_s + 19.0)
    played.mark(Mark(first_s + 15.0, "note", None, "kept"))
    assert played.skip(-10.0) == pytest.approx(10.0, abs=1.0)
    wait_for(lambda: first_s < (played.transport.at_s or 0.0) < first_s + 11.0)
    played.transport.resume()
    played.transport.hasten(1e12)
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert any(mark.note == "kept" for mark in seen[-1].marks)


def test_a_loop_begins_again_until_it_is_told_not_to() -> None:
    played = a_replay(0.0, is_looping=True)
    rounds = 0
    before = 0.0
    for snapshot in played.steps:
        if (snapshot.now_s or 0.0) < before:
            rounds += 1
            played.is_looping = rounds < 2
        before = snapshot.now_s or 0.0
    assert rounds == 2


def test_a_replay_stops_in_the_middle_of_a_wait() -> None:
    played = a_replay(0.1)
    threading.Timer(0.3, played.stop).start()
    began_at = time.monotonic()
    assert list(played.steps)
    assert time.monotonic() - began_at < PROMPT_S


def test_frames_come_within_milliseconds_of_their_times() -> None:
    """The figure is measured by `bench.live_replay`; here a crowded machine only must not drift."""
    frames = frames_of(GAITER)
    frames = frames.take(frames.timestamp_s < frames.timestamp_s[0] + 1.5)
    bus = open_replay_bus("virtual", "timing")
    listener = can.Bus("timing", "virtual")
    player = CapturePlayer([frames], bus, 1.0)
    arrivals = []
    player.start()
    for _ in range(len(frames)):
        assert listener.recv(PATIENCE_S) is not None
        arrivals.append(time.monotonic())
    player.wait(PATIENCE_S)
    bus.shutdown()
    listener.shutdown()
    late = np.array(arrivals) - arrivals[0] - (frames.timestamp_s - frames.timestamp_s[0])
    late -= late.min()  # The first may itself have come late.
    # Any frame may have come as the machine was busy elsewhere; a drift would have all.
    assert np.quantile(late, 0.25) < 0.005
    assert late[-len(late) // 10 :].min() < 0.05


def test_another_program_can_watch_over_multicast() -> None:
    group = a_group()
    command = [sys.executable, "-m", "canlock", "watch", "-i", "udp_multicast", "-c", group]
    watcher = subprocess.Popen(
        [*command, "--headless", "--vehicle", QASHQAI, "--for", "5"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watcher.stderr is not None
    assert "silent: confirmed" in watcher.stderr.readline()
    how = Mirror("udp_multicast", group)
    try:
        list(Replay(find_recording(GAITER), load_vehicle(QASHQAI), 20.0, mirror=how).steps)
    except BusError as error:
        watcher.kill()
        watcher.communicate()
        pytest.skip(f"no multicast here: {error}")
    out, errors = watcher.communicate(timeout=PATIENCE_S)
    assert watcher.returncode == 0, errors
    lines = [json.loads(line) for line in out.splitlines()]
    *_, bus = (line["bus"] for line in lines if line["type"] == "bus")
    assert bus["frames"] > 0.98 * len(frames_of(GAITER))


@pytest.mark.parametrize("interface", ["socketcan", "slcan"])
def test_no_capture_is_played_onto_a_car(interface: str) -> None:
    done = RUNNER.invoke(app, ["replay", str(GAITER), "-i", interface, "-c", "can0", "--headless"])
    assert isinstance(done.exception, BusError)
    assert "never played onto a real bus" in str(done.exception)


def test_headless_lines_end_with_the_verdict_and_without_them_there_is_a_report() -> None:
    done = RUNNER.invoke(app, ["replay", str(GAITER), "--speed", "0", "--headless"])
    assert done.exit_code == 0
    last = json.loads(done.stdout.splitlines()[-1])
    verdict = the_whole().verdict
    assert last["findings"][0]["fault"] == verdict.fault
    assert last["findings"][0]["probability"] == pytest.approx(verdict.probability, abs=1e-6)
    done = RUNNER.invoke(app, ["replay", str(GAITER), "--speed", "0"])
    assert "VERDICT" in done.stdout


@pytest.mark.parametrize("speed", ["0.05", "101", "-1", "nan"])
def test_a_speed_beyond_reason_is_refused(speed: str) -> None:
    done = RUNNER.invoke(app, ["replay", str(GAITER), "--speed", speed])
    assert done.exit_code == 2
    assert "as fast as it goes" in done.output
