"""Which test comes next: a few at the beginning, then the engine's, by information a minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.model.faults import INSUFFICIENT, NO_FAULT
from canlock.model.snapshot import Snapshot
from canlock.pipeline.guided_parts import Answer, Procedure, Question
from canlock.pipeline.guided_procedures import AT_LEAST, procedure
from canlock.pipeline.guided_progress import Progress, Test

OFFER_ID: Final = "offer"

SUSPECT: Final = 0.2
"""A door that nobody complained of is tried where so much of the probability sits there.
Judgement."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is done next, and at which door."""

    procedure: Procedure
    door: str | None = None


def choose(snapshot: Snapshot, progress: Progress, *, goes_on: bool = False) -> Chosen:
    """Return the next test, or the offer to finish.

    Args:
        snapshot: What is known now.
        progress: What was done, and what cannot be done.
        goes_on: The person wants further tests although canlock is sure, or knows none that is
            worth its time.
    """
    first = _at_least(snapshot, progress)
    if is_sure(snapshot) and not goes_on and (first is None or not _is_sound(snapshot)):
        return Chosen(_offer(snapshot))
    chosen = first or _by_engine(snapshot, progress)
    if chosen is None and (goes_on or not is_sure(snapshot)):
        chosen = _provoke(snapshot, progress)
    return chosen or Chosen(_offer(snapshot))


def _provoke(snapshot: Snapshot, progress: Progress) -> Chosen | None:
    """Return what may yet make a fault show itself that comes and goes (DOMAIN 4.3)."""
    door = _complaint(snapshot, progress)
    moved = _usable("gaiter", door, progress) if door is not None else None
    return moved or _usable("press-again", None, progress)


def _complaint(snapshot: Snapshot, progress: Progress) -> str | None:
    """Return the one door that is complained of; None: several, or none."""
    return progress.complaint if progress.complaint in snapshot.doors else None


def is_sure(snapshot: Snapshot) -> bool:
    """Say whether the verdict is one to stop at."""
    verdict = snapshot.verdict
    return verdict.is_confident and verdict.fault != INSUFFICIENT


def _is_sound(snapshot: Snapshot) -> bool:
    return snapshot.verdict.fault == NO_FAULT


def _at_least(snapshot: Snapshot, progress: Progress) -> Chosen | None:
    """Return what is to be done before the engine is asked; None where it has been."""
    door = _complaint(snapshot, progress)
    for test_id in AT_LEAST:
        known = procedure(test_id)
        assert known is not None
        place = door if known.is_per_door else None
        if known.is_per_door and place is None:
            continue
        if not progress.times((test_id, place)) and (test_id, place) not in progress.skipped:
            return Chosen(known, place)
    return None


def _by_engine(snapshot: Snapshot, progress: Progress) -> Chosen | None:
    """Return the best of the engine's tests that a person can do here."""
    for test in (*snapshot.next_tests, *snapshot.further_tests):
        chosen = _usable(test.id, test.door, progress)
        if chosen is not None and _concerns(chosen.door, snapshot, progress):
            return chosen
    return None


def _concerns(door: str | None, snapshot: Snapshot, progress: Progress) -> bool:
    """Say whether a test at a door has to do with the complaint, or with what was seen."""
    if door is None or _complaint(snapshot, progress) in (None, door):
        return True
    share = sum(each.probability for each in snapshot.hypotheses if door in each.doors)
    return share >= SUSPECT


def _usable(test_id: str, door: str | None, progress: Progress) -> Chosen | None:
    known = procedure(test_id)
    if known is None:
        return None
    test: Test = test_id, door if known.is_per_door else None
    if test in progress.skipped or progress.times(test) >= known.most_times:
        return None
    return Chosen(known, test[1])


def _offer(snapshot: Snapshot) -> Procedure:
    """Return the question whether to finish."""
    if is_sure(snapshot):
        share = min(snapshot.verdict.probability, 0.99)
        text = f"canlock is sure enough ({100 * share:.0f} %). {snapshot.verdict.summary}"
        title = "Sure enough"
    else:
        text = f"No test that is left would tell much more. {snapshot.verdict.summary}"
        title = "Nothing more to try"
    question = Question(
        text,
        (
            Answer("finish with the report", code="finish"),
            Answer("go on with further tests", code="go-on"),
        ),
    )
    return Procedure(OFFER_ID, title, (question,), is_opening=True)
