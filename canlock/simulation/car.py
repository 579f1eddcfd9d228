"""The car as a person meets it: all parts wired together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from canlock.simulation.automatics import Automatics
from canlock.simulation.bcm import Bcm
from canlock.simulation.chance import Chance
from canlock.simulation.clock import Clock, Process
from canlock.simulation.door import Door
from canlock.simulation.fob import Fob
from canlock.simulation.outputs import Outputs
from canlock.simulation.radio import Radio
from canlock.simulation.recorder import Recorder
from canlock.simulation.supply import Supply
from canlock.simulation.switches import LF_RANGE_M
from canlock.simulation.traits import Traits
from canlock.simulation.wiring import REQUEST_SWITCH
from canlock.simulation.world import World

REMOTE_S: Final = 0.5
"""So long a request by telephone shows on the bus; judgement."""

SPEED_UP_S: Final = 3.0
SPEED_STEP_S: Final = 0.25

BLINK_S: Final = 0.35
"""Half a period of an indicator: 60 to 120 a minute (UN R48)."""

WARM_C: Final = 20.0
STIFFER_PER_K: Final = 0.008
"""A lock takes about a quarter longer at -10 degC; judgement."""


class Car:
    """Parts, and what can be done to them from outside and inside."""

    def __init__(self, clock: Clock, traits: Traits, world: World, chance: Chance) -> None:
        self.clock = clock
        self.traits = traits
        self.world = world
        self.recorder = Recorder(clock)
        self.supply = Supply(clock, self.recorder, world.supply)
        for parameters in world.doors.values():
            parameters.motor.cold = stiffen(world.ambient_c)
        self.outputs = Outputs(world.outputs, traits.driver)
        self.doors = {
            name: Door(clock, self.recorder, self.supply, self.outputs, name, parameters, chance)
            for name, parameters in world.doors.items()
        }
        self.bcm = Bcm(
            clock,
            self.recorder,
            self.supply,
            self.outputs,
            self.doors,
            world.bcm,
            chance.stream("bcm"),
            traits.driver,
        )
        self.automatics = Automatics(self.bcm)
        for door in self.doors.values():
            door.opened = self._take_opened_door
        self.radio = Radio(world.radio, chance.stream("radio"))
        self.fobs = {1: Fob(world.fob), 2: Fob(world.spare_fob)}
        self._luck_of_switches = chance.stream("switches")
        self._stick()
        self._presses_heard = chance.stream("fob-count").randrange(200)
        self.recorder.note("ambient.temperature", world.ambient_c)
        self.recorder.note("power.state", "off")
        self.recorder.note("vehicle.speed", 0.0)
        self.recorder.note("fob.id", 1.0)
        self.recorder.note("fob.count", float(self._presses_heard))

    def break_down(self, changes: Iterable[Callable[[], None]]) -> None:
        """Let something break while the car is in use.

        Args:
            changes: Of the parameters; a car in order until now.
        """
        for change in changes:
            change()
        self.world.bus.burst_from_s = self.clock.now_s
        self.supply.refresh()
        for door in self.doors.values():
            door.refresh()
        self.bcm.go_astray()
        self._stick()

    def press_fob(
        self, number: int, action: str, *, distance_m: float, hold_s: float
    ) -> Process[None]:
        """Hold a button of a fob for a while at a distance from the car."""
        fob = self.fobs[number]
        fob.step_code()
        is_heard = self.radio.carries(fob, distance_m) and fob.is_understood()
        latency_s = self.radio.parameters.latency_s
        yield latency_s
        if is_heard and not self.bcm.is_down:
            fob.resynchronise()
            self._presses_heard += 1
            note = self.recorder.note
            note("fob.id", float(number))
            note("fob.count", float(self._presses_heard))
            note("fob.battery", "low" if fob.says_low else "ok")
            self.recorder.announce("request.fob", action)
            self.bcm.request("fob", action)
            yield hold_s
            note("request.fob", "none")
        else:
            yield hold_s

    def press_interior(self, action: str, hold_s: float) -> Process[None]:
        """Hold the lock button inside, on the driver's side, for a while."""
        switches, place = self.world.switches, self.traits.driver
        is_read = not switches.interior_is_dead and switches.interior_sticks is None
        if is_read and not self.bcm.is_down:
            self.recorder.announce("request.interior", action, place)
            self.bcm.request("interior", action)
            yield hold_s
            self.recorder.note("request.interior", "none", place)
        else:
            yield hold_s

    def press_handle(self, door: str, *, distance_m: float, hold_s: float) -> Process[None]:
        """Hold the request switch on a door's outer handle for a while, a fob in the pocket.

        Args:
            door: The door.
            distance_m: From the handle to the fob that is looked for.
            hold_s: Seconds.
        """
        switches, fob = self.world.switches, self.fobs[1]
        fails = door in switches.dead_handles
        fails &= self._luck_of_switches.random() < switches.handle_fails
        has_wire = self.doors[door].harness.conducts(REQUEST_SWITCH)
        # The fob answers by radio: what drowns its button drowns this too.
        is_answered = self.radio.carries(fob, distance_m) and fob.is_understood()
        is_found = switches.antennas_work and distance_m <= LF_RANGE_M and is_answered
        if fails or not has_wire or self.bcm.is_down:
            yield hold_s
            return
        action = "unlock" if self.bcm.believes_locked else "lock"
        self.recorder.announce("request.handle", action, door)
        yield self.radio.parameters.latency_s
        if is_found:
            self.bcm.request("handle", action, door)
        yield max(0.0, hold_s - self.radio.parameters.latency_s)
        self.recorder.note("request.handle", "none", door)

    def turn_cylinder(self, action: str, hold_s: float) -> Process[bool]:
        """Turn the mechanical key in the driver's door; return whether it went freely."""
        place = self.traits.driver
        is_free = self.doors[place].turn_cylinder(to_locked=action == "lock")
        if is_free and not self.bcm.is_down:
            self.recorder.announce("request.cylinder", action, place)
            self.bcm.request("cylinder", action)
        yield hold_s
        self.recorder.note("request.cylinder", "none", place)
        return is_free

    def ask_remotely(self, action: str) -> Process[None]:
        """A request comes in by telephone."""
        self.recorder.announce("request.remote", action)
        self.bcm.request("remote", action)
        yield REMOTE_S
        self.recorder.note("request.remote", "none")

    def set_power(self, state: str, *, key_stays: bool = False) -> None:
        """Turn the ignition to `off`, `acc`, `on` or `start`.

        Args:
            state: See above.
            key_stays: The key is left where it is with the ignition off.
        """
        self.recorder.note("power.state", state)
        self.leave_key(is_inside=state != "off" or key_stays)
        self.bcm.has_power = state != "off"
        if self.bcm.has_power:
            self.bcm.forget_relock()
        self.automatics.follow_power(state)

    def leave_key(self, *, is_inside: bool) -> None:
        """Put the key into its lock, or take it out of the car."""
        word = "yes" if is_inside else "no"
        self.recorder.note("key.inserted", word)
        self.recorder.note("key.inside", word)
        self.bcm.key_is_inside = is_inside

    def drive(self, top_kmh: float, duration_s: float) -> Process[None]:
        """Drive a round: speed up, keep it for a while, slow down."""
        steps = round(SPEED_UP_S / SPEED_STEP_S)
        for step in range(1, steps + 1):
            self._set_speed(top_kmh * step / steps)
            yield SPEED_STEP_S
        yield max(0.0, duration_s - 2 * SPEED_UP_S)
        for step in range(steps - 1, -1, -1):
            self._set_speed(top_kmh * step / steps)
            yield SPEED_STEP_S

    def blink(self, lamps: str, times: int) -> Process[None]:
        """Let lamps blink that no lock has asked for.

        Args:
            lamps: `left`, `right` or `hazard`.
            times: How often.
        """
        for _ in range(times):
            self.recorder.note(f"lamp.{lamps}", "on")
            yield BLINK_S
            self.recorder.note(f"lamp.{lamps}", "off")
            yield BLINK_S

    def _stick(self) -> None:
        """Let the bus tell of the button inside, where it is stuck."""
        stuck = self.world.switches.interior_sticks
        if stuck is not None:
            self.recorder.announce("request.interior", stuck, self.traits.driver, is_new=False)

    def _set_speed(self, kmh: float) -> None:
        self.recorder.note("vehicle.speed", round(kmh, 2))
        self.automatics.follow_speed(kmh)

    def _take_opened_door(self) -> None:
        self.bcm.forget_relock()
        self.automatics.rearm()


def stiffen(ambient_c: float) -> float:
    """Return the factor on a lock's travel time that cold grease brings; judgement."""
    return 1.0 + STIFFER_PER_K * max(0.0, WARM_C - ambient_c)
