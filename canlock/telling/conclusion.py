"""The verdict in words: its headline, where it sits, and between what it cannot decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from canlock.model.doors import door_name
from canlock.model.faults import INSUFFICIENT, NO_FAULT
from canlock.model.verdict import Finding, Hypothesis
from canlock.telling import words

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot

LEAST_SHARE: Final = 0.01
"""A cause less likely than this is no candidate to a person."""

DOORS_SHOWN: Final = 3
DOORS_APART: Final = 2
"""One code at more doors than this is one candidate: `one of the doors`."""


def headline(finding: Finding, causes: Sequence[Hypothesis], doors: Sequence[str]) -> str:
    """Return the verdict in one sentence.

    Args:
        finding: What was found.
        causes: Between what the evidence cannot decide, see `candidates`.
        doors: All doors of the car.
    """
    if finding.fault == INSUFFICIENT:
        return "Too little was seen to say what is wrong."
    sure = f"({words.percent(finding.probability)} sure)"
    if finding.fault == NO_FAULT and finding.is_confident:
        return f"No fault found {sure}."
    if not finding.is_confident:
        # Where the door is in doubt too, the list names it and the headline must not.
        is_placed = finding.doors and all(cause.doors == finding.doors for cause in causes)
        place = f"{words.doors_name(finding.doors, doors)}: " if is_placed else ""
        return capital(f"{place}not sure yet. The evidence cannot tell these apart:")
    verdict = f"{placed_name(finding, doors)} {sure}."
    return f"Nothing is broken. {verdict}" if finding.layer == "by-design" else verdict


def placed_name(finding: Finding, doors: Sequence[str]) -> str:
    """Return a finding's name behind where it sits: `Driver's door: jammed latch`.

    Args:
        finding: What was found.
        doors: All doors of the car.
    """
    place = _place(finding, doors)
    name = words.FAULTS[finding.fault]
    return capital(f"{place}: {name}" if place else name)


def named_cause(cause: Hypothesis, doors: Sequence[str]) -> str:
    """Return a cause behind where it would sit: `driver's door: jammed latch`.

    A list of causes adds up the doors at which one may be, so that the likeliest at one door need
    not stand first in it: it is told by its door too.

    Args:
        cause: The candidate.
        doors: All doors of the car.
    """
    place = words.doors_name(cause.doors, doors) if cause.doors else ""
    name = words.FAULTS[cause.fault]
    return f"{place}: {name}" if place else name


def candidates(finding: Finding, snapshot: Snapshot) -> list[Hypothesis]:
    """Return between what the evidence cannot decide, the likeliest first; none where it can.

    The hypotheses of a snapshot are those of its verdict. Of another finding only the names of the
    group are known: their probabilities are given as zero, which stands for not known.
    """
    if finding.is_confident:
        return []
    group = [code for code in finding.group if code != INSUFFICIENT]
    chosen = [
        each
        for each in snapshot.hypotheses
        if each.fault in group and finding is snapshot.verdict and each.probability >= LEAST_SHARE
    ]
    if not chosen:
        return [Hypothesis(code, finding.doors, 0.0) for code in group]
    return sorted(_join_doors(chosen), key=lambda each: -each.probability)


def likeliest(finding: Finding, snapshot: Snapshot) -> Hypothesis:
    """Return what the evidence of a finding speaks for or against.

    That is the finding itself; where too little was seen, the likeliest cause so far.
    """
    if finding.fault == INSUFFICIENT:
        known = [each for each in snapshot.hypotheses if each.fault != INSUFFICIENT]
        if known:
            return max(known, key=lambda each: each.probability)
    return Hypothesis(finding.fault, finding.doors, finding.probability)


def cause_place(cause: Hypothesis, doors: Sequence[str]) -> str:
    """Return where a candidate would sit; empty where that makes no sense.

    Args:
        cause: The candidate.
        doors: All doors of the car.
    """
    if cause.doors:
        return words.doors_name(cause.doors, doors)
    return "one of the doors" if _sits_at_a_door(cause.fault) else ""


def doors_in_doubt(finding: Finding, snapshot: Snapshot) -> str:
    """Return which door it may be, as a sentence; empty where that is known or makes no sense."""
    if not _is_unplaced(finding) or not finding.is_confident or finding is not snapshot.verdict:
        return ""
    likely = sorted(
        (
            each
            for each in snapshot.hypotheses
            if each.fault == finding.fault and each.doors and each.probability >= LEAST_SHARE
        ),
        key=lambda each: -each.probability,
    )
    if not likely:
        return "Which door it is, is not known yet."
    named = [
        f"{words.join_words([door_name(door) for door in each.doors])} "
        f"{words.percent(each.probability)}"
        for each in likely[:DOORS_SHOWN]
    ]
    return f"Which door it is, is not settled yet: {', '.join(named)}."


def capital(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return text with a capital and a full stop, whichever of them it lacks."""
    stripped = text.strip()
    return capital(stripped if stripped.endswith((".", "!", "?")) else f"{stripped}.")


def _place(finding: Finding, doors: Sequence[str]) -> str:
    if finding.doors:
        return words.doors_name(finding.doors, doors)
    return "one of the doors" if _is_unplaced(finding) else ""


def _is_unplaced(finding: Finding) -> bool:
    """Return whether a fault sits at one door and it is not settled at which."""
    return not finding.doors and _sits_at_a_door(finding.fault)


def _sits_at_a_door(fault: str) -> bool:
    from canlock.diagnosis.catalogue import models_by_code  # Slow to load, and seldom asked.

    model = models_by_code().get(fault)
    return model is not None and model.scope == "door"


def _join_doors(causes: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Return candidates, one code at many doors as one: a list of all doors says no more."""
    counts = Counter(cause.fault for cause in causes)
    joined: dict[object, Hypothesis] = {}
    for cause in causes:
        is_many = counts[cause.fault] > DOORS_APART and _sits_at_a_door(cause.fault)
        key = cause.fault if is_many else cause
        before = joined.get(key)
        if before is not None:
            cause = Hypothesis(cause.fault, (), before.probability + cause.probability)
        joined[key] = cause
    return list(joined.values())
