"""What a sample capture is made of: a car, a stage, a story and a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.simulation.case import Case, Stage, Story
from canlock.simulation.drive import list_stages
from canlock.simulation.faults import latch_jammed, no_fault
from canlock.simulation.injection import find_injector
from canlock.simulation.wiring import LOCK_DRIVE, WINDOW_MOTOR, WINDOW_SWITCH, Break

BACKGROUND_HZ: Final = 30.0
"""Frames a second that have nothing to do with locks: few, so that many samples stay small."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample capture and how it comes about."""

    vehicle: str
    title: str
    happened: str
    """The story, in some sentences."""

    fault: str
    doors: tuple[str, ...]
    stage: Stage
    story: Story
    seed: int
    door: str | None = None
    duration_s: float = 60.0
    suffix: str = ".log.gz"


def break_gaiter(case: Case) -> None:
    """Break the driver's lock wire and both window wires; they touch only while they are bent."""
    door = case.choose_door()
    for line in (LOCK_DRIVE, WINDOW_MOTOR, WINDOW_SWITCH):
        case.world.doors[door].harness.breaks[line] = Break(moving=0.3)
    be_diligent(case)
    behave_plainly(case)
    for parameters in case.world.doors.values():
        parameters.latch.inner_unlocks = True
    case.record("door-harness-open", (door,), {"moving": 0.3})


def jam_latch(case: Case) -> None:
    """Jam a latch, with somebody at the car who marks what they do."""
    latch_jammed.inject(case)
    be_diligent(case)
    case.world.bcm.selective = False


def leave_healthy(case: Case) -> None:
    """Change nothing, with somebody at the car who marks what they do."""
    no_fault.inject(case)
    be_diligent(case)


def be_diligent(case: Case) -> None:
    """Have every action marked, and rightly: a sample is there to be read."""
    case.world.habits.marks_told = 1.0
    case.world.habits.marks_wrong = 0.0


def behave_plainly(case: Case) -> None:
    """Have the car do what it is asked, so that only the fault is in the way."""
    bcm = case.world.bcm
    bcm.selective = bcm.refuses_lock_when_open = bcm.counts_operations = bcm.deadlocks = False
    bcm.relock_s = None


def teach(
    vehicle: str,
    fault: str,
    seed: int,
    title: str,
    happened: str,
    *,
    door: str | None = None,
) -> Sample:
    """Return a sample of a fault as its injector puts it in, at a car that is plain otherwise."""

    def stage(case: Case) -> None:
        behave_plainly(case)
        be_diligent(case)
        case.world.bus.background_hz = BACKGROUND_HZ
        find_injector(fault).inject(case)

    _, story = list_stages([fault])
    doors = (door,) if door is not None else ()
    return Sample(vehicle, title, happened, fault, doors, stage, story, seed, door)
