"""Whether a lock takes longer from week to week: a slope, how sure it is, and a word for it.

A latency that creeps up is the first sign of wear, long before anything fails. Cold and a weak
battery slow all locks down, though, so a door is compared with the other doors of the same command
wherever their locks are measured too (DOMAIN 4.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import numpy as np

from canlock.diagnosis.rank_trend import (
    Column,
    Groups,
    Slope,
    kendall_test,
    smallest_p,
    theil_sen,
)

LEAST_OPERATIONS: Final = 12
"""Fewer say nothing about a trend (DOMAIN 4.3)."""

ALPHA: Final = 0.05
"""Chance of one false alarm in a report of a car whose locks stay as they are; divided among all
its doors and directions (Bonferroni)."""

LEAST_CHANGE: Final = 0.1
"""A change of less than this share of the median is none worth a word. Judgement: two days differ
by as much."""

ENOUGH_OTHERS: Final = 3
"""The median of fewer other doors moves when one of them is repaired; then the door's own latency
must have changed too."""

LEAST_OWN_SHARE: Final = 0.5
"""So much of a change against the others must show in the door's own latency, where it matters."""

AT_ONCE: Final = 5.0
"""A status that rests for so many times the longest latency is sent at once when it changes: were
it only sent cyclically, changes would be seen up to a whole period late."""

LARGEST_SCALE: Final = 3.0
"""By so much at most the others' latency is scaled to a door's own: more blows up its noise."""

DAY_S: Final = 86400.0

Unit = Literal["day", "100-operations"]


class Verdict(StrEnum):
    """What there is to say of one door in one direction."""

    TOO_FEW = "too few"
    STEADY = "steady"
    SLOWER = "getting slower"
    FASTER = "getting faster"
    AS_OTHERS = "as the others"
    """It changes, and so do all doors: the weather or the battery."""

    TOO_COARSE = "too coarse"
    """It seems to change, by less than the status frames can tell apart."""


@dataclass(frozen=True, slots=True)
class LatencyPoint:
    """One answer of one lock."""

    at_s: float
    latency_s: float
    """From the order to the first frame with the new state: an upper bound."""

    floor_s: float
    """From the order to the last frame with the old state: a lower bound."""

    session: int
    """Operations of one session share their weather and their battery."""

    others_s: float | None = None
    """Median latency of the other doors in the same command, measured ones only."""

    others: int = 0
    """How many they were."""

    supply_v: float | None = None
    temperature_c: float | None = None


@dataclass(frozen=True, slots=True)
class LatencySeries:
    """The answers of one door in one direction, in the order in which they came."""

    door: str
    direction: str
    """`lock`, `unlock` or `deadlock`."""

    points: tuple[LatencyPoint, ...]
    period_s: float | None = None
    """How often the lock's status frame comes at rest; None: only on a change."""


@dataclass(frozen=True, slots=True)
class Tendency:
    """How a quantity changes."""

    slope: Slope
    """Seconds a unit."""

    change_s: float
    """From the first to the last operation, along the slope."""

    p: float
    """Chance of so clear an order where there is no trend; of this test alone."""

    is_by_session: bool
    """Whole sessions were compared, not single operations."""


