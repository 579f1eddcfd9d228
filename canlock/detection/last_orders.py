"""What was last ordered, of each door and of the car."""

from __future__ import annotations

from canlock.detection.draft import direction
from canlock.model.operations import Command


class LastOrders:
    """The last order of each door, as far as it is known."""

    def __init__(self) -> None:
        self.command: Command | None = None
        """The last that was seen as such."""

        self.unlock_s: float | None = None
        """When the last unlock was ordered; None: the last was a lock, or a door opened since."""

        self._words: dict[str, str] = {}

    def copy(self) -> LastOrders:
        """Return a copy that may go on by itself."""
        other = LastOrders()
        other.command = self.command
        other.unlock_s = self.unlock_s
        other._words = dict(self._words)
        return other

    def of(self, door: str) -> str | None:
        """Return `locked` or `unlocked`, as was last ordered of a door; None: nobody knows."""
        return self._words.get(door)

    def take(self, command: Command) -> None:
        """Remember an order."""
        self.command = command
        self._remember(direction(command.action), command.doors, command.at_s)

    def infer(self, way: str | None, doors: tuple[str, ...], at_s: float) -> None:
        """Remember an order that a source which speaks for some doors gave away.

        What is unlocked may be the driver's door alone.
        """
        if way == "unlock" and "driver" in doors:
            for door in doors:
                self._words.pop(door, None)
            doors = ("driver",)
        self._remember(way, doors, at_s)

    def _remember(self, way: str | None, doors: tuple[str, ...], at_s: float) -> None:
        word = "unlocked" if way == "unlock" else "locked"
        self._words.update(dict.fromkeys(doors, word))
        self.unlock_s = at_s if word == "unlocked" else None
