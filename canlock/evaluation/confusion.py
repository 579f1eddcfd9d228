"""The confusion matrix: what was wrong, against what the engine said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from canlock.evaluation.outcomes import Outcome
from canlock.model.faults import FAULT_CODES, LAYERS


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of sessions by truth (row) and verdict (column), in the order of the taxonomy.

    A verdict that is right stands under the truth's own name.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    """Shape (rows, columns)."""

    def pairs(self) -> list[tuple[str, str, int]]:
        """Return (truth, verdict, count) where both differ, the most frequent first."""
        found = [
            (truth, verdict, count)
            for truth, line in zip(self.rows, self.counts, strict=True)
            for verdict, count in zip(self.columns, line, strict=True)
            if count and truth != verdict
        ]
        return sorted(found, key=lambda pair: (-pair[2], pair[0], pair[1]))


def confuse_codes(outcomes: Iterable[Outcome]) -> Confusion:
    """Return the matrix of codes: the truths that occur against all verdicts that occur."""
    pairs = [(each.code, each.code if each.is_right else each.verdict) for each in outcomes]
    return _confuse(pairs, FAULT_CODES)


def confuse_layers(outcomes: Iterable[Outcome]) -> Confusion:
    """Return the matrix of layers."""
    pairs = [
        (each.layer, each.layer if each.is_layer_right else each.verdict_layer) for each in outcomes
    ]
    return _confuse(pairs, tuple(LAYERS))


def _confuse(pairs: Sequence[tuple[str, str]], order: Sequence[str]) -> Confusion:
    counts = Counter(pairs)
    truths = {truth for truth, _ in pairs}
    said = {verdict for _, verdict in pairs}
    rows = tuple(name for name in order if name in truths)
    columns = tuple(name for name in order if name in truths | said)
    return Confusion(
        rows, columns, tuple(tuple(counts[row, column] for column in columns) for row in rows)
    )
