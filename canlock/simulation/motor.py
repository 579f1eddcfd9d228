"""A lock actuator: a two-wire reversing motor that throws a bistable lever.

Position 0 is unlocked, 1 locked. Speed falls with voltage, wear and drag; at the end of its travel,
and wherever drag takes all the torque, the motor stalls until the pulse ends.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from canlock.simulation.clock import Clock, Timer

NOMINAL_V: Final = 12.0
MIDDLE: Final = 0.5
"""Beyond this the lever's spring takes it the rest of the way."""

BLOCKED_AT: Final = 0.35
"""Share of the travel after which a blocked lever stands still; judgement."""

BOUNCE_S: Final = (0.2, 1.2)
"""A lever springs back so long after the pulse (DOMAIN 2.1: t_bounce within 3 s)."""

PTC_CLOSES: Final = 0.6
"""Share of its heat at which a PTC lets current through again; judgement."""

PTC_LEAK_A: Final = 0.3
"""An open PTC lets this through: less than 0.5 A (DOMAIN 1.3, S13)."""

Sound = Literal["silence", "click", "hum", "whirr"]
Condition = Literal["sound", "open", "seized", "stripped"]
"""Brushes or winding open; armature stuck; gear without teeth."""


@dataclass(slots=True)
class MotorParameters:
    """One actuator, and the lever it moves."""

    travel_s: float
    """Full stroke at 12 V with no drag."""

    run_a: float
    stall_a: float
    start_v: float
    """Below this it does not turn."""

    drag: float = 0.0
    """Share of the torque at 12 V that the lever's friction takes; 1 and more is a jam."""

    lock_drag: float = 0.0
    """Drag that is added towards locked only."""

    unlock_drag: float = 0.0
    """Drag that is added towards unlocked only."""

    drag_spread: float = 0.05
    """Friction is never twice the same: relative standard deviation; judgement."""

    wear: float = 1.0
    """Factor on the travel time."""

    cold: float = 1.0
    """Factor on the travel time that the weather brings."""

    blocked: float = 0.0
    """Share of the starts in which the lever stops short of its middle, against something that
    gives way no further, and springs back."""

    bounces: float = 0.0
    """Share of the travels after which the lever springs back to where it was: a worn detent."""

    ptc_a2s: float = 250.0
    """The PTC opens once it has taken so much above what it gave off: 20 to 70 s of a stall
    (DOMAIN 1.3, S13)."""

    ptc_cools_s: float = 60.0
    """Time in which its heat falls to a third (DOMAIN 1.3, S13: recovered after about 60 s)."""

    condition: Condition = "sound"
    failing: float = 1.0
    """With a condition other than sound: the share of starts in which it shows."""


