"""The Polya distribution against products, factorials and sums over all that may happen."""

from __future__ import annotations

from itertools import permutations, product
from math import exp, isfinite, lgamma, log, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.diagnosis.polya import DIFFUSE, log_polya, log_run, predict

WEIGHT = st.floats(0.02, 40.0)


@st.composite
def runs(
    draw: st.DrawFn, *, most: int = 30, kinds: int = 5
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    weights = draw(st.lists(WEIGHT, min_size=2, max_size=kinds))
    counts = draw(
        st.lists(st.integers(0, most), min_size=len(weights), max_size=len(weights)),
    )
    return tuple(weights), tuple(counts)


def by_urn(weights: tuple[float, ...], drawn: tuple[int, ...]) -> float:
    """Draw from an urn to which each ball goes back with one more of its colour."""
    urn = list(weights)
    probability = 1.0
    for colour in drawn:
        probability *= urn[colour] / sum(urn)
        urn[colour] += 1.0
    return probability


def in_order(counts: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(k for k, count in enumerate(counts) for _ in range(count))


@given(runs(most=12))
def test_a_run_is_as_probable_as_its_draws_from_an_urn(
    run: tuple[tuple[float, ...], tuple[int, ...]],
) -> None:
    weights, counts = run

    assert log_polya(weights, counts) == pytest.approx(
        log(by_urn(weights, in_order(counts))), abs=1e-8
    )


@given(runs(most=200))
def test_a_run_is_as_probable_as_the_gamma_function_says(
    run: tuple[tuple[float, ...], tuple[int, ...]],
) -> None:
    weights, counts = run
    expected = lgamma(sum(weights)) - lgamma(sum(weights) + sum(counts))
    expected += sum(lgamma(w + n) - lgamma(w) for w, n in zip(weights, counts, strict=True))

    assert log_polya(weights, counts) == pytest.approx(expected, rel=1e-9, abs=1e-7)


@settings(max_examples=30)
@given(st.lists(WEIGHT, min_size=2, max_size=3), st.integers(0, 5))
def test_all_runs_of_a_length_together_are_certain(weights: list[float], length: int) -> None:
    total = sum(
        exp(log_polya(tuple(weights), tuple(drawn.count(k) for k in range(len(weights)))))
        for drawn in product(range(len(weights)), repeat=length)
    )

    assert total == pytest.approx(1.0)


def test_the_order_within_a_run_does_not_matter() -> None:
    weights = (0.3, 2.0, 5.0)
    probabilities = {round(by_urn(weights, drawn), 12) for drawn in permutations((0, 0, 1, 2))}

    assert probabilities == {round(exp(log_polya(weights, (2, 1, 1))), 12)}


@given(runs())
def test_what_comes_next_is_the_ratio_of_two_runs(
    run: tuple[tuple[float, ...], tuple[int, ...]],
) -> None:
    weights, counts = run
    before = log_polya(weights, counts)
    shares = predict(weights, counts)

    assert sum(shares) == pytest.approx(1.0)
    for k, share in enumerate(shares):
        after = log_polya(weights, tuple(n + (i == k) for i, n in enumerate(counts)))
        assert log(share) == pytest.approx(after - before, abs=1e-8)


@given(runs(most=300), st.floats(1e-6, 0.1))
def test_no_run_is_less_probable_than_its_leak(
    run: tuple[tuple[float, ...], tuple[int, ...]], leak: float
) -> None:
    weights, counts = run
    diffuse = log_polya((DIFFUSE,) * len(weights), counts)
    found = log_run(weights, counts, leak)

    assert isfinite(found)
    assert found >= diffuse + log(leak) - 1e-9
    assert found >= log_polya(weights, counts) + log(1.0 - leak) - 1e-9
    assert found <= max(diffuse, log_polya(weights, counts)) + 1e-9


@given(runs(most=20), st.floats(1e-6, 0.5))
def test_a_leak_is_a_mixture_of_two_runs(
    run: tuple[tuple[float, ...], tuple[int, ...]], leak: float
) -> None:
    weights, counts = run
    drawn = in_order(counts)
    expected = (1.0 - leak) * by_urn(weights, drawn)
    expected += leak * by_urn((DIFFUSE,) * len(weights), drawn)

    assert log_run(weights, counts, leak) == pytest.approx(log(expected), abs=1e-7)


@pytest.mark.parametrize("counts", [(0, 0, 0), (0, 0)])
def test_an_empty_run_is_certain(counts: tuple[int, ...]) -> None:
    assert log_polya((1.0,) * len(counts), counts) == 0.0
    assert log_run((1.0,) * len(counts), counts, 1e-3) == pytest.approx(0.0)


def test_repeats_of_one_outcome_say_less_and_less() -> None:
    weights = (0.2, 1.8)
    steps = [
        log_polya(weights, (count + 1, 0)) - log_polya(weights, (count, 0)) for count in range(20)
    ]

    assert steps == sorted(steps)
    assert steps[0] == pytest.approx(log(0.1))
    assert all(step < 0.0 for step in steps)


def test_the_larger_the_weights_the_more_alike_are_rate_and_run() -> None:
    rates = (0.3, 0.7)
    counts = (3, 7)
    independent = log(prod(rate**count for rate, count in zip(rates, counts, strict=True)))
    gaps = [
        abs(log_polya(tuple(size * rate for rate in rates), counts) - independent)
        for size in (1.0, 10.0, 100.0, 1e5)
    ]

    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-2
