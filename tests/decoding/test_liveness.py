"""How many frames of a message came, how often, and when they stayed away."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.decoding.layout import MessageLayout
from canlock.decoding.liveness import LifeTrack
from canlock.model.samples import MessageLife, Silence

Told = list[tuple[int, Silence]]


def follow(times_s: list[float], period_s: float | None = None, cuts: tuple[int, ...] = ()) -> Told:
    return live(times_s, period_s, cuts)[0]


def live(
    times_s: list[float], period_s: float | None = None, cuts: tuple[int, ...] = ()
) -> tuple[Told, MessageLife | None]:
    """Return silences, with the number of the frame that showed each, and the life in the end."""
    track = LifeTrack(MessageLayout("BODY", 0x60D, 8, period_s, ()))
    told: Told = []
    edges = [0, *sorted(set(cuts)), len(times_s)]
    for begin, end in pairwise(edges):
        if begin < end:
            rows = np.arange(end - begin)
            found = track.follow(rows, np.array(times_s[begin:end]), short=0)
            told += [(begin + row, silence) for row, silence in found]
    return told, track.life()


def every(period_s: float, count: int, from_s: float = 100.0) -> list[float]:
    return [from_s + period_s * number for number in range(count)]


def period_of(times_s: list[float]) -> float | None:
    life = live(times_s)[1]
    assert life is not None
    return life.period_s


def test_a_message_that_never_came_has_no_life() -> None:
    assert live([])[1] is None


def test_a_life_counts_frames_and_knows_the_first_and_the_last() -> None:
    assert live([1.0, 1.1, 1.2], 0.1)[1] == MessageLife("BODY", 3, 1.0, 1.2, 0.1, short=0)


@pytest.mark.parametrize(
    ("period_s", "pause_s", "is_silence"),
    [
        pytest.param(0.02, 0.49, False, id="fast message, just below half a second"),
        pytest.param(0.02, 0.51, True, id="fast message, just above half a second"),
        pytest.param(0.2, 0.99, False, id="just below five periods"),
        pytest.param(0.2, 1.01, True, id="just above five periods"),
    ],
)
def test_a_silence_is_longer_than_five_periods_and_than_half_a_second(
    period_s: float, pause_s: float, *, is_silence: bool
) -> None:
    expected = [(1, Silence("BODY", 5.0, 5.0 + pause_s))] if is_silence else []
    assert follow([5.0, 5.0 + pause_s], period_s) == expected


def test_a_message_of_unknown_period_is_never_silent() -> None:
    assert follow([0.0, 50.0, 100.0]) == []
    assert period_of([0.0, 50.0, 100.0]) is None


@pytest.mark.parametrize(
    ("frames", "period_s"),
    [pytest.param(20, None, id="19 intervals"), pytest.param(21, 0.1, id="20 intervals")],
)
def test_the_period_is_learnt_from_twenty_intervals(frames: int, period_s: float | None) -> None:
    assert period_of(every(0.1, frames)) == (None if period_s is None else pytest.approx(period_s))


@pytest.mark.parametrize(
    ("interval_s", "is_cyclic"),
    [
        pytest.param(2.5, True, id="just often enough"),
        pytest.param(2.51, False, id="too seldom"),
        pytest.param(0.0, False, id="a burst"),
    ],
)
def test_a_message_is_cyclic_where_its_median_interval_is_short(
    interval_s: float, *, is_cyclic: bool
) -> None:
    assert (period_of(every(interval_s, 30, from_s=0.0)) is not None) == is_cyclic


@pytest.mark.parametrize(
    ("odd", "is_cyclic"),
    [
        pytest.param(4, True, id="16 of 20 intervals alike"),
        pytest.param(5, False, id="15 of 20 intervals alike"),
    ],
)
def test_a_message_that_comes_in_bursts_is_not_cyclic(odd: int, *, is_cyclic: bool) -> None:
    intervals_s = [0.125] * (20 - odd) + [0.5] * odd
    times_s = np.cumsum([0.0, *intervals_s]).tolist()
    assert period_of(times_s) == (0.125 if is_cyclic else None)
    assert len(follow([*times_s, times_s[-1] + 6.0])) == (1 if is_cyclic else 0)


@pytest.mark.parametrize(("odd_s", "is_cyclic"), [(0.1875, True), (0.1876, False)])
def test_intervals_half_a_period_off_are_still_alike(odd_s: float, *, is_cyclic: bool) -> None:
    times_s = np.cumsum([0.0, *[0.125] * 15, *[odd_s] * 5]).tolist()
    assert (period_of(times_s) is not None) == is_cyclic


def test_a_learnt_period_stays_as_it_was_learnt() -> None:
    times_s = every(0.125, 21) + every(1.0, 40, from_s=110.0)
    assert period_of(times_s) == 0.125


def test_a_message_found_not_to_be_cyclic_stays_so() -> None:
    times_s = every(3.0, 21, from_s=0.0) + every(0.1, 100, from_s=61.0)
    assert period_of(times_s) is None
    assert follow([*times_s, 500.0]) == []


def test_a_silence_while_the_period_was_learnt_is_told_once_it_is() -> None:
    times_s = [0.0, 0.1, 5.0, *every(0.1, 18, from_s=5.1)]
    assert follow(times_s[:20]) == []
    assert follow(times_s) == [(20, Silence("BODY", 0.1, 5.0))]


def test_a_declared_period_is_heeded_from_the_first_frame() -> None:
    assert follow([0.0, 5.0], 0.1) == [(1, Silence("BODY", 0.0, 5.0))]


def test_a_clock_that_is_set_back_makes_no_silence() -> None:
    assert follow([100.0, 100.1, 3.0, 3.1], 0.1) == []


STEPS_S = st.lists(st.sampled_from([0.1, 0.1, 0.1, 0.0, 0.6, 3.0, -1.0]), max_size=60)


@given(STEPS_S, st.sampled_from([None, 0.1, 1.0]), st.lists(st.integers(0, 60), max_size=9))
def test_it_does_not_matter_how_frames_are_cut_into_batches(
    steps_s: list[float], period_s: float | None, cuts: list[int]
) -> None:
    times_s = np.cumsum([1000.0, *steps_s]).tolist()
    inside = tuple(cut for cut in cuts if cut < len(times_s))
    whole = live(times_s, period_s)
    assert live(times_s, period_s, inside) == whole
    assert live(times_s, period_s, tuple(range(len(times_s)))) == whole
