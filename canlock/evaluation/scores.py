"""The figures by which the engine is judged, for any lot of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from canlock.evaluation.calibration import Calibration, calibrate
from canlock.evaluation.outcomes import Outcome
from canlock.evaluation.rates import Rate, rate


@dataclass(frozen=True, slots=True)
class Figures:
    """One lot of sessions, counted."""

    sessions: int
    right: Rate
    """The verdict is the code that was put in."""

    placed_right: Rate
    """And it accuses no door that is in order."""

    layer_right: Rate
    """The verdict's layer is that of the code; by design and none are layers too."""

    first: Rate
    """The code is the likeliest, whether or not it was made the verdict (top-1)."""

    in_top: Rate
    """The code is among the three likeliest (top-3)."""

    in_group: Rate
    """The code is the verdict or in its ambiguity group, abstentions' groups included."""

    named: Rate
    """The same, with abstentions counted as not."""

    mean_group: float | None
    """Codes in the verdict's group, on average; None: no session."""

    abstained: Rate
    """The verdict is `insufficient-evidence`."""

    confident: Rate
    confident_and_wrong: Rate
    """Sure of another code, or of a door that is in order; of all sessions."""

    false_fault: Rate
    """A part of the car was accused; of the sessions in which none was broken."""

    calibration: Calibration
    """Of the likeliest code's probability, doors summed, against being the code."""

    placed_calibration: Calibration
    """Of the likeliest hypothesis' probability, against being the code at the door."""

    isolated: Rate
    """The engine was sure in the end, and right; of the sessions whose next tests were done."""

    mean_tests: float | None
    """Tests that it took until it was, on average over those."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of a lot of sessions, and of those of them in which there was a thing to see."""

    visible: Rate
    """The oracle bound: no engine can do better than this, but by luck."""

    every: Figures
    seen: Figures
    """Of the visible sessions only."""


def score(outcomes: Sequence[Outcome]) -> Scores:
    """Return the scores of some sessions, in whatever order they are."""
    return Scores(
        visible=rate(outcomes, lambda each: each.is_visible),
        every=count_figures(outcomes),
        seen=count_figures([each for each in outcomes if each.is_visible]),
    )


def count_figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of some sessions."""
    pursued = [each for each in outcomes if each.isolation is not None]
    unbroken = [each for each in outcomes if not each.is_fault]
    return Figures(
        sessions=len(outcomes),
        right=rate(outcomes, lambda each: each.is_right),
        placed_right=rate(outcomes, lambda each: each.is_placed_right),
        layer_right=rate(outcomes, lambda each: each.is_layer_right),
        first=rate(outcomes, lambda each: each.is_first),
        in_top=rate(outcomes, lambda each: each.is_in_top),
        in_group=rate(outcomes, lambda each: each.is_in_group),
        named=rate(outcomes, lambda each: each.is_named),
        mean_group=_mean([len(each.group) for each in outcomes]),
        abstained=rate(outcomes, lambda each: each.has_abstained),
        confident=rate(outcomes, lambda each: each.is_confident),
        confident_and_wrong=rate(outcomes, lambda each: each.is_confident_and_wrong),
        false_fault=rate(unbroken, lambda each: each.is_false_fault),
        calibration=calibrate(
            (each.ranking[0][1], each.is_first) for each in outcomes if each.ranking
        ),
        placed_calibration=calibrate(
            (each.first_probability, each.is_first_placed_right)
            for each in outcomes
            if each.ranking
        ),
        isolated=rate(pursued, lambda each: each.is_isolated),
        mean_tests=_mean(
            [
                len(each.isolation.asked)
                for each in pursued
                if each.isolation is not None and each.is_isolated
            ]
        ),
    )


def _mean(numbers: Sequence[int]) -> float | None:
    return fsum(numbers) / len(numbers) if numbers else None
