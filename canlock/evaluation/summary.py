"""A whole evaluation: all that the text, JSON and HTML forms tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from canlock.evaluation.confusion import Confusion, confuse_codes, confuse_layers
from canlock.evaluation.outcomes import Outcome
from canlock.evaluation.scores import Scores, score
from canlock.model.faults import FAULT_CODES

MISTAKES: Final = 10
"""Confident confusions that text and HTML list; JSON has all sessions."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One confusion of which the engine was confident."""

    count: int
    """Sessions in which it came about."""

    surest: Outcome


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out, by every grouping that is asked for. Depends on the outcomes alone."""

    outcomes: tuple[Outcome, ...]
    per_class: int
    base_seed: int
    codes: tuple[str, ...]
    """In the order of the taxonomy."""

    vehicles: tuple[str, ...]
    """In the order in which they were asked for."""

    overall: Scores
    tiers: tuple[tuple[str, Scores], ...]
    """The most telling first: T4, T3, ..."""

    by_vehicle: tuple[tuple[str, Scores], ...]
    by_code: tuple[tuple[str, Scores], ...]
    classes: tuple[tuple[tuple[str, str], Scores], ...]
    """By (code, vehicle)."""

    confusion: Confusion
    """Of the visible sessions: the others tell of luck only."""

    layer_confusion: Confusion

    def mistakes(self) -> list[Mistake]:
        """Return what the engine was confident of and wrong, the most frequent confusion first."""
        wrong = [each for each in self.outcomes if each.is_confident_and_wrong]
        pairs: dict[tuple[str, str], list[Outcome]] = {}
        for outcome in sorted(wrong, key=lambda each: (-each.probability, each.seed)):
            pairs.setdefault((outcome.code, outcome.verdict), []).append(outcome)
        found = [Mistake(len(alike), alike[0]) for alike in pairs.values()]
        return sorted(
            found, key=lambda each: (-each.count, -each.surest.probability, each.surest.seed)
        )


def summarise(outcomes: Sequence[Outcome], *, per_class: int, base_seed: int) -> Evaluation:
    """Return the evaluation of some outcomes, in whatever order they are given.

    Args:
        outcomes: All sessions.
        per_class: How many of one code on one vehicle were asked for.
        base_seed: The seed that was asked for.
    """
    codes = tuple(code for code in FAULT_CODES if any(each.code == code for each in outcomes))
    vehicles = tuple(dict.fromkeys(each.vehicle for each in outcomes))
    tiers = sorted({each.tier for each in outcomes}, reverse=True)
    seen = [each for each in outcomes if each.is_visible]
    return Evaluation(
        outcomes=tuple(outcomes),
        per_class=per_class,
        base_seed=base_seed,
        codes=codes,
        vehicles=vehicles,
        overall=score(outcomes),
        tiers=_split(outcomes, tiers, attrgetter("tier")),
        by_vehicle=_split(outcomes, vehicles, attrgetter("vehicle")),
        by_code=_split(outcomes, codes, attrgetter("code")),
        classes=tuple(
            ((code, vehicle), scores)
            for code in codes
            for vehicle, scores in _split(
                [each for each in outcomes if each.code == code], vehicles, attrgetter("vehicle")
            )
        ),
        confusion=confuse_codes(seen),
        layer_confusion=confuse_layers(seen),
    )


def _split(
    outcomes: Sequence[Outcome], names: Sequence[str], name_of: Callable[[Outcome], str]
) -> tuple[tuple[str, Scores], ...]:
    return tuple(
        (name, score([each for each in outcomes if name_of(each) == name])) for name in names
    )
