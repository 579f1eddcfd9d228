"""Shares and their intervals, against figures worked out by hand and against the definition."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.evaluation.rates import Z_95, Rate, rate


def test_a_rate_counts_what_something_holds_for() -> None:
    assert rate([1, 2, 3, 4], lambda number: number > 3) == Rate(1, 4)


def test_where_nothing_was_counted_there_is_neither_share_nor_interval() -> None:
    assert Rate(0, 0).share is None
    assert Rate(0, 0).interval() is None


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # z2 = 3.8415. 5 of 10: (0.5 + 0.19207) / 1.38415 = 0.5, half 0.36453 / 1.38415 = 0.26336.
        pytest.param(5, 10, 0.23659, 0.76341, id="half"),
        # 0 of 20: high = (z2 / 20) / (1 + z2 / 20) = 0.19207 / 1.19207.
        pytest.param(0, 20, 0.0, 0.16113, id="none"),
        pytest.param(20, 20, 0.83887, 1.0, id="all"),
        # Newcombe, Statistics in Medicine 17 (1998) 857, table I: 81 of 263 and 15 of 148.
        pytest.param(81, 263, 0.2553, 0.3662, id="newcombe a"),
        pytest.param(15, 148, 0.0624, 0.1605, id="newcombe b"),
    ],
)
def test_the_interval_is_that_of_wilson(count: int, of: int, low: float, high: float) -> None:
    assert Rate(count, of).interval() == pytest.approx((low, high), abs=6e-5)


@given(st.integers(1, 5_000), st.floats(0.0, 1.0))
def test_at_the_ends_of_the_interval_the_count_is_just_so_far_off(of: int, part: float) -> None:
    count = round(part * of)
    interval = Rate(count, of).interval()
    assert interval is not None
    for bound in interval:
        # Wilson's bounds are where the score test is at its limit.
        distance = abs(count / of - bound)
        limit = Z_95 * math.sqrt(bound * (1 - bound) / of)
        is_end = bound in (0.0, 1.0) and count in (0, of)
        assert is_end or distance == pytest.approx(limit, abs=1e-9)
    assert 0.0 <= interval[0] <= count / of <= interval[1] <= 1.0
