"""The rivals: every hypothesis of weight with its probability as number and bar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from textual.content import Content

from canlock.model.snapshot import Snapshot
from canlock.tui.phrases import chance, doors, plain
from canlock.tui.rows import Row, RowList

BAR_COLUMNS: Final = 10
LEAST_SHARE: Final = 0.005
"""Hypotheses below this would read "under 1 %" one after the other."""


class HypothesisList(RowList):
    """The hypotheses, likeliest first."""

    def __init__(self) -> None:
        super().__init__(id="hypotheses")

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return snapshot.hypotheses

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:  # noqa: ARG002 - wraps alike.
        """Yield one row for each hypothesis of weight."""
        weighty = [one for one in snapshot.hypotheses if one.probability >= LEAST_SHARE]
        number_width = max((len(chance(one.probability)) for one in weighty), default=0)
        for hypothesis in weighty:
            number = chance(hypothesis.probability).rjust(number_width)
            filled = round(hypothesis.probability * BAR_COLUMNS)
            bar = "█" * filled + "░" * (BAR_COLUMNS - filled)
            prefix = Content(f"{number} {bar} ")
            place = f" · {doors(hypothesis.doors, snapshot.doors)}" if hypothesis.doors else ""
            yield Row(Content(plain(hypothesis.fault) + place), prefix)
