"""The expected calibration error, worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.evaluation.calibration import calibrate
from canlock.evaluation.rates import Rate


def test_the_error_is_the_mean_distance_between_stated_and_so() -> None:
    # 0.9-1.0: four stated 0.95 on average, three right: 0.20 off. 0.2-0.3: two stated 0.25, one
    # right: 0.25 off. (4 * 0.20 + 2 * 0.25) / 6 = 0.21667.
    sure = [(0.93, True), (0.97, True), (0.94, True), (0.96, False)]
    calibration = calibrate([*sure, (0.22, True), (0.28, False)])

    assert calibration.error == pytest.approx(0.21667, abs=1e-5)
    assert calibration.bins[9].right == Rate(3, 4)
    assert calibration.bins[2].right == Rate(1, 2)
    assert calibration.count == 6


@pytest.mark.parametrize(
    ("probability", "number"),
    [(0.0, 0), (0.0999, 0), (0.1, 1), (0.8999, 8), (0.9, 9), (1.0, 9)],
)
def test_a_bin_holds_its_lower_bound_and_the_last_one_holds_1(
    probability: float, number: int
) -> None:
    bins = calibrate([(probability, True)]).bins
    assert [each.right.of for each in bins].index(1) == number


def test_who_is_right_as_often_as_stated_has_no_error() -> None:
    assert calibrate([(0.75, True)] * 3 + [(0.75, False)]).error == pytest.approx(0.0)


def test_who_is_always_sure_and_never_right_has_all_of_it() -> None:
    assert calibrate([(1.0, False)] * 5).error == 1.0


def test_nothing_stated_gives_no_error_at_all() -> None:
    assert calibrate([]).error is None
    assert calibrate([]).bins[0].mean_probability is None


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), min_size=1, max_size=40))
def test_the_error_does_not_depend_on_the_order(
    statements: list[tuple[float, bool]],
) -> None:
    shuffled = sorted(statements, key=str)
    error = calibrate(statements).error
    assert error == pytest.approx(calibrate(shuffled).error)
    assert error is not None
    assert 0.0 <= error <= 1.0
