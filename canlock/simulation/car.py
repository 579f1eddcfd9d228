"""The car as a person meets it: all parts wired together."""

from __future__ import annotations

from canlock.simulation.bcm import Bcm
from canlock.simulation.chance import Chance
from canlock.simulation.clock import Clock, Process
from canlock.simulation.door import Door
from canlock.simulation.fob import Fob
from canlock.simulation.outputs import Outputs
from canlock.simulation.radio import Radio
from canlock.simulation.recorder import Recorder
from canlock.simulation.supply import Supply
from canlock.simulation.traits import Traits
from canlock.simulation.world import World


class Car:
    """Parts, and what can be done to them from outside and inside."""

    def __init__(self, clock: Clock, traits: Traits, world: World, chance: Chance) -> None:
        self.clock = clock
        self.traits = traits
        self.world = world
        self.recorder = Recorder(clock)
        self.supply = Supply(clock, self.recorder, world.supply)
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
        for door in self.doors.values():
            door.opened = self.bcm.forget_relock
        self.radio = Radio(world.radio, chance.stream("radio"))
        self.fobs = {1: Fob(world.fob), 2: Fob(world.spare_fob)}
        self._presses_heard = chance.stream("fob-count").randrange(200)
        self.recorder.note("ambient.temperature", world.ambient_c)
        self.recorder.note("power.state", "off")
        self.recorder.note("vehicle.speed", 0.0)
        self.recorder.note("fob.id", 1.0)
        self.recorder.note("fob.count", float(self._presses_heard))

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
        """Hold the lock button inside for a while."""
        if not self.bcm.is_down:
            self.recorder.announce("request.interior", action)
            self.bcm.request("interior", action)
        yield hold_s
        self.recorder.note("request.interior", "none")

    def set_power(self, state: str) -> None:
        """Turn the ignition to `off`, `acc`, `on` or `start`."""
        self.recorder.note("power.state", state)
        is_in = "no" if state == "off" else "yes"
        self.recorder.note("key.inserted", is_in)
        self.recorder.note("key.inside", is_in)
        self.bcm.has_power = state != "off"
        if self.bcm.has_power:
            self.bcm.forget_relock()
