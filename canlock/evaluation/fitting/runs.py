"""Runs of outcomes: how often each outcome of one kind came, of one thing in one session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from canlock.diagnosis.likelihoods import Likelihoods, Relation, Weights, kind_of
from canlock.diagnosis.observation import HEALTHY
from canlock.evaluation.fitting.gather import Shown
from canlock.model.faults import NO_FAULT

Way = tuple[Relation, str]
"""Relation, kind with its direction."""

Run = tuple[int, ...]
"""How often each outcome came, in the order of `HEALTHY[kind]`."""

Runs = list[tuple[Way, Run]]
"""All runs of a session; of a way that each door has for itself there are several."""

Table = dict[Way, Weights]


def list_runs(shown: Shown) -> Runs:
    """Return the runs of a session under the hypothesis that is true.

    Where its cause could not be seen, what is judged is used and not what is fitted of the others.
    """
    candidate = shown.candidate()
    view = Likelihoods(unseen=shown.unseen)
    counts: dict[tuple[Relation, str, str | None], dict[str, int]] = {}
    for group in shown.groups:
        run = candidate.run_of(group, ALIKE)
        outcomes = counts.setdefault(run, dict.fromkeys(HEALTHY[group.kind], 0))
        outcomes[group.outcome] += group.count
    return [
        ((relation, way), tuple(outcomes.values()))
        for (relation, way, _), outcomes in counts.items()
        if not view.is_untold(candidate.model, kind_of(way))
    ]


def pool(sessions: Iterable[Runs]) -> dict[Way, Counter[Run]]:
    """Return how often each run was seen, in whatever session."""
    found: dict[Way, Counter[Run]] = {}
    for runs in sessions:
        for way, run in runs:
            found.setdefault(way, Counter())[run] += 1
    return found


class _AllAlike(Likelihoods):
    """Takes every kind of a fault of the whole car for one that all doors have alike."""

    def has_own(self, model: object, way: str) -> bool:  # noqa: ARG002
        return getattr(model, "code", "") != NO_FAULT


ALIKE: Final = _AllAlike()
