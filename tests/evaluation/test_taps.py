"""Cars of which the bus shows less, for fitting."""

from __future__ import annotations

import random

import pytest

from canlock.decoding.catalogue import shipped_vehicles
from canlock.evaluation.fitting.taps import BELIEVED, TOGETHER, choose_hidden, load_tapped
from canlock.model.roles import ROLES
from canlock.simulation.drive import simulate

VEHICLES = [path.stem for path in shipped_vehicles()]


def test_what_is_hidden_together_are_roles_each_in_one_place() -> None:
    named = [role for roles in TOGETHER.values() for role in roles]

    assert set(named) <= set(ROLES)
    assert len(named) == len(set(named))


def test_some_sessions_are_whole_and_the_others_lack_this_and_that() -> None:
    drawn = [choose_hidden(random.Random(seed)) for seed in range(2_000)]

    assert 0.4 < sum(not hidden for hidden in drawn) / len(drawn) < 0.8
    assert {name for hidden in drawn for name in hidden} == set(TOGETHER)
    assert choose_hidden(random.Random(7)) == drawn[7]


@pytest.mark.parametrize("name", VEHICLES)
@pytest.mark.parametrize("hidden", [name for name, roles in TOGETHER.items() if roles])
def test_what_is_hidden_is_not_on_the_bus_and_all_else_is(name: str, hidden: str) -> None:
    whole, tapped = load_tapped(name, ()).vehicle, load_tapped(name, (hidden,)).vehicle

    assert tapped.roles() == whole.roles() - set(TOGETHER[hidden])
    carried = {signal.partition(".")[0] for each in tapped.signals for signal in each.signals}
    carried |= {alive.message for alive in tapped.alive}
    assert carried <= {facts.name for facts in tapped.messages}


@pytest.mark.parametrize("name", VEHICLES)
def test_locks_without_switches_are_only_believed(name: str) -> None:
    vehicle = load_tapped(name, (BELIEVED,)).vehicle

    locks = [entry for entry in vehicle.signals if entry.role == "lock.status"]
    assert locks
    assert all(entry.feedback != "measured" for entry in locks)


@pytest.mark.parametrize("name", VEHICLES)
def test_a_car_of_which_everything_is_hidden_can_still_be_driven(name: str) -> None:
    loaded = load_tapped(name, tuple(TOGETHER))

    assert len(simulate(loaded, ("latch-jammed",), seed=3, worlds="fitting").frames)
