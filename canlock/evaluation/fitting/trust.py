"""How much each kind of observation may weigh: kinds are not independent of each other.

A door that does not unlock is also one that does not open: the likelihoods count that twice. So
each kind gets an exponent, its trust, under which the truth of sessions that the tables were not
fitted on is likeliest. This also makes the stated probabilities come true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.diagnosis.catalogue import fault_models
from canlock.diagnosis.likelihoods import Likelihoods
from canlock.diagnosis.observation import HEALTHY
from canlock.diagnosis.posterior import place_candidates, weigh
from canlock.evaluation.fitting.gather import Shown

Floats = npt.NDArray[np.float64]

STEPS: Final = 300
RATE: Final = 0.05
USUAL: Final = 0.85
"""To this an exponent is drawn; also that of a kind that the sessions do not show."""

PULL: Final = 0.02
"""How strongly, for each session. Judgement."""

LOWEST: Final = 0.1
HIGHEST: Final = 1.0
PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class Case:
    """One session as the optimum sees it."""

    log_priors: Floats
    """Shape (candidates,)."""

    evidence: Floats
    """Shape (candidates, kinds): log likelihoods."""

    is_right: npt.NDArray[np.bool_]
    """Shape (candidates,): the code is the true one."""


def choose_trust(shown: Sequence[Shown], likelihoods: Likelihoods) -> dict[str, float]:
    """Return kind -> exponent for some sessions that the likelihoods were not fitted on."""
    kinds = tuple(HEALTHY)
    plain = replace(likelihoods, trust={})
    cases = [_case(each, plain, kinds) for each in shown]
    trust = np.full(len(kinds), USUAL)
    for _ in range(STEPS):
        slope = sum((_slope(case, trust) for case in cases), np.zeros(len(kinds))) / len(cases)
        slope -= PULL * (trust - USUAL)
        trust = np.clip(trust + RATE * slope, LOWEST, HIGHEST)
    return {kind: round(float(t), PLACES) for kind, t in zip(kinds, trust, strict=True)}


def _case(shown: Shown, likelihoods: Likelihoods, kinds: Sequence[str]) -> Case:
    likelihoods = replace(likelihoods, unseen=shown.unseen)
    candidates = place_candidates(fault_models(), shown.all_doors, likelihoods)
    weighed = weigh(candidates, shown.groups, likelihoods, is_verified=shown.is_verified)
    evidence = np.zeros((len(candidates), len(kinds)))
    rows = np.array(weighed.log_likelihoods).reshape(len(candidates), len(shown.groups))
    for column, group in enumerate(shown.groups):
        evidence[:, kinds.index(group.kind)] += rows[:, column]
    return Case(
        np.array([candidate.log_prior for candidate in candidates]),
        evidence - evidence.max(axis=0),
        np.array([candidate.model.code == shown.code for candidate in candidates]),
    )


def _slope(case: Case, trust: Floats) -> Floats:
    """Return how the log probability of the truth changes with each exponent."""
    weights = case.log_priors + case.evidence @ trust
    shares = np.exp(weights - weights.max())
    right = shares * case.is_right
    mean = shares @ case.evidence / shares.sum()
    slope: Floats = right @ case.evidence / max(float(right.sum()), 1e-300) - mean
    return slope
