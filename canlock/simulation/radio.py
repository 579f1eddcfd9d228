"""The air between fob and car: distance, fading, noise."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from canlock.simulation.fob import Fob
from canlock.simulation.ranges import Draw

NEAREST_M = 0.3
"""A hand at the window is about this far from the antenna; judgement."""


@dataclass(slots=True)
class RadioParameters:
    """What the air does to a telegram."""

    fading_db: float
    """Standard deviation from press to press."""

    latency_s: float
    """From the press to the BCM's knowing it."""

    noise_db: float = 0.0
    """By how much this place's noise lies above the receiver's own."""


def draw_radio(draw: Draw) -> RadioParameters:
    """Return a quiet place."""
    return RadioParameters(draw("radio.fading_db"), draw("radio.latency_s"))


class Radio:
    """Decides which presses are heard."""

    def __init__(self, parameters: RadioParameters, chance: random.Random) -> None:
        self.parameters = parameters
        self._chance = chance
        self._has_moved = False

    def carries(self, fob: Fob, distance_m: float) -> bool:
        """Tell whether this press of a fob at a distance is heard."""
        fading_db = self._chance.gauss(0.0, self.parameters.fading_db)
        reach_m = fob.reach_m
        if reach_m <= 0.0:
            return False
        # Field strength falls with the distance: 20 dB a decade.
        margin_db = 20 * math.log10(reach_m / max(distance_m, NEAREST_M))
        noise_db = 0.0 if self._has_moved else self.parameters.noise_db
        return margin_db + fading_db > noise_db

    def move_away(self) -> None:
        """The car stands elsewhere: whatever made noise at its place does not reach it."""
        self._has_moved = True
