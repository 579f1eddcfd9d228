"""From groups of observations to probabilities: single-fault Bayes in log space.

Each hypothesis is one fault at one place. Observations of one kind about one thing form a run,
whose probability under a hypothesis is that of `polya`: repeats are correlated, no run can say
more than its leak allows, and what was not observed is no factor at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import Final

from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.likelihoods import Likelihoods, Relation, Weights
from canlock.diagnosis.observation import ABSENCES, CAR_WIDE, HEALTHY, TOLD, Group
from canlock.diagnosis.polya import log_run
from canlock.model.verdict import Hypothesis

UNVERIFIED_WEIGHT: Final = 0.7
"""Absences count for this much where nobody has seen the vehicle file work on a car. Judgement,
with the calibration on simulated cars in view: a wrong mapping looks like silence."""

TAILGATE_SHARE: Final = 0.25
"""A tailgate's lock is the complaint this often, beside 1 for a door. Judgement."""

TOLD_LEAK: Final = 2e-3
SEEN_LEAK: Final = 1e-4
"""Share of runs that mean nothing, where a person has a part in them, and where only frames have:
people mark wrongly, and a car may be unlike all others. Judgement; the second is what DOMAIN 4.2's
cap on a feature (ln 20) and its discount of repeats leave of many observations."""

RHO: Final = 0.3
"""Correlation of repeated observations (DOMAIN 4.2)."""

Run = tuple[Relation, str, str | None]
"""Relation, kind with its direction, and the door where each door has a run of its own."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fault at a place, with its weight before anything was seen."""

    model: FaultModel
    doors: tuple[str, ...]
    """Empty for the whole car."""

    log_prior: float
    direction: str | None = None
    """The one way that is affected; None: both."""

    mode: int = 0
    """Which way of showing it is, see `Likelihoods`."""

    @property
    def place(self) -> tuple[str, tuple[str, ...], str | None]:
        """Return what its modes have in common."""
        return self.model.code, self.doors, self.direction

    def is_of(self, hypothesis: Hypothesis) -> bool:
        """Say whether a hypothesis speaks of this fault, here or at an unnamed place."""
        is_here = hypothesis.doors in (self.doors, ())
        return self.model.code == hypothesis.fault and is_here

    def run_of(self, group: Group, likelihoods: Likelihoods) -> Run:
        """Return the run that a group belongs to under this hypothesis.

        What a fault does to the whole car, it does to all doors alike: one run. Everything else is
        each door's own.
        """
        if group.door is None:
            return "own", group.way, None
        if group.door in self.model.spares:
            return "others", group.way, group.door
        if self.model.scope == "car":
            is_alike = group.kind in CAR_WIDE or likelihoods.has_own(self.model, group.way)
            return "own", group.way, None if is_alike else group.door
        is_way = self.direction is None or group.direction in (None, self.direction)
        if group.door in self.doors and is_way:
            is_alike = len(self.doors) == 1 or likelihoods.has_own(self.model, group.way)
            return "own", group.way, None if is_alike else group.door
        is_alike = self.model.others_alike and likelihoods.changes_others(self.model, group.way)
        return "others", group.way, None if is_alike else group.door


@dataclass(frozen=True, slots=True)
class Weighed:
    """Candidates with the log weights that the groups gave each of them."""

    candidates: tuple[Candidate, ...]
    groups: tuple[Group, ...]
    log_likelihoods: tuple[tuple[float, ...], ...]
    """One row a candidate, one column a group: what the group adds to the log likelihood of those
    before it."""

    likelihoods: Likelihoods

    def log_weight(self, index: int) -> float:
        """Return prior and all evidence of a candidate."""
        return self.candidates[index].log_prior + sum(self.log_likelihoods[index])

    def index_of(self, hypothesis: Hypothesis) -> int | None:
        """Return the likeliest candidate that a hypothesis speaks of; None where there is none."""
        return max(
            (
                index
                for index, candidate in enumerate(self.candidates)
                if candidate.is_of(hypothesis)
            ),
            key=self.log_weight,
            default=None,
        )

    def probabilities(self) -> tuple[float, ...]:
        """Return one probability a candidate; they add up to 1."""
        weights = [self.log_weight(index) for index in range(len(self.candidates))]
        return normalise(weights)


def place_candidates(
    models: Iterable[FaultModel], doors: Sequence[str], likelihoods: Likelihoods | None = None
) -> tuple[Candidate, ...]:
    """Return every fault at every place where it may sit, in each of its modes."""
    fitted = likelihoods if likelihoods is not None else Likelihoods()
    return tuple(
        replace(placed, log_prior=placed.log_prior + log(share), mode=mode)
        for model in models
        for placed in _place(model, doors)
        for mode, share in enumerate(fitted.shares_of(model.code))
    )


