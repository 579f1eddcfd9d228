"""A healthy car on the bench, of which each test changes only what it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.simulation.car import Car
from canlock.simulation.case import Case
from canlock.simulation.chance import Chance
from canlock.simulation.clock import Clock, Process, Result
from canlock.simulation.injection import find_injector
from canlock.simulation.ranges import Draw, Worlds
from canlock.simulation.recorder import Value
from canlock.simulation.stories.routine import live
from canlock.simulation.traits import Traits
from canlock.simulation.world import World, draw_world

DOORS: Final = ("driver", "passenger", "rear-left", "rear-right", "tailgate")
SHIPPED: Final = ("nissan-qashqai-j10", "bmw-e9x", "vw-meb", "ford-fd1")


@dataclass
class Bench:
    """A car whose clock a test winds."""

    clock: Clock
    car: Car

    def ask(self, action: str, source: str = "fob", *, settle_s: float = 4.0) -> None:
        """Put a request to the BCM, and let everything come to rest."""
        self.car.bcm.request(source, action)
        self.wait(settle_s)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.run(self.clock.now_s + seconds)

    def do(self, process: Process[Result], settle_s: float = 3.0) -> Result:
        """Let a process run to its end; return what it gives."""
        results: list[Result] = []

        def run() -> Process[None]:
            results.append((yield from process))

        self.clock.start(run())
        self.wait(settle_s)
        return results[0]

    def locks(self) -> dict[str, bool]:
        """Return where each door's lever stands: True locked."""
        return {name: door.is_locked for name, door in self.car.doors.items()}

    def history(self, role: str, door: str | None = None, provenance: str = "") -> list[Value]:
        """Return all values that a role has had, in order."""
        timeline = self.car.recorder.timelines.get((role, provenance, door))
        return list(timeline.values) if timeline else []


def plain_bcm(world: World) -> None:
    """Configure the BCM so that it does what it is asked, at once and for all doors."""
    bcm = world.bcm
    bcm.selective = bcm.refuses_lock_when_open = bcm.counts_operations = bcm.deadlocks = False
    bcm.relock_s = None
    bcm.retries = 0


def make_traits(*, sensors: tuple[str, ...] = DOORS, modules: tuple[str, ...] = ()) -> Traits:
    """Return the traits of an ordinary car."""
    return Traits(
        doors=DOORS,
        driver="driver",
        sensor_doors=frozenset(sensors),
        module_doors=frozenset(modules),
        handle_doors=("driver", "passenger"),
        shows_handle_switches=True,
        has_telephone=True,
        tells_tester=True,
        can_deadlock=True,
        relock_s=30.0,
        selective_window_s=5.0,
        pulse_s=0.5,
    )


def make_bench(
    change: Callable[[World], None] | None = None,
    *,
    traits: Traits | None = None,
    seed: int = 1,
    locked: bool = True,
) -> Bench:
    """Return a healthy car that has stood for a while, but for one change of its world."""
    chance = Chance(seed)
    chosen = traits or make_traits()
    world = draw_world(Draw("test", chance.stream("world")), chosen)
    plain_bcm(world)
    for parameters in world.doors.values():
        parameters.starts_locked = locked
        parameters.latch.inner_unlocks = True
    if change is not None:
        change(world)
    clock = Clock(-5.0)
    bench = Bench(clock, Car(clock, chosen, world, chance))
    bench.wait(7.0)
    return bench


def make_broken(
    code: str,
    door: str | None = None,
    *,
    seed: int = 1,
    locked: bool = True,
    traits: Traits | None = None,
    worlds: Worlds = "test",
) -> tuple[Bench, Case]:
    """Return a plain car with a fault as its injector puts it in, and the case."""
    cases: list[Case] = []
    chosen = traits or make_traits()

    def inject(world: World) -> None:
        world.radio.fading_db = 0.0
        draw = Draw(worlds, Chance(seed).stream(f"stage/{code}"))
        case = Case(chosen, world, draw, door, live, door or "driver")
        find_injector(code).inject(case)
        cases.append(case)

    return make_bench(inject, traits=chosen, seed=seed, locked=locked), cases[0]


def load_shipped() -> dict[str, LoadedVehicle]:
    """Return the shipped vehicles by name."""
    return {name: load_vehicle(name) for name in SHIPPED}
