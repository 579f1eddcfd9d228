"""What a guided check is made of: procedures, and in them one act or question at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from canlock.model.doors import door_name

WHOLE_CAR: frozenset[str] = frozenset(
    {
        "press-fob-lock",
        "press-fob-unlock",
        "press-spare-fob-lock",
        "press-spare-fob-unlock",
        "press-interior-lock",
        "press-interior-unlock",
        "near-car",
        "far-from-car",
        "moved-car",
        "rested",
    }
)
"""Marks that concern no single door."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do; whoever has done it says so at once."""

    text: str
    """May name `{door}`."""

    marks: tuple[str, ...] = ()
    """Actions of the marks that it makes, at the moment in which it is said to be done."""

    wait_s: float = 0.0
    """How long the car is left alone after it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a question."""

    words: str
    marks: tuple[str, ...] = ()
    """Actions of the marks that it makes."""

    then: tuple[Part, ...] = ()
    """What is to be done because of it, before the rest of the procedure."""

    code: str = ""
    """What it is called in the notes of the opening questions."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only the person can tell."""

    text: str
    answers: tuple[Answer, ...]
    """Chosen with the keys 1, 2, 3 and so on."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number that the person reads somewhere."""

    text: str
    role: str
    unit: str
    least: float
    most: float


Part = Act | Question | Measurement


@dataclass(frozen=True, slots=True)
class Procedure:
    """One test, or one opening question, from its first part to its last."""

    id: str
    title: str
    parts: tuple[Part, ...]
    why: str = ""
    """What it tells apart, in a sentence."""

    cannot: str = ""
    """What stands in the way where it cannot be done: `no spare fob`; empty: it can always be
    left out all the same."""

    most_times: int = 1
    """So often it tells something new."""

    is_opening: bool = False
    """It is no test, but a question about the check itself."""

    @property
    def is_per_door(self) -> bool:
        """Say whether it is to be done at one door, while its words name none yet."""
        return "{door}" in self.title

    def at(self, door: str | None) -> Procedure:
        """Return the procedure for one door, its words filled in."""
        name = "car" if door is None else door_name(door)
        return replace(
            self,
            title=self.title.format(door=name),
            why=self.why.format(door=name),
            cannot=self.cannot.format(door=name),
            parts=tuple(_at(part, name) for part in self.parts),
        )


def _at(part: Part, name: str) -> Part:
    text = part.text.format(door=name)
    if not isinstance(part, Question):
        return replace(part, text=text)
    answers = tuple(
        replace(
            answer,
            words=answer.words.format(door=name),
            then=tuple(_at(each, name) for each in answer.then),
        )
        for answer in part.answers
    )
    return replace(part, text=text, answers=answers)
