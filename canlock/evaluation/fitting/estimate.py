"""Polya weights from the runs that sessions showed: most likely, smoothed and bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Final

from canlock.diagnosis.catalogue import models_by_code
from canlock.diagnosis.likelihoods import (
    JUDGED_HEALTHY,
    Likelihoods,
    Relation,
    Weights,
    as_weights,
    kind_of,
    varies,
)
from canlock.diagnosis.observation import HEALTHY
from canlock.diagnosis.polya import log_polya
from canlock.evaluation.fitting.gather import Shown
from canlock.model.faults import NO_FAULT

Key = tuple[str, Relation, str]
"""Code, relation, kind with its direction."""

PRIOR_RUNS: Final = 12.0
"""So many runs of one observation each, of what is judged, are added to what was seen."""

SIZES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Sums of weights that are tried. No rate is known better than from 32 observations: other cars are
not our simulator's."""

LARGEST_FAULTY: Final = 4.0
"""The same for faults, whose severity the simulator draws by judgement."""

USUAL_SIZE: Final = 8.0
SIZE_SPREAD: Final = 1.0
"""Before anything was seen: within a factor of e of eight. Judgement."""

LEAST_SHARE: Final = 0.003
"""Nothing is impossible."""

LEAST_RUNS: Final = 6
"""What was seen in fewer runs stays as judged."""

STEPS: Final = 25


def estimate(shown: Sequence[Shown]) -> Likelihoods:
    """Return weights for a healthy car, and for every kind that a fault's file speaks of."""
    healthy: dict[tuple[str, str, str], Weights] = {}
    for key, runs in collect(each for each in shown if each.code == NO_FAULT).items():
        weights = as_weights(kind_of(key[2]), HEALTHY[kind_of(key[2])], JUDGED_HEALTHY)
        healthy[key] = fit_runs(runs, weights)
    base = Likelihoods(dict(healthy))
    fitted: dict[tuple[str, str, str], Weights] = dict(healthy)
    for key, runs in collect(each for each in shown if each.code != NO_FAULT).items():
        code, relation, way = key
        model = models_by_code()[code]
        if sum(runs.values()) < LEAST_RUNS:
            continue
        tables = model.own if relation == "own" else model.others
        # What a fault's file says nothing of is no doing of the fault, but somebody's habit.
        is_judged = way in tables or kind_of(way) in tables
        if is_judged and not varies(model, way):
            prior = base.of(model, relation, way)
            fitted[key] = fit_runs(runs, prior, largest=LARGEST_FAULTY)
    return Likelihoods(fitted)


def collect(shown: Iterable[Shown]) -> dict[Key, Counter[tuple[int, ...]]]:
    """Return how often each run of outcomes was seen, by fault, relation and kind."""
    alike = _AllAlike()
    found: dict[Key, Counter[tuple[int, ...]]] = {}
    for each in shown:
        candidate = each.candidate()
        counts: dict[tuple[Relation, str, str | None], dict[str, int]] = {}
        for group in each.groups:
            run = candidate.run_of(group, alike)
            outcomes = counts.setdefault(run, dict.fromkeys(HEALTHY[group.kind], 0))
            outcomes[group.outcome] += group.count
        for (relation, way, _), outcomes in counts.items():
            key = (each.code, relation, way)
            found.setdefault(key, Counter())[tuple(outcomes.values())] += 1
    return found


class _AllAlike(Likelihoods):
    """Takes every kind of a fault of the whole car for one that all doors have alike."""

    def has_own(self, model: object, way: str) -> bool:  # noqa: ARG002
        return getattr(model, "code", "") != NO_FAULT


def fit_runs(
    runs: Mapping[tuple[int, ...], int], prior: Weights, *, largest: float = SIZES[-1]
) -> Weights:
    """Return the Polya weights under which runs are likeliest, drawn towards a prior.

    For each of some sums of weights the shares are found by the fixed point of Minka, "Estimating a
    Dirichlet distribution" (2000), section 2; the best sum is kept. Where the runs do not tell how
    alike sessions are, that stays as judged.

    Args:
        runs: Counts of outcomes -> how many runs had them.
        prior: Weights whose shares are the mean to be drawn to.
        largest: The largest sum of weights.
    """
    total = sum(prior)
    shares = [weight / total for weight in prior]
    rows = [(run, float(times)) for run, times in runs.items()]
    for position, share in enumerate(shares):
        single = tuple(int(k == position) for k in range(len(prior)))
        rows.append((single, PRIOR_RUNS * share))
    best: tuple[float, Weights] | None = None
    for size in (size for size in SIZES if size <= largest):
        weights = _fit_shares(rows, size, shares)
        worth = sum(times * log_polya(weights, run) for run, times in rows)
        worth -= 0.5 * (log(size / USUAL_SIZE) / SIZE_SPREAD) ** 2
        if best is None or worth > best[0]:
            best = worth, weights
    assert best is not None
    return tuple(round(weight, 3) for weight in best[1])


def _fit_shares(
    rows: Sequence[tuple[tuple[int, ...], float]], size: float, shares: Sequence[float]
) -> Weights:
    weights = [max(share, LEAST_SHARE) * size for share in shares]
    for _ in range(STEPS):
        found = [
            weight * sum(times * _harmonic(weight, run[k]) for run, times in rows)
            for k, weight in enumerate(weights)
        ]
        total = sum(found)
        weights = [max(each / total, LEAST_SHARE) * size for each in found]
    return tuple(weights)


def _harmonic(start: float, count: int) -> float:
    return sum(1.0 / (start + step) for step in range(count))
