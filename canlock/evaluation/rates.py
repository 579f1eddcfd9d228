"""Shares of a count, and how far a finite number of sessions lets them be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Final, TypeVar

Z_95: Final = 1.959963984540054
"""Of the standard normal distribution, 95 % lie within this of the mean."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        """Return count / of, or None where there was nothing to count."""
        return self.count / self.of if self.of else None

    def interval(self) -> tuple[float, float] | None:
        """Return the Wilson score interval of 95 %, or None where there was nothing to count.

        Unlike the normal approximation it is of use at 0 and at 1 too, where good figures lie.
        Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209.
        """
        if not self.of:
            return None
        share = self.count / self.of
        z2_n = Z_95**2 / self.of
        middle = (share + z2_n / 2) / (1 + z2_n)
        half = sqrt(share * (1 - share) * z2_n + z2_n**2 / 4) / (1 + z2_n)
        # At the ends the bound is 0 or 1 but for rounding.
        low = 0.0 if self.count == 0 else max(middle - half, 0.0)
        high = 1.0 if self.count == self.of else min(middle + half, 1.0)
        return low, high


def rate(items: Iterable[Item], holds: Callable[[Item], bool]) -> Rate:
    """Return how many of the items something holds for."""
    answers = [holds(item) for item in items]
    return Rate(sum(answers), len(answers))
