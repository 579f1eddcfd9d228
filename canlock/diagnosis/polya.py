"""How probable a run of outcomes is where the rate of each is itself uncertain.

Repeated observations of one thing in one session are correlated: a door that was silent once is
likely to be silent again. The Polya (Dirichlet-multinomial) distribution says just that. Its
weights are imagined earlier observations: their shares are the mean rates, their sum is how alike
sessions are. A product of such rates is a quotient of two values of the gamma function.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log
from typing import Final

DIFFUSE: Final = 0.5
"""Weight of each outcome in a run that means nothing."""


@lru_cache(maxsize=1 << 16)
def log_run(weights: tuple[float, ...], counts: tuple[int, ...], leak: float) -> float:
    """Return the log probability of a run of outcomes, in the order in which they came.

    Args:
        weights: Shape (k,): Polya weights of the outcomes, above 0.
        counts: Shape (k,): how often each outcome was seen.
        leak: Share of runs that mean nothing: a wrong mark, a lost frame, a car unlike all others.
            It bounds what any one run can say against a cause.
    """
    plain = log_polya(weights, counts)
    diffuse = log_polya((DIFFUSE,) * len(weights), counts)
    top = max(plain, diffuse)
    return top + log((1.0 - leak) * exp(plain - top) + leak * exp(diffuse - top))


def log_polya(weights: tuple[float, ...], counts: tuple[int, ...]) -> float:
    """Return the log probability of a run that means something, see `log_run`."""
    total, seen = sum(weights), sum(counts)
    result = lgamma(total) - lgamma(total + seen)
    for weight, count in zip(weights, counts, strict=True):
        if count:
            result += lgamma(weight + count) - lgamma(weight)
    return result


def predict(weights: tuple[float, ...], counts: tuple[int, ...]) -> tuple[float, ...]:
    """Return how probable each outcome is next, after some were seen."""
    total = sum(weights) + sum(counts)
    return tuple((w + n) / total for w, n in zip(weights, counts, strict=True))