@dataclass(frozen=True, slots=True)
class LatencyTrend:
    """What became of one door's latency in one direction."""

    series: LatencySeries
    verdict: Verdict
    reason: str
    """Why the verdict is not a plain one; empty where it is."""

    sessions: int
    median_s: float | None
    step_s: float
    """Latencies nearer to each other than this cannot be told apart; 0: the lock reports at
    once."""

    own: Tendency | None = None
    """Of the latency itself."""

    relative: Tendency | None = None
    """Of what is left of it once the other doors' share is taken off."""

    confidence: float | None = None
    """1 minus the chance that the trend behind the verdict is none, all tests of the report
    counted; None: not tested."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """What one report asks of a series."""

    unit: Unit
    tests: int
    """Series that are tested at all."""


def judge_trends(series: Sequence[LatencySeries], unit: Unit) -> tuple[LatencyTrend, ...]:
    """Return the trend of each series, in their order.

    Args:
        series: Doors and directions of one car.
        unit: Slopes are given per day, or per 100 operations where no dates are known.
    """
    tests = sum(len(each.points) >= LEAST_OPERATIONS for each in series)
    limits = _Limits(unit, max(tests, 1))
    return tuple(_judge(each, limits) for each in series)


def _judge(series: LatencySeries, limits: _Limits) -> LatencyTrend:
    points = series.points
    sessions = len({point.session for point in points})
    latency_s = np.array([point.latency_s for point in points])
    median_s = float(np.median(latency_s)) if points else None
    step_s = resolution(series)
    if len(points) < LEAST_OPERATIONS or median_s is None:
        reason = f"{len(points)} operations, {LEAST_OPERATIONS} are needed"
        return LatencyTrend(series, Verdict.TOO_FEW, reason, sessions, median_s, step_s)
    # What a cold day does to all its operations is one observation, not many.
    own = _tendency(points, latency_s, limits.unit, is_by_session=sessions > 1)
    compared = [point for point in points if point.others_s is not None]
    relative = None
    if len(compared) >= LEAST_OPERATIONS:
        # Cyclic frames of two control units keep their phase for hours: such latencies are no
        # independent ones either.
        relative = _tendency(
            compared, excess(compared), limits.unit, is_by_session=step_s > 0 and sessions > 1
        )
    main = relative or own
    chance = min(1.0, main.p * limits.tests)
    verdict, reason = _name(series, limits, (own, relative), median_s, step_s)
    if verdict is Verdict.AS_OTHERS:
        chance = min(1.0, own.p * limits.tests)
    confidence = None if verdict is Verdict.TOO_FEW else 1.0 - chance
    return LatencyTrend(
        series, verdict, reason, sessions, median_s, step_s, own, relative, confidence
    )


def _name(
    series: LatencySeries,
    limits: _Limits,
    tendencies: tuple[Tendency, Tendency | None],
    median_s: float,
    step_s: float,
) -> tuple[Verdict, str]:
    own, relative = tendencies
    main = relative or own
    sessions = len({point.session for point in series.points})
    if sessions == 1:
        return Verdict.TOO_FEW, "all within one session; a trend takes days"
    if main.is_by_session and smallest_p(sessions) * limits.tests > ALPHA:
        needed = _needed_sessions(limits.tests)
        why = "frames come in steps" if relative is not None else "no other door to compare with"
        return Verdict.TOO_FEW, f"{sessions} sessions, {needed} are needed: {why}"
    if not _stands_out(main, limits.tests, median_s):
        is_alike = relative is not None and _stands_out(own, limits.tests, median_s)
        if not is_alike:
            return Verdict.STEADY, ""
        change = "slower" if own.change_s > 0 else "faster"
        return Verdict.AS_OTHERS, f"all doors get {change} alike: the weather or the battery"
    if abs(main.change_s) < step_s:
        return Verdict.TOO_COARSE, "the change is smaller than one step of the status frames"
    if relative is not None:
        others = float(np.median([p.others for p in series.points if p.others]))
        is_own = own.change_s / relative.change_s >= LEAST_OWN_SHARE
        # A door is not getting faster because another one is getting slower.
        if not is_own and (relative.change_s < 0 or others < ENOUGH_OTHERS):
            return Verdict.STEADY, "it is the other doors that changed"
    if main.change_s < 0:
        return Verdict.FASTER, ""
    reason = "" if relative is not None else "no other door to compare with: cold does the same"
    return Verdict.SLOWER, reason


def _stands_out(tendency: Tendency, tests: int, median_s: float) -> bool:
    is_sure = tendency.p * tests < ALPHA and tendency.slope.is_one_sided
    return is_sure and abs(tendency.change_s) >= LEAST_CHANGE * median_s


def _needed_sessions(tests: int) -> int:
    needed = 2
    while smallest_p(needed) * tests > ALPHA:
        needed += 1
    return needed


def resolution(series: LatencySeries) -> float:
    """Return the step in which latencies are seen, in seconds.

    It is the period of the status frames, or the width of the intervals where that is less; 0
    where a change is sent at once.
    """
    if not series.points or series.period_s is None:
        return 0.0
    longest_s = max(point.latency_s for point in series.points)
    if series.period_s >= AT_ONCE * longest_s:
        return 0.0
    # An interval ends at the order at the latest, so a quick answer's says less than the period.
    return series.period_s


def excess(points: Sequence[LatencyPoint]) -> Column:
    """Return by how much each latency exceeds the door's usual share of the others' median.

    Cold and low voltage multiply the travel times of all locks by the same factor, so the others'
    latency is scaled to the door's usual one before it is taken off.

    Args:
        points: Each has `others_s`.
    """
    own = np.array([point.latency_s for point in points])
    others = np.array([point.others_s for point in points], np.float64)
    usual = float(np.median(others))
    scale = float(np.median(own)) / usual if usual > 0 else 1.0
    return own - min(max(scale, 1 / LARGEST_SCALE), LARGEST_SCALE) * others


def positions(points: Sequence[LatencyPoint], unit: Unit) -> Column:
    """Return where each point stands on the axis of time, in units."""
    if unit == "day":
        first_s = points[0].at_s
        return np.array([(point.at_s - first_s) / DAY_S for point in points])
    return np.arange(len(points)) / 100.0


def _tendency(
    points: Sequence[LatencyPoint], values: Column, unit: Unit, *, is_by_session: bool
) -> Tendency:
    at = positions(points, unit)
    sessions: Groups = np.array([point.session for point in points])
    test = kendall_test(values, sessions if is_by_session else None)
    slope = theil_sen(at, values, math.sqrt(test.variance))
    return Tendency(slope, slope.per_unit * float(at[-1] - at[0]), test.p, is_by_session)


def compare_ends(values: Sequence[float | None]) -> tuple[float, float] | None:
    """Return the medians of the first and of the last third of what is known, in order.

    None where fewer than three are known.
    """
    known = [value for value in values if value is not None]
    third = len(known) // 3
    if not third:
        return None
    return float(np.median(known[:third])), float(np.median(known[-third:]))
