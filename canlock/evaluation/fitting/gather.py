"""What each fault showed in many sessions of the fitting worlds."""

from __future__ import annotations

import multiprocessing
import random
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final, cast

from canlock.diagnosis.asking import as_shown
from canlock.diagnosis.catalogue import models_by_code
from canlock.diagnosis.observation import Group, group_observations
from canlock.diagnosis.observing.everything import observe
from canlock.diagnosis.posterior import Candidate
from canlock.diagnosis.tier import seen_roles, unseen_roles
from canlock.evaluation.fitting.taps import choose_hidden, load_tapped
from canlock.evaluation.sessions import cut_frames
from canlock.pipeline.analysis import Analysis, in_step
from canlock.simulation.drive import simulate

CHUNK: Final = 4
SEED_SPAN: Final = 1_000_000
FAR: Final = "fitting"
"""Mixed into the seeds, so that no session here is one of an evaluation."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides one session."""

    vehicle: str
    code: str
    seed: int
    hidden: tuple[str, ...] = ()
    """What the bus does not show of what the vehicle file maps: names of `taps.TOGETHER`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one session showed, and what was wrong in it."""

    code: str
    doors: tuple[str, ...]
    """Where the fault sat; empty: in the whole car."""

    direction: str | None
    """The way that is dead, where it is one."""

    all_doors: tuple[str, ...]
    is_verified: bool
    groups: tuple[Group, ...]
    unseen: frozenset[str] = frozenset()
    """Roles that its bus did not show."""

    def candidate(self) -> Candidate:
        """Return the hypothesis that is true."""
        model = models_by_code()[self.code]
        doors = {"car": (), "door": self.doors[:1], "channel": self.doors}[model.scope]
        return Candidate(model, doors, 0.0, self.direction)


def plan_fitting(vehicles: Sequence[str], codes: Sequence[str], per_class: int) -> list[Plan]:
    """Return so many sessions of each code on each vehicle."""
    return [
        Plan(vehicle, code, first + number, choose_hidden(random.Random(first + number)))
        for vehicle in vehicles
        for code in codes
        for first in [zlib.crc32(f"{FAR}/{vehicle}/{code}".encode()) % SEED_SPAN * 1_000]
        for number in range(per_class)
    ]


def gather(plans: Sequence[Plan], *, jobs: int, on_done: Callable[[], None]) -> list[Shown]:
    """Play sessions and return what they showed, in the same order."""
    shown = []
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        for each in pool.map(play, plans, chunksize=CHUNK):
            shown.append(each)
            on_done()
    return shown


def play(plan: Plan) -> Shown:
    """Play one session."""
    loaded = load_tapped(plan.vehicle, plan.hidden)
    faults = (plan.code,)
    drive = simulate(loaded, faults, seed=plan.seed, worlds="fitting")
    analysis = Analysis(loaded)
    for item in in_step(cut_frames(drive.frames), drive.marks):
        analysis.take(item)
    vehicle = loaded.vehicle
    shown = as_shown(analysis.detect(), vehicle)
    groups = tuple(group_observations(observe(*shown)))
    truth = cast("list[dict[str, list[str]]]", drive.truth["faults"])[0]
    doors = tuple(truth["doors"])
    severity = cast("dict[str, str]", truth["severity"])
    direction = _dead_way(severity) if plan.code == "bcm-output-driver-fault" else None
    unseen = unseen_roles(seen_roles(*shown))
    return Shown(plan.code, doors, direction, vehicle.doors, vehicle.is_verified, groups, unseen)


def _dead_way(severity: dict[str, str]) -> str:
    """Return which way a dead half of an output stage stops (DOMAIN 0.7)."""
    is_common_high = (severity["line"] == "common") == (severity["level"] == "high")
    return "lock" if is_common_high else "unlock"
