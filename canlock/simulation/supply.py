"""Battery, source resistance and the fused feed of the lock motors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from canlock.simulation.clock import Clock
from canlock.simulation.ranges import Draw
from canlock.simulation.recorder import Recorder


@dataclass(slots=True)
class SupplyParameters:
    """How well the car is supplied."""

    rest_v: float
    """Open-circuit voltage."""

    source_ohm: float
    """Battery, terminals and cables in series."""

    feed_is_open: bool = False
    """Fuse blown, relay dead or ground lost: no lock motor of any door is driven."""

    feed_ohm: float = 0.02
    """Fuse, BCM stage and cable down to the motors; judgement."""


def draw_supply(draw: Draw) -> SupplyParameters:
    """Return the supply of a healthy car."""
    return SupplyParameters(
        rest_v=draw("battery.rest_v"),
        source_ohm=draw("battery.source_ohm"),
    )


class Supply:
    """Turns currents into the voltage that every part sees."""

    def __init__(self, clock: Clock, recorder: Recorder, parameters: SupplyParameters) -> None:
        self._clock = clock
        self._recorder = recorder
        self.parameters = parameters
        self._loads_a: dict[str, float] = {}
        self._listeners: list[Callable[[], None]] = []
        self._note()

    @property
    def volts(self) -> float:
        """Return the voltage at the car's terminals."""
        parameters = self.parameters
        return max(0.0, parameters.rest_v - parameters.source_ohm * sum(self._loads_a.values()))

    @property
    def feed_v(self) -> float:
        """Return the voltage that reaches the lock motors."""
        if self.parameters.feed_is_open:
            return 0.0
        return max(0.0, self.volts - self.parameters.feed_ohm * self.lock_a)

    @property
    def lock_a(self) -> float:
        """Return the current of all lock motors."""
        return sum(amps for name, amps in self._loads_a.items() if name.startswith("lock:"))

    def listen(self, listener: Callable[[], None]) -> None:
        """Have something called at each change of voltage."""
        self._listeners.append(listener)

    def set_load(self, name: str, amps: float) -> None:
        """A consumer now draws this much. Lock motors are named `lock:` and the door."""
        if self._loads_a.get(name, 0.0) == amps:
            return
        self._loads_a[name] = amps
        self._change()

    def _change(self) -> None:
        self._note()
        for listener in self._listeners:
            listener()

    def _note(self) -> None:
        self._recorder.note("supply.voltage", self.volts)
        self._recorder.note("motor.current", self.lock_a)
