"""One door: its harness, lock motor, latch, handles, switches, and how it swings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from canlock.simulation.chance import Chance
from canlock.simulation.clock import Clock, Process
from canlock.simulation.door_module import DoorModule, DoorModuleParameters
from canlock.simulation.latch import Handle, Latch, LatchParameters
from canlock.simulation.mirror import Mirror
from canlock.simulation.motor import Motor, MotorParameters
from canlock.simulation.outputs import Outputs
from canlock.simulation.ranges import Draw
from canlock.simulation.recorder import Recorder
from canlock.simulation.sensors import SensorParameters, read_ajar, read_lock
from canlock.simulation.supply import Supply
from canlock.simulation.window import Window, WindowParameters, draw_window
from canlock.simulation.wiring import (
    HANDLE_SWITCH,
    LOCK_COMMON,
    LOCK_DRIVE,
    MODULE,
    MOTOR_FEED,
    Harness,
    HarnessParameters,
)

SWING_STEPS: Final = 8
"""In how many steps a swing is followed; the harness bends at each."""

FLEX_DEG: Final = 6.0
"""How far a gaiter that is flexed by hand bends to and fro, as if the door moved so much."""


@dataclass(slots=True)
class DoorParameters:
    """All that one door is made of."""

    motor: MotorParameters
    latch: LatchParameters
    window: WindowParameters | None
    sensors: SensorParameters = field(default_factory=SensorParameters)
    harness: HarnessParameters = field(default_factory=HarnessParameters)
    module: DoorModuleParameters = field(default_factory=DoorModuleParameters)
    has_module: bool = False
    """An own control unit in the door drives its motors and reads its switches."""

    module_latency_s: float = 0.0
    """How much later than the BCM's lines a door module switches its motor."""

    ice_drag: float = 0.0
    """What of the motor's drag is ice, and goes with it."""

    has_lock_sensor: bool = True
    starts_locked: bool = True


def draw_door(draw: Draw, door: str, *, travel_s: float) -> DoorParameters:
    """Return a healthy door.

    Args:
        draw: The world's numbers.
        door: Its name.
        travel_s: Full stroke of this car's kind of actuator at 12 V.
    """
    return DoorParameters(
        motor=MotorParameters(
            travel_s=travel_s * draw("lock.door_spread", door),
            run_a=draw("lock.run_a", door),
            stall_a=draw("lock.stall_a", door),
            start_v=draw("lock.start_v", door),
            drag=draw("lock.drag", door),
        ),
        latch=LatchParameters(),
        window=None if door == "tailgate" else draw_window(draw, door),
        sensors=SensorParameters(ajar_is_in_door=draw.happens(0.5)),
    )


