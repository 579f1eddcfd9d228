"""How busy a bus is: frames of the last two seconds, whatever the batches are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, FrameFlag
from canlock.model.stream import Mark
from canlock.pipeline.bus_load import frame_bits
from canlock.pipeline.bus_meter import BUCKET_S, WINDOW_S, BusMeter


def frames(*times_s: float, errors: int = 0) -> FrameBatch:
    count = len(times_s)
    flags = np.zeros(count, np.uint8)
    flags[:errors] = FrameFlag.ERROR
    return FrameBatch(
        np.array(times_s, np.float64),
        np.full(count, 0x123, np.uint32),
        flags,
        np.full(count, 8, np.uint8),
        np.zeros(count, np.uint8),
        np.zeros((count, 8), np.uint8),
    )


def steady(hz: float, seconds: float, from_s: float = 0.0) -> list[float]:
    return [from_s + number / hz for number in range(round(hz * seconds) + 1)]


def test_before_the_first_frame_nothing_is_known() -> None:
    meter = BusMeter()
    meter.take(frames())
    meter.take(Mark(1.0, "rested"))
    assert meter.rate is None


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("hz", [10.0, 500.0])
def test_the_rate_is_that_of_the_bus_however_it_is_cut(hz: float, size: int) -> None:
    meter = BusMeter()
    times = steady(hz, 10.0)
    for start in range(0, len(times), size):
        meter.take(frames(*times[start : start + size]))
    assert meter.rate is not None
    assert meter.rate.frames_hz == pytest.approx(hz, rel=0.15)


def test_what_is_older_than_the_window_counts_no_more() -> None:
    meter = BusMeter()
    meter.take(frames(*steady(100.0, 3.0)))
    meter.take(frames(*steady(10.0, WINDOW_S + 2 * BUCKET_S, from_s=3.0)))
    assert meter.rate is not None
    assert meter.rate.frames_hz == pytest.approx(10.0, rel=0.2)


def test_error_frames_are_counted_apart() -> None:
    meter = BusMeter()
    meter.take(frames(*steady(10.0, 1.0), errors=5))
    assert meter.rate is not None
    assert meter.rate.errors_hz == pytest.approx(5.0)
    assert meter.rate.frames_hz == pytest.approx(6.0)


def test_load_needs_a_bit_rate_and_lies_between_its_bounds() -> None:
    meter = BusMeter(500_000)
    meter.take(frames(*steady(1000.0, 2.0)))
    assert meter.rate is not None
    assert meter.rate.load is not None
    least, most = frame_bits(8, is_extended=False)
    assert meter.rate.load == pytest.approx((least / 500, most / 500), rel=0.01)
    unknown = BusMeter()
    unknown.take(frames(*steady(1000.0, 2.0)))
    assert unknown.rate is not None
    assert unknown.rate.load is None


def test_after_the_clock_went_back_it_counts_anew() -> None:
    meter = BusMeter()
    meter.take(frames(*steady(100.0, 3.0, from_s=1000.0)))
    meter.take(frames(*steady(10.0, 1.0)))
    assert meter.rate is not None
    assert meter.rate.frames_hz == pytest.approx(11.0)


@example(times=[0.0] * 6 + [6.625, 6.75, 8.75], size=7)
@given(st.lists(st.floats(0, 10), min_size=1, max_size=80).map(sorted), st.integers(1, 20))
def test_no_rate_is_more_than_all_frames_in_the_shortest_stretch(
    times: list[float], size: int
) -> None:
    meter = BusMeter()
    batches = [frames(*times[start : start + size]) for start in range(0, len(times), size)]
    assert list(meter.follow(batches)) == batches
    assert meter.rate is not None
    within = sum(at_s >= times[-1] - WINDOW_S - BUCKET_S for at_s in times)
    assert 0 < meter.rate.frames_hz <= within / BUCKET_S
