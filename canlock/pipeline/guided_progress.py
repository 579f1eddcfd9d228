"""How far a guided check has come, read from the marks of its recording and written there.

A check keeps nothing elsewhere, so that it can be left and taken up again: what no mark of the
contract says is a note that begins with `check:`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from canlock.model.stream import Mark

PREFIX: Final = "check: "
SEPARATOR: Final = ": "

Test = tuple[str, str | None]
"""A test's id, and its door; None: no single door."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What has been asked and answered."""

    socket: str | None = None
    """How the OBD socket was reached; None: not asked yet."""

    is_prepared: bool = False
    """The words on safety were read."""

    complaint: str | None = None
    """The door that gives trouble, `several` or `none`; None: not asked yet."""

    done: tuple[Test, ...] = ()
    """In their order; one that was done twice stands there twice."""

    skipped: tuple[Test, ...] = ()
    """What could not be done."""

    stopped: str | None = None
    """Why it was stopped for safety's sake; None: it was not."""

    def times(self, test: Test) -> int:
        """Return how often a test was done."""
        return self.done.count(test)


def read_progress(marks: Iterable[Mark]) -> Progress:
    """Return how far the check of a recording has come.

    Args:
        marks: All marks of it in the order of time; those that are no notes of a check count
            for nothing.
    """
    progress = Progress()
    for mark in marks:
        if mark.action == "note" and mark.note.startswith(PREFIX):
            progress = learn(progress, mark)
    return progress


def learn(progress: Progress, mark: Mark) -> Progress:
    """Return the progress after one note."""
    subject, _, text = mark.note.removeprefix(PREFIX).partition(SEPARATOR)
    match subject:
        case "socket":
            return replace(progress, socket=text)
        case "safety":
            return replace(progress, is_prepared=True)
        case "complaint":
            return replace(progress, complaint=text)
        case "done":
            return replace(progress, done=(*progress.done, (text, mark.door)), stopped=None)
        case "left out":
            test = text.partition(" (")[0], mark.door
            return replace(progress, skipped=(*progress.skipped, test))
        case "stopped":
            return replace(progress, stopped=text)
        case _:
            return progress


def note(at_s: float, subject: str, text: str, door: str | None = None) -> Mark:
    """Return the mark that tells of a step of the check."""
    return Mark(at_s, "note", door, f"{PREFIX}{subject}{SEPARATOR}{text}")
