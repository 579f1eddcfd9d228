"""Slopes and tests against their definitions, and the words that follow from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.diagnosis.latency_trend import (
    DAY_S,
    LatencyPoint,
    LatencySeries,
    LatencyTrend,
    Verdict,
    compare_ends,
    excess,
    judge_trends,
    resolution,
)
from canlock.diagnosis.rank_trend import MOST_VALUES, kendall_test, theil_sen, thin

START_S = 1_700_000_000.0

TIED = st.lists(st.integers(-4, 4), min_size=2, max_size=6)
MILLISECONDS = st.lists(st.integers(0, 2000), min_size=3, max_size=25)


def sign(value: float) -> int:
    return (value > 0) - (value < 0)


def kendall_s(values: Sequence[float]) -> int:
    """S by its definition."""
    return sum(sign(later - earlier) for earlier, later in combinations(values, 2))


def textbook_variance(values: Sequence[float]) -> float:
    """Kendall's formula with its tie correction."""
    n = len(values)
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values())
    return (n * (n - 1) * (2 * n + 5) - ties) / 18


def pair_slopes(x: Sequence[float], y: Sequence[float]) -> list[float]:
    points = list(zip(x, y, strict=True))
    return sorted((d - b) / (c - a) for (a, b), (c, d) in combinations(points, 2) if a != c)


def column(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, np.float64)


@given(TIED)
def test_kendalls_s_and_variance_are_those_of_all_orders_of_the_values(values: list[int]) -> None:
    test = kendall_test(column(values))
    every = [kendall_s(order) for order in permutations(values)]
    assert test.s == kendall_s(values)
    assert test.variance == pytest.approx(float(np.mean(np.square(every))))
    assert test.variance == pytest.approx(textbook_variance(values))


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=2, max_size=5))
def test_a_test_by_session_is_the_one_over_all_orders_of_whole_sessions(
    sessions: list[list[int]],
) -> None:
    def between(order: Sequence[Sequence[int]]) -> int:
        pairs = combinations(order, 2)
        return sum(sign(b - a) for first, second in pairs for a in first for b in second)

    values = [value for session in sessions for value in session]
    numbers = [number for number, session in enumerate(sessions) for _ in session]
    test = kendall_test(column(values), np.array(numbers))
    every = [between(order) for order in permutations(sessions)]
    assert test.s == between(sessions)
    assert test.variance == pytest.approx(float(np.mean(np.square(every))))
    share = sum(abs(s) >= abs(test.s) for s in every) / len(every)
    assert test.p == pytest.approx(share)


def test_many_sessions_of_one_operation_are_operations() -> None:
    values = column([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])
    alone, grouped = kendall_test(values), kendall_test(values, np.arange(12))
    assert (alone.s, alone.variance) == (grouped.s, grouped.variance)
    # Without the correction for continuity the chance is a little less.
    assert grouped.p < alone.p < grouped.p * 1.3


@pytest.mark.parametrize(
    ("values", "p"),
    [
        # S = 66, variance 212.67: z = 65 / 14.583 = 4.457.
        pytest.param(range(12), 8.3e-6, id="rising"),
        pytest.param([7] * 12, 1.0, id="all the same"),
        # Four pairs up, two down: S = 2, less than one step.
        pytest.param([2, 4, 1, 3], 1.0, id="no order"),
    ],
)
def test_the_chance_of_an_order_is_that_of_the_normal_law(
    values: Sequence[float], p: float
) -> None:
    assert kendall_test(column(values)).p == pytest.approx(p, rel=0.02)


@given(MILLISECONDS, st.data())
def test_the_slope_is_the_median_over_all_pairs(y: list[int], data: st.DataObject) -> None:
    x = data.draw(st.lists(st.integers(0, 40), min_size=len(y), max_size=len(y)))
    slopes = pair_slopes(x, y)
    found = theil_sen(column(x), column(y), 1.0)
    if slopes:
        assert found.per_unit == pytest.approx(float(np.median(slopes)))
    else:
        assert (found.per_unit, found.low, found.high) == (0.0, -np.inf, np.inf)


@given(MILLISECONDS, st.integers(-5000, 5000), st.integers(-20, 20))
def test_a_shift_leaves_the_slope_and_a_ramp_adds_to_it(y: list[int], by: int, ramp: int) -> None:
    x = np.arange(len(y), dtype=np.float64)
    plain, moved = theil_sen(x, column(y), 5.0), theil_sen(x, column(y) + by + ramp * x, 5.0)
    assert moved.per_unit == pytest.approx(plain.per_unit + ramp)
    assert moved.low == pytest.approx(plain.low + ramp)
    assert moved.high == pytest.approx(plain.high + ramp)


