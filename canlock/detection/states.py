"""What each role says now, source by source and resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from canlock.model.samples import RoleSample, Value
from canlock.model.vehicle import Vehicle

FEEDBACK_RANK = {"measured": 0, "any-locked": 1, "all-locked": 1, "belief": 2, None: 3}
"""Lower is better: measured beats a summary, a summary beats what the BCM only believes."""


@dataclass(frozen=True, slots=True)
class State:
    """One source's present word on one role for some doors."""

    value: Value | None
    at_s: float
    """When it came to be so, or was first seen."""

    feedback: str | None
    source: int


class States:
    """Present values of the state-kind roles."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._now: dict[tuple[str, str | None], dict[int, State]] = {}

    def copy(self) -> States:
        """Return a copy that may go on by itself."""
        other = States(self._vehicle)
        other._now = {key: dict(sources) for key, sources in self._now.items()}
        return other

    def learn(self, sample: RoleSample) -> None:
        """Take in one state sample."""
        state = State(sample.value, sample.at_s, sample.feedback, sample.source)
        for door in sample.doors or (None,):
            self._now.setdefault((sample.role, door), {})[sample.source] = state

    def get(self, role: str, door: str | None = None) -> State | None:
        """Return the best source's word for a door (or the car), newest among equals."""
        sources = self._now.get((role, door))
        if not sources and door is not None:
            sources = self._now.get((role, None))
        known = [state for state in (sources or {}).values() if state.value is not None]
        if not known:
            return None
        return min(known, key=lambda state: (FEEDBACK_RANK.get(state.feedback, 3), -state.at_s))

    def value(self, role: str, door: str | None = None) -> str | None:
        """Return the present word for a role of words; None where it is not known."""
        state = self.get(role, door)
        return state.value if state is not None and isinstance(state.value, str) else None

    def locks(self) -> dict[str, tuple[str, str]]:
        """Return door -> (lock state, feedback) where known."""
        found = {}
        for door in self._vehicle.doors:
            state = self.get("lock.status", door)
            if state is not None and isinstance(state.value, str):
                found[door] = state.value, state.feedback or "belief"
        return found

    def wanted(self) -> dict[int, str]:
        """Return source -> wanted state, of the commands that are held."""
        return {
            source: state.value
            for (role, _), sources in self._now.items()
            if role == "command.lock"
            for source, state in sources.items()
            if isinstance(state.value, str)
        }

    def lock_words(self) -> dict[tuple[int, str], str]:
        """Return (source, door) -> lock state where known."""
        return {
            (source, door): state.value
            for door in self._vehicle.doors
            for key in (("lock.status", door), ("lock.status", None))
            for source, state in self._now.get(key, {}).items()
            if isinstance(state.value, str)
        }

    def ajar(self) -> dict[str, str]:
        """Return door -> `open` or `closed` where known."""
        found = {door: is_ajar(self, door) for door in self._vehicle.doors}
        return {door: value for door, value in found.items() if value is not None}

    def items(self) -> Iterator[tuple[str, str | None, State]]:
        """Yield role, door and best state, in the vehicle file's order of roles."""
        for role, door in self._now:
            state = self.get(role, door)
            if state is not None:
                yield role, door, state


def is_ajar(states: States, door: str) -> str | None:
    """Return `open` or `closed` for a door from its ajar switch or its latch; None if unknown."""
    ajar = states.value("door.ajar", door)
    if ajar is not None:
        return ajar
    latch = states.value("latch.status", door)
    if latch in ("open", "ajar"):
        return "open"
    return "closed" if latch == "closed" else None
