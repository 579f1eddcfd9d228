"""Trends by ranks: Theil-Sen's slope and Mann-Kendall's test, which no outlier bends.

Both are of textbooks: H. B. Mann 1945, M. G. Kendall 1975 (ties), P. K. Sen 1968 (interval).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import permutations
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float64]
Groups = npt.NDArray[np.int64]
Kind = TypeVar("Kind", bound=np.generic)

Z_95: Final = 1.959963984540054
"""Quantile of the normal distribution: 95 % lie within plus and minus this."""

EXACT_GROUPS: Final = 7
"""Up to so many groups all their orders are tried (5040); above, the normal law is near enough."""

MOST_VALUES: Final = 2000
"""Of a longer series so many are taken, evenly spread: two million pairs are enough."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope and the interval that holds it with 95 %; in units of y a unit of x."""

    per_unit: float
    low: float
    high: float

    @property
    def is_one_sided(self) -> bool:
        """Tell whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Kendall:
    """Mann-Kendall's test."""

    s: int
    """Pairs in which the later value is greater, less those in which it is smaller."""

    variance: float
    """Of `s` over all orders of the values, or of the groups, ties included."""

    p: float
    """Chance of so large an `s`, up or down, where the order means nothing."""


def theil_sen(x: Column, y: Column, sigma: float) -> Slope:
    """Return the median of the slopes between all pairs with different x, and its interval.

    Args:
        x: Where the values stand, in any order.
        y: The values.
        sigma: Standard deviation of Kendall's S of these values, see `Kendall.variance`.

    Returns:
        The slope; zero with an endless interval where all x are the same.
    """
    x, y = thin(x), thin(y)
    first, second = np.triu_indices(len(x), 1)
    run = x[second] - x[first]
    rise = y[second] - y[first]
    slopes = np.sort(rise[run != 0] / run[run != 0])
    count = len(slopes)
    if not count:
        return Slope(0.0, -math.inf, math.inf)
    half = Z_95 * sigma / 2
    low = math.floor(count / 2 - half) - 1
    high = math.ceil(count / 2 + half)
    return Slope(
        float(np.median(slopes)),
        float(slopes[low]) if low >= 0 else -math.inf,
        float(slopes[high]) if high < count else math.inf,
    )


def kendall_test(values: Column, groups: Groups | None = None) -> Kendall:
    """Test whether values tend to grow or to fall in the order in which they are given.

    Args:
        values: The values in their order.
        groups: Which of them belong together, in blocks: only the order of whole groups is then
            taken to be free, and pairs within one do not count. None: each is one of its own.
    """
    values = thin(values)
    later, earlier = values[np.newaxis, :], values[:, np.newaxis]
    signs = (later > earlier).astype(np.int32) - (later < earlier).astype(np.int32)
    if groups is None:
        s = int(np.triu(signs, 1).sum())
        variance = _variance(signs)
        # One step of S is two units wide: half of one is the correction for continuity.
        shrunk = max(abs(s) - 1, 0)
        return Kendall(s, variance, _two_sided(shrunk, variance))
    starts = np.flatnonzero(np.diff(thin(groups), prepend=-1))
    blocks = np.add.reduceat(np.add.reduceat(signs, starts, axis=0), starts, axis=1)
    s = int(np.triu(blocks, 1).sum())
    variance = _variance(blocks)
    if len(blocks) <= EXACT_GROUPS:
        return Kendall(s, variance, _exact_p(blocks, s))
    return Kendall(s, variance, _two_sided(abs(s), variance))


def smallest_p(groups: int) -> float:
    """Return the smallest chance that a test of so many groups can give."""
    return 2 / math.factorial(groups) if groups > 1 else 1.0


def thin(column: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    """Return a column, or `MOST_VALUES` evenly spread ones of a longer one."""
    if len(column) <= MOST_VALUES:
        return column
    return column[np.linspace(0, len(column) - 1, MOST_VALUES).round().astype(np.intp)]


def _variance(signs: npt.NDArray[np.int32]) -> float:
    """Return the variance of the upper triangle's sum when rows and columns are put in any order.

    Two entries of an antisymmetric matrix that share a row keep their signs in a third more of the
    orders than not. For single values this is Kendall's formula with its tie correction,
    n(n-1)(2n+5)/18 - sum of t(t-1)(2t+5)/18.
    """
    squares = float((signs.astype(np.float64) ** 2).sum())
    rows = signs.astype(np.float64).sum(axis=1)
    return squares / 2 + (float((rows**2).sum()) - squares) / 3


def _two_sided(distance: float, variance: float) -> float:
    return math.erfc(distance / math.sqrt(2 * variance)) if variance > 0 else 1.0


def _exact_p(blocks: npt.NDArray[np.int32], s: int) -> float:
    orders = np.array(list(permutations(range(len(blocks)))))
    first, second = np.triu_indices(len(blocks), 1)
    sums = blocks[orders[:, first], orders[:, second]].sum(axis=1)
    return float(np.mean(np.abs(sums) >= abs(s)))
