"""The guards of the benchmarks: a stall of the machine is no fall, and no fall is hidden by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.guard import EXTRA_ROUNDS, stays_fallen

LEAST_RATIO = 10.0


def _is_fallen(ratio: float) -> bool:
    return ratio < LEAST_RATIO


def _rounds(*seconds: tuple[float, float]) -> Iterator[tuple[float, float]]:
    yield from seconds
    pytest.fail("asked for more rounds than it may")


def test_good_rounds_are_not_looked_at_again() -> None:
    assert not stays_fallen([(0.1, 2.0), (0.1, 2.0)], _rounds().__next__, _is_fallen)


def test_one_stalled_round_is_no_fall() -> None:
    assert not stays_fallen([(2.8, 2.0), (0.1, 2.0)], _rounds().__next__, _is_fallen)


def test_stalls_in_all_rounds_are_looked_at_again() -> None:
    later = _rounds((1.0, 2.0), (0.1, 2.1))
    assert not stays_fallen([(2.8, 2.0), (1.4, 2.0)], later.__next__, _is_fallen)


def test_a_peer_that_stalled_does_not_hide_a_fall() -> None:
    later = _rounds(*[(1.0, 2.0)] * EXTRA_ROUNDS)
    assert stays_fallen([(1.0, 30.0), (1.0, 2.0)], later.__next__, _is_fallen)