def _place(model: FaultModel, doors: Sequence[str]) -> Iterator[Candidate]:
    if model.scope == "car":
        yield Candidate(model, (), log(model.prior))
    elif model.scope == "channel":
        channels = list_channels(doors)
        for channel in channels:
            for way in ("lock", "unlock"):
                yield Candidate(model, channel, log(model.prior / (2 * len(channels))), way)
    else:
        shares = {door: TAILGATE_SHARE if door == "tailgate" else 1.0 for door in doors}
        for door, share in shares.items():
            yield Candidate(model, (door,), log(model.prior * share / sum(shares.values())))


def list_channels(doors: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the doors of the BCM's outputs: common, driver, all others (DOMAIN 2.3)."""
    others = tuple(door for door in doors if door != "driver")
    channels = [tuple(doors), tuple(door for door in doors if door == "driver"), others]
    return [channel for channel in dict.fromkeys(channels) if channel]


def weigh(
    candidates: tuple[Candidate, ...],
    groups: Sequence[Group],
    likelihoods: Likelihoods,
    *,
    is_verified: bool,
) -> Weighed:
    """Return what each group adds to the log likelihood of each candidate."""
    doubts = {} if is_verified else doubtful_kinds(groups)
    scales = [likelihoods.trust.get(g.kind, 1.0) * doubts.get(g.kind, 1.0) for g in groups]
    leaks = [leak_of(group.kind) for group in groups]
    known: dict[tuple[str, int, Relation, str], Weights] = {}
    rows = []
    steps: list[Step] = []
    place = None
    for candidate in candidates:
        if place != (place := candidate.place):
            # The modes of a fault at a place stand together.
            steps = list(_list_steps(candidate, groups, likelihoods))
        code, mode = candidate.model.code, candidate.mode
        row = []
        for (relation, way, before, after), scale, leak in zip(steps, scales, leaks, strict=True):
            key = code, mode, relation, way
            weights = known.get(key)
            if weights is None:
                weights = likelihoods.of(candidate.model, relation, way, mode)
                known[key] = weights
            row.append(scale * (log_run(weights, after, leak) - log_run(weights, before, leak)))
        rows.append(tuple(row))
    return Weighed(candidates, tuple(groups), tuple(rows), likelihoods)


Step = tuple[Relation, str, tuple[int, ...], tuple[int, ...]]
"""Relation, kind with its direction, and the counts of a run before and after a group."""


def _list_steps(
    candidate: Candidate, groups: Sequence[Group], likelihoods: Likelihoods
) -> Iterator[Step]:
    """Yield what each group adds to the run that it belongs to."""
    counts: dict[Run, tuple[int, ...]] = {}
    for group in groups:
        run = candidate.run_of(group, likelihoods)
        outcomes = HEALTHY[group.kind]
        before = counts.get(run, (0,) * len(outcomes))
        added = group.count
        after = tuple(
            n + added if outcome == group.outcome else n
            for n, outcome in zip(before, outcomes, strict=True)
        )
        counts[run] = after
        yield run[0], run[1], before, after


def leak_of(kind: str) -> float:
    """Return the share of runs of a kind that mean nothing."""
    return TOLD_LEAK if kind.partition(".")[0] in TOLD else SEEN_LEAK


def doubtful_kinds(groups: Sequence[Group]) -> dict[str, float]:
    """Return kind -> how much it counts where nobody has seen the vehicle file work on a car.

    What was not seen weighs little there. The whole kind shares the doubt, so that the order in
    which things happened makes no difference.
    """
    counts: dict[str, list[int]] = {}
    for group in groups:
        is_absence = not group.is_marked and group.outcome in ABSENCES
        count = counts.setdefault(group.kind, [0, 0])
        count[0] += group.count
        count[1] += group.count * is_absence
    lost = 1.0 - UNVERIFIED_WEIGHT
    return {kind: 1.0 - lost * absent / total for kind, (total, absent) in counts.items()}


def independent_count(group: Group) -> float:
    """Return how many independent observations a group amounts to (DOMAIN 4.2)."""
    return group.count / (1.0 + (group.trials - 1) * RHO)


def normalise(log_weights: Sequence[float]) -> tuple[float, ...]:
    """Return probabilities in proportion to weights given as logarithms."""
    top = max(log_weights)
    weights = [exp(weight - top) for weight in log_weights]
    total = sum(weights)
    return tuple(weight / total for weight in weights)
