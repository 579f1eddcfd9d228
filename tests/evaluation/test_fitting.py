"""Fitting the likelihoods: what is planned, collected, estimated and written."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.diagnosis.catalogue import fault_models, models_by_code
from canlock.diagnosis.likelihoods import (
    JUDGED_HEALTHY,
    LEAST_WEIGHT,
    Likelihoods,
    as_weights,
    kind_of,
    parse_likelihoods,
)
from canlock.diagnosis.observation import DIRECTED, HEALTHY, Group
from canlock.diagnosis.polya import log_polya
from canlock.diagnosis.posterior import normalise, place_candidates, weigh
from canlock.evaluation.fitting.estimate import (
    LEAST_RUNS,
    estimate,
)
from canlock.evaluation.fitting.gather import Plan, Shown, plan_fitting, play
from canlock.evaluation.fitting.polya_fit import LARGEST_FAULTY, LEAST_SHARE, SIZES, fit_runs
from canlock.evaluation.fitting.runs import Run, Way, list_runs, pool
from canlock.evaluation.fitting.table_file import write_table
from canlock.evaluation.fitting.trust import HIGHEST, LOWEST, PULL, USUAL, choose_trust
from canlock.model.faults import NO_FAULT

DOORS = ("driver", "passenger", "rear-left")
WAYS = sorted({*HEALTHY, *(f"{kind}.{way}" for kind in DIRECTED for way in ("lock", "unlock"))})


def a_group(
    kind: str, outcome: str, count: int = 1, door: str | None = None, way: str | None = None
) -> Group:
    times = tuple(float(number) for number in range(count))
    return Group(kind, outcome, door, way, times, count, False)


def shown(
    code: str, *groups: Group, doors: tuple[str, ...] = (), direction: str | None = None
) -> Shown:
    return Shown(code, doors, direction, DOORS, True, groups)


# Plans


def test_every_vehicle_shows_every_fault_as_often() -> None:
    plans = plan_fitting(["a", "b"], ["no-fault", "latch-jammed"], 3)

    counts = Counter((plan.vehicle, plan.code) for plan in plans)
    assert set(counts.values()) == {3}
    assert len(counts) == 4
    assert len(set(plans)) == len({plan.seed for plan in plans}) == 12


def test_the_same_sessions_are_planned_each_time_and_more_of_them_keep_the_first() -> None:
    few = plan_fitting(["a"], ["latch-jammed"], 2)

    assert few == plan_fitting(["a"], ["latch-jammed"], 2)
    assert plan_fitting(["a"], ["latch-jammed"], 5)[:2] == few


def test_the_seeds_are_those_of_fitting_alone() -> None:
    (plan,) = plan_fitting(["a"], ["latch-jammed"], 1)

    assert plan.seed == zlib.crc32(b"fitting/a/latch-jammed") % 1_000_000 * 1_000
    assert plan.seed != zlib.crc32(b"a/latch-jammed") % 1_000_000 * 1_000


@pytest.mark.parametrize("code", ["no-fault", "latch-jammed", "bcm-output-driver-fault"])
def test_a_session_that_is_played_twice_shows_the_same(code: str) -> None:
    (plan,) = plan_fitting(["bmw-e9x"], [code], 1)

    first = play(plan)

    assert first == play(Plan(plan.vehicle, plan.code, plan.seed, plan.hidden))
    assert first.code == code
    assert first.groups
    assert set(first.doors) <= set(first.all_doors)
    assert (first.direction is not None) is (code == "bcm-output-driver-fault")
    # What is true is one of the hypotheses that are weighed.
    placed = place_candidates(fault_models(), first.all_doors)
    truth = first.candidate()
    assert any(
        (one.model.code, one.doors, one.direction) == (code, truth.doors, truth.direction)
        for one in placed
    )


def test_the_true_hypothesis_sits_where_the_fault_sits() -> None:
    car = shown("no-fault").candidate()
    door = shown("latch-jammed", doors=("passenger", "driver")).candidate()
    channel = shown("bcm-output-driver-fault", doors=DOORS[1:], direction="lock").candidate()

    assert (car.doors, car.direction) == ((), None)
    assert door.doors == ("passenger",)
    assert (channel.doors, channel.direction) == (DOORS[1:], "lock")


# Runs


def collect(sessions: list[Shown]) -> dict[Way, Counter[Run]]:
    return pool(list_runs(session) for session in sessions)


def test_each_door_of_a_healthy_car_has_runs_of_its_own() -> None:
    session = shown(
        NO_FAULT,
        a_group("response", "answered", 3, "driver", "lock"),
        a_group("response", "silent", 1, "driver", "lock"),
        a_group("response", "answered", 4, "passenger", "lock"),
        a_group("response", "answered", 5, "passenger", "unlock"),
    )

    assert collect([session]) == {
        ("own", "response.lock"): Counter({(3, 0, 1, 0): 1, (4, 0, 0, 0): 1}),
        ("own", "response.unlock"): Counter({(5, 0, 0, 0): 1}),
    }


def test_the_doors_of_a_fault_of_the_whole_car_are_one_run() -> None:
    groups = [a_group("window", "moved", 2, door) for door in DOORS]

    assert collect([shown("lock-power-feed-open", *groups)]) == {
        ("own", "window"): Counter({(6, 0): 1})
    }


def test_the_faulty_door_is_counted_apart_from_the_others() -> None:
    groups = [a_group("window", "dead", 1, door) for door in DOORS]

    assert collect([shown("latch-jammed", *groups, doors=("driver",))]) == {
        ("own", "window"): Counter({(0, 1): 1}),
        ("others", "window"): Counter({(0, 1): 2}),
    }


@pytest.mark.parametrize(
    ("unseen", "ways"),
    [
        pytest.param(set(), ["reaction.lock", "supply"], id="shown"),
        pytest.param({"supply.voltage"}, ["reaction.lock", "supply"], id="another is not"),
        pytest.param({"power.state", "key.inserted"}, ["supply"], id="not shown"),
    ],
)
def test_what_a_cause_does_that_the_bus_does_not_show_is_left_as_judged(
    unseen: set[str], ways: list[str]
) -> None:
    groups = [a_group("reaction", "none", 2, None, "lock"), a_group("supply", "good", 2, None)]
    session = shown("inhibit-power-state", *groups)

    found = collect([replace(session, unseen=frozenset(unseen))])

    assert sorted(way for _, way in found) == ways


def test_the_dead_way_of_a_channel_is_counted_apart() -> None:
    groups = [a_group("response", "silent", 2, d, w) for d in DOORS for w in ("lock", "unlock")]
    found = collect([shown("bcm-output-driver-fault", *groups, doors=DOORS[1:], direction="lock")])

    assert found == {
        ("own", "response.lock"): Counter({(0, 0, 4, 0): 1}),
        ("others", "response.lock"): Counter({(0, 0, 2, 0): 1}),
        ("others", "response.unlock"): Counter({(0, 0, 2, 0): 3}),
    }


def test_sessions_that_show_the_same_are_counted_together() -> None:
    session = shown(NO_FAULT, a_group("repeat", "once", 3))

    assert collect([session] * 5) == {("own", "repeat"): Counter({(3, 0): 5})}


# Weights


def sampled(
    weights: tuple[float, ...], runs: int, length: int, seed: int
) -> Counter[tuple[int, ...]]:
    rng = np.random.default_rng(seed)
    rates = rng.dirichlet(weights, runs)
    return Counter(tuple(int(n) for n in rng.multinomial(length, rate)) for rate in rates)


FLAT = (2.0, 2.0, 2.0, 2.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "truth",
    [(6.0, 1.0, 0.5, 0.5), (0.3, 0.1, 1.4, 0.2), (12.0, 1.0, 2.0, 1.0)],
    ids=["healthy", "faulty", "alike"],
)
def test_many_runs_tell_the_rates_and_how_alike_sessions_are(
    truth: tuple[float, ...], seed: int
) -> None:
    found = fit_runs(sampled(truth, 1500, 12, seed), FLAT)

    shares = [weight / sum(found) for weight in found]
    assert shares == pytest.approx([weight / sum(truth) for weight in truth], abs=0.03)
    assert 0.5 <= sum(found) / sum(truth) <= 2.0


@pytest.mark.parametrize("seed", [1, 2])
def test_the_weights_found_explain_the_runs_as_well_as_the_true_ones(seed: int) -> None:
    truth = (4.0, 1.0, 2.0, 1.0)
    runs = sampled(truth, 800, 10, seed)
    found = fit_runs(runs, FLAT)

    def worth(weights: tuple[float, ...]) -> float:
        return sum(times * log_polya(weights, run) for run, times in runs.items())

    assert worth(found) > worth(truth) - 10.0
    assert worth(found) > worth(tuple(reversed(truth))) + 50.0


def test_no_runs_leave_what_was_judged() -> None:
    prior = (6.0, 1.0, 2.0, 1.0)
    found = fit_runs({}, prior)

    assert [w / sum(found) for w in found] == pytest.approx(
        [w / sum(prior) for w in prior], abs=1e-3
    )


def test_few_runs_move_what_was_judged_only_a_little_and_many_move_it_all_the_way() -> None:
    prior = (9.5, 0.5)
    shares = []
    for times in (0, 1, 4, 40, 400):
        found = fit_runs({(0, 1): times}, prior)
        shares.append(found[1] / sum(found))

    assert shares == sorted(shares)
    assert shares[1] < 0.25
    assert shares[2] < 0.5
    assert shares[-1] > 0.95


def test_sessions_that_are_each_all_or_nothing_are_little_alike() -> None:
    same = fit_runs({(5, 5): 200}, (4.0, 4.0))
    apart = fit_runs({(10, 0): 100, (0, 10): 100}, (4.0, 4.0))

    assert sum(apart) == min(SIZES)
    assert sum(same) == max(SIZES)
    assert [w / sum(w_all) for w_all in (same, apart) for w in w_all] == pytest.approx([0.5] * 4)


def test_the_sum_of_weights_has_a_bound() -> None:
    runs: dict[tuple[int, ...], int] = {(5, 5): 200}

    assert sum(fit_runs(runs, (4.0, 4.0), largest=4.0)) == pytest.approx(4.0)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.tuples(*[st.integers(0, 8)] * 3), st.integers(1, 50), min_size=1, max_size=6
    ),
    st.tuples(*[st.floats(0.02, 20.0)] * 3),
)
def test_whatever_was_seen_nothing_is_impossible(
    runs: dict[tuple[int, ...], int], prior: tuple[float, ...]
) -> None:
    found = fit_runs(runs, prior)

    assert min(found) > 0.0
    assert min(found) >= 0.5 * LEAST_SHARE * sum(found)
    assert min(SIZES) * 0.99 <= sum(found) <= max(SIZES) * 1.01


# The whole table


def sessions(code: str, moved: int, dead: int, *, doors: tuple[str, ...] = ()) -> list[Shown]:
    return [
        shown(code, a_group("window", outcome, 1, "driver"), doors=doors)
        for outcome, times in (("moved", moved), ("dead", dead))
        for _ in range(times)
    ]


HEALTHY_SESSIONS = sessions(NO_FAULT, 97, 3)


def test_a_kind_that_a_fault_s_file_speaks_of_is_fitted() -> None:
    found = estimate([*HEALTHY_SESSIONS, *sessions("door-harness-open", 50, 50, doors=("driver",))])

    weights = found.weights["door-harness-open", 0, "own", "window"]
    assert weights[1] / sum(weights) == pytest.approx(0.5, abs=0.1)
    assert sum(weights) <= LARGEST_FAULTY * 1.01


def test_a_kind_that_a_fault_s_file_says_nothing_of_stays_healthy_whatever_was_seen() -> None:
    model = models_by_code()["latch-jammed"]
    assert "window" not in model.own

    found = estimate([*HEALTHY_SESSIONS, *sessions("latch-jammed", 50, 50, doors=("driver",))])

    assert ("latch-jammed", 0, "own", "window") not in found.weights
    assert found.of(model, "own", "window") == found.weights[NO_FAULT, 0, "own", "window"]


@pytest.mark.parametrize(("times", "is_kept"), [(LEAST_RUNS - 1, False), (LEAST_RUNS, True)])
def test_what_was_seen_in_too_few_runs_stays_as_judged(times: int, is_kept: bool) -> None:
    found = estimate(
        [*HEALTHY_SESSIONS, *sessions("door-harness-open", 0, times, doors=("driver",))]
    )

    assert (("door-harness-open", 0, "own", "window") in found.weights) is is_kept


def test_what_a_fault_s_file_judges_is_fitted_even_where_it_looks_healthy() -> None:
    judged = models_by_code()["door-harness-open"].own
    assert "window" in judged

    found = estimate([*HEALTHY_SESSIONS, *sessions("door-harness-open", 97, 3, doors=("driver",))])

    weights = found.weights["door-harness-open", 0, "own", "window"]
    assert weights[0] > weights[1]


def test_every_row_of_a_table_is_judged_or_of_a_healthy_car() -> None:
    seen = [
        *HEALTHY_SESSIONS,
        *sessions("latch-jammed", 50, 50, doors=("driver",)),
        *sessions("door-harness-open", 97, 3, doors=("driver",)),
    ]

    for code, _, relation, way in estimate(seen).weights:
        model = models_by_code()[code]
        tables = model.own if relation == "own" else model.others
        assert code == NO_FAULT or way in tables or kind_of(way) in tables


def test_a_healthy_car_with_little_seen_is_close_to_what_is_judged() -> None:
    found = estimate(sessions(NO_FAULT, 1, 0))

    weights = found.weights[NO_FAULT, 0, "own", "window"]
    prior = as_weights("window", HEALTHY["window"], JUDGED_HEALTHY)
    assert weights[0] / sum(weights) == pytest.approx(prior[0] / sum(prior), abs=0.03)


# Trust


def truths(right: int, wrong: int) -> list[Shown]:
    """Sessions whose window is dead as in a broken harness: how many of them are one."""
    groups = [a_group("window", "dead", 1, "driver")]
    return [shown("door-harness-open", *groups, doors=("driver",)) for _ in range(right)] + [
        shown(NO_FAULT, *groups) for _ in range(wrong)
    ]


def test_a_kind_that_is_always_right_may_weigh_much_and_one_that_misleads_weighs_little() -> None:
    right = choose_trust(truths(30, 0), Likelihoods())["window"]
    mixed = choose_trust(truths(15, 15), Likelihoods())["window"]
    wrong = choose_trust(truths(1, 29), Likelihoods())["window"]

    assert LOWEST <= wrong < mixed <= right <= HIGHEST
    assert wrong < USUAL < right


def test_a_kind_that_no_session_shows_weighs_as_usual() -> None:
    found = choose_trust(truths(20, 10), Likelihoods())

    assert set(found) == set(HEALTHY)
    assert {value for kind, value in found.items() if kind != "window"} == {USUAL}


@pytest.mark.parametrize(("right", "wrong"), [(30, 0), (15, 15), (8, 22), (1, 29)])
def test_the_trust_that_is_chosen_makes_the_truth_likeliest(right: int, wrong: int) -> None:
    seen = truths(right, wrong)

    def loss(trust: float) -> float:
        total = 0.5 * PULL * (trust - USUAL) ** 2 * len(seen)
        for each in seen:
            placed = place_candidates(fault_models(), each.all_doors)
            likelihoods = Likelihoods({}, {"window": trust})
            found = weigh(placed, each.groups, likelihoods, is_verified=True)
            shares = normalise([found.log_weight(i) for i in range(len(placed))])
            total -= log(
                sum(p for one, p in zip(placed, shares, strict=True) if one.model.code == each.code)
            )
        return total

    # What was trusted before does not matter.
    chosen = choose_trust(seen, Likelihoods({}, {"window": 0.123}))["window"]

    best = min(loss(LOWEST + (HIGHEST - LOWEST) * n / 40) for n in range(41))
    assert loss(chosen) <= best + 0.002 * len(seen)


# The file


@st.composite
def tables(draw: st.DrawFn) -> Likelihoods:
    codes = [model.code for model in fault_models()]
    weights = {}
    modes: dict[str, tuple[float, ...]] = {}
    for _ in range(draw(st.integers(0, 12))):
        way = draw(st.sampled_from(WAYS))
        count = len(HEALTHY[kind_of(way)])
        thousandths = st.integers(20, 999).map(lambda n: n / 1000)
        row = draw(st.lists(thousandths, min_size=count, max_size=count))
        code, relation = draw(st.sampled_from(codes)), draw(st.sampled_from(["own", "others"]))
        modes.setdefault(code, draw(st.sampled_from([(1.0,), (0.25, 0.75), (0.5, 0.3, 0.2)])))
        mode = draw(st.integers(0, len(modes[code]) - 1))
        weights[code, mode, relation, way] = tuple(row)
    trust = st.integers(0, 100).map(lambda n: n / 100)
    kinds = st.dictionaries(st.sampled_from(sorted(HEALTHY)), trust)
    return Likelihoods(weights, draw(kinds), modes)


@settings(max_examples=40, deadline=None)
@given(tables(), st.integers(0, 100_000))
def test_what_is_written_is_read_again_as_it_was(likelihoods: Likelihoods, sessions: int) -> None:
    assert parse_likelihoods(write_table(likelihoods, sessions)) == likelihoods


@settings(max_examples=20, deadline=None)
@given(tables())
def test_the_order_in_which_rows_came_does_not_show_in_the_file(likelihoods: Likelihoods) -> None:
    turned = Likelihoods(
        dict(reversed(list(likelihoods.weights.items()))),
        dict(reversed(list(likelihoods.trust.items()))),
        dict(reversed(list(likelihoods.modes.items()))),
    )

    assert write_table(turned, 7) == write_table(likelihoods, 7)


@pytest.mark.parametrize("weight", [31.96, 15.99, 8.004, 1.2345, 0.0204])
def test_a_weight_is_written_to_three_digits(weight: float) -> None:
    table = Likelihoods({("latch-jammed", 0, "own", "window"): (weight, 1.0)})
    found = parse_likelihoods(write_table(table, 1)).weights["latch-jammed", 0, "own", "window"]

    assert found[0] == pytest.approx(weight, rel=0.005)
    assert found[0] >= LEAST_WEIGHT


def test_the_file_says_how_it_was_made() -> None:
    text = write_table(Likelihoods({}, {"window": 0.75}), 1234)

    assert "sessions = 1234" in text
    assert '"window" = 0.75' in text
    assert "canlock.evaluation.fitting" in text
