"""The modes of a fault: found where its sessions are of several kinds, and only there."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from canlock.diagnosis.likelihoods import Weights
from canlock.diagnosis.polya import log_polya
from canlock.evaluation.fitting.modes import LEAST_SESSIONS, MODES, Mode, find_modes
from canlock.evaluation.fitting.runs import Runs, Table, Way

WINDOW: Way = ("own", "window")
KNOB: Way = ("own", "knob")
POOLED: Table = {WINDOW: (2.0, 2.0), KNOB: (2.0, 2.0)}


def drawn(shares: tuple[float, ...], rates: tuple[float, ...], count: int, seed: int) -> list[Runs]:
    """Sessions whose window and knob fail together, each as often as its hidden mode has it."""
    rng = np.random.default_rng(seed)
    sessions: list[Runs] = []
    for _ in range(count):
        rate = rates[rng.choice(len(shares), p=shares)]
        failed = rng.binomial(6, rate, 2)
        sessions.append(
            [(way, (6 - int(n), int(n))) for way, n in zip(POOLED, failed, strict=True)]
        )
    return sessions


def failing(mode: Mode, way: Way) -> float:
    weights = mode.weights[way]
    return weights[1] / sum(weights)


def worth(sessions: list[Runs], modes: list[Mode]) -> float:
    """How probable sessions are that the modes were not found in."""
    total = 0.0
    for runs in sessions:
        logs = [
            log(mode.share) + sum(log_polya(mode.weights[way], run) for way, run in runs)
            for mode in modes
        ]
        total += float(np.logaddexp.reduce(logs))
    return total


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_kinds_of_sessions_are_told_apart(seed: int) -> None:
    modes = find_modes(drawn((0.3, 0.7), (0.05, 0.95), 200, seed), POOLED)

    assert len(modes) == MODES
    assert modes[0].share == pytest.approx(0.3, abs=0.1)
    assert sum(mode.share for mode in modes) == pytest.approx(1.0)
    for way in POOLED:
        assert failing(modes[0], way) < 0.3 < 0.7 < failing(modes[-1], way)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_goes_together_is_explained_better_than_kind_by_kind(seed: int) -> None:
    sessions = drawn((0.5, 0.5), (0.05, 0.95), 400, seed)
    apart: Weights = (0.5, 0.5)
    one = [Mode(1.0, {WINDOW: apart, KNOB: apart})]

    found = find_modes(sessions[:200], POOLED)

    assert worth(sessions[200:], found) > worth(sessions[200:], one) + 20.0


def test_sessions_that_are_all_alike_have_modes_that_are_alike() -> None:
    modes = find_modes(drawn((1.0,), (0.5,), 200, 4), POOLED)

    for way in POOLED:
        assert [failing(mode, way) for mode in modes] == pytest.approx([0.5] * MODES, abs=0.2)


def test_few_sessions_are_one_mode() -> None:
    few = drawn((0.5, 0.5), (0.05, 0.95), LEAST_SESSIONS - 1, 5)

    assert find_modes(few, POOLED) == [Mode(1.0, POOLED)]


def test_a_way_of_which_nothing_is_pooled_is_not_told_apart() -> None:
    sessions = drawn((0.5, 0.5), (0.05, 0.95), 50, 6)

    modes = find_modes(sessions, {WINDOW: (2.0, 2.0)})

    assert all(set(mode.weights) == {WINDOW} for mode in modes)
    assert find_modes(sessions, {}) == [Mode(1.0, {})]


def test_the_same_sessions_give_the_same_modes() -> None:
    sessions = drawn((0.4, 0.6), (0.1, 0.8), 60, 7)

    assert find_modes(sessions, POOLED) == find_modes(list(sessions), POOLED)
