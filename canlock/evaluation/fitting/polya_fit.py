"""Polya weights from the runs that sessions showed: most likely, smoothed and bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Final

from canlock.diagnosis.likelihoods import Weights
from canlock.diagnosis.polya import log_polya

PRIOR_RUNS: Final = 12.0
"""So many runs of one observation each, of what is judged, are added to what was seen."""

SIZES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Sums of weights that are tried. No rate is known better than from 32 observations: other cars are
not our simulator's."""

LARGEST_FAULTY: Final = 4.0
"""The largest for faults, whose severity the simulator draws by judgement."""

USUAL_SIZE: Final = 8.0

SIZE_SPREAD: Final = 1.0
"""Before anything was seen: within a factor of e of eight. Judgement."""

LEAST_SHARE: Final = 0.001
"""Nothing is impossible."""

STEPS: Final = 25


def fit_runs(
    runs: Mapping[tuple[int, ...], float],
    prior: Weights,
    *,
    largest: float = SIZES[-1],
    prior_runs: float = PRIOR_RUNS,
) -> Weights:
    """Return the Polya weights under which runs are likeliest, drawn towards a prior.

    For each of some sums of weights the shares are found by the fixed point of Minka, "Estimating a
    Dirichlet distribution" (2000), section 2; the best sum is kept. Where the runs do not tell how
    alike sessions are, that stays as judged.

    Args:
        runs: Counts of outcomes -> how many runs had them; a part of a run is a fraction.
        prior: Weights whose shares are the mean to be drawn to.
        largest: The largest sum of weights.
        prior_runs: So many runs of one observation each, of the prior, are added.
    """
    total = sum(prior)
    shares = [weight / total for weight in prior]
    rows = [(run, float(times)) for run, times in runs.items()]
    for position, share in enumerate(shares):
        single = tuple(int(k == position) for k in range(len(prior)))
        rows.append((single, prior_runs * share))
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