class Motor:
    """Moves the lever while it is driven.

    Attributes:
        position: 0 unlocked .. 1 locked.
        amps: Current it draws.
        sound: What an ear at the door heard of the last pulse.
    """

    def __init__(
        self,
        clock: Clock,
        parameters: MotorParameters,
        chance: random.Random,
        moved: Callable[[], None],
    ) -> None:
        """Take up a lever at rest.

        Args:
            clock: Simulated time.
            parameters: The actuator.
            chance: For friction and worn brushes.
            moved: Called when the lever passes its middle or the current changes.
        """
        self._clock = clock
        self.parameters = parameters
        self._chance = chance
        self._moved = moved
        self.position = 0.0
        self.amps = 0.0
        self.sound: Sound = "silence"
        self._direction = 0
        self._speed = 0.0
        self._since_s = 0.0
        self._volts = 0.0
        self._load = 1.0
        self._drag = 0.0
        self._shows_condition = False
        self._is_blocked = False
        self._will_bounce = False
        self._heat_a2s = 0.0
        self._is_hot = False
        self._timer: Timer | None = None

    @property
    def is_locked(self) -> bool:
        """Tell on which side of its middle the lever stands."""
        return self.position > MIDDLE

    @property
    def is_resting(self) -> bool:
        """Tell whether its PTC has opened."""
        return self._is_hot

    def hush(self) -> None:
        """Forget what was heard, before listening to the next pulse."""
        self.sound = "silence"

    def place(self, position: float) -> None:
        """Put the lever somewhere by hand or key: the motor is dragged along."""
        self.position = position
        self._moved()

    def drive(self, direction: int, volts: float) -> None:
        """Apply a voltage.

        Args:
            direction: +1 towards locked, -1 towards unlocked, 0 off.
            volts: At the motor's pins.
        """
        if not direction and not self._direction:
            # At rest it stays at rest, whatever the voltage does: the case by far the commonest.
            return
        self._advance()
        if direction and direction != self._direction:
            self._start(direction, volts)
        self._direction = direction
        self._volts = volts
        if not direction:
            self._release()
        self._plan()

    def _start(self, direction: int, volts: float) -> None:
        parameters = self.parameters
        # Its currents are those of the voltage it starts with: what its own sag takes off them is
        # some percent, and leaving that out keeps supply and motor from chasing each other.
        self._load = volts / NOMINAL_V
        added = parameters.lock_drag if direction > 0 else parameters.unlock_drag
        spread = self._chance.gauss(1.0, parameters.drag_spread)
        self._drag = (parameters.drag + added) * max(0.0, spread)
        # The luck of this start is drawn in any case: a fault must not shift what follows.
        luck = self._chance.random()
        self._shows_condition = parameters.condition != "sound" and luck < parameters.failing
        self._is_blocked = self._chance.random() < parameters.blocked
        is_away = self.position != (1.0 if direction > 0 else 0.0)
        self._will_bounce = self._chance.random() < parameters.bounces and is_away
        self._is_hot = self._heat_a2s > parameters.ptc_a2s * (PTC_CLOSES if self._is_hot else 1.0)
        self.sound = "silence"

    def _release(self) -> None:
        """Without torque the spring takes the lever to the nearer side."""
        self.position = 1.0 if self.is_locked else 0.0
        if self._will_bounce:
            self._will_bounce = False
            back = 1.0 - self.position
            self._clock.after(self._chance.uniform(*BOUNCE_S), lambda: self._spring(back))

    def _spring(self, position: float) -> None:
        if not self._direction:
            self.place(position)

    def _plan(self) -> None:
        """Work out speed and current, and when the next thing happens of itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        condition = self.parameters.condition if self._shows_condition else "sound"
        torque = self._torque()
        slowed = self.parameters.wear * self.parameters.cold
        self._speed = self._direction * torque / (self.parameters.travel_s * slowed)
        target = 1.0 if self._direction > 0 else 0.0
        stop = self._stop(target)
        is_at_end = self.position == target
        if condition != "sound" or self._is_hot or self.position == stop:
            self._speed = 0.0
        if self._speed and not is_at_end:
            before_middle = (self.position - MIDDLE) * self._direction < 0
            ahead = MIDDLE if before_middle and stop == target else stop
            self._timer = self._clock.after((ahead - self.position) / self._speed, self._arrive)
        self._set_amps(condition, is_at_end=is_at_end)

    def _stop(self, target: float) -> float:
        """Return where the lever will stand still: at its end, or where it is blocked."""
        is_past = (self.position - MIDDLE) * self._direction >= 0
        if not self._is_blocked or is_past:
            return target
        return BLOCKED_AT if self._direction > 0 else 1.0 - BLOCKED_AT

    def _torque(self) -> float:
        """Return the share of the full speed that voltage and drag leave."""
        start_v = self.parameters.start_v
        push = (self._volts - start_v) / (NOMINAL_V - start_v)
        return max(0.0, push - self._drag) if self._direction else 0.0

    def _set_amps(self, condition: Condition, *, is_at_end: bool) -> None:
        amps = 0.0
        sound: Sound = self.sound
        if self._direction and self._volts > 0 and condition != "open":
            if self._is_hot:
                amps = PTC_LEAK_A
            elif condition == "stripped":
                amps, sound = self.parameters.run_a * self._load / 2, "whirr"
            elif self._speed and not is_at_end:
                amps, sound = self.parameters.run_a * self._load, "click"
            else:
                amps = self.parameters.stall_a * self._load
                # A lever that already stands at its stop answers with the usual knock.
                knocks = is_at_end or (sound == "click" and not self._is_blocked)
                sound = "click" if knocks else "hum"
        self.sound = sound
        if amps != self.amps:
            self.amps = amps
            self._moved()

    def _arrive(self) -> None:
        self._timer = None
        self._advance()
        if abs(self.position - MIDDLE) < 1e-6:
            # A hair beyond, so that the lever counts as past its middle.
            self.position = MIDDLE + 1e-6 * self._direction
        else:
            self.position = self._stop(1.0 if self._direction > 0 else 0.0)
        self._moved()
        self._plan()

    def _advance(self) -> None:
        passed_s = self._clock.now_s - self._since_s
        self._since_s = self._clock.now_s
        cooled = math.exp(-passed_s / self.parameters.ptc_cools_s)
        self._heat_a2s = self._heat_a2s * cooled + self.amps**2 * passed_s
        self.position = min(1.0, max(0.0, self.position + self._speed * passed_s))