class Door:
    """A door as the person and the BCM meet it."""

    def __init__(
        self,
        clock: Clock,
        recorder: Recorder,
        supply: Supply,
        outputs: Outputs,
        name: str,
        parameters: DoorParameters,
        chance: Chance,
    ) -> None:
        self._clock = clock
        self._recorder = recorder
        self._supply = supply
        self._outputs = outputs
        self.name = name
        self.parameters = parameters
        self.angle_deg = 0.0
        self.harness = Harness(parameters.harness, chance.stream(f"harness/{name}"))
        self.latch = Latch(parameters.latch, chance.stream(f"latch/{name}"))
        self.motor = Motor(
            clock, parameters.motor, chance.stream(f"motor/{name}"), self._follow_motor
        )
        self.module = DoorModule(
            clock, parameters.module, chance.stream(f"module/{name}"), self._rewire
        )
        self.window: Window | None = None
        self.mirror: Mirror | None = None
        if parameters.window is not None:
            self.window = Window(
                clock, recorder, supply, self.harness, self._is_fed, name, parameters.window
            )
            self.mirror = Mirror(recorder, self.harness, self._is_fed, name)
        self.caught_deg = 0.0
        """At what angle something keeps the door from shutting, such as a belt in the gap; 0:
        nothing does."""

        self.opened: Callable[[], None] = lambda: None
        """Called when the door switch tells that the door has opened."""

        self._ice = parameters.ice_drag
        self._told_lock = "unlocked"
        self._told_ajar = "closed"
        self._ordered = 0
        self._deadlocks = False
        self._recorder.note("lock.child", "on" if parameters.latch.child_lock else "off", name)
        self.motor.place(1.0 if parameters.starts_locked else 0.0)
        self._rewire()
        supply.listen(self._drive)
        outputs.listen(self._take_order)
        self.harness.listen(self._rewire)

    @property
    def is_locked(self) -> bool:
        """Tell whether the lock lever stands on locked, whatever anybody believes."""
        return self.motor.is_locked

    @property
    def is_open(self) -> bool:
        """Tell whether the door stands open."""
        return self.angle_deg > 0.0

    @property
    def sensed_lock(self) -> str | None:
        """Return what the lock switch last told the BCM; None where the door has none."""
        return self._told_lock if self.parameters.has_lock_sensor else None

    @property
    def sensed_ajar(self) -> str:
        """Return what the door switch last told the BCM."""
        return self._told_ajar

    @property
    def is_silent(self) -> bool:
        """Tell whether the door has a module that is cut off."""
        is_supplied = self.harness.conducts(MODULE) and not self.harness.is_grounded(MODULE)
        works = self.module.is_alive and is_supplied
        return self.parameters.has_module and not works

    def refresh(self) -> None:
        """A switch may have broken: let it tell what it tells now."""
        self._sense()

    def arm_deadlock(self, *, deadlocks: bool) -> None:
        """The next travel to locked also uncouples the inner handle, or does not."""
        self._deadlocks = deadlocks

    def pull(self, handle: Handle, hold_s: float) -> Process[bool]:
        """Hold a handle pulled for a while; return whether the door came free.

        The lever is tried at the start and once more at the end, as a hand that keeps pulling does.
        """
        role = f"handle.{handle}"
        has_wire = self.parameters.has_module or self.harness.conducts(HANDLE_SWITCH)
        shows = has_wire and not self.is_silent
        if shows:
            self._recorder.announce(role, "pulled", self.name)
        self._unlock_by_hand(handle)
        is_free = self.latch.pull(handle, is_locked=self.is_locked)
        yield hold_s
        is_free = is_free or self.latch.pull(handle, is_locked=self.is_locked)
        if shows:
            self._recorder.announce(role, "released", self.name)
        self._sense()
        return is_free

    def swing(self, angle_deg: float, duration_s: float) -> Process[None]:
        """Swing the door to an angle; at 0 it falls into its latch, if nothing is in the way."""
        angle_deg = max(angle_deg, self.caught_deg)
        step_deg = (angle_deg - self.angle_deg) / SWING_STEPS
        for _ in range(SWING_STEPS):
            yield duration_s / SWING_STEPS
            self._bend(max(0.0, self.angle_deg + step_deg), is_moving=True)
        if angle_deg <= 0.0:
            self.latch.is_closed = True
        self._bend(max(0.0, angle_deg), is_moving=False)

    def flex(self, duration_s: float) -> Process[None]:
        """Work the gaiter to and fro by hand while the door stands open."""
        steps = max(1, round(duration_s / 0.25))
        for step in range(steps):
            aside = FLEX_DEG if step % 2 else -FLEX_DEG
            self.harness.bend(max(0.1, self.angle_deg + aside), is_moving=True)
            self._sense()
            yield duration_s / steps
        self._bend(self.angle_deg, is_moving=False)

    def turn_knob(self, *, to_locked: bool) -> bool:
        """Move the lock knob by hand; return whether it went freely."""
        drag = self.parameters.motor.drag
        added = self.parameters.motor.lock_drag if to_locked else self.parameters.motor.unlock_drag
        is_free = drag + added < 0.6
        if is_free and not self.latch.is_deadlocked:
            self.motor.place(1.0 if to_locked else 0.0)
        return is_free

    def turn_cylinder(self, *, to_locked: bool) -> bool:
        """Turn the mechanical key in the door; return whether it went freely."""
        self.latch.is_deadlocked = False
        return self.turn_knob(to_locked=to_locked)

    def thaw(self, share: float) -> None:
        """Warm the latch: a share of what ice has added goes."""
        motor, latch = self.parameters.motor, self.parameters.latch
        motor.drag -= share * self._ice
        self._ice *= 1.0 - share
        latch.stuck *= 1.0 - share

    def _unlock_by_hand(self, handle: Handle) -> None:
        unlocks = self.is_locked and self.latch.unlocks_by_hand(handle)
        if unlocks and self.turn_knob(to_locked=False):
            self._sense()

    def _bend(self, angle_deg: float, *, is_moving: bool) -> None:
        self.angle_deg = angle_deg
        self.harness.bend(angle_deg, is_moving=is_moving)
        self._sense()

    def _is_fed(self) -> bool:
        """Tell whether window and mirror have what they need besides their own wires."""
        has_feed = self.harness.conducts(MOTOR_FEED) or not self.parameters.has_module
        return has_feed and not self.is_silent

    def _rewire(self) -> None:
        node = f"door:{self.name}"
        if self.is_silent:
            self._recorder.take_down(node)
        else:
            self._recorder.bring_up(node)
        self._drive()
        self._sense()

    def _take_order(self) -> None:
        polarity = self._outputs.polarity(self.name)
        if self.parameters.has_module:
            self._clock.after(self.parameters.module_latency_s, lambda: self._obey(polarity))
        else:
            self._obey(polarity)

    def _obey(self, polarity: int) -> None:
        self._ordered = polarity
        self._drive()

    def _drive(self) -> None:
        direction = self._ordered
        if not direction and not self.harness.is_chafed:
            # Nothing is driven and nothing can be shorted: the case by far the commonest.
            self.motor.drive(0, 0.0)
            return
        volts = self._supply.feed_v
        has_module = self.parameters.has_module
        lines = (MODULE, MOTOR_FEED) if has_module else (LOCK_COMMON, LOCK_DRIVE)
        is_shorted = any(self.harness.is_grounded(line) for line in lines)
        # A lock wire carries voltage only while it is driven, a module's supply always does.
        draws = is_shorted and self._supply.has_feed and bool(direction or has_module)
        short_a = self._supply.short_a(self.harness.short_ohm) if draws else 0.0
        self._supply.set_load(f"short:{self.name}", short_a)
        is_whole = all(self.harness.conducts(line) for line in lines) and not self.is_silent
        if volts <= 0.0 or is_shorted or not is_whole:
            direction = 0
        self.motor.drive(direction, volts)

    def _follow_motor(self) -> None:
        self._supply.set_load(f"lock:{self.name}", self.motor.amps)
        self._sense()

    def _sense(self) -> None:
        """Let the switches tell how things stand."""
        if not self.is_locked:
            self.latch.is_deadlocked = False
        elif self._deadlocks and self.motor.amps > 0.0:
            self.latch.is_deadlocked = True
        if self.is_silent:
            return
        sensors, was_ajar = self.parameters.sensors, self._told_ajar
        self._told_lock = read_lock(sensors, self.harness, is_locked=self.is_locked)
        self._told_ajar = read_ajar(sensors, self.harness, angle_deg=self.angle_deg)
        note, name = self._recorder.note, self.name
        if self.parameters.has_lock_sensor:
            is_deep = self.latch.is_deadlocked and self._told_lock == "locked"
            word = "deadlocked" if is_deep else self._told_lock
            note("lock.status", word, name, provenance="measured")
        note("lock.deadlock", "on" if self.latch.is_deadlocked else "off", name)
        note("door.ajar", self._told_ajar, name)
        note("latch.status", self._latch_word(), name)
        if (was_ajar, self._told_ajar) == ("closed", "open"):
            self.opened()

    def _latch_word(self) -> str:
        if self.latch.is_closed:
            return "closed"
        return "open" if self.is_open else "ajar"
