"""The keys of a player: hold, go on, step, hasten, another speed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from math import nan

import pytest
from live_builders import PROMPT_S, a_channel, some_frames, wait_for

from canlock.errors import SourceError
from canlock.sources.player import CapturePlayer, open_replay_bus
from canlock.sources.player_transport import Transport


@pytest.fixture
def played() -> Iterator[tuple[Transport, CapturePlayer]]:
    """A hundred frames a second for ten seconds, held before the first."""
    transport = Transport(1.0)
    transport.pause()
    bus = open_replay_bus("virtual", a_channel())
    player = CapturePlayer([some_frames([n / 100 for n in range(1000)])], bus, transport)
    player.start()
    yield transport, player
    player.stop()
    bus.shutdown()


def test_what_is_held_goes_on_from_where_it_was(played: tuple[Transport, CapturePlayer]) -> None:
    transport, player = played
    time.sleep(0.1)
    assert player.sent == 0
    assert not transport.toggle()
    wait_for(lambda: player.sent >= 5)
    assert transport.toggle()
    time.sleep(0.02)
    held = player.sent
    time.sleep(0.2)
    assert player.sent == held
    transport.resume()
    began_at = time.monotonic()
    wait_for(lambda: player.sent >= held + 20)
    # What was held is not made up for: 20 frames take 0.2 s.
    assert time.monotonic() - began_at > 0.15


def test_a_step_is_one_frame_or_all_within_some_time(
    played: tuple[Transport, CapturePlayer],
) -> None:
    transport, player = played
    transport.step()
    wait_for(lambda: player.sent == 1)
    transport.step(0.101)
    wait_for(lambda: player.sent == 11)
    time.sleep(0.1)
    assert player.sent == 11
    assert transport.is_paused


def test_to_hasten_is_to_skip_the_waits_and_nothing_else(
    played: tuple[Transport, CapturePlayer],
) -> None:
    transport, player = played
    transport.hasten(5.0)
    wait_for(lambda: player.sent == 501)
    time.sleep(0.05)
    assert player.sent == 501
    assert transport.at_s == 5.0


def test_another_speed_counts_from_here_on(played: tuple[Transport, CapturePlayer]) -> None:
    transport, player = played
    transport.set_speed(10.0)
    transport.resume()
    began_at = time.monotonic()
    wait_for(lambda: player.sent == 1000)
    assert 0.9 < time.monotonic() - began_at < PROMPT_S  # At 1x it would be 10.
    with pytest.raises(SourceError, match="expected 0"):
        transport.set_speed(nan)
    assert transport.speed == 10.0


def test_a_held_player_can_be_stopped(played: tuple[Transport, CapturePlayer]) -> None:
    _, player = played
    began_at = time.monotonic()
    player.stop()
    assert time.monotonic() - began_at < PROMPT_S
    assert player.finished.is_set()


class Clock:
    """The host's clock, set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_frame_that_is_due_does_not_wait() -> None:
    clock, never = Clock(), threading.Event()
    transport = Transport(2.0, clock)
    assert transport.wait_for(0.0, never)
    clock.now_s = 100.5
    assert transport.wait_for(1.0, never)
    transport.rewind()
    assert transport.at_s is None
    assert transport.wait_for(0.0, never)


def test_whoever_waits_is_told_to_stop() -> None:
    transport, stopping = Transport(1.0), threading.Event()
    assert transport.wait_for(0.0, stopping)

    def stop() -> None:
        stopping.set()
        transport.wake()

    threading.Timer(0.05, stop).start()
    assert not transport.wait_for(1e9, stopping)
