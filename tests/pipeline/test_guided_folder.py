"""The folder of a guided check: parts that are recordings, and how they follow each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from canlock.decoding.vehicle_file import load_vehicle
from canlock.errors import SourceError
from canlock.model.frames import FrameBatch, empty_batch
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Gap, Mark, Sample, StreamItem
from canlock.pipeline.guided_folder import PAUSE_S, CheckFolder, before, first_time, marks_of
from canlock.pipeline.guided_watch import FromNow, take_up
from canlock.sources.recording import Recorder


def frames(*times_s: float) -> FrameBatch:
    rows = len(times_s)
    return FrameBatch(
        np.array(times_s),
        np.full(rows, 0x358, np.uint32),
        np.zeros(rows, np.uint8),
        np.full(rows, 8, np.uint8),
        np.zeros(rows, np.uint8),
        np.zeros((rows, 8), np.uint8),
        ("can0",),
    )


def record(path: Path, *items: StreamItem) -> None:
    path.parent.mkdir(exist_ok=True)
    recorder = Recorder(path)
    for item in items:
        recorder.take(item)
    recorder.close()


class Taken:
    """A consumer that keeps what it is given."""

    notes = ("kept",)

    def __init__(self) -> None:
        self.items: list[StreamItem] = []
        self.is_closed = False

    def take(self, item: StreamItem) -> None:
        self.items.append(item)

    def look(self, snapshot: Snapshot) -> None:
        del snapshot

    def close(self) -> None:
        self.is_closed = True


def test_a_folder_that_is_not_there_yet_has_no_parts_and_is_not_made_by_looking(
    tmp_path: Path,
) -> None:
    folder = CheckFolder(tmp_path / "check")
    assert folder.parts == ()
    assert not folder.path.exists()
    folder.make()
    assert folder.path.is_dir()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "check").write_text("x")
    with pytest.raises(SourceError, match="expected a folder"):
        CheckFolder(tmp_path / "check")


def test_parts_follow_by_number_and_not_by_letter(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        record(tmp_path / f"part-{number}.log", frames(1000.0 + number))
    (tmp_path / "part-11.log").write_text("")  # It was left before a frame came.
    (tmp_path / "other.log").write_text("")
    folder = CheckFolder(tmp_path)
    assert [part.name for part in folder.parts] == ["part-1.log", "part-2.log", "part-10.log"]
    assert folder.next_part.name == "part-12.log"


def test_what_was_recorded_is_read_again_with_its_marks_and_measures(tmp_path: Path) -> None:
    mark = Mark(1000.5, "note", "driver", "check: complaint: driver")
    sample = Sample(1000.7, "supply.voltage", 12.3)
    record(tmp_path / "part-1.log", frames(1000.0), mark, sample, frames(1001.0))
    items = CheckFolder(tmp_path).read(load_vehicle("nissan-qashqai-j10"))
    assert list(marks_of(items)) == [mark]
    assert [item for item in items if isinstance(item, Sample)] == [sample]
    assert sum(len(item) for item in items if isinstance(item, FrameBatch)) == 2


@pytest.mark.parametrize(
    ("next_s", "first_s"),
    [
        pytest.param(2000.0, 1000.0, id="a clock that goes on"),
        pytest.param(1001.0, 1001.0 - PAUSE_S - 1.0, id="a clock that stands where it ended"),
        pytest.param(5.0, 5.0 - PAUSE_S - 1.0, id="a clock that began anew"),
    ],
)
def test_an_earlier_part_lies_before_the_next_and_a_gap_between(
    next_s: float, first_s: float
) -> None:
    items: list[StreamItem] = [
        frames(1000.0, 1000.5),
        Gap(1000.6, 1000.8, "x"),
        Mark(1001.0, "opened", "driver"),
    ]
    *past, gap = before(items, next_s)
    assert first_time(past) == first_s
    shift_s = first_s - 1000.0
    mark = next(marks_of(past))
    assert mark.at_s == pytest.approx(1001.0 + shift_s)
    moved = next(item for item in past if isinstance(item, Gap))
    assert (moved.at_s, moved.until_s) == pytest.approx((1000.6 + shift_s, 1000.8 + shift_s))
    assert isinstance(gap, Gap)
    assert (gap.at_s, gap.until_s) == pytest.approx((1001.0 + shift_s, next_s))
    assert gap.at_s < gap.until_s


def test_only_what_is_new_is_recorded_and_all_of_it_is_analysed() -> None:
    taken = Taken()
    recording = FromNow(taken)
    earlier: list[StreamItem] = [frames(1000.0), Mark(1000.5, "opened", "driver")]
    live: list[StreamItem] = [
        empty_batch(),
        Gap(1999.0, 2000.0, "x"),
        frames(2000.0),
        frames(2001.0),
    ]
    seen: list[StreamItem] = []
    for item in take_up(earlier, live, recording):
        seen.append(item)
        recording.take(item)
    assert taken.items == live[1:]
    assert [item for item in seen if item in earlier] == earlier
    assert seen[0] is live[0]  # While nothing comes, its turns are passed on.
    assert recording.first_s == 1000.0
    assert recording.notes == ("kept",)
    recording.close()
    assert taken.is_closed


def test_a_check_that_begins_has_nothing_before_it() -> None:
    taken = Taken()
    recording = FromNow(taken)
    live = [frames(2000.0), frames(2001.0)]
    for item in take_up((), live, recording):
        recording.take(item)
    assert taken.items == live
    assert recording.first_s is None
