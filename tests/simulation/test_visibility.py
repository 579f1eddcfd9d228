"""Whether a fault shows is told from the same session without it, and from nothing else."""

from __future__ import annotations

import pytest

from canlock.simulation.drive import list_stages, run, set_up, simulate
from canlock.simulation.visibility import is_visible, make_twin, tells_apart
from simulation.simulation_bench import SHIPPED, load_shipped

LOADED = load_shipped()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_session_is_not_told_from_itself(name: str) -> None:
    loaded = LOADED[name]
    one, two = (simulate(loaded, ["bcm-reset"], seed=3) for _ in range(2))

    assert not tells_apart(loaded, one, two)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_twin_of_a_car_with_nothing_put_in_is_the_same_car(name: str) -> None:
    loaded = LOADED[name]
    _, story = list_stages(["latch-jammed"])
    cases = [set_up(loaded, {}, story, seed=5) for _ in range(3)]

    healthy = run(loaded, cases[0], seed=5)
    twin = run(loaded, make_twin(cases[1], cases[2]), seed=5)

    assert not tells_apart(loaded, healthy, twin)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(
    "code", ["lock-power-feed-open", "selective-unlock", "inhibit-power-state", "can-comm-degraded"]
)
def test_what_stands_in_everybodys_way_shows(name: str, code: str) -> None:
    assert is_visible(LOADED[name], [code], seed=3)


def test_a_lock_switch_that_no_bus_tells_of_does_not_show() -> None:
    shown = [
        is_visible(LOADED[name], ["lock-feedback-sensor-fault"], door="rear-left", seed=2)
        for name in ("ford-fd1", "bmw-e9x")
    ]

    assert shown == [False, True]


@pytest.mark.parametrize(("duration_s", "shows"), [(8.0, False), (60.0, True)])
def test_a_car_in_order_shows_it_only_with_enough_commands(
    duration_s: float, *, shows: bool
) -> None:
    assert is_visible(LOADED["bmw-e9x"], ["no-fault"], seed=2, duration_s=duration_s) is shows


def test_of_two_faults_one_that_shows_is_enough() -> None:
    hidden, plain = "lock-feedback-sensor-fault", "lock-power-feed-open"

    assert not is_visible(LOADED["ford-fd1"], [hidden], seed=1)
    assert is_visible(LOADED["ford-fd1"], [hidden, plain], seed=1)
