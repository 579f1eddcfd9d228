"""The reasons for a verdict as a driver can read them: few, the strongest first, the rest summed.

That what is sound works is no reason to call something broken, unless it weighs enough to stand as
a contrast: the other doors did what was ordered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from canlock.diagnosis.observation import HEALTHY
from canlock.diagnosis.wording import PRIOR, SENTENCES, UNSEEN
from canlock.model.doors import door_name
from canlock.model.faults import NO_FAULT
from canlock.model.verdict import Evidence
from canlock.telling import words
from canlock.telling.conclusion import sentence

FOR_SHOWN: Final = 6
AGAINST_SHOWN: Final = 4
"""Reasons on each side, the strongest first."""

LEAST_TOLD: Final = 0.5
"""Bits under which a reason is called very weak: those are counted, they would hide the others."""

TOLD_ALL_THE_SAME: Final = 3
"""Reasons for a verdict that are told however weak they are, where there is no stronger one."""

LEAST_CONTRAST: Final = 0.5
"""Bits that something sound must weigh to be a reason for a fault."""

SOUND_SHARE: Final = 0.5
"""What a healthy car shows more often than this is sound."""

MOST_ODDS_BITS: Final = 16.0
"""Odds beyond this are told as these."""

ANSWERS: Final = ("response", "response.moved", "response.frequent")
"""Kinds of observation that tell what one door's lock did."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence and what it weighs."""

    text: str
    bits: float
    times_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Reasons:
    """Both sides, and what held before anything was seen."""

    pro: tuple[Reason, ...]
    con: tuple[Reason, ...]
    pro_rest: str
    """What speaks for it besides, in one sentence; empty where there is nothing."""

    con_rest: str
    besides: tuple[str, ...]
    """What was known beforehand and what is left, as sentences."""

    def __bool__(self) -> bool:
        """Return whether there is anything to tell."""
        return bool(self.pro or self.con or self.pro_rest or self.con_rest or self.besides)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a piece of evidence is about."""

    kind: str
    outcome: str
    door: str | None

    @property
    def is_sound(self) -> bool:
        """Return whether a healthy car shows it, more often than not."""
        return HEALTHY[self.kind][self.outcome] > SOUND_SHARE

    @property
    def is_answer(self) -> bool:
        """Return whether a lock did what it should."""
        return self.kind in ANSWERS and self.outcome == "answered"


def list_reasons(
    evidence: Sequence[Evidence], fault: str, at: Sequence[str], doors: Sequence[str]
) -> Reasons:
    """Return the reasons for and against a fault.

    Args:
        evidence: All there is.
        fault: The code that it speaks for or against.
        at: The doors at which the fault would sit.
        doors: All doors of the car.
    """
    seen = [each for each in evidence if each.times_s]
    told: list[Reason] = []
    untold: list[Reason] = []
    for reason, meaning in _join_answers(seen, tuple(at), tuple(doors)):
        if fault == NO_FAULT or reason.bits < 0 or meaning is None or not meaning.is_sound:
            told.append(reason)
        elif reason.bits >= LEAST_CONTRAST:
            is_elsewhere = at and meaning.door is not None and meaning.door not in at
            told.append(
                replace(reason, text=f"by contrast, {reason.text}") if is_elsewhere else reason
            )
        else:
            untold.append(reason)
    pro = _strongest_first(reason for reason in told if reason.bits >= words.LEAST_BITS)
    con = _strongest_first(reason for reason in told if reason.bits <= -words.LEAST_BITS)
    pro_shown = min(_count_telling(pro), FOR_SHOWN) or TOLD_ALL_THE_SAME
    con_shown = min(_count_telling(con), AGAINST_SHOWN)
    weightless = [reason for reason in told if abs(reason.bits) < words.LEAST_BITS]
    return Reasons(
        pro=pro[:pro_shown],
        con=con[:con_shown],
        pro_rest=_rest([*pro[pro_shown:], *untold, *weightless]),
        con_rest=_rest(con[con_shown:]),
        besides=tuple(_besides(each for each in evidence if not each.times_s)),
    )


def weight(bits: float) -> str:
    """Return a weight to one decimal: `+3.3`; never `-0.0`."""
    return f"{round(bits, 1) + 0.0:+.1f}"


def _count_telling(reasons: Sequence[Reason]) -> int:
    """Return how many reasons are more than very weak, as their weight is shown."""
    return sum(round(abs(reason.bits), 1) >= LEAST_TOLD for reason in reasons)


def _strongest_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=lambda each: -abs(each.bits)))


def _join_answers(
    evidence: Sequence[Evidence], at: tuple[str, ...], doors: tuple[str, ...]
) -> list[tuple[Reason, Meaning | None]]:
    """Return reasons with what they mean; sound answers of doors not at fault become one."""
    found: list[tuple[Reason, Meaning | None]] = []
    answers: list[tuple[Evidence, str]] = []
    meanings = _meanings(doors)
    for each in evidence:
        meaning = _meaning(each.text, meanings)
        door = meaning.door if meaning is not None and meaning.is_answer else None
        if door is not None and door not in at:
            answers.append((each, door))
        else:
            found.append((Reason(each.text, each.bits, each.times_s), meaning))
    if answers:
        named = [door for door in doors if door in {door for _, door in answers}]
        reason = Reason(
            answers[0][0].text if len(answers) == 1 else _answers_text(named, at, doors),
            sum(each.bits for each, _ in answers),
            tuple(sorted({at_s for each, _ in answers for at_s in each.times_s})),
        )
        found.append((reason, Meaning("response", "answered", named[0])))
    return found


def _answers_text(named: Sequence[str], at: Sequence[str], doors: Sequence[str]) -> str:
    if len(named) == 1:
        who = f"lock of the {door_name(named[0])}"
    elif set(named) >= set(doors):
        who = "locks of all doors"
    elif {*named, *at} >= set(doors):
        who = "locks of all other doors"
    else:
        listed = words.join_words([words.door_short(door) for door in named])
        who = f"locks of {'other' if at else 'these'} doors ({listed})"
    return f"the {who} did what was ordered, in time"


@lru_cache(maxsize=16)
def _meanings(doors: tuple[str, ...]) -> dict[str, Meaning]:
    """Return what each sentence means, for every door."""
    return {
        text.format(door=door_name(door)): Meaning(
            kind, outcome, door if "{door}" in text else None
        )
        for (kind, outcome), text in SENTENCES.items()
        for door in doors
    }


def _meaning(text: str, meanings: Mapping[str, Meaning]) -> Meaning | None:
    """Return what a piece of evidence means; None where it is in words of its own.

    Behind the sentence stand direction, count and source; of two sentences that begin alike the
    longer one is meant.
    """
    known = max((each for each in meanings if text.startswith(each)), key=len, default=None)
    return None if known is None else meanings[known]


def _rest(reasons: Sequence[Reason]) -> str:
    """Return what is not told one by one, in a sentence with its weight; empty where nothing is."""
    if not reasons:
        return ""
    signs = "one weaker sign" if len(reasons) == 1 else f"{len(reasons)} weaker signs"
    total = sum(reason.bits for reason in reasons)
    if abs(total) < words.LEAST_BITS:
        return f"{signs}, of next to no weight"
    return f"{signs}, {'' if len(reasons) == 1 else 'together '}weight {weight(total)}"


def _besides(evidence: Iterable[Evidence]) -> Iterator[str]:
    for each in evidence:
        if each.text == PRIOR:
            yield (
                "Before anything was seen, the odds of this were about "
                f"{_odds(each.bits)} (weight {weight(each.bits)})."
            )
        elif each.text != UNSEEN:
            yield f"{sentence(each.text)} (weight {weight(each.bits)})"
        elif abs(each.bits) >= words.LEAST_BITS:
            yield (
                "What is left: how much could be seen at all, and signs too faint to list "
                f"(weight {weight(each.bits)})."
            )


def _odds(bits: float) -> str:
    """Return odds given as bits: `1 to 70`, `3 to 1`, `even`."""
    ratio = 2 ** min(abs(bits), MOST_ODDS_BITS)
    rounded = float(f"{ratio:.2g}")
    if rounded == 1:
        return "even"
    return f"1 to {rounded:g}" if bits < 0 else f"{rounded:g} to 1"
