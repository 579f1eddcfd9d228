"""What is true of the car, as step functions of time: all that the bus may draw on."""

from __future__ import annotations

from dataclasses import dataclass, field

from canlock.model.roles import ROLE_VALUES
from canlock.simulation.clock import Clock

Value = str | float
Place = tuple[str, str, str | None]
"""(role, provenance, door): provenance is empty but for `lock.status`; door None is the whole car.
"""

START_S = -1.0e9
"""When a value that was never recorded has begun to hold."""


@dataclass(slots=True)
class Timeline:
    """The values of one role at one place. All lists are of one length."""

    at_s: list[float] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    is_new: list[bool] = field(default_factory=list)
    """False: a repeat that senders do not count as an event of its own, such as a retry."""


class Recorder:
    """Keeps one timeline a place, and the times at which a node was off the bus."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.timelines: dict[Place, Timeline] = {}
        self.outages: dict[str, list[tuple[float, float]]] = {}
        """Node (`bcm`, or `door:` and the door) -> (from, until) in seconds."""

        self._down_since_s: dict[str, float] = {}

    def note(
        self, role: str, value: Value, door: str | None = None, *, provenance: str = ""
    ) -> None:
        """Record what holds from now on; nothing where it held already."""
        if self.latest(role, door, provenance=provenance) != value:
            self._append((role, provenance, door), value, is_new=True)

    def announce(
        self, role: str, value: Value, door: str | None = None, *, is_new: bool = True
    ) -> None:
        """Record an event, also where the same value holds already."""
        self._append((role, "", door), value, is_new=is_new)

    def latest(self, role: str, door: str | None = None, *, provenance: str = "") -> Value | None:
        """Return what holds now, or None where nothing was recorded yet."""
        timeline = self.timelines.get((role, provenance, door))
        return timeline.values[-1] if timeline else None

    def list_stirs(self) -> list[float]:
        """Return all times at which anything happened, in order."""
        return sorted({at_s for line in self.timelines.values() for at_s in line.at_s})

    def take_down(self, node: str) -> None:
        """A node falls silent."""
        self._down_since_s.setdefault(node, self._clock.now_s)

    def bring_up(self, node: str) -> None:
        """A node is back; nothing where it was never gone."""
        since_s = self._down_since_s.pop(node, None)
        if since_s is not None and self._clock.now_s > since_s:
            self.outages.setdefault(node, []).append((since_s, self._clock.now_s))

    def close(self) -> None:
        """End the recording: who is still down stays down to the end."""
        for node in tuple(self._down_since_s):
            self.bring_up(node)

    def _append(self, place: Place, value: Value, *, is_new: bool) -> None:
        timeline = self.timelines.setdefault(place, Timeline())
        timeline.at_s.append(self._clock.now_s)
        timeline.values.append(value)
        timeline.is_new.append(is_new)


def resting_value(role: str) -> Value:
    """Return what a role says of a car at which nothing was ever done."""
    words = ROLE_VALUES.get(role)
    return words[0] if words else 0.0
