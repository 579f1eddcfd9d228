"""The numbers: probabilities add up, bits add up, no weight is without bound."""

from __future__ import annotations

from dataclasses import replace
from math import exp, isfinite, log, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.diagnosis.catalogue import fault_models, models_by_code
from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.hypotheses import UNSETTLED, Ranking, explain, rank
from canlock.diagnosis.likelihoods import Likelihoods
from canlock.diagnosis.next_tests import next_tests
from canlock.diagnosis.observation import (
    ABSENCES,
    HEALTHY,
    TOLD,
    Group,
    Observation,
    group_observations,
)
from canlock.diagnosis.posterior import (
    RHO,
    SEEN_LEAK,
    TOLD_LEAK,
    UNVERIFIED_WEIGHT,
    Candidate,
    Weighed,
    independent_count,
    list_channels,
    normalise,
    place_candidates,
    weigh,
)
from canlock.diagnosis.wording import PRIOR, UNSEEN
from canlock.model.faults import INSUFFICIENT, LAYER_OF, NO_FAULT
from canlock.model.verdict import Hypothesis
from canlock.pipeline.fitted import load_likelihoods

DOORS = ("driver", "passenger", "rear-left", "rear-right", "tailgate")
OF_THE_CAR = {
    *("request", "request.near", "request.spare", "request.interior"),
    *("reaction", "reaction.near", "reaction.spare", "reaction.interior"),
    *("command", "refusal", "origin", "repeat", "summary", "scope"),
    *("supply", "dip", "air", "cell", "held", "node", "traffic", "code"),
}
"""Kinds that name no door."""

CANDIDATES = place_candidates(fault_models(), DOORS)


def weigh_all(seen: list[Observation], *, is_verified: bool = True) -> Weighed:
    groups = group_observations(seen)
    return weigh(CANDIDATES, groups, load_likelihoods(), is_verified=is_verified)


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    kind = draw(st.sampled_from(sorted(HEALTHY)))
    return Observation(
        kind,
        draw(st.sampled_from(sorted(HEALTHY[kind]))),
        draw(st.floats(0.0, 1000.0)),
        None if kind in OF_THE_CAR else draw(st.sampled_from(DOORS)),
        draw(st.sampled_from([None, "lock", "unlock"])),
        draw(st.booleans()),
    )


MANY = st.lists(observations(), max_size=60)


def a_group(kind: str, outcome: str, count: int = 1, trials: int | None = None) -> Group:
    times = tuple(float(number) for number in range(count))
    return Group(kind, outcome, "driver", None, times, trials or count, False)


@settings(max_examples=25, deadline=None)
@given(MANY, st.booleans())
def test_hypotheses_add_up_to_1_and_are_sorted(seen: list[Observation], is_verified: bool) -> None:
    ranking = rank(weigh_all(seen, is_verified=is_verified))
    shares = [hypothesis.probability for hypothesis in ranking.hypotheses]

    assert sum(shares) == pytest.approx(1.0, abs=1e-9)
    assert shares == sorted(shares, reverse=True)
    assert all(isfinite(share) and 0.0 <= share <= 1.0 for share in shares)
    assert len({(one.fault, one.doors) for one in ranking.hypotheses}) == len(shares)


