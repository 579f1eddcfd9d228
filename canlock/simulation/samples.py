"""The sample captures that travel with canlock: each a car, a story and what should be found.

A sample is three files of one stem: frames as `candump -L` writes them, marks, and a `.toml` that
says what happened. They are made once and kept; making them anew gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import CanlockError, SideFileError
from canlock.simulation.case import Case, Stage, Story
from canlock.simulation.drive import Drive, play
from canlock.simulation.faults import latch_jammed, no_fault
from canlock.simulation.stories.complaint import complain
from canlock.simulation.stories.gaiter import find_broken_wire
from canlock.simulation.stories.routine import live
from canlock.simulation.wiring import LOCK_DRIVE, WINDOW_MOTOR, WINDOW_SWITCH, Break
from canlock.sources.marks import write_marks
from canlock.sources.writer import write_capture

SCHEMA: Final = "canlock.sample/1"


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


def break_gaiter(case: Case) -> None:
    """Break the driver's lock wire and both window wires; they touch only while they are bent."""
    door = case.choose_door()
    for line in (LOCK_DRIVE, WINDOW_MOTOR, WINDOW_SWITCH):
        case.world.doors[door].harness.breaks[line] = Break(moving=0.3)
    be_diligent(case)
    case.world.bcm.selective = False
    case.world.bcm.refuses_lock_when_open = False
    case.world.bcm.counts_operations = False
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


SAMPLES: Final[Mapping[str, Sample]] = {
    "qashqai-driver-door-gaiter": Sample(
        vehicle="nissan-qashqai-j10",
        title="The driver's door stays shut: wires broken in the rubber gaiter",
        happened=(
            "Unlock is pressed: the indicators flash twice, the other doors unlock, the driver's "
            "does not. It is pressed again with an ear to the door: silence. The driver's window "
            "is dead, the passenger's moves. The door is opened from inside, and while its gaiter "
            "is worked to and fro some presses do move the lock. Locked by hand and shut again, "
            "it is as before."
        ),
        fault="door-harness-open",
        doors=("driver",),
        stage=break_gaiter,
        story=find_broken_wire,
        seed=4,
        door="driver",
        duration_s=62.0,
    ),
    "qashqai-healthy": Sample(
        vehicle="nissan-qashqai-j10",
        title="A Qashqai in order",
        happened="Somebody comes and goes: locks, unlocks, opens and shuts doors. All of it works.",
        fault="no-fault",
        doors=(),
        stage=leave_healthy,
        story=live,
        seed=3,
    ),
    "bmw-passenger-latch-jammed": Sample(
        vehicle="bmw-e9x",
        title="The passenger's latch is jammed",
        happened=(
            "Every command is answered by four locks; the passenger's stays where it is. Its "
            "motor can be heard, its window works, and neither handle opens the door."
        ),
        fault="latch-jammed",
        doors=("passenger",),
        stage=jam_latch,
        story=complain,
        seed=4,
        door="passenger",
    ),
}
"""By the stem of their files."""


def make_sample(name: str) -> Drive:
    """Return the session of a sample.

    Raises:
        CanlockError: There is no such sample.
    """
    sample = SAMPLES.get(name)
    if sample is None:
        raise CanlockError(f"no sample `{name}`; there are {', '.join(SAMPLES)}")
    return play(
        load_vehicle(sample.vehicle),
        {name: sample.stage},
        sample.story,
        door=sample.door,
        seed=sample.seed,
        duration_s=sample.duration_s,
    )


def write_sample(name: str, folder: Path) -> Path:
    """Write the three files of a sample; return the path of its capture.

    Raises:
        CanlockError: There is no such sample, or its files cannot be written.
    """
    drive = make_sample(name)
    capture = folder / f"{name}.log"
    write_capture(capture, [drive.frames])
    first_s = float(drive.frames.timestamp_s[0])
    write_marks(folder / f"{name}.marks.csv", drive.marks, first_s)
    description = folder / f"{name}.toml"
    try:
        description.write_text(describe_sample(name), encoding="utf-8", newline="\n")
    except OSError as error:
        raise SideFileError(f"{description}: cannot be written: {error.strerror}") from error
    return capture


def describe_sample(name: str) -> str:
    """Return what happened in a sample and what should be found, as TOML."""
    sample = SAMPLES[name]
    # Strings and lists of strings are written in JSON as they are in TOML.
    lines = (
        f"schema = {json.dumps(SCHEMA)}",
        f"title = {json.dumps(sample.title)}",
        f"vehicle = {json.dumps(sample.vehicle)}",
        f"happened = {json.dumps(sample.happened)}",
        "",
        "[found]",
        f"fault = {json.dumps(sample.fault)}",
        f"doors = {json.dumps(list(sample.doors))}",
        "",
        "[simulated]",
        f"seed = {sample.seed}",
    )
    return "\n".join(lines) + "\n"