@given(MILLISECONDS, st.integers(0, 60))
def test_the_interval_holds_the_slope_and_grows_with_the_spread(y: list[int], sigma: int) -> None:
    x = np.arange(len(y), dtype=np.float64)
    narrow, wide = (theil_sen(x, column(y), float(s)) for s in (sigma, sigma + 5))
    assert wide.low <= narrow.low <= narrow.per_unit <= narrow.high <= wide.high


def test_the_interval_holds_the_true_slope_95_times_of_100() -> None:
    chance = np.random.default_rng(4)
    x = np.arange(20, dtype=np.float64)
    held = 0
    for _ in range(400):
        y = 0.3 * x + chance.standard_normal(20)
        slope = theil_sen(x, y, kendall_test(y).variance ** 0.5)
        held += slope.low <= 0.3 <= slope.high
    assert 0.92 <= held / 400 <= 0.985


def test_of_a_long_series_the_ends_are_kept() -> None:
    kept = thin(np.arange(3 * MOST_VALUES + 7, dtype=np.float64))
    assert (len(kept), kept[0], kept[-1]) == (MOST_VALUES, 0, 3 * MOST_VALUES + 6)
    slope = theil_sen(kept, kept * 2, 1.0)
    assert slope.per_unit == 2.0


# --- Words ----------------------------------------------------------------------------------------


def series(
    latency_ms: Callable[[int], float],
    count: int = 24,
    *,
    others_ms: Callable[[int], float] | None = lambda _: 100.0,
    others: int = 4,
    per_session: int = 3,
    period_s: float | None = None,
) -> LatencySeries:
    """A door's answers, three a day, with a jitter of half a millisecond."""
    points = tuple(
        LatencyPoint(
            at_s=START_S + n // per_session * DAY_S + n % per_session * 60.0,
            latency_s=(latency_ms(n) + n * 7 % 3 / 4) / 1000,
            floor_s=0.0,
            session=n // per_session,
            others_s=None if others_ms is None else others_ms(n) / 1000,
            others=0 if others_ms is None else others,
        )
        for n in range(count)
    )
    return LatencySeries("driver", "unlock", points, period_s)


def judge(one: LatencySeries) -> LatencyTrend:
    (trend,) = judge_trends([one], "day")
    return trend


