"""The numbers: probabilities add up, bits add up, no weight is without bound."""

from __future__ import annotations

from math import exp, isfinite, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.diagnosis.catalogue import fault_models, models_by_code
from canlock.diagnosis.hypotheses import Ranking, explain, rank
from canlock.diagnosis.next_tests import next_tests
from canlock.diagnosis.observation import ABSENCES, HEALTHY, Group, Observation, group_observations
from canlock.diagnosis.posterior import (
    CAP,
    RHO,
    UNVERIFIED_WEIGHT,
    independent_count,
    log_ratio,
    normalise,
    place_candidates,
    weigh,
)
from canlock.diagnosis.wording import PRIOR, UNSEEN
from canlock.model.faults import INSUFFICIENT
from canlock.model.verdict import Hypothesis

DOORS = ("driver", "passenger", "rear-left", "rear-right", "tailgate")
DOORLESS = (
    "request",
    "reaction",
    "command",
    "cause",
    "summary",
    "supply",
    "dip",
    "scope",
    "relock",
)
CANDIDATES = place_candidates(fault_models(), DOORS)


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    kind = draw(st.sampled_from(sorted(HEALTHY)))
    return Observation(
        kind,
        draw(st.sampled_from(sorted(HEALTHY[kind]))),
        draw(st.floats(0.0, 1000.0)),
        None if kind.startswith(DOORLESS) else draw(st.sampled_from(DOORS)),
        draw(st.sampled_from([None, "lock", "unlock"])),
        draw(st.booleans()),
    )


MANY = st.lists(observations(), max_size=60)


def a_group(kind: str, outcome: str, count: int = 1, trials: int | None = None) -> Group:
    times = tuple(float(number) for number in range(count))
    return Group(kind, outcome, "driver", None, times, trials or count, False)


@settings(max_examples=80, deadline=None)
@given(MANY, st.booleans())
def test_hypotheses_add_up_to_1_and_are_sorted(seen: list[Observation], is_verified: bool) -> None:
    ranking = rank(weigh(CANDIDATES, group_observations(seen), is_verified=is_verified))
    shares = [hypothesis.probability for hypothesis in ranking.hypotheses]

    assert sum(shares) == pytest.approx(1.0, abs=1e-9)
    assert shares == sorted(shares, reverse=True)
    assert all(isfinite(share) and 0.0 <= share <= 1.0 for share in shares)
    assert len({(one.fault, one.doors) for one in ranking.hypotheses}) == len(shares)


@settings(max_examples=60, deadline=None)
@given(MANY, st.booleans(), st.data())
def test_the_bits_of_a_hypothesis_add_up_to_its_log_odds(
    seen: list[Observation], is_verified: bool, data: st.DataObject
) -> None:
    weighed = weigh(CANDIDATES, group_observations(seen), is_verified=is_verified)
    ranking = rank(weighed)
    found = [one for one in ranking.hypotheses if one.fault != INSUFFICIENT]
    chosen = data.draw(st.sampled_from(found))

    evidence = explain(weighed, chosen, ranking.settled)

    assert all(isfinite(piece.bits) for piece in evidence)
    assert evidence[0].text == PRIOR
    assert evidence[-1].text == UNSEEN
    if 1e-12 < chosen.probability < 1.0 - 1e-12:
        odds = chosen.probability / (1.0 - chosen.probability)
        assert sum(piece.bits for piece in evidence) == pytest.approx(log2(odds), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(MANY)
def test_evidence_bears_the_times_that_show_it(seen: list[Observation]) -> None:
    weighed = weigh(CANDIDATES, group_observations(seen), is_verified=True)
    ranking = rank(weighed)
    best = next(one for one in ranking.hypotheses if one.fault != INSUFFICIENT)
    times = {one.at_s for one in seen}

    for piece in explain(weighed, best, ranking.settled)[1:-1]:
        assert piece.times_s
        assert piece.at_s == piece.times_s[0]
        assert set(piece.times_s) <= times


@settings(max_examples=60, deadline=None)
@given(MANY)
def test_no_observation_weighs_more_than_the_cap(seen: list[Observation]) -> None:
    groups = group_observations(seen)
    weighed = weigh(CANDIDATES, groups, is_verified=True)

    for candidate, row in zip(CANDIDATES, weighed.log_ratios, strict=True):
        for group, ratio in zip(groups, row, strict=True):
            assert abs(log_ratio(candidate, group)) <= CAP
            assert abs(ratio) <= CAP * independent_count(group) + 1e-12
            assert isfinite(ratio)


@settings(max_examples=60, deadline=None)
@given(MANY, st.randoms(use_true_random=False))
def test_the_order_of_observations_does_not_matter(seen: list[Observation], random: object) -> None:
    shuffled = list(seen)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    first, second = group_observations(seen), group_observations(shuffled)

    assert first == second


@settings(max_examples=60, deadline=None)
@given(MANY)
def test_nothing_is_lost_in_the_groups(seen: list[Observation]) -> None:
    groups = group_observations(seen)

    assert sum(group.count for group in groups) == len(seen)
    for group in groups:
        same = [o for o in seen if (o.kind, o.door, o.direction) == _key(group)]
        assert group.trials == len(same)
        mine = [o for o in same if o.outcome == group.outcome]
        assert group.is_marked is all(o.is_marked for o in mine)
        assert group.has_mark is any(o.is_marked for o in mine)
    times = [group.times_s[0] for group in groups]
    assert times == sorted(times)


def _key(group: Group) -> tuple[str, str | None, str | None]:
    return group.kind, group.door, group.direction


@settings(max_examples=40, deadline=None)
@given(MANY)
def test_next_tests_promise_what_can_be_had(seen: list[Observation]) -> None:
    found = next_tests(weigh(CANDIDATES, group_observations(seen), is_verified=True))

    for test in found:
        assert 0.0 < test.information_bits <= log2(len(CANDIDATES))
        assert test.minutes > 0.0
        assert "{" not in test.instruction
    worth = [test.information_bits / test.minutes for test in found]
    assert worth == sorted(worth, reverse=True)


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_repeated_observations_count_less_and_less(count: int) -> None:
    expected = count / (1.0 + (count - 1) * RHO)

    assert independent_count(a_group("response", "silent", count)) == pytest.approx(expected)


def test_many_repetitions_never_count_as_more_than_a_few() -> None:
    assert independent_count(a_group("response", "silent", 100_000)) < 1.0 / RHO


def test_half_of_ten_failures_count_as_half_of_ten() -> None:
    half = independent_count(a_group("response", "silent", 5, trials=10))

    assert half == pytest.approx(independent_count(a_group("response", "silent", 10)) / 2.0)


@pytest.mark.parametrize(
    ("kind", "outcome", "is_marked", "weight"),
    [
        pytest.param("response", "silent", False, UNVERIFIED_WEIGHT, id="an absence"),
        pytest.param("response", "slow", False, 1.0, id="a presence"),
        pytest.param("window", "dead", True, 1.0, id="a person's word"),
    ],
)
def test_absences_weigh_less_where_the_vehicle_file_is_not_verified(
    kind: str, outcome: str, is_marked: bool, weight: float
) -> None:
    group = Group(kind, outcome, "driver", None, (1.0,), 1, is_marked)
    sure = weigh(CANDIDATES, [group], is_verified=True)
    unsure = weigh(CANDIDATES, [group], is_verified=False)

    for first, second in zip(sure.log_ratios, unsure.log_ratios, strict=True):
        assert second[0] == pytest.approx(first[0] * weight)


def test_what_did_not_happen_is_an_absence() -> None:
    assert {"silent", "absent", "unheard", "none", "stuck", "dead", "some"} <= ABSENCES


def test_a_tailgate_is_suspected_less_than_a_door() -> None:
    priors = {c.door: c.log_prior for c in CANDIDATES if c.model.code == "door-harness-open"}

    assert priors["tailgate"] < priors["driver"] == priors["rear-right"]
    total = sum(exp(prior) for prior in priors.values())
    assert total == pytest.approx(models_by_code()["door-harness-open"].prior)


def test_a_car_without_doors_of_its_own_still_has_hypotheses() -> None:
    placed = place_candidates(fault_models(), ("tailgate",))

    assert {candidate.door for candidate in placed} == {None, "tailgate"}


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=30))
def test_normalising_never_overflows(weights: list[float]) -> None:
    shares = normalise(weights)

    assert sum(shares) == pytest.approx(1.0)
    assert all(isfinite(share) for share in shares)


