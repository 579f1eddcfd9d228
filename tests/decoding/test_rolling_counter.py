"""Rolling counters: lost frames, restarts, jumps, and how far they run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from canlock.decoding.rolling import RollingCounter
from canlock.model.samples import join_breaks

PERIOD_S = 0.1
Told = list[tuple[float, float, int, str]]
"""From, until, missing, and `jump`, `restart` or nothing."""


def judge(frames: Sequence[tuple[float, int]], bits: int = 4, cuts: Sequence[int] = ()) -> Told:
    counter = RollingCounter(bits, PERIOD_S, 0)
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(frames) - 1}), len(frames) - 1]
    parts = []
    for first, last in pairwise(edges):
        times, counts = zip(*frames[first : last + 1], strict=True)
        parts += counter.judge(np.array(times), np.array(counts, np.int64))
    found = join_breaks([part for part in parts if len(part)])
    words = np.where(found.is_restart, "restart", np.where(found.is_jump, "jump", ""))
    rows = zip(found.from_s, found.until_s, found.missing, words, strict=True)
    return sorted((round(a, 3), round(b, 3), int(n), str(word)) for a, b, n, word in rows)


def run(
    count: int, first: int = 0, values: int = 16, from_s: float = 0.0
) -> list[tuple[float, int]]:
    """A counter in order."""
    return [(from_s + PERIOD_S * n, (first + n) % values) for n in range(count)]


@pytest.mark.parametrize(("bits", "values"), [(4, 16), (4, 15), (8, 256), (8, 200), (2, 4)])
def test_a_counter_in_order_tells_nothing(bits: int, values: int) -> None:
    assert judge(run(1000, 3, values), bits) == []


@pytest.mark.parametrize("values", [15, 16])
@pytest.mark.parametrize("lost", [1, 2, 7, 20])
def test_lost_frames_are_counted_and_are_no_restart(values: int, lost: int) -> None:
    frames = run(100, 0, values)
    told = judge([*frames[:60], *frames[60 + lost :]])
    assert told == [(5.9, round(6.0 + 0.1 * lost, 3), lost, "")]


@pytest.mark.parametrize("first", range(15))
@pytest.mark.parametrize("lost", [13, 14, 15, 29])
def test_a_frame_lost_before_the_range_is_known_is_no_restart(first: int, lost: int) -> None:
    """The one that would have shown that 15 is never counted."""
    frames = run(100, first, 15)
    assert [word for *_, word in judge([*frames[:lost], *frames[lost + 1 :]])] == [""]


def test_a_restart_after_a_pause_is_told() -> None:
    told = judge([*run(52, 0, 15), *run(40, 0, 15, from_s=5.8)])
    assert told == [(5.1, 5.8, 6, "restart")]


def test_a_restart_without_a_pause_is_told_once_the_range_is_known() -> None:
    told = judge([*run(52, 0, 15), *run(40, 0, 15, from_s=5.2)])
    assert told == [(5.1, 5.2, 0, "restart")]


def test_what_looked_like_a_wrap_is_a_restart_once_the_count_goes_beyond() -> None:
    told = judge([*run(51, 100, 256), *run(200, 0, 256, from_s=5.1)], bits=8)
    assert told == [(5.0, 5.1, 0, "restart")]


@pytest.mark.parametrize(("to", "word"), [(2, "restart"), (3, "jump"), (9, "jump")])
def test_a_skip_in_no_time_is_a_jump_unless_it_leads_to_the_start(to: int, word: str) -> None:
    assert judge([*run(43), *run(40, to, 16, from_s=4.3)]) == [(4.2, 4.3, 0, word)]


def test_the_same_frame_again_at_once_is_none() -> None:
    frames = run(60)
    assert judge([*frames[:30], (frames[29][0] + 0.01, frames[29][1]), *frames[30:]]) == []


def test_a_message_that_slows_down_loses_no_frame() -> None:
    slow = [(4.9 + n, (49 + n) % 16) for n in range(1, 20)]
    assert {(missing, word) for _, _, missing, word in judge([*run(50), *slow])} == {(0, "")}


def test_two_bits_cannot_show_a_restart() -> None:
    told = judge([*run(50, 0, 4), *run(40, 0, 4, from_s=5.5)], bits=2)
    assert [word for *_, word in told] != ["restart"]


STEP = st.tuples(st.sampled_from([1] * 12 + [0, 2, 3, 9]), st.integers(0, 30))
STEPS = st.lists(STEP, max_size=80)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sampled_from([15, 16]), st.lists(st.integers(1, 80), max_size=8))
@example([(n, 1) for n in (1, 1, 1, 2, 9, 2, 1, 1, 9)] + [(2, 0)], 15, [])
def test_it_does_not_matter_how_frames_are_cut(
    steps: list[tuple[int, int]], values: int, cuts: list[int]
) -> None:
    at_s, count = 0.0, 0
    frames = [(at_s, count)]
    for step, luck in steps:
        at_s += PERIOD_S * max(step, 1)
        count = 0 if luck == 0 else (count + step) % values
        frames.append((at_s, count))
    if len(frames) > 1:
        assert judge(frames, 4, cuts) == judge(frames, 4, range(1, 100)) == judge(frames)
