"""What an adapter lost is never held against the car."""

from __future__ import annotations

from typing import Any

import pytest

from canlock.model.snapshot import Snapshot
from elm.adapter_emulator import BusFrame, Nature, cyclic
from elm.elm_analysis import diagnose_through_elm, recorded

NO_VERDICT_ON_A_PART = ("no-fault", "insufficient-evidence")
BUSY = list(cyclic([(0.02, BusFrame(0x101 + 37 * n, bytes(8))) for n in range(26)], until_s=90.0))
"""1,300 frames a second more than the capture has."""

LOSSES: dict[str, dict[str, Any]] = {
    "buffer runs over": {"strategy": "unfiltered", "foreign": BUSY},
    "one id after the other": {"strategy": "rotating"},
    "bytes lost and turned": {"nature": Nature(drop_chance=0.003, wrong_chance=0.002)},
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ["qashqai-healthy.log", "bmw-healthy.log.gz"])
def test_a_healthy_car_is_not_accused_for_frames_that_the_adapter_lost(
    name: str, loss: str
) -> None:
    recording, _ = recorded(name)
    run = diagnose_through_elm(recording, **LOSSES[loss])
    assert run.gaps
    assert run.snapshot.verdict.fault in NO_VERDICT_ON_A_PART


def test_the_gaps_are_what_protects_it() -> None:
    recording, _ = recorded("bmw-healthy.log.gz")
    verdicts = {
        diagnose_through_elm(recording, tells_gaps=False, **how).snapshot.verdict.fault
        for how in (LOSSES["buffer runs over"], LOSSES["one id after the other"])
    }
    # A reader that keeps quiet about its losses accuses a healthy car.
    assert verdicts - set(NO_VERDICT_ON_A_PART)


def test_the_demo_fault_is_found_through_an_elm327_at_38400_baud_as_through_a_can_adapter() -> None:
    recording, snapshot = recorded("qashqai-driver-door-gaiter.log")
    run = diagnose_through_elm(recording, foreign=BUSY)
    found, wanted = run.snapshot.verdict, snapshot.verdict
    assert (found.fault, found.doors) == (wanted.fault, wanted.doors)
    assert found.is_confident
    assert abs(found.probability - wanted.probability) < 0.03
    assert run.emulator.overflows == 0
    assert run.emulator.sent_frames == []
    assert run.emulator.acknowledged == 0


def test_sampling_one_id_after_the_other_sees_less_silence_and_is_less_sure() -> None:
    """What is left is what the person heard and saw: the window and the lock that were dead."""
    recording, snapshot = recorded("qashqai-driver-door-gaiter.log")
    run = diagnose_through_elm(recording, strategy="rotating")
    assert run.gaps
    assert 0 < count_silent(run.snapshot) < count_silent(snapshot)
    assert run.snapshot.verdict.probability < snapshot.verdict.probability


def count_silent(snapshot: Snapshot) -> int:
    return sum(
        answer.state == "silent"
        for operation in snapshot.operations
        for answer in operation.responses
    )
