"""The BCM's output stages: three half-bridges for the locks of all doors (DOMAIN 0.7).

One line is common to all lock motors, one is the driver's own, one serves all others. Locking puts
the common line high and the other two low; unlocking turns that round, for the driver's line alone
or for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

Line = Literal["common", "driver", "others"]
Level = Literal["high", "low"]

LOCK: Final = 1
UNLOCK: Final = -1


@dataclass(slots=True)
class OutputParameters:
    """What is wrong with the stages."""

    dead: set[tuple[Line, Level]] = field(default_factory=set)
    """Half of a half-bridge that does not switch any more."""


class Outputs:
    """The state of the three lines."""

    def __init__(self, parameters: OutputParameters, driver: str) -> None:
        self._parameters = parameters
        self._driver = driver
        self._levels: dict[Line, Level] = {}
        self._listeners: list[Callable[[], None]] = []

    def line_of(self, door: str) -> Line:
        """Return which line besides the common one a door's motor hangs on."""
        return "driver" if door == self._driver else "others"

    def drive(self, direction: int, lines: Iterable[Line]) -> None:
        """Put the common line and some others to opposite levels; the rest float.

        Args:
            direction: `LOCK` or `UNLOCK`.
            lines: Lines besides the common one.
        """
        common: Level = "high" if direction == LOCK else "low"
        own: Level = "low" if direction == LOCK else "high"
        self._set({"common": common, **dict.fromkeys(lines, own)})

    def release(self) -> None:
        """Let all lines float."""
        self._set({})

    def polarity(self, door: str) -> int:
        """Return which way a door's motor would turn: `LOCK`, `UNLOCK` or 0."""
        common = self._working("common")
        own = self._working(self.line_of(door))
        if common is None or own is None or common == own:
            return 0
        return LOCK if common == "high" else UNLOCK

    def listen(self, listener: Callable[[], None]) -> None:
        """Have something called at each change."""
        self._listeners.append(listener)

    def _working(self, line: Line) -> Level | None:
        level = self._levels.get(line)
        return None if level is None or (line, level) in self._parameters.dead else level

    def _set(self, levels: dict[Line, Level]) -> None:
        self._levels = levels
        for listener in self._listeners:
            listener()
