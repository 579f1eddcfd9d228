"""Whether a fault showed at all: the bound that no diagnosis of a session can pass.

The same car, person and seed are played once more without the fault. Where neither the mapped
signals nor the marks tell the two sessions apart, nobody could have found it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import zip_longest
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.decoding.decoder import Decoder
from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.model.faults import NO_FAULT
from canlock.model.frames import FrameFlag
from canlock.model.samples import Decoded, MeasureColumn, RoleSample
from canlock.simulation.case import Case
from canlock.simulation.drive import Drive, list_stages, run, set_up
from canlock.simulation.ranges import Worlds

APART_S: Final = 0.05
"""Two changes that are nearer than this are at the same time for who looks at one session."""

MARKS_APART_S: Final = 0.3
"""The same for marks, which are late by 0.2 to 1 s (CONTRACT 3)."""

VOLTS_APART: Final = 0.3
"""A difference that a reading of 1/16 V or 0.1 V shows through its noise (DOMAIN 0.8)."""

PERIODS_LOST: Final = 5.0
GAP_S: Final = 0.5
"""A message is missing after five periods, at least half a second (DOMAIN 2.1)."""

LEAST_COMMANDS: Final = 3
"""So many commands show a car in order (CONTRACT 5)."""


def is_visible(
    loaded: LoadedVehicle,
    faults: Sequence[str],
    *,
    door: str | None = None,
    seed: int = 0,
    duration_s: float | None = None,
    worlds: Worlds = "test",
    drive: Drive | None = None,
) -> bool:
    """Tell whether what was put into a session shows on its bus or in its marks.

    `no-fault` shows where the car was given enough commands to show that it is in order. Of several
    faults, one that shows is enough.

    Args:
        loaded: See `simulate`, here and below.
        faults: Codes.
        door: The door that was asked for.
        seed: Seed.
        duration_s: Seconds.
        worlds: Worlds.
        drive: What `simulate` has given for the same arguments; None: it is played here.

    Raises:
        CanlockError: As `simulate` does.
    """
    stages, story = list_stages(faults)
    arrange = partial(set_up, loaded, story=story, door=door, seed=seed, worlds=worlds)
    if drive is None:
        drive = run(loaded, arrange(stages), seed=seed, duration_s=duration_s)
    if set(faults) <= {NO_FAULT}:
        orders = drive.truth["orders"]
        return isinstance(orders, list) and len(orders) >= LEAST_COMMANDS
    case = make_twin(arrange(stages), arrange({}))
    twin = run(loaded, case, seed=seed, duration_s=duration_s, begins_s=drive.begins_s)
    return tells_apart(loaded, drive, twin)


def make_twin(case: Case, healthy: Case) -> Case:
    """Return the case with its story and circumstances at a car that lacks what was put in.

    Args:
        case: As its stages have left it.
        healthy: The same seed with no stage.
    """
    world = healthy.world
    # Who is there, and how cold it is, belongs to the day and not to the fault.
    world.habits, world.ambient_c = case.world.habits, case.world.ambient_c
    for change in case.otherwise:
        change(world)
    case.world, case.onsets = world, []
    return case


def tells_apart(loaded: LoadedVehicle, one: Drive, other: Drive) -> bool:
    """Tell whether two sessions of one seed differ in mapped signals or in marks."""
    if _differ(_list_marks(one), _list_marks(other), MARKS_APART_S):
        return True
    pair = [_decode(loaded, drive) for drive in (one, other)]
    first, second = (_list_changes(decoded.samples) for decoded in pair)
    if first.keys() != second.keys():
        return True
    if any(_differ(first[place], second[place], APART_S) for place in first):
        return True
    return _differ_in_measures(*(decoded.measures for decoded in pair)) or _has_more_gaps(
        loaded, one, other
    )


def _decode(loaded: LoadedVehicle, drive: Drive) -> Decoded:
    return Decoder(loaded.vehicle, loaded.layout).decode(drive.frames)


Told = list[tuple[float, object]]


def _list_marks(drive: Drive) -> Told:
    return [(mark.at_s, (mark.action, mark.door)) for mark in drive.marks]


def _list_changes(samples: Iterable[RoleSample]) -> dict[int, Told]:
    changes: dict[int, Told] = {}
    for sample in samples:
        value = round(sample.value) if isinstance(sample.value, float) else sample.value
        changes.setdefault(sample.source, []).append((sample.at_s, value))
    return changes


def _differ(one: Told, other: Told, apart_s: float) -> bool:
    return any(
        mine is None or yours is None or mine[1] != yours[1] or abs(mine[0] - yours[0]) >= apart_s
        for mine, yours in zip_longest(one, other)
    )


def _differ_in_measures(one: Iterable[MeasureColumn], other: Iterable[MeasureColumn]) -> bool:
    # One number a second: what is shorter is read through noise.
    theirs = {column.role: _level(column) for column in other}
    return any(
        column.role == "supply.voltage"
        and column.role in theirs
        and abs(_level(column) - theirs[column.role]) >= VOLTS_APART
        for column in one
    )


def _level(column: MeasureColumn) -> float:
    return float(np.percentile(column.value, 5))


def _has_more_gaps(loaded: LoadedVehicle, one: Drive, other: Drive) -> bool:
    keys = {message.key for message in loaded.vehicle.messages}
    if _count_errors(one) != _count_errors(other):
        return True
    return any(_count_gaps(one, key) > _count_gaps(other, key) for key in keys)


def _count_errors(drive: Drive) -> int:
    return int(np.count_nonzero(drive.frames.flags & np.uint8(FrameFlag.ERROR)))


def _count_gaps(drive: Drive, key: int) -> int:
    times: npt.NDArray[np.float64] = drive.frames.timestamp_s[drive.frames.keys == key]
    ends = np.append(times, drive.frames.timestamp_s[-1]) if len(times) else times
    steps = np.diff(ends)
    if len(steps) < 2:
        return 0
    longest_s = max(GAP_S, PERIODS_LOST * float(np.median(steps)))
    return int(np.count_nonzero(steps > longest_s))
