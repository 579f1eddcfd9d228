"""A door's power window: switch, motor, position. Same gaiter as the lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from canlock.simulation.clock import Clock, Process
from canlock.simulation.ranges import Draw
from canlock.simulation.recorder import Recorder
from canlock.simulation.supply import Supply
from canlock.simulation.wiring import WINDOW_MOTOR, WINDOW_SWITCH, Harness

STEP_S: Final = 0.1
"""How finely the pane's way is followed."""

OPEN_PERCENT: Final = 100.0


@dataclass(slots=True)
class WindowParameters:
    """One window lift."""

    speed_percent_s: float
    run_a: float
    is_working: bool = True


def draw_window(draw: Draw, door: str) -> WindowParameters:
    """Return a healthy window lift."""
    return WindowParameters(draw("window.speed_percent_s", door), draw("window.run_a", door))


class Window:
    """Moves a pane while its switch is held."""

    def __init__(
        self,
        clock: Clock,
        recorder: Recorder,
        supply: Supply,
        harness: Harness,
        is_supplied: Callable[[], bool],
        door: str,
        parameters: WindowParameters,
    ) -> None:
        self._clock = clock
        self._recorder = recorder
        self._supply = supply
        self._harness = harness
        self._is_supplied = is_supplied
        self._door = door
        self._parameters = parameters
        self.position_percent = 0.0
        self._note("idle")

    def press(self, direction: str, hold_s: float, *, has_power: bool) -> Process[bool]:
        """Hold the switch for a while; return whether the pane moved.

        Args:
            direction: `up` or `down`.
            hold_s: Seconds.
            has_power: Ignition on: without it neither switch nor motor is alive.
        """
        is_read = has_power and self._is_wired(WINDOW_SWITCH)
        if is_read:
            self._recorder.announce("window.switch", direction, self._door)
        has_moved = False
        for _ in range(max(1, round(hold_s / STEP_S))):
            has_moved |= self._step(direction, has_power=has_power)
            yield STEP_S
        self._note("idle")
        self._supply.set_load(f"window:{self._door}", 0.0)
        if is_read:
            self._recorder.note("window.switch", "none", self._door)
        return has_moved

    def _step(self, direction: str, *, has_power: bool) -> bool:
        way = self._parameters.speed_percent_s * STEP_S * (1 if direction == "down" else -1)
        target = min(OPEN_PERCENT, max(0.0, self.position_percent + way))
        is_ordered = self._is_wired(WINDOW_SWITCH) and self._is_wired(WINDOW_MOTOR)
        moves = (
            has_power
            and self._parameters.is_working
            and is_ordered
            and target != self.position_percent
        )
        self._supply.set_load(f"window:{self._door}", self._parameters.run_a if moves else 0.0)
        if moves:
            self.position_percent = target
        self._note(direction if moves else "idle")
        return moves

    def _is_wired(self, line: str) -> bool:
        return self._is_supplied() and self._harness.conducts(line)

    def _note(self, movement: str) -> None:
        self._recorder.note("window.moving", movement, self._door)
        self._recorder.note("window.position", round(self.position_percent, 1), self._door)
