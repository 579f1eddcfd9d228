"""The marks that a person writes: late, now and then forgotten, now and then wrong."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final, Literal

from canlock.model.stream import Mark
from canlock.simulation.clock import Clock

MARK_SPREAD = 0.35
"""Relative spread of the delay from mark to mark; judgement."""

LATENESS_S = (0.2, 1.0)
"""No mark is earlier or later than this (CONTRACT 3)."""

APART_S = 0.05
"""Two marks of one hand are at least this far apart."""

CONFUSED = {
    "press-fob-lock": "press-fob-unlock",
    "press-fob-unlock": "press-fob-lock",
    "press-interior-lock": "press-interior-unlock",
    "press-interior-unlock": "press-interior-lock",
}
"""What is written by mistake in place of what was done."""


MarksAbout = Literal["all", "presses", "outcomes"]
"""Some people mark only what they press, others only what came of it."""

PRESSES: Final = ("press-fob-", "press-spare-", "press-interior-", "press-handle-", "turn-key-")
DEEDS: Final = (*PRESSES, "pull-", "press-window-", "flex-")


class MarkBook:
    """Takes down what the person does."""

    def __init__(
        self,
        clock: Clock,
        chance: random.Random,
        *,
        late_s: float,
        told_share: float,
        wrong_share: float,
        about: MarksAbout = "all",
        doors: Sequence[str] = (),
    ) -> None:
        """Open the book.

        Args:
            clock: Simulated time.
            chance: For lateness, forgetting and mistakes.
            late_s: Median delay.
            told_share: Share of what is done that is marked.
            wrong_share: Share of the marks that are wrong.
            about: What is marked at all.
            doors: Doors that may be taken for each other.
        """
        self._clock = clock
        self._chance = chance
        self._late_s = late_s
        self._told_share = told_share
        self._wrong_share = wrong_share
        self._about: MarksAbout = about
        self._doors = doors
        self._latest_s = -1.0e9
        self.marks: list[Mark] = []
        """In the order of time."""

    def attend(self) -> None:
        """Mark all from now on, and rightly: somebody has asked for it."""
        self._told_share, self._wrong_share, self._about = 1.0, 0.0, "all"

    def write(self, action: str, door: str | None = None, note: str = "") -> None:
        """Take down what has just been done, if it is not forgotten."""
        told, wrong = self._chance.random(), self._chance.random()
        late_s = self._late_s * self._chance.lognormvariate(0.0, MARK_SPREAD)
        if told >= self._told_share or not self._is_told(action):
            return
        if wrong < self._wrong_share:
            action, door = self._confuse(action, door)
        late_s = min(max(late_s, LATENESS_S[0]), LATENESS_S[1])
        at_s = max(self._clock.now_s + late_s, self._latest_s + APART_S)
        self._latest_s = at_s
        self.marks.append(Mark(at_s, action, door, note))

    def _is_told(self, action: str) -> bool:
        if self._about == "presses":
            return action.startswith(PRESSES)
        return self._about == "all" or not action.startswith(DEEDS)

    def _confuse(self, action: str, door: str | None) -> tuple[str, str | None]:
        if door is None or action in CONFUSED:
            return CONFUSED.get(action, action), door
        return action, self._chance.choice([each for each in self._doors if each != door] or [door])
