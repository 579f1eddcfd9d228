"""From groups of observations to probabilities: single-fault Bayes in log space.

Each hypothesis is one fault at one door, or in the whole car. A group of n equal observations
counts as n / (1 + (n - 1) rho) independent ones, each observation's likelihood ratio against a
healthy car is capped, and what was not observed is no factor at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

from canlock.diagnosis.fault_model import SMALLEST, FaultModel
from canlock.diagnosis.observation import ABSENCES, HEALTHY, Group

CAP: Final = log(20.0)
"""Largest |log likelihood ratio| of one observation (DOMAIN 4.2)."""

RHO: Final = 0.3
"""Correlation of repeated observations (DOMAIN 4.2)."""

UNVERIFIED_WEIGHT: Final = 0.4
"""Absences count for this much where nobody has seen the vehicle file work on a car. Judgement:
a wrong mapping looks like silence."""

TAILGATE_SHARE: Final = 0.25
"""A tailgate's lock is the complaint this often, beside 1 for a door. Judgement."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fault at a place, with its weight before anything was seen."""

    model: FaultModel
    door: str | None
    log_prior: float

    @property
    def doors(self) -> tuple[str, ...]:
        """Return the door as a tuple; empty for the whole car."""
        return () if self.door is None else (self.door,)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Candidates with the log weights that the groups gave each of them."""

    candidates: tuple[Candidate, ...]
    groups: tuple[Group, ...]
    log_ratios: tuple[tuple[float, ...], ...]
    """One row a candidate, one column a group; against a healthy car."""

    def log_weight(self, index: int) -> float:
        """Return prior and all evidence of a candidate."""
        return self.candidates[index].log_prior + sum(self.log_ratios[index])

    def probabilities(self) -> tuple[float, ...]:
        """Return one probability a candidate; they add up to 1."""
        weights = [self.log_weight(index) for index in range(len(self.candidates))]
        return normalise(weights)


def place_candidates(models: Iterable[FaultModel], doors: Sequence[str]) -> tuple[Candidate, ...]:
    """Return every fault at every place where it may sit."""
    shares = {door: TAILGATE_SHARE if door == "tailgate" else 1.0 for door in doors}
    total = sum(shares.values())
    placed = []
    for model in models:
        if model.scope == "car":
            placed.append(Candidate(model, None, log(model.prior)))
        else:
            placed.extend(
                Candidate(model, door, log(model.prior * share / total))
                for door, share in shares.items()
            )
    return tuple(placed)


def weigh(
    candidates: tuple[Candidate, ...], groups: Sequence[Group], *, is_verified: bool
) -> Weighed:
    """Return the log likelihood ratio of each group under each candidate."""
    rows = []
    for candidate in candidates:
        row = []
        for group in groups:
            ratio = log_ratio(candidate, group) * independent_count(group)
            if not is_verified and not group.is_marked and group.outcome in ABSENCES:
                ratio *= UNVERIFIED_WEIGHT
            row.append(ratio)
        rows.append(tuple(row))
    return Weighed(candidates, tuple(groups), tuple(rows))


def log_ratio(candidate: Candidate, group: Group) -> float:
    """Return the capped log likelihood ratio of one observation against a healthy car."""
    healthy = max(HEALTHY[group.kind][group.outcome], SMALLEST)
    ratio = log(candidate.model.probability(candidate.door, group) / healthy)
    return min(max(ratio, -CAP), CAP)


def independent_count(group: Group) -> float:
    """Return how many independent observations a group amounts to.

    Outcomes of one kind share the discount: five of ten silent count as half of what ten amount to.
    """
    trials = group.trials
    return group.count / (1.0 + (trials - 1) * RHO)


def normalise(log_weights: Sequence[float]) -> tuple[float, ...]:
    """Return probabilities in proportion to weights given as logarithms."""
    top = max(log_weights)
    weights = [exp(weight - top) for weight in log_weights]
    total = sum(weights)
    return tuple(weight / total for weight in weights)
