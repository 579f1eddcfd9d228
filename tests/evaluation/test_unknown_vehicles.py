"""Cars in order on buses that nothing was fitted on: nobody is accused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.evaluation.sessions import WORLDS, diagnose_drive, plan_sessions
from canlock.model.faults import NOT_FAULTS
from canlock.simulation.drive import simulate
from evaluation.made_up_vehicles import MADE_UP, MadeUp

IN_ORDER = (
    "no-fault",
    "selective-unlock",
    "auto-relock",
    "inhibit-door-open",
    "inhibit-key-inside",
    "inhibit-low-voltage",
    "inhibit-power-state",
)
SESSIONS = 5


@pytest.mark.parametrize("made_up", MADE_UP, ids=lambda each: each.__name__)
def test_a_made_up_vehicle_is_a_good_one(made_up: Callable[[], MadeUp], tmp_path: Path) -> None:
    assert load_vehicle(made_up().write(tmp_path)).warnings == ()


@pytest.mark.parametrize("made_up", MADE_UP, ids=lambda each: each.__name__)
def test_no_part_is_surely_accused_that_is_in_order(
    made_up: Callable[[], MadeUp], tmp_path: Path
) -> None:
    path = made_up().write(tmp_path)
    loaded = load_vehicle(path)
    accused = []
    for session in plan_sessions([path], IN_ORDER, per_class=SESSIONS):
        drive = simulate(loaded, (session.code,), seed=session.seed, worlds=WORLDS)
        verdict = diagnose_drive(loaded, drive).verdict
        if verdict.is_confident and verdict.fault not in NOT_FAULTS:
            accused.append((session.code, session.seed, verdict.fault, verdict.probability))

    assert accused == []