def test_a_lock_that_takes_longer_each_day_is_getting_slower() -> None:
    trend = judge(series(lambda n: 100 + 3 * (n // 3)))
    assert (trend.verdict, trend.reason) == (Verdict.SLOWER, "")
    assert trend.own is not None
    assert trend.relative is not None
    assert trend.own.slope.per_unit == pytest.approx(0.003, rel=0.05)
    assert trend.relative.change_s == pytest.approx(0.021, rel=0.05)
    assert trend.confidence == pytest.approx(1.0, abs=1e-6)


def test_a_lock_that_was_greased_is_getting_faster() -> None:
    assert judge(series(lambda n: 200 - 5 * (n // 3))).verdict is Verdict.FASTER


@pytest.mark.parametrize(
    ("count", "verdict"), [(11, Verdict.TOO_FEW), (12, Verdict.SLOWER)], ids=["11", "12"]
)
def test_twelve_operations_are_needed(count: int, verdict: Verdict) -> None:
    trend = judge(series(lambda n: 100 + 5 * n, count))
    assert trend.verdict is verdict
    assert (trend.confidence is None) == (verdict is Verdict.TOO_FEW)


def test_no_answers_at_all_are_too_few_and_no_error() -> None:
    trend = judge(LatencySeries("driver", "lock", ()))
    assert (trend.verdict, trend.median_s) == (Verdict.TOO_FEW, None)


def test_motors_that_warm_up_in_one_session_make_no_trend() -> None:
    trend = judge(series(lambda n: 100 + 5 * n, per_session=99))
    assert trend.verdict is Verdict.TOO_FEW
    assert "one session" in trend.reason


@pytest.mark.parametrize(
    ("grown_ms", "verdict"),
    [
        pytest.param(9, Verdict.STEADY, id="less than a tenth"),
        pytest.param(13, Verdict.SLOWER, id="more than a tenth"),
    ],
)
def test_a_change_of_less_than_a_tenth_is_none(grown_ms: float, verdict: Verdict) -> None:
    assert judge(series(lambda n: 100 + grown_ms * (n // 3) / 7)).verdict is verdict


def test_cold_that_slows_all_doors_is_no_wear() -> None:
    trend = judge(
        series(lambda n: 130 * (1 + 0.1 * (n // 3)), others_ms=lambda n: 100 * (1 + 0.1 * (n // 3)))
    )
    assert trend.verdict is Verdict.AS_OTHERS
    assert "slower alike" in trend.reason


def test_wear_shows_although_spring_makes_all_doors_faster() -> None:
    def spring(n: int) -> float:
        return 1 - 0.03 * (n // 3)

    trend = judge(
        series(
            lambda n: 100 * spring(n) * (1 + 0.08 * (n // 3)), others_ms=lambda n: 100 * spring(n)
        )
    )
    assert trend.verdict is Verdict.SLOWER


def test_a_door_does_not_get_faster_because_another_gets_slower() -> None:
    trend = judge(series(lambda _: 100, others_ms=lambda n: 100 + 8 * (n // 3), others=1))
    assert (trend.verdict, trend.reason) == (Verdict.STEADY, "it is the other doors that changed")


@pytest.mark.parametrize(
    ("others", "verdict"), [(2, Verdict.STEADY), (3, Verdict.SLOWER)], ids=["two", "three"]
)
def test_a_few_repaired_others_make_no_door_slow(others: int, verdict: Verdict) -> None:
    trend = judge(
        series(lambda n: 100 - n // 3 / 10, others_ms=lambda n: 150 - 6 * (n // 3), others=others)
    )
    assert trend.verdict is verdict


@pytest.mark.parametrize(
    ("sessions", "verdict"), [(4, Verdict.TOO_FEW), (5, Verdict.SLOWER)], ids=["four", "five"]
)
def test_a_door_alone_needs_sessions_as_the_cold_of_one_day_is_in_all_its_operations(
    sessions: int, verdict: Verdict
) -> None:
    trend = judge(series(lambda n: 100 + 10 * (n // 3), 3 * sessions, others_ms=None))
    assert trend.verdict is verdict
    assert trend.relative is None
    assert ("no other door" in trend.reason) == bool(trend.reason)


def test_more_doors_to_be_wrong_about_ask_for_more_sessions() -> None:
    one = series(lambda n: 100 + 10 * (n // 3), 15, others_ms=None)
    verdicts = {trend.verdict for trend in judge_trends([one] * 10, "day")}
    assert verdicts == {Verdict.TOO_FEW}


@pytest.mark.parametrize(
    ("grown_ms", "verdict"),
    [
        pytest.param(80, Verdict.TOO_COARSE, id="below a step"),
        pytest.param(120, Verdict.SLOWER, id="above a step"),
    ],
)
def test_a_change_below_one_step_of_the_status_frames_is_not_called_one(
    grown_ms: float, verdict: Verdict
) -> None:
    trend = judge(series(lambda n: 150 + grown_ms * (n // 3) / 7, period_s=0.1))
    assert (trend.verdict, trend.step_s) == (verdict, 0.1)


@pytest.mark.parametrize(
    ("period_s", "step_s"),
    [
        pytest.param(0.4, 0.4, id="cyclic"),
        pytest.param(0.6, 0.0, id="rests far longer than any latency"),
        pytest.param(None, 0.0, id="only on a change"),
    ],
)
def test_a_status_that_rests_long_is_sent_at_once(period_s: float | None, step_s: float) -> None:
    assert resolution(series(lambda _: 100, period_s=period_s)) == step_s


@given(st.lists(st.floats(0.5, 2.0), min_size=12, max_size=12))
def test_a_factor_on_all_doors_leaves_no_excess(factors: list[float]) -> None:
    points = [
        replace(point, latency_s=0.13 * factor, others_s=0.1 * factor)
        for point, factor in zip(series(lambda _: 0, 12).points, factors, strict=True)
    ]
    assert np.abs(excess(points)).max() < 1e-9


def test_without_dates_the_slope_is_told_by_operations() -> None:
    (trend,) = judge_trends([series(lambda n: 100 + n)], "100-operations")
    assert trend.own is not None
    assert trend.own.slope.per_unit == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        pytest.param([None, 1.0, 2.0], None, id="too few are known"),
        pytest.param([1.0, 9.0, None, 5.0], (1.0, 5.0), id="thirds"),
    ],
)
def test_the_ends_of_what_is_known_are_compared(
    values: list[float | None], ends: tuple[float, float] | None
) -> None:
    assert compare_ends(values) == ends
