"""What time it is on the capture's clock between two frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.pipeline.guided_clock import CaptureClock


class Host:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_before_the_first_frame_no_time_is_known() -> None:
    clock = CaptureClock(1.0, Host())
    clock.see(None)
    assert clock.at_s is None


def test_it_goes_on_while_the_bus_sleeps() -> None:
    host = Host()
    clock = CaptureClock(1.0, host)
    clock.see(5000.0)
    host.now += 60.0
    clock.see(5000.0)
    assert clock.at_s == pytest.approx(5060.0)


def test_a_replay_goes_as_fast_as_it_is_played() -> None:
    host = Host()
    clock = CaptureClock(8.0, host)
    clock.see(5000.0)
    host.now += 2.0
    assert clock.at_s == pytest.approx(5016.0)


def test_as_fast_as_it_goes_it_stands_between_two_frames() -> None:
    host = Host()
    clock = CaptureClock(0.0, host)
    clock.see(5000.0)
    host.now += 2.0
    assert clock.at_s == 5000.0
    clock.see(5100.0)
    assert clock.at_s == 5100.0


@given(st.lists(st.floats(0.0, 0.5), min_size=1, max_size=30))
def test_of_frames_that_are_late_by_turns_the_least_late_tells_the_time(late: list[float]) -> None:
    host = Host()
    clock = CaptureClock(1.0, host)
    for number, late_s in enumerate(late):
        host.now = 100.0 + number + late_s  # Each frame is of a whole second.
        clock.see(5000.0 + number)
    at_s = clock.at_s
    assert at_s is not None
    assert at_s - (5000.0 + host.now - 100.0) == pytest.approx(-min(late), abs=1e-6)


@pytest.mark.parametrize(("back_s", "at_s"), [(4.0, 5010.0), (20.0, 4990.0)])
def test_only_a_clock_that_was_set_far_back_is_followed(back_s: float, at_s: float) -> None:
    host = Host()
    clock = CaptureClock(1.0, host)
    clock.see(5000.0)
    host.now += 10.0
    clock.see(5010.0 - back_s)
    assert clock.at_s == pytest.approx(at_s)