def a_ranking(*shares: tuple[str, str | None, float]) -> Ranking:
    found = [Hypothesis(code, () if door is None else (door,), p) for code, door, p in shares]
    return Ranking(tuple(sorted(found, key=lambda one: -one.probability)), 1.0)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(0.79, 0.11, False, id="not probable enough"),
        pytest.param(0.80, 0.10, True, id="just probable enough"),
        pytest.param(0.99, 0.01, True, id="sure"),
    ],
)
def test_confident_needs_0_8_and_three_times_the_runner_up(
    first: float, second: float, expected: bool
) -> None:
    ranking = a_ranking(("latch-jammed", "driver", first), ("bcm-reset", None, second))

    assert ranking.is_confident() is expected


def test_a_group_is_the_smallest_set_of_codes_that_holds_0_9() -> None:
    ranking = a_ranking(
        ("latch-jammed", "driver", 0.5),
        ("latch-frozen", "driver", 0.3),
        ("bcm-reset", None, 0.12),
        ("no-fault", None, 0.08),
    )

    assert ranking.group() == ("latch-jammed", "latch-frozen", "bcm-reset")


def test_the_doors_of_one_code_count_together_in_a_group() -> None:
    ranking = a_ranking(
        ("bcm-reset", None, 0.35),
        ("latch-jammed", "driver", 0.3),
        ("latch-jammed", "passenger", 0.3),
        ("no-fault", None, 0.05),
    )

    assert ranking.group() == ("latch-jammed", "bcm-reset")


@pytest.mark.parametrize(
    ("share", "expected"), [(0.91, ("latch-jammed",)), (0.89, ("latch-jammed", "no-fault"))]
)
def test_one_code_that_holds_0_9_is_a_group(share: float, expected: tuple[str, ...]) -> None:
    ranking = a_ranking(("latch-jammed", "driver", share), ("no-fault", None, 1.0 - share))

    assert ranking.group() == expected


def test_with_nothing_seen_everything_is_open() -> None:
    ranking = rank(weigh(CANDIDATES, [], is_verified=True))

    assert ranking.hypotheses[0] == Hypothesis(INSUFFICIENT, (), 1.0)
    assert ranking.settled == 0.0


def test_each_observation_settles_a_quarter_of_what_is_open() -> None:
    one = rank(weigh(CANDIDATES, [a_group("window", "moved")], is_verified=True))

    assert one.probability(INSUFFICIENT) == pytest.approx(0.75)


def test_the_prior_is_what_the_fault_files_say() -> None:
    weighed = weigh(CANDIDATES, [], is_verified=True)
    codes = [candidate.model.code for candidate in CANDIDATES]
    total = sum(model.prior for model in fault_models())
    found: dict[str, float] = {}
    for code, probability in zip(codes, weighed.probabilities(), strict=True):
        found[code] = found.get(code, 0.0) + probability

    for code, probability in found.items():
        assert probability == pytest.approx(models_by_code()[code].prior / total)
