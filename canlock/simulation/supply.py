"""Battery, source resistance and the fused feed of the lock motors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from canlock.simulation.clock import Clock, Timer
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

    fuse_a: float = 30.0
    """More than this through the feed blows its fuse, and all motors at once take less (DOMAIN 1.3,
    S13); judgement."""

    fuse_blows_s: float = 0.15
    """So long the fuse stands the current of a short; judgement."""


def draw_supply(draw: Draw) -> SupplyParameters:
    """Return the supply of a healthy car."""
    return SupplyParameters(
        rest_v=draw("battery.low_rest_v" if draw.happens(0.15) else "battery.rest_v"),
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
        self._melting: Timer | None = None
        self.fuse_is_blown = False
        self._note()

    @property
    def volts(self) -> float:
        """Return the voltage at the car's terminals."""
        parameters = self.parameters
        return max(0.0, parameters.rest_v - parameters.source_ohm * sum(self._loads_a.values()))

    @property
    def feed_v(self) -> float:
        """Return the voltage that reaches the lock motors."""
        if not self.has_feed:
            return 0.0
        return max(0.0, self.volts - self.parameters.feed_ohm * self.feed_a)

    @property
    def has_feed(self) -> bool:
        """Tell whether the feed of the lock motors is whole."""
        return not (self.parameters.feed_is_open or self.fuse_is_blown)

    @property
    def lock_a(self) -> float:
        """Return the current of all lock motors."""
        return sum(amps for name, amps in self._loads_a.items() if name.startswith("lock:"))

    @property
    def feed_a(self) -> float:
        """Return the current through the fuse: that of all lock motors and of what is shorted."""
        shorted = (amps for name, amps in self._loads_a.items() if name.startswith("short:"))
        return self.lock_a + sum(shorted)

    def short_a(self, short_ohm: float) -> float:
        """Return the current that a short behind the fuse draws."""
        parameters = self.parameters
        return parameters.rest_v / (parameters.source_ohm + parameters.feed_ohm + short_ohm)

    def listen(self, listener: Callable[[], None]) -> None:
        """Have something called at each change of voltage."""
        self._listeners.append(listener)

    def refresh(self) -> None:
        """Battery, terminals or feed have changed: every part feels it."""
        self._change()

    def set_load(self, name: str, amps: float) -> None:
        """A consumer now draws this much.

        Lock motors are named `lock:` and the door, shorts behind their fuse `short:` and the door.
        """
        if self._loads_a.get(name, 0.0) == amps:
            return
        self._loads_a[name] = amps
        self._change()

    def _watch_fuse(self) -> None:
        if self.feed_a > self.parameters.fuse_a:
            if self._melting is None:
                self._melting = self._clock.after(self.parameters.fuse_blows_s, self._blow)
        elif self._melting is not None:
            self._melting.cancel()
            self._melting = None

    def _blow(self) -> None:
        self._melting = None
        self.fuse_is_blown = True
        self._change()

    def _change(self) -> None:
        self._watch_fuse()
        self._note()
        for listener in self._listeners:
            listener()

    def _note(self) -> None:
        self._recorder.note("supply.voltage", self.volts)
        self._recorder.note("motor.current", self.lock_a)
