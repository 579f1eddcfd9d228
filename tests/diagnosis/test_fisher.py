"""Fisher's exact test beside counting all ways by hand."""

from __future__ import annotations

from itertools import combinations
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.diagnosis.fisher import odds_ratio, p_value

COUNTS = st.integers(0, 5)


def by_counting(a: int, b: int, c: int, d: int) -> float:
    """Deal the failures to the orders in every way, and count those that are as uneven."""
    total, row, failures = a + b + c + d, a + b, a + c
    hits = [sum(place < row for place in dealt) for dealt in combinations(range(total), failures)]
    shares = {hit: hits.count(hit) / len(hits) for hit in set(hits)}
    return sum(share for share in shares.values() if share <= shares[a] + 1e-12)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_probability_is_that_of_dealing_by_hand(a: int, b: int, c: int, d: int) -> None:
    assert p_value(a, b, c, d) == pytest.approx(by_counting(a, b, c, d))


def test_the_lady_who_tasted_tea() -> None:
    assert p_value(3, 1, 1, 3) == pytest.approx(34 / 70)
    assert p_value(4, 0, 0, 4) == pytest.approx(2 / 70)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_it_is_the_same_with_rows_or_columns_changed_round(a: int, b: int, c: int, d: int) -> None:
    assert p_value(a, b, c, d) == pytest.approx(p_value(c, d, a, b))
    assert p_value(a, b, c, d) == pytest.approx(p_value(b, a, d, c))


@pytest.mark.parametrize(
    ("table", "expected"),
    [((2, 1, 1, 2), 4.0), ((1, 2, 2, 1), 0.25), ((1, 0, 0, 1), inf), ((0, 1, 1, 0), 0.0)],
)
def test_odds_are_compared(table: tuple[int, int, int, int], expected: float) -> None:
    assert odds_ratio(*table) == expected


def test_nothing_has_even_odds() -> None:
    assert odds_ratio(0, 0, 0, 0) == odds_ratio(3, 0, 3, 0) == 1.0
