"""Fisher's exact test of a table of two rows and two columns."""

from __future__ import annotations

from math import comb, inf
from typing import Final

SAME: Final = 1.0 + 1e-9
"""Tables whose probabilities differ by less than this factor are equally probable."""


def p_value(a: int, b: int, c: int, d: int) -> float:
    """Return how probable a table at least as uneven is where rows and columns are independent.

    Two-sided: over all tables with the same sums, those that are no more probable than this one
    (Fisher, "Statistical Methods for Research Workers", section 21.02).

    Args:
        a: First row, first column, not below 0; so are the others.
        b: First row, second column.
        c: Second row, first column.
        d: Second row, second column.
    """
    row, column, total = a + b, a + c, a + b + c + d
    ways = [
        comb(row, k) * comb(total - row, column - k)
        for k in range(max(0, row + column - total), min(row, column) + 1)
    ]
    seen = comb(row, a) * comb(total - row, column - a)
    return sum(way for way in ways if way <= seen * SAME) / comb(total, column)


def odds_ratio(a: int, b: int, c: int, d: int) -> float:
    """Return how many times the odds of the first row are those of the second; 1 where all is 0."""
    if b * c:
        return a * d / (b * c)
    return inf if a * d else 1.0
