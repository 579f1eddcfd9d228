"""The marks that a person writes: late, now and then forgotten, now and then wrong."""

from __future__ import annotations

import random

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
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._late_s = late_s
        self._told_share = told_share
        self._wrong_share = wrong_share
        self._latest_s = -1.0e9
        self.marks: list[Mark] = []
        """In the order of time."""

    def write(self, action: str, door: str | None = None, note: str = "") -> None:
        """Take down what has just been done, if it is not forgotten."""
        told, wrong = self._chance.random(), self._chance.random()
        late_s = self._late_s * self._chance.lognormvariate(0.0, MARK_SPREAD)
        if told >= self._told_share:
            return
        if wrong < self._wrong_share:
            action = CONFUSED.get(action, action)
        late_s = min(max(late_s, LATENESS_S[0]), LATENESS_S[1])
        at_s = max(self._clock.now_s + late_s, self._latest_s + APART_S)
        self._latest_s = at_s
        self.marks.append(Mark(at_s, action, door, note))
