"""Finds out an adapter that says OK to a filter and lets everything through all the same."""

from __future__ import annotations

from typing import Final

LEAST_STRAYS: Final = 20
"""A line with a damaged id looks like a stray; so many whole ones tell of something else."""


class FilterJudge:
    """Counts the whole frames that a filter ought to have held back."""

    def __init__(self) -> None:
        """Begin with none, for a filter that was just set."""
        self._strays = 0
        self._others = 0

    def see(self, *, is_stray: bool) -> bool:
        """Note a whole frame; say whether the filter does nothing."""
        self._strays += is_stray
        self._others += not is_stray
        # On a line that damages one byte in a hundred, a few in a hundred ids are damaged.
        return self._strays >= LEAST_STRAYS and self._strays > self._others
