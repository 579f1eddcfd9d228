"""The worlds on which an engine is fitted are not those on which it is scored."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.simulation.ranges import RANGES, Draw, Worlds, list_bands
from canlock.simulation.schedule import UNDECLARED_PERIODS_S
from canlock.simulation.world import draw_world
from simulation.simulation_bench import make_traits

KINDS = ("bcm.latency_s", "battery.sensor_noise_v", "bus.jitter_share", "person.reaction_s")


def drawn(worlds: Worlds, seed: int) -> dict[str, float]:
    draw = Draw(worlds, random.Random(seed))
    draw_world(draw, make_traits())
    return draw.drawn


@pytest.mark.parametrize("name", RANGES)
def test_every_number_has_a_source_and_place_for_both_sorts_of_worlds(name: str) -> None:
    entry = RANGES[name]
    fitting, test = (
        list_bands(entry.fitting, entry.test, worlds) for worlds in ("fitting", "test")
    )

    assert entry.source
    assert fitting
    assert test
    assert all(until <= other or since >= end for since, until in fitting for other, end in test), (
        "a number of a fitting world may turn up in a test world"
    )
    assert all(entry.fitting[0] <= low < high <= entry.fitting[1] for low, high in fitting)
    assert all(entry.test[0] <= low < high <= entry.test[1] for low, high in test)


def test_latency_noise_period_and_habit_of_a_test_world_are_of_no_fitting_world() -> None:
    fitting, test = ([drawn(worlds, seed) for seed in range(40)] for worlds in ("fitting", "test"))

    for name in KINDS:
        own = list_bands(RANGES[name].fitting, RANGES[name].test, "fitting")
        assert all(any(low <= world[name] <= high for low, high in own) for world in fitting)
        assert not any(any(low < world[name] < high for low, high in own) for world in test)
    assert not set(UNDECLARED_PERIODS_S["fitting"]) & set(UNDECLARED_PERIODS_S["test"])


SPANS = st.tuples(st.floats(0.0, 100.0), st.floats(0.5, 100.0)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


@given(SPANS, st.integers(0, 1_000), st.sampled_from(["fitting", "test"]))
def test_a_number_lies_in_a_band_of_its_own_sort_of_worlds(
    span: tuple[float, float], seed: int, worlds: Worlds
) -> None:
    wider = (span[0] * 0.9, span[1] * 1.1)
    value = Draw(worlds, random.Random(seed)).between(span, wider)

    bands = list_bands(span, wider, worlds)
    assert any(low - 1e-9 <= value <= high + 1e-9 for low, high in bands)
