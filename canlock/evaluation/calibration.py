"""Whether probabilities mean what they say: of what is called 70 % likely, 70 % should be so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum
from typing import Final

from canlock.evaluation.rates import Rate

BINS: Final = 10
"""Bins of equal width from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The statements whose probability lies in one stretch."""

    low: float
    high: float
    """The stretch begins at `low` and ends before `high`; the last one holds 1 too."""

    right: Rate
    """How many of the statements were right."""

    mean_probability: float | None
    """What was stated, on average; None: the bin is empty."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A reliability table."""

    bins: tuple[Bin, ...]

    @property
    def count(self) -> int:
        """Return the number of statements."""
        return sum(each.right.of for each in self.bins)

    @property
    def error(self) -> float | None:
        """Return the expected calibration error, or None where nothing was stated.

        That is the mean over all statements of the distance, in their bin, between what was stated
        on average and how often it was right.
        """
        if not self.count:
            return None
        distances = [
            each.right.of * abs(each.mean_probability - each.right.count / each.right.of)
            for each in self.bins
            if each.mean_probability is not None
        ]
        return fsum(distances) / self.count


def calibrate(statements: Iterable[tuple[float, bool]]) -> Calibration:
    """Return the reliability table of statements.

    Args:
        statements: (probability from 0 to 1, whether it was right).
    """
    binned: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for probability, is_right in statements:
        binned[min(int(probability * BINS), BINS - 1)].append((probability, is_right))
    return Calibration(
        tuple(
            Bin(
                number / BINS,
                (number + 1) / BINS,
                Rate(sum(is_right for _, is_right in members), len(members)),
                fsum(p for p, _ in members) / len(members) if members else None,
            )
            for number, members in enumerate(binned)
        )
    )
