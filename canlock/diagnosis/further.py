"""Further faults: what the first one leaves unexplained, at another door or in the car as a whole.

The first fault stands; each other place is then asked whether what was seen there needs a fault of
its own. What the first fault does to other doors, it does: a blown fuse makes no second fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import log
from typing import Final

from canlock.diagnosis.catalogue import models_by_code
from canlock.diagnosis.gates import LEAST_SYMPTOMS, count_symptoms
from canlock.diagnosis.hypotheses import Ranking, rank
from canlock.diagnosis.posterior import Candidate, Weighed
from canlock.model.faults import LAYER_OF, NO_FAULT
from canlock.model.verdict import Hypothesis

ANOTHER: Final = 0.5
"""How much rarer a second fault is than a first. Judgement: old gaiters break on both sides."""

NEEDLESS: Final = 0.1
"""A second fault is told only where it is no more probable than this that there is none."""


def find_further(weighed: Weighed, first: Hypothesis) -> Iterator[tuple[Hypothesis, Weighed]]:
    """Yield each further fault with the evidence that is its own, the places in their order."""
    index = weighed.index_of(first)
    if index is None or LAYER_OF[first.fault] in ("none", "by-design", "unknown"):
        return
    places = dict.fromkeys(group.door for group in weighed.groups)
    for place in places:
        if place in first.doors or (place is None and not first.doors):
            continue
        part = _of_place(weighed, index, place)
        if count_symptoms(part.groups) < LEAST_SYMPTOMS:
            continue
        ranking = rank(part)
        if _without(ranking) > NEEDLESS:
            continue
        leader = ranking.leader_of_faults()
        if leader is not None:
            yield leader, part


def _of_place(weighed: Weighed, first: int, place: str | None) -> Weighed:
    """Return what was seen at one place, under the first fault alone and with another beside it."""
    columns = [k for k, group in enumerate(weighed.groups) if group.door == place]
    healthy = Candidate(models_by_code()[NO_FAULT], (), 0.0)
    candidates = [healthy]
    rows = [tuple(weighed.log_likelihoods[first][k] for k in columns)]
    for candidate, row in zip(weighed.candidates, weighed.log_likelihoods, strict=True):
        is_here = candidate.doors == (() if place is None else (place,))
        if is_here and LAYER_OF[candidate.model.code] not in ("none", "by-design", "unknown"):
            candidates.append(replace(candidate, log_prior=candidate.log_prior + log(ANOTHER)))
            rows.append(tuple(row[k] for k in columns))
    groups = tuple(weighed.groups[k] for k in columns)
    return Weighed(tuple(candidates), groups, tuple(rows), weighed.likelihoods)


def _without(ranking: Ranking) -> float:
    return ranking.probability(NO_FAULT) / max(ranking.settled, 1e-9)
