"""The modes of a fault: the few ways in which it shows, found in its sessions.

A short that has blown the fuse silences every door, and one that has not yet silences none. Told
of each kind by itself, that is a rate of one half at every door and each way, as if they were
independent. So the sessions of a fault are told apart into modes, and within a mode the kinds are
taken for independent: a mixture of products of Polya distributions, found by expectation and
maximisation (Dempster, Laird and Rubin, 1977).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.diagnosis.likelihoods import kind_of
from canlock.diagnosis.observation import HEALTHY
from canlock.diagnosis.polya import log_run
from canlock.diagnosis.posterior import leak_of
from canlock.evaluation.fitting.polya_fit import LARGEST_FAULTY, fit_runs
from canlock.evaluation.fitting.runs import Run, Runs, Table, Way

MODES: Final = 2
"""More brought nothing on sessions that were held out."""

LEAST_SESSIONS: Final = 12
"""Fewer sessions are not told apart."""

POOLED_RUNS: Final = 15.0
"""So many runs of one observation each, of what all modes show together, are added to a mode's.

With few of them modes were so sure of which way a door is stuck that a door dead both ways, which
hardly any session of theirs had shown, was no broken wire any more."""

FIRST_GUESS: Final = 0.9
"""How sure the first guess is of where a session belongs."""

SPARE_SESSIONS: Final = 2.0
"""Sessions of each mode that are imagined, so that none dies out."""

STEPS: Final = 12
LEAST_PART: Final = 0.01
"""A session that belongs to a mode by less than this is not counted there."""

RARE: Final = 0.1
"""A healthy car shows rarer outcomes than this seldom."""

Parts = npt.NDArray[np.float64]
"""Shape (sessions, modes): how far each session belongs to each mode; rows add up to 1."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way in which a fault shows."""

    share: float
    """How often it is the case."""

    weights: Table


def find_modes(sessions: Sequence[Runs], pooled: Table) -> list[Mode]:
    """Return the modes of a fault, those that look healthiest first.

    Args:
        sessions: What each session of the fault showed.
        pooled: Weights of all its sessions together; other ways are not told apart.
    """
    known = [[(way, run) for way, run in runs if way in pooled] for runs in sessions]
    if len(known) < LEAST_SESSIONS or not pooled:
        return [Mode(1.0, pooled)]
    parts = _guess(known)
    modes = _fit(known, parts, pooled)
    for _ in range(STEPS):
        parts = _assign(known, modes)
        modes = _fit(known, parts, pooled)
    return modes


def _guess(sessions: Sequence[Runs]) -> Parts:
    """Return equal parts in the order of how much of a session a healthy car would not show."""
    order = np.argsort(np.argsort([_strangeness(runs) for runs in sessions], kind="stable"))
    parts = np.full((len(sessions), MODES), (1.0 - FIRST_GUESS) / MODES)
    parts[np.arange(len(sessions)), order * MODES // len(sessions)] += FIRST_GUESS
    return parts


def _strangeness(runs: Runs) -> float:
    rare = 0.0
    for (relation, way), run in runs:
        if relation == "own":
            healthy = HEALTHY[kind_of(way)].values()
            strange = sum(n for n, share in zip(run, healthy, strict=True) if share < RARE)
            rare += strange / sum(run)
    return rare


def _fit(sessions: Sequence[Runs], parts: Parts, pooled: Table) -> list[Mode]:
    shares = (parts.sum(axis=0) + SPARE_SESSIONS) / (len(sessions) + SPARE_SESSIONS * MODES)
    return [
        Mode(float(share), _fit_mode(sessions, part, pooled))
        for share, part in zip(shares, parts.T, strict=True)
    ]


def _fit_mode(sessions: Sequence[Runs], part: npt.NDArray[np.float64], pooled: Table) -> Table:
    found: dict[Way, dict[Run, float]] = {way: {} for way in pooled}
    for runs, share in zip(sessions, part.tolist(), strict=True):
        if share >= LEAST_PART:
            for way, run in runs:
                found[way][run] = found[way].get(run, 0.0) + share
    return {
        way: fit_runs(runs, pooled[way], largest=LARGEST_FAULTY, prior_runs=POOLED_RUNS)
        for way, runs in found.items()
    }


def _assign(sessions: Sequence[Runs], modes: Sequence[Mode]) -> Parts:
    logs = np.array(
        [
            [
                log(mode.share)
                + sum(
                    log_run(mode.weights[way], run, leak_of(kind_of(way[1]))) for way, run in runs
                )
                for mode in modes
            ]
            for runs in sessions
        ]
    )
    parts = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares: Parts = parts / parts.sum(axis=1, keepdims=True)
    return shares
