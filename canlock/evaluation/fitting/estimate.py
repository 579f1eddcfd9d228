"""What the runs of a fault's sessions say of it: weights of its modes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from canlock.diagnosis.catalogue import models_by_code
from canlock.diagnosis.likelihoods import (
    JUDGED_HEALTHY,
    Likelihoods,
    Weights,
    as_weights,
    kind_of,
    varies,
)
from canlock.diagnosis.observation import HEALTHY
from canlock.evaluation.fitting.gather import Shown
from canlock.evaluation.fitting.modes import find_modes
from canlock.evaluation.fitting.polya_fit import LARGEST_FAULTY, fit_runs
from canlock.evaluation.fitting.runs import Runs, Table, list_runs, pool
from canlock.model.faults import NO_FAULT

LEAST_RUNS: Final = 6
"""What was seen in fewer runs stays as judged."""


def estimate(shown: Sequence[Shown]) -> Likelihoods:
    """Return weights for a healthy car, and for every kind that a fault's file speaks of."""
    sessions: dict[str, list[Runs]] = {}
    for each in shown:
        sessions.setdefault(each.code, []).append(list_runs(each))
    weights: dict[tuple[str, int, str, str], Weights] = {
        (NO_FAULT, 0, relation, way): fit_runs(
            runs, as_weights(kind_of(way), HEALTHY[kind_of(way)], JUDGED_HEALTHY)
        )
        for (relation, way), runs in pool(sessions.pop(NO_FAULT, [])).items()
    }
    base = Likelihoods(dict(weights))
    modes = {}
    for code, runs in sessions.items():
        found = find_modes(runs, _fit_pooled(code, runs, base))
        modes[code] = tuple(round(mode.share, 3) for mode in found)
        for number, mode in enumerate(found):
            for (relation, way), fitted in mode.weights.items():
                weights[code, number, relation, way] = fitted
    return Likelihoods(weights, modes=modes)


def _fit_pooled(code: str, sessions: Sequence[Runs], base: Likelihoods) -> Table:
    """Return the weights of a fault as if it had one mode, of what its file judges."""
    model = models_by_code()[code]
    fitted = {}
    for (relation, way), runs in pool(sessions).items():
        tables = model.own if relation == "own" else model.others
        # What a fault's file says nothing of is no doing of the fault, but somebody's habit.
        is_judged = way in tables or kind_of(way) in tables
        if is_judged and not varies(model, way) and sum(runs.values()) >= LEAST_RUNS:
            prior = base.of(model, relation, way)
            fitted[relation, way] = fit_runs(runs, prior, largest=LARGEST_FAULTY)
    return fitted
