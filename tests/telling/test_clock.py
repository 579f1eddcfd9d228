"""Instants as people read them."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.telling import clock

START_S = 1_700_000_000.0
"""2023-11-14 22:13:20 UTC."""


def test_an_instant_is_told_from_the_start_and_by_the_clock() -> None:
    assert clock.instant(START_S + 12.5, START_S) == "+12.50 s (22:13:32 UTC)"


def test_a_capture_without_a_clock_tells_only_seconds_from_its_start() -> None:
    assert clock.instant(12.5, 2.0) == "+10.50 s"


def test_an_instant_before_the_first_frame_has_a_minus() -> None:
    assert clock.relative(START_S - 0.3, START_S) == "-0.30 s"


@pytest.mark.parametrize("at_s", [2.0, 1.999])
def test_the_start_itself_is_plus_zero(at_s: float) -> None:
    assert clock.relative(at_s, 2.0) == "+0.00 s"


@pytest.mark.parametrize(
    ("at_s", "is_known"),
    [
        pytest.param(1e8, False, id="the last that may count from a start"),
        pytest.param(1e8 + 1, True, id="the first of the calendar"),
        pytest.param(clock.WALL_CLOCK_UNTIL_S - 1, True, id="the last of the calendar"),
        pytest.param(clock.WALL_CLOCK_UNTIL_S, False, id="beyond the calendar"),
        pytest.param(math.nan, False, id="not a number"),
        pytest.param(math.inf, False, id="infinite"),
        pytest.param(-1.0, False, id="negative"),
    ],
)
def test_only_times_of_the_calendar_have_a_clock(at_s: float, is_known: bool) -> None:
    assert clock.is_wall_clock(at_s) == is_known
    assert bool(clock.clock(at_s, at_s)) == is_known
    assert bool(clock.date_and_clock(at_s)) == is_known


def test_another_day_than_the_first_frames_is_named() -> None:
    midnight_s = 1_700_006_400.0
    assert clock.clock(midnight_s - 1, START_S) == "23:59:59"
    assert clock.clock(midnight_s, START_S) == "2023-11-15 00:00:00"


def test_a_time_with_no_start_to_count_from_is_told_by_date_and_clock() -> None:
    assert clock.instant(START_S, None) == "2023-11-14 22:13:20 UTC"


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert clock.instant(12.5, None) == ""
    assert clock.instant(math.nan, START_S) == ""
    assert clock.instant(START_S, math.nan) == "2023-11-14 22:13:20 UTC"


@given(st.integers(100_000_001, 4_000_000_000))
def test_the_clock_is_that_of_the_c_library(at_s: int) -> None:
    expected = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at_s))
    assert clock.date_and_clock(float(at_s)) == expected


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (66.3, "66 s"),
        (99.4, "99 s"),
        (100.0, "2 min"),
        (5999.0, "100 min"),
        (6000.0, "1.7 h"),
        (86_400.0, "24.0 h"),
    ],
)
def test_a_length_of_time_is_told_in_the_unit_that_suits_it(seconds: float, text: str) -> None:
    assert clock.duration(seconds) == text
