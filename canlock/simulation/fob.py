"""A key fob: a coin cell, a range, a rolling code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.simulation.ranges import Draw

FULL_RANGE_V: Final = 2.8
"""From this cell voltage up the transmitter gives all it has; judgement."""

DEAD_V: Final = 2.0
"""At this cell voltage it sends nothing that carries; judgement."""

LOW_CELL_V: Final = 2.5
"""A fob tells its car that the cell is low below this (DOMAIN 1.1, S29)."""


@dataclass(slots=True)
class FobParameters:
    """One fob as it is carried about."""

    number: int
    """As the BCM counts its fobs."""

    cell_v: float
    """Under the load of a press."""

    range_m: float
    """At which half of the presses are heard, with a good cell and no noise."""

    code_lead: int = 1
    """Steps by which its rolling code is ahead of the BCM's."""

    code_window: int = 255
    """The BCM follows a code that is at most this far ahead (DOMAIN 1.2, S46)."""

    is_registered: bool = True


def draw_fob(draw: Draw, number: int) -> FobParameters:
    """Return a fob in order."""
    place = str(number)
    return FobParameters(number, draw("fob.cell_v", place), draw("fob.range_m", place))


class Fob:
    """Sends; knows nothing of what is heard."""

    def __init__(self, parameters: FobParameters) -> None:
        self.parameters = parameters

    @property
    def reach_m(self) -> float:
        """Return the distance at which half of the presses are heard where nothing disturbs."""
        share = (self.parameters.cell_v - DEAD_V) / (FULL_RANGE_V - DEAD_V)
        return self.parameters.range_m * min(1.0, max(0.0, share)) ** 2

    @property
    def says_low(self) -> bool:
        """Tell whether its telegrams carry the low-cell flag."""
        return self.parameters.cell_v < LOW_CELL_V

    def step_code(self) -> None:
        """Each press steps the rolling code, heard or not."""
        self.parameters.code_lead += 1

    def is_understood(self) -> bool:
        """Tell whether the BCM takes this fob's code for genuine."""
        parameters = self.parameters
        return parameters.is_registered and parameters.code_lead <= parameters.code_window

    def resynchronise(self) -> None:
        """The BCM has followed the code."""
        self.parameters.code_lead = 1
