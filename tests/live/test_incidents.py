"""The ring of the last minutes, and the captures that failed operations leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_builders import GAITER, QASHQAI, frames_of, some_frames

from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import SourceError
from canlock.model.capture import CaptureInfo
from canlock.model.operations import Operation, Outcome
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Gap, Mark, MarkUndone
from canlock.pipeline.analysis import Analysis
from canlock.pipeline.incidents import Bounds, Incidents
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.pipeline.ring import JOINED_FRAMES, Ring

START_S = 1_700_000_000.0


@given(
    st.lists(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=5), max_size=30),
    st.floats(1.0, 20.0),
    st.integers(3, 20),
)
def test_a_ring_keeps_the_last_seconds_and_never_more_than_its_room(
    gaps_s: list[list[float]], kept_s: float, room: int
) -> None:
    ring = Ring(kept_s, room)
    now_s = 0.0
    times: list[float] = []
    for steps in gaps_s:
        batch = []
        for step in steps:
            now_s += step
            batch.append(now_s)
        ring.take(some_frames(batch))
        times += batch
        assert ring.frames <= max(room, len(batch))
    batches, _ = ring.between(-1.0, now_s)
    kept = [time for batch in batches for time in batch.timestamp_s.tolist()]
    assert kept == times[len(times) - len(kept) :]
    if not ring.dropped:
        assert len(kept) >= sum(time >= now_s - kept_s for time in times)


def test_small_batches_become_few_that_hold_the_same() -> None:
    ring = Ring(1e9)
    times = [float(number) for number in range(3 * JOINED_FRAMES)]
    for number in range(0, len(times), 16):
        ring.take(some_frames(times[number : number + 16]))

    batches, _ = ring.between(0.0, times[-1])

    assert len(batches) == 3
    assert np.concatenate([batch.timestamp_s for batch in batches]).tolist() == times
    assert ring.frames == len(times)


def test_a_span_is_cut_at_both_ends_and_has_what_else_came() -> None:
    ring = Ring(100.0)
    ring.take(some_frames([1.0, 2.0, 3.0]))
    ring.take(Gap(3.0, 4.0, "lost"))
    ring.take(some_frames([4.0, 5.0]))
    batches, side = ring.between(2.0, 4.0)
    assert np.concatenate([batch.timestamp_s for batch in batches]).tolist() == [2.0, 3.0, 4.0]
    assert side == [Gap(3.0, 4.0, "lost")]
    ring.take(some_frames([200.0]))
    assert ring.between(0.0, 300.0)[1] == []


def a_snapshot(*operations: Operation, now_s: float) -> Snapshot:
    analysis = Analysis(load_vehicle(QASHQAI))
    empty = analysis.snapshot(CaptureInfo("live", "live"))
    return replace(empty, operations=operations, now_s=now_s)


def an_operation(at_s: float, outcome: Outcome = "silent", *, is_closed: bool = True) -> Operation:
    return Operation(at_s, at_s + 3.0, outcome, is_closed=is_closed)


@pytest.fixture
def incidents(tmp_path: Path) -> Iterator[Incidents]:
    made = Incidents(tmp_path / "kept", lambda _: "a report", Bounds(10.0, 5.0, kept=3))
    yield made
    made.close()


def feed(incidents: Incidents, from_s: float, until_s: float) -> None:
    incidents.take(some_frames(np.arange(from_s, until_s, 0.1).tolist()))


def test_the_seconds_before_and_after_become_a_capture_with_its_marks(
    incidents: Incidents, tmp_path: Path
) -> None:
    wrong = Mark(START_S + 19.5, "opened", "driver")
    feed(incidents, START_S, START_S + 20.0)
    incidents.take(Mark(START_S + 20.5, "not-opened", "driver"))
    incidents.take(wrong)
    incidents.take(MarkUndone(START_S + 21.0, wrong))
    incidents.take(Gap(START_S + 21.0, START_S + 21.1, "lost"))
    feed(incidents, START_S + 20.0, START_S + 27.0)
    operation = an_operation(START_S + 20.0)
    incidents.look(a_snapshot(operation, now_s=START_S + 27.0))
    feed(incidents, START_S + 27.0, START_S + 40.0)
    incidents.look(a_snapshot(operation, now_s=START_S + 40.0))
    incidents.close()
    (path,) = (tmp_path / "kept").glob("*.log")
    assert path.name == "20231114T221340Z-silent.log"
    times = frames_of(path).timestamp_s - START_S
    assert (times[0], times[-1]) == pytest.approx((10.0, 28.0), abs=0.11)
    beside = sorted(other.name[len(path.stem) :] for other in path.parent.iterdir())
    assert beside == [".log", ".marks.csv", ".report.txt", ".session.jsonl"]
    assert "not-opened" in path.with_suffix(".marks.csv").read_text()
    assert ",opened,driver" not in path.with_suffix(".marks.csv").read_text()
    assert incidents.notes == (f"1 incident was kept in {tmp_path / 'kept'}.",)


@pytest.mark.parametrize(
    ("outcome", "is_kept"),
    [
        ("silent", 1),
        ("partly", 1),
        ("no-command", 1),
        ("answered", 0),
        ("unseen", 0),
        ("refused", 0),
    ],
)
def test_only_what_failed_is_an_incident(
    incidents: Incidents, tmp_path: Path, outcome: Outcome, is_kept: int
) -> None:
    feed(incidents, START_S, START_S + 30.0)
    incidents.look(a_snapshot(an_operation(START_S + 10.0, outcome), now_s=START_S + 30.0))
    incidents.close()
    assert len(list((tmp_path / "kept").glob("*.log"))) == is_kept


def test_an_operation_that_is_not_over_may_still_succeed(incidents: Incidents) -> None:
    feed(incidents, START_S, START_S + 30.0)
    still_open = an_operation(START_S + 10.0, is_closed=False)
    incidents.look(a_snapshot(still_open, now_s=START_S + 30.0))
    incidents.close()
    assert incidents.written == []


def test_failures_on_end_are_one_incident(incidents: Incidents) -> None:
    feed(incidents, START_S, START_S + 30.0)
    operations = [an_operation(START_S + 10.0), an_operation(START_S + 14.0)]
    incidents.look(a_snapshot(operations[0], now_s=START_S + 14.0))
    incidents.look(a_snapshot(*operations, now_s=START_S + 20.0))
    incidents.look(a_snapshot(*operations, now_s=START_S + 30.0))
    incidents.close()
    assert len(incidents.written) == 1


def test_the_oldest_give_way_and_other_files_stay(incidents: Incidents, tmp_path: Path) -> None:
    (tmp_path / "kept" / "mine.log").write_text("precious")
    for number in range(5):
        at_s = START_S + 1000.0 * number
        feed(incidents, at_s - 20.0, at_s + 30.0)
        incidents.look(a_snapshot(an_operation(at_s), now_s=at_s + 30.0))
    incidents.close()
    logs = sorted(path.name for path in (tmp_path / "kept").glob("*-silent.log"))
    assert len(logs) == 3
    assert logs[-1] == incidents.written[-1].name
    assert (tmp_path / "kept" / "mine.log").read_text() == "precious"
    assert len(list((tmp_path / "kept").glob("*.report.txt"))) == 3


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="expected a folder"):
        Incidents(tmp_path / "file" / "kept", lambda _: "")


def test_a_disk_that_is_gone_is_told_and_the_watching_goes_on(
    incidents: Incidents, tmp_path: Path
) -> None:
    (tmp_path / "kept").rmdir()
    feed(incidents, START_S, START_S + 30.0)
    incidents.look(a_snapshot(an_operation(START_S + 10.0), now_s=START_S + 30.0))
    incidents.close()
    assert any("could not be kept" in note for note in incidents.notes)


def test_a_report_that_cannot_be_made_is_told_and_the_watching_goes_on(tmp_path: Path) -> None:
    def stumble(_: Snapshot) -> str:
        raise ZeroDivisionError("no report today")

    incidents = Incidents(tmp_path, stumble)
    feed(incidents, START_S, START_S + 30.0)
    incidents.look(a_snapshot(an_operation(START_S + 10.0), now_s=START_S + 30.0))
    incidents.close()
    assert any("no report today" in note for note in incidents.notes)


def test_an_incident_can_be_diagnosed_for_itself(tmp_path: Path) -> None:
    whole = diagnose_recording(find_recording(GAITER), load_vehicle(QASHQAI))
    incidents = Incidents(tmp_path, lambda _: "a report")
    incidents.take(frames_of(GAITER))
    incidents.look(whole)
    incidents.close()
    (path,) = incidents.written
    again = diagnose_recording(find_recording(path), load_vehicle(QASHQAI))
    assert {operation.outcome for operation in again.operations} & {"partly", "silent"}
