"""From a file and what lies beside it to a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.model.capture import CaptureInfo
from canlock.model.frames import FrameBatch, empty_batch, join_batches
from canlock.model.operations import Operation
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark, StreamItem
from canlock.pipeline.analysis import Analysis
from canlock.pipeline.joined import diagnose_drive
from canlock.pipeline.live import SideQueue, steps
from canlock.pipeline.recorded import diagnose_recording, find_recording
from canlock.sources.capture import open_capture

START_S = 1_700_000_000.0


def qashqai_lines(until_s: float = 30.0) -> Iterator[str]:
    """A Qashqai at rest, locked: 100 ms frames of locks and doors, after ten seconds of nothing."""
    yield f"({START_S:.6f}) can0 001#00"
    for tick in range(int(until_s * 10)):
        at_s = START_S + 10.0 + tick / 10
        yield f"({at_s:.6f}) can0 358#0000000000030000"
        yield f"({at_s + 0.01:.6f}) can0 60D#0000000000000000"


def a_recording(folder: Path, marks: str = "", session: str = "") -> Path:
    path = folder / "drive.log"
    path.write_text("\n".join(qashqai_lines()) + "\n")
    if marks:
        (folder / "drive.marks.csv").write_text("time,action,door,note\n" + marks)
    if session:
        (folder / "drive.session.jsonl").write_text(session)
    return path


def diagnosed(path: Path) -> Snapshot:
    return diagnose_recording(find_recording(path), load_vehicle("nissan-qashqai-j10"))


def operation(found: Snapshot) -> Operation:
    (only,) = found.operations
    return only


def test_marks_beside_a_capture_count_from_its_first_frame(tmp_path: Path) -> None:
    found = diagnosed(a_recording(tmp_path, marks="+15.0,press-fob-unlock,,\n"))

    assert operation(found).at_s == pytest.approx(START_S + 15.0)
    assert operation(found).outcome == "no-command"


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ("+30,note,,\n+95,note,,\n", None),
        ("+30,note,,\n+5000,opened,driver,\n+5001,note,,\n", "2 of 3 marks lie far outside"),
        ("12,note,,\n13,note,,\n14,opened,driver,\n", "with 2 more like it"),
    ],
)
def test_marks_far_beyond_a_captures_end_are_told_in_one_note(
    tmp_path: Path, marks: str, words: str | None
) -> None:
    notes = diagnosed(a_recording(tmp_path, marks)).notes
    told = [note for note in notes if "far outside the capture" in note]
    assert len(told) == (words is not None)
    assert words is None or words in told[0]


def test_marks_far_beyond_the_end_of_a_whole_drive_are_told_too(tmp_path: Path) -> None:
    first = a_recording(tmp_path, "+30,note,,\n+5000,note,,\n")
    second = tmp_path / "later.log"
    second.write_text(
        "\n".join(f"({START_S + 4000 + n / 10:.6f}) can0 358#0000000000030000" for n in range(100))
    )
    found = diagnose_drive(
        [find_recording(first), find_recording(second)], load_vehicle("nissan-qashqai-j10")
    )
    (told,) = [note for note in found.notes if "far outside the capture" in note]
    assert "1 of 2 marks lies" in told


def test_instants_are_shown_from_the_first_frame_whatever_it_was(tmp_path: Path) -> None:
    found = diagnosed(a_recording(tmp_path))

    assert found.first_s == found.capture.first_s == START_S


def test_a_gap_that_a_session_tells_of_hides_what_was_in_it(tmp_path: Path) -> None:
    gap = (
        f'{{"time": {START_S + 14.0}, "type": "gap", "ids": "all", "until": {START_S + 18.0}, '
        '"reason": "adapter overflow"}\n'
    )
    found = diagnosed(a_recording(tmp_path, marks="+15.0,press-fob-unlock,,\n", session=gap))

    assert operation(found).is_gapped
    assert operation(found).outcome == "unseen"


@pytest.mark.parametrize(
    ("reason", "is_sampled"),
    [("sampled: the adapter listened to other ids", True), ("adapter overflow", False)],
)
def test_a_recording_of_messages_in_turn_says_that_it_is(
    tmp_path: Path, reason: str, is_sampled: bool
) -> None:
    gap = f'"time": {START_S + 14}, "type": "gap", "ids": [1], "until": {START_S + 15}'
    found = diagnosed(a_recording(tmp_path, session=f'{{{gap}, "reason": "{reason}"}}\n'))

    assert any(note.startswith("Sampled: ") for note in found.notes) is is_sampled


def test_a_voltage_that_the_adapter_measured_is_the_supply(tmp_path: Path) -> None:
    sample = (
        f'{{"time": {START_S + 14.0}, "type": "sample", "role": "supply.voltage", "value": 11.2}}\n'
    )
    found = diagnosed(a_recording(tmp_path, marks="+15.0,press-fob-unlock,,\n", session=sample))

    assert operation(found).circumstance.supply_v == 11.2


def test_a_code_that_the_adapter_read_is_listed(tmp_path: Path) -> None:
    code = f'{{"time": {START_S + 14.0}, "type": "dtc", "ecu": "bcm", "code": "B2562"}}\n'

    found = diagnosed(a_recording(tmp_path, session=code))

    assert [code.code for code in found.codes] == ["B2562"]


def test_the_same_stream_step_by_step_ends_in_the_same_verdict(tmp_path: Path) -> None:
    """What a live view shows last is what the recording gives."""
    path = a_recording(tmp_path)
    analysis, side = Analysis(load_vehicle("nissan-qashqai-j10")), SideQueue()
    reader = open_capture(path, analysis.wanted)
    frames = join_batches([item for item in reader.batches() if isinstance(item, FrameBatch)])
    stream: list[StreamItem] = [frames.take(slice(row, row + 7)) for row in range(0, 600, 7)]
    shown = []
    for snapshot in steps(analysis, stream, lambda: reader.info, side):
        shown.append(snapshot)
        if snapshot.now_s is not None and snapshot.now_s >= START_S + 16.0 and not snapshot.marks:
            side.put(Mark(START_S + 15.0, "press-fob-unlock"))
    (tmp_path / "drive.marks.csv").write_text("time,action,door,note\n+15.0,press-fob-unlock,,\n")

    whole = diagnosed(path)

    assert len(shown) == len(stream) + 1
    assert shown[-1].operations == whole.operations
    assert shown[-1].hypotheses == whole.hypotheses
    assert shown[-1].findings == whole.findings


def test_an_analysis_of_nothing_has_a_verdict() -> None:
    analysis = Analysis(load_vehicle("bmw-e9x"))
    analysis.take(empty_batch())

    found = analysis.snapshot(CaptureInfo("nothing", "live"), ["a note"])

    assert found.verdict.fault == "insufficient-evidence"
    assert found.first_s is None
    assert found.notes == ("a note",)


def test_steps_end_with_a_snapshot_even_of_an_empty_stream() -> None:
    analysis = Analysis(load_vehicle("bmw-e9x"))
    side = SideQueue()
    side.put(Mark(START_S, "not-opened", "driver"))
    nothing: list[StreamItem] = []

    (only,) = steps(analysis, nothing, lambda: CaptureInfo("live", "live"), side)

    assert [access.result for access in only.accesses] == ["not-opened"]