@settings(max_examples=20, deadline=None)
@given(MANY, st.booleans(), st.booleans(), st.data())
def test_the_bits_of_a_hypothesis_add_up_to_its_log_odds(
    seen: list[Observation], is_verified: bool, may_be_by_design: bool, data: st.DataObject
) -> None:
    weighed = weigh_all(seen, is_verified=is_verified)
    ranking = rank(weighed, may_be_by_design=may_be_by_design)
    found = [one for one in ranking.hypotheses if one.fault != INSUFFICIENT]
    leader = ranking.leader()
    chosen = data.draw(st.sampled_from([*found, *[leader] * (leader.fault != INSUFFICIENT)]))

    evidence = explain(weighed, chosen, ranking)

    assert all(isfinite(piece.bits) for piece in evidence)
    assert evidence[0].text == PRIOR
    assert evidence[-1].text == UNSEEN
    if 1e-12 < chosen.probability < 1.0 - 1e-12:
        odds = chosen.probability / (1.0 - chosen.probability)
        assert sum(piece.bits for piece in evidence) == pytest.approx(log2(odds), abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(MANY)
def test_evidence_bears_the_times_that_show_it(seen: list[Observation]) -> None:
    weighed = weigh_all(seen)
    ranking = rank(weighed)
    best = next(one for one in ranking.hypotheses if one.fault != INSUFFICIENT)
    times = {one.at_s for one in seen}

    for piece in explain(weighed, best, ranking)[1:-1]:
        assert piece.times_s
        assert piece.at_s == piece.times_s[0]
        assert set(piece.times_s) <= times


@settings(max_examples=20, deadline=None)
@given(MANY)
def test_what_nobody_saw_is_no_factor_at_all(seen: list[Observation]) -> None:
    weighed = weigh_all(seen)

    for row in weighed.log_likelihoods:
        assert len(row) == len(weighed.groups)
        assert all(isfinite(value) for value in row)
    priors = normalise([candidate.log_prior for candidate in CANDIDATES])
    if not seen:
        assert weighed.probabilities() == priors


def by_chain(candidate: Candidate, seen: list[Observation], likelihoods: Likelihoods) -> float:
    """Return the log probability of observations: two urns a run, drawn one after another."""
    urns: dict[object, list[tuple[list[float], list[float]]]] = {}
    for one in seen:
        (group,) = group_observations([one])
        run = candidate.run_of(group, likelihoods)
        if run not in urns:
            weights = list(likelihoods.of(candidate.model, run[0], run[1]))
            leak = TOLD_LEAK if group.kind.partition(".")[0] in TOLD else SEEN_LEAK
            urns[run] = [([log(1.0 - leak)], weights), ([log(leak)], [0.5] * len(weights))]
        place = list(HEALTHY[one.kind]).index(one.outcome)
        for total, urn in urns[run]:
            total[0] += log(urn[place] / sum(urn))
            urn[place] += 1.0
    found = 0.0
    for (plain, _), (diffuse, _) in urns.values():
        top = max(plain[0], diffuse[0])
        found += top + log(exp(plain[0] - top) + exp(diffuse[0] - top))
    return found


@settings(max_examples=15, deadline=None)
@given(
    st.lists(observations(), max_size=25),
    st.dictionaries(st.sampled_from(sorted(HEALTHY)), st.floats(0.0, 1.0)),
)
def test_the_evidence_of_a_candidate_is_that_of_its_runs_one_draw_after_another(
    seen: list[Observation], trust: dict[str, float]
) -> None:
    """Each kind has its trust as an exponent, 1 where none is given."""
    likelihoods = replace(load_likelihoods(), trust=trust)
    groups = group_observations(seen)
    weighed = weigh(CANDIDATES, groups, likelihoods, is_verified=True)

    for candidate, row in zip(CANDIDATES, weighed.log_likelihoods, strict=True):
        expected = sum(
            trust.get(kind, 1.0)
            * by_chain(candidate, [one for one in seen if one.kind == kind], likelihoods)
            for kind in HEALTHY
        )
        assert sum(row) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(MANY, st.randoms(use_true_random=False))
def test_the_order_of_what_was_observed_does_not_change_the_probabilities(
    seen: list[Observation], random: object
) -> None:
    """Also not the order in which the groups are weighed, whatever comes first in time."""
    groups = group_observations(seen)
    shuffled = list(groups)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    first = weigh(CANDIDATES, groups, load_likelihoods(), is_verified=True)
    second = weigh(CANDIDATES, shuffled, load_likelihoods(), is_verified=True)

    for one, other in zip(first.probabilities(), second.probabilities(), strict=True):
        assert one == pytest.approx(other, rel=1e-6, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(MANY)
def test_evidence_of_no_trust_leaves_what_was_thought_before(seen: list[Observation]) -> None:
    blunt = Likelihoods(load_likelihoods().weights, dict.fromkeys(HEALTHY, 0.0))
    weighed = weigh(CANDIDATES, group_observations(seen), blunt, is_verified=True)

    assert weighed.probabilities() == pytest.approx(
        normalise([candidate.log_prior for candidate in CANDIDATES])
    )


@settings(max_examples=20, deadline=None)
@given(MANY, st.randoms(use_true_random=False))
def test_the_order_of_observations_does_not_matter(seen: list[Observation], random: object) -> None:
    shuffled = list(seen)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    first, second = group_observations(seen), group_observations(shuffled)

    assert first == second


@settings(max_examples=20, deadline=None)
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


@settings(max_examples=20, deadline=None)
@given(MANY)
def test_next_tests_promise_what_can_be_had(seen: list[Observation]) -> None:
    found = next_tests(weigh_all(seen))

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
    sure = weigh(CANDIDATES, [group], load_likelihoods(), is_verified=True)
    unsure = weigh(CANDIDATES, [group], load_likelihoods(), is_verified=False)

    for first, second in zip(sure.log_likelihoods, unsure.log_likelihoods, strict=True):
        assert second[0] == pytest.approx(first[0] * weight)


def test_what_did_not_happen_is_an_absence() -> None:
    assert {"silent", "absent", "unheard", "none", "stuck", "dead", "some", "unordered"} <= ABSENCES


def test_a_tailgate_is_suspected_less_than_a_door() -> None:
    priors = {c.doors[0]: c.log_prior for c in CANDIDATES if c.model.code == "door-harness-open"}

    assert priors["tailgate"] < priors["driver"] == priors["rear-right"]
    total = sum(exp(prior) for prior in priors.values())
    assert total == pytest.approx(models_by_code()["door-harness-open"].prior)


def test_a_car_without_doors_of_its_own_still_has_hypotheses() -> None:
    placed = place_candidates(fault_models(), ("tailgate",))

    assert {candidate.doors for candidate in placed} == {(), ("tailgate",)}


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
    ranking = rank(weigh_all([]))

    assert ranking.hypotheses[0] == Hypothesis(INSUFFICIENT, (), 1.0)
    assert ranking.settled == 0.0


def test_each_observation_settles_a_share_of_what_is_open() -> None:
    group = a_group("window", "moved")
    one = rank(weigh(CANDIDATES, [group], load_likelihoods(), is_verified=True))

    assert one.probability(INSUFFICIENT) == pytest.approx(UNSETTLED)


def test_the_prior_is_what_the_fault_files_say() -> None:
    weighed = weigh_all([])
    codes = [candidate.model.code for candidate in CANDIDATES]
    total = sum(model.prior for model in fault_models())
    found: dict[str, float] = {}
    for code, probability in zip(codes, weighed.probabilities(), strict=True):
        found[code] = found.get(code, 0.0) + probability

    for code, probability in found.items():
        assert probability == pytest.approx(models_by_code()[code].prior / total)


# Runs: what is one thing under a hypothesis, and what is many


def a_model(scope: str, *, spares: tuple[str, ...] = ()) -> FaultModel:
    """A fault that changes what locks do, and nothing else."""
    table = {"answered": 0.1, "slow": 0.1, "silent": 0.7, "bounced": 0.1}
    return FaultModel("bcm-reset", scope, 0.1, "x", {"response": table}, spares=spares)  # type: ignore[arg-type]


def of_door(kind: str, door: str | None, direction: str | None = None) -> Group:
    return Group(kind, next(iter(HEALTHY[kind])), door, direction, (1.0,), 1, False)


NOTHING_FITTED = Likelihoods()


@pytest.mark.parametrize("scope", ["door", "car", "channel"])
def test_what_names_no_door_is_one_run_of_its_own_whatever_the_fault(scope: str) -> None:
    candidate = Candidate(a_model(scope), ("driver",) if scope != "car" else (), 0.0)

    assert candidate.run_of(of_door("command", None, "lock"), NOTHING_FITTED) == (
        "own",
        "command.lock",
        None,
    )


def test_why_nobody_got_in_is_one_run_of_the_whole_car() -> None:
    candidate = Candidate(a_model("car"), (), 0.0)
    runs = {candidate.run_of(of_door("denied", door), NOTHING_FITTED) for door in DOORS}

    assert runs == {("own", "denied", None)}


def test_a_fault_of_the_whole_car_makes_one_run_of_what_it_changes() -> None:
    candidate = Candidate(a_model("car"), (), 0.0)
    runs = {candidate.run_of(of_door("response", d, "lock"), NOTHING_FITTED) for d in DOORS}

    assert runs == {("own", "response.lock", None)}


def test_what_a_fault_of_the_whole_car_leaves_alone_is_each_doors_own() -> None:
    candidate = Candidate(a_model("car"), (), 0.0)
    runs = [candidate.run_of(of_door("window", d), NOTHING_FITTED) for d in DOORS]

    assert runs == [("own", "window", door) for door in DOORS]


def test_what_was_fitted_of_a_fault_of_the_whole_car_is_one_run_too() -> None:
    fitted = Likelihoods({("bcm-reset", 0, "own", "window"): (1.0, 1.0)})
    candidate = Candidate(a_model("car"), (), 0.0)

    assert candidate.run_of(of_door("window", "driver"), fitted) == ("own", "window", None)


def test_the_doors_of_a_healthy_car_are_each_a_run() -> None:
    candidate = Candidate(models_by_code()["no-fault"], (), 0.0)
    runs = {candidate.run_of(of_door("response", d, "lock"), load_likelihoods()) for d in DOORS}

    assert len(runs) == len(DOORS)


def test_a_spare_door_tells_nothing_of_a_fault_of_the_whole_car() -> None:
    candidate = Candidate(a_model("car", spares=("driver",)), (), 0.0)

    assert candidate.run_of(of_door("response", "driver", "lock"), NOTHING_FITTED) == (
        "others",
        "response.lock",
        "driver",
    )
    assert candidate.run_of(of_door("response", "passenger", "lock"), NOTHING_FITTED)[0] == "own"


def test_what_a_blown_fuse_does_to_the_other_doors_it_does_to_all_at_once() -> None:
    table = {"response": {"answered": 0.1, "slow": 0.1, "silent": 0.7, "bounced": 0.1}}
    model = replace(a_model("door"), others=table, others_alike=True)
    candidate = Candidate(model, ("driver",), 0.0)

    runs = {candidate.run_of(of_door("response", d, "lock"), NOTHING_FITTED) for d in DOORS}

    assert runs == {("own", "response.lock", None), ("others", "response.lock", None)}
    # What it leaves alone at the other doors is each door's own.
    assert candidate.run_of(of_door("window", "passenger"), NOTHING_FITTED) == (
        "others",
        "window",
        "passenger",
    )


def test_the_short_of_a_harness_blows_a_fuse_of_all_doors() -> None:
    alike = {model.code for model in fault_models() if model.others_alike}

    assert alike == {"door-harness-short"}


def test_the_other_doors_of_a_doors_fault_are_each_a_run() -> None:
    candidate = Candidate(a_model("door"), ("driver",), 0.0)
    runs = [candidate.run_of(of_door("response", d, "lock"), NOTHING_FITTED) for d in DOORS]

    assert runs[0] == ("own", "response.lock", None)
    assert runs[1:] == [("others", "response.lock", door) for door in DOORS[1:]]


@pytest.mark.parametrize(
    ("door", "way", "relation"),
    [
        ("passenger", "unlock", "own"),
        ("rear-left", "unlock", "own"),
        ("passenger", "lock", "others"),
        ("driver", "unlock", "others"),
        ("passenger", None, "own"),
    ],
)
def test_a_dead_channel_is_of_its_doors_in_its_direction(
    door: str, way: str | None, relation: str
) -> None:
    candidate = Candidate(a_model("channel"), ("passenger", "rear-left"), 0.0, "unlock")

    run = candidate.run_of(of_door("response", door, way), NOTHING_FITTED)

    assert run[0] == relation
    assert run[2] == (None if relation == "own" else door)


def test_the_doors_of_a_dead_channel_are_one_run() -> None:
    candidate = Candidate(a_model("channel"), DOORS, 0.0, "unlock")
    runs = {candidate.run_of(of_door("response", d, "unlock"), NOTHING_FITTED) for d in DOORS}

    assert runs == {("own", "response.unlock", None)}


def test_two_doors_that_fail_speak_more_for_two_runs_than_for_one() -> None:
    """Under a fault of the whole car the second silent door is no surprise."""
    groups = [
        replace(of_door("response", door, "lock"), outcome="silent", times_s=(1.0, 2.0, 3.0))
        for door in DOORS
    ]
    healthy = Candidate(models_by_code()["no-fault"], (), 0.0)
    feed = Candidate(models_by_code()["lock-power-feed-open"], (), 0.0)
    rows = weigh((healthy, feed), groups, NOTHING_FITTED, is_verified=True).log_likelihoods

    assert rows[0][0] == pytest.approx(rows[0][-1])
    assert rows[1][-1] > rows[1][0]


@pytest.mark.parametrize(
    ("doors", "channels"),
    [
        (DOORS, [DOORS, ("driver",), DOORS[1:]]),
        (("driver", "passenger"), [("driver", "passenger"), ("driver",), ("passenger",)]),
        (("driver",), [("driver",)]),
        (("passenger", "tailgate"), [("passenger", "tailgate")]),
    ],
)
def test_an_output_serves_the_driver_all_others_or_all(
    doors: tuple[str, ...], channels: list[tuple[str, ...]]
) -> None:
    assert list_channels(doors) == channels


def test_a_dead_output_is_suspected_of_each_group_both_ways_alike() -> None:
    placed = [one for one in CANDIDATES if one.model.scope == "channel"]

    assert {(one.doors, one.direction) for one in placed} == {
        (doors, way) for doors in (DOORS, DOORS[:1], DOORS[1:]) for way in ("lock", "unlock")
    }
    assert len({one.log_prior for one in placed}) == 1
    total = sum(exp(one.log_prior) for one in placed)
    assert total == pytest.approx(models_by_code()["bcm-output-driver-fault"].prior)


def test_both_ways_of_a_channel_are_told_as_one_hypothesis() -> None:
    ranking = rank(weigh_all([Observation("command", "given", 1.0, None, "lock")]))
    found = [one for one in ranking.hypotheses if one.fault == "bcm-output-driver-fault"]

    assert {one.doors for one in found} == {DOORS, DOORS[:1], DOORS[1:]}
    assert len(found) == 3


def test_a_leader_names_its_door_only_where_one_stands_out() -> None:
    clear = a_ranking(
        ("latch-jammed", "driver", 0.6),
        ("latch-jammed", "passenger", 0.3),
        ("no-fault", None, 0.1),
    )
    open_ = a_ranking(
        ("latch-jammed", "driver", 0.5),
        ("latch-jammed", "passenger", 0.4),
        ("no-fault", None, 0.1),
    )

    assert clear.leader() == Hypothesis("latch-jammed", ("driver",), 0.6)
    assert open_.leader() == Hypothesis("latch-jammed", (), pytest.approx(0.9))  # type: ignore[arg-type]


def test_what_is_by_design_counts_as_sound_where_it_cannot_be_the_verdict() -> None:
    weighed = weigh_all([Observation("origin", "relock", 10.0), Observation("scope", "all", 20.0)])
    is_design = {code for code, layer in LAYER_OF.items() if layer == "by-design"}
    told, sound = rank(weighed), rank(weighed, may_be_by_design=False)

    by_design = sum(told.probability(code) for code in is_design)

    assert by_design > 0.01
    assert not is_design & {one.fault for one in sound.hypotheses}
    assert sound.probability(NO_FAULT) == pytest.approx(told.probability(NO_FAULT) + by_design)
    assert sound.soundness() == pytest.approx(told.soundness())


def test_what_speaks_for_a_design_speaks_for_a_sound_car_where_both_are_one() -> None:
    weighed = weigh_all([Observation("origin", "relock", 10.0 + n) for n in range(3)])
    sound = Hypothesis(NO_FAULT, (), rank(weighed, may_be_by_design=False).probability(NO_FAULT))

    (told,) = explain(weighed, sound, rank(weighed, may_be_by_design=False))[1:-1]
    (alone,) = explain(weighed, sound, rank(weighed))[1:-1]

    assert told.bits > 0.0 > alone.bits


def test_the_leader_of_a_layer_is_of_that_layer() -> None:
    ranking = a_ranking(
        ("latch-jammed", "driver", 0.6), ("auto-relock", None, 0.3), ("no-fault", None, 0.1)
    )

    assert ranking.leader_of("by-design") == Hypothesis("auto-relock", (), 0.3)
    assert ranking.leader_of("wiring") is None


# Modes


def test_the_modes_of_a_fault_share_its_prior() -> None:
    code = "lock-power-feed-open"
    fitted = Likelihoods(modes={code: (0.25, 0.75)})

    (whole,) = place_candidates([models_by_code()[code]], DOORS)
    first, second = place_candidates([models_by_code()[code]], DOORS, fitted)

    assert (first.mode, second.mode) == (0, 1)
    assert first.place == second.place == whole.place
    assert exp(first.log_prior) + exp(second.log_prior) == pytest.approx(exp(whole.log_prior))
    assert exp(second.log_prior) == pytest.approx(0.75 * exp(whole.log_prior))


def test_modes_that_are_alike_make_no_difference() -> None:
    groups = group_observations(
        [Observation("response", "silent", float(n), "driver", "lock") for n in range(3)]
    )
    row = (0.5, 0.1, 3.0, 0.1)
    code = "door-harness-open"
    one = Likelihoods({(code, 0, "own", "response.lock"): row})
    two = Likelihoods(
        {(code, mode, "own", "response.lock"): row for mode in (0, 1)}, modes={code: (0.4, 0.6)}
    )

    def probability(fitted: Likelihoods) -> float:
        placed = place_candidates(fault_models(), DOORS, fitted)
        return rank(weigh(placed, groups, fitted, is_verified=True)).probability(code)

    assert probability(two) == pytest.approx(probability(one))


def test_what_one_mode_explains_is_explained_by_the_fault() -> None:
    groups = group_observations(
        [
            Observation("response", "silent", float(n), door, "lock")
            for n in range(4)
            for door in DOORS
        ]
    )
    code = "lock-power-feed-open"
    blown, sound = (0.02, 0.02, 3.94, 0.02), (3.94, 0.02, 0.02, 0.02)
    key = "own", "response.lock"
    fitted = Likelihoods({(code, 0, *key): sound, (code, 1, *key): blown}, modes={code: (0.5, 0.5)})

    placed = place_candidates(fault_models(), DOORS, fitted)
    found = rank(weigh(placed, groups, fitted, is_verified=True))

    assert found.by_code()[0][0] == code
    chosen = next(each for each in found.hypotheses if each.fault == code)
    weighed = weigh(placed, groups, fitted, is_verified=True)
    bits = sum(piece.bits for piece in explain(weighed, chosen, found))
    odds = chosen.probability / (1.0 - chosen.probability)
    assert bits == pytest.approx(log2(odds), abs=1e-6)
