"""Sessions end to end: planned, played, diagnosed and judged, on one process or on two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import CanlockError
from canlock.evaluation.runs import run_sessions
from canlock.evaluation.sessions import (
    BATCH_FRAMES,
    INHIBITS,
    Session,
    diagnose_drive,
    plan_sessions,
    rank_codes,
    right_answers,
    run_session,
)
from canlock.model.capture import CaptureInfo
from canlock.model.faults import LAYER_OF
from canlock.model.stream import Mark
from canlock.model.verdict import Hypothesis
from canlock.pipeline.analysis import Analysis, in_step
from canlock.simulation.drive import Drive, simulate

VEHICLE = "bmw-e9x"
CODES = ["no-fault", "latch-jammed"]


@pytest.fixture(scope="module")
def drive() -> Drive:
    return simulate(load_vehicle(VEHICLE), ("latch-jammed",), seed=5)


def test_a_plan_has_so_many_sessions_of_each_code_on_each_vehicle() -> None:
    sessions = plan_sessions([VEHICLE, "vw-meb"], CODES, per_class=3)

    assert len(sessions) == 12
    assert len({(each.vehicle, each.code, each.seed) for each in sessions}) == 12
    assert sessions == plan_sessions([VEHICLE, "vw-meb"], CODES, per_class=3)


def test_what_else_is_asked_for_changes_no_sessions_seed() -> None:
    few = plan_sessions([VEHICLE], ["latch-jammed"], per_class=2)
    many = plan_sessions(["vw-meb", VEHICLE], [*CODES, "bcm-reset"], per_class=5)

    assert set(few) < set(many)


def test_another_base_seed_and_another_class_give_other_seeds() -> None:
    plans = [
        plan_sessions([VEHICLE], ["latch-jammed"], per_class=20),
        plan_sessions([VEHICLE], ["latch-jammed"], per_class=20, base_seed=1),
        plan_sessions([VEHICLE], ["no-fault"], per_class=20),
    ]
    seeds = [{each.seed for each in plan} for plan in plans]

    assert [len(each) for each in seeds] == [20, 20, 20]
    assert len(set.union(*seeds)) == 60


def test_a_session_is_judged_by_what_was_put_in() -> None:
    outcome = run_session(Session(VEHICLE, "latch-jammed", 5))

    assert outcome.code == "latch-jammed"
    assert len(outcome.doors) == 1
    assert outcome.is_visible
    assert outcome.tier == "T3"
    assert 0.0 < outcome.first_probability <= 1.0
    assert sum(share for _, share in outcome.ranking) <= 1.0 + 1e-9
    assert outcome == run_session(Session(VEHICLE, "latch-jammed", 5))


def test_the_outcome_says_what_the_engine_said(drive: Drive) -> None:
    snapshot = diagnose_drive(load_vehicle(VEHICLE), drive)
    outcome = run_session(Session(VEHICLE, "latch-jammed", 5))

    assert outcome.verdict == snapshot.verdict.fault
    assert outcome.verdict_doors == snapshot.verdict.doors
    assert outcome.probability == snapshot.verdict.probability
    assert outcome.is_confident == snapshot.verdict.is_confident
    assert outcome.group == snapshot.verdict.group


def test_cutting_the_frames_into_batches_changes_no_verdict(drive: Drive) -> None:
    assert len(drive.frames) > 2 * BATCH_FRAMES
    loaded = load_vehicle(VEHICLE)
    whole = Analysis(loaded)
    for item in in_step([drive.frames], drive.marks):
        whole.take(item)
    at_once = whole.snapshot(CaptureInfo("", "simulated", len(drive.frames)))

    assert diagnose_drive(loaded, drive).findings == at_once.findings


def test_the_ranking_sums_doors_and_leaves_abstention_out() -> None:
    hypotheses = [
        Hypothesis("insufficient-evidence", (), 0.3),
        Hypothesis("no-fault", (), 0.25),
        Hypothesis("latch-jammed", ("driver",), 0.24),
        Hypothesis("latch-jammed", ("passenger",), 0.21),
    ]
    ranking = rank_codes(hypotheses)
    assert [code for code, _ in ranking] == ["latch-jammed", "no-fault"]
    assert [share for _, share in ranking] == pytest.approx([0.45, 0.25])


def quiet(drive: Drive, *marks: Mark, refusals: list[object] | None = None) -> Drive:
    return replace(drive, marks=list(marks), truth={**drive.truth, "refusals": refusals or []})


def test_by_design_is_the_verdict_only_where_somebody_was_puzzled(drive: Drive) -> None:
    code = "auto-relock"
    puzzled = quiet(drive, Mark(1.0, "not-opened", "driver"))
    pleased = quiet(drive, Mark(1.0, "opened", "driver"))
    refused = quiet(drive, refusals=[{"after_s": 3.0, "reason": "door-open"}])

    assert right_answers(code, puzzled) == (code,)
    assert right_answers(code, refused) == (code,)
    assert right_answers(code, pleased) == (code, "no-fault")
    assert right_answers("latch-jammed", pleased) == ("latch-jammed",)


def test_what_a_car_in_order_refused_is_as_right_as_that_it_is_in_order(drive: Drive) -> None:
    reasons = ("door-open", "power", "door-open")
    refused = quiet(drive, refusals=[{"after_s": 3.0, "reason": word} for word in reasons])

    assert right_answers("no-fault", refused) == (
        "no-fault",
        "inhibit-door-open",
        "inhibit-power-state",
    )
    assert right_answers("no-fault", quiet(drive)) == ("no-fault",)
    assert right_answers("latch-jammed", refused) == ("latch-jammed",)


def test_every_reason_to_refuse_is_a_design() -> None:
    assert {LAYER_OF[code] for code in INHIBITS.values()} == {"by-design"}


def test_one_process_and_two_give_the_same_outcomes_in_the_same_order() -> None:
    sessions = plan_sessions([VEHICLE], CODES, per_class=4)
    ticks: list[int] = []

    alone = run_sessions(sessions, jobs=1)
    shared = run_sessions(sessions, jobs=2, on_done=lambda: ticks.append(1))

    assert shared == alone
    assert len(ticks) == len(sessions)
    assert [each.seed for each in shared] == [each.seed for each in sessions]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_code_that_nobody_knows_is_one_error_however_many_processes(jobs: int) -> None:
    sessions = [Session(VEHICLE, "flat-tyre", seed) for seed in range(6)]

    with pytest.raises(CanlockError, match="flat-tyre"):
        run_sessions(sessions, jobs=jobs)
