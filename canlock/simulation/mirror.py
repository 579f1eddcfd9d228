"""The motor of a door's mirror: its wires run through the same gaiter."""

from __future__ import annotations

from collections.abc import Callable

from canlock.simulation.clock import Process
from canlock.simulation.recorder import Recorder
from canlock.simulation.wiring import MIRROR_MOTOR, Harness


class Mirror:
    """Turns its glass while the switch on the driver's side is held."""

    def __init__(
        self, recorder: Recorder, harness: Harness, is_supplied: Callable[[], bool], door: str
    ) -> None:
        self._recorder = recorder
        self._harness = harness
        self._is_supplied = is_supplied
        self._door = door
        recorder.note("mirror.moving", "idle", door)

    def turn(self, direction: str, hold_s: float, *, has_power: bool) -> Process[bool]:
        """Hold the switch for a while; return whether the glass turned."""
        turns = has_power and self._is_supplied() and self._harness.conducts(MIRROR_MOTOR)
        self._recorder.note("mirror.moving", direction if turns else "idle", self._door)
        yield hold_s
        self._recorder.note("mirror.moving", "idle", self._door)
        return turns
