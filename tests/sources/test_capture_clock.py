"""Logs whose times say little: all the same, or counted from line to line."""

from __future__ import annotations

from pathlib import Path

import pytest

from canlock.model.frames import FrameBatch, join_batches
from canlock.sources.capture import open_capture
from canlock.sources.content import recognise_format
from canlock.sources.tally import STILL_FRAMES

STEPS_US = (10_012, 99_988, 10_000, 5, 250_000, 1_000_001)


def read(path: Path, *, in_order: bool = True) -> FrameBatch:
    items = open_capture(path, in_order=in_order).batches()
    return join_batches([item for item in items if isinstance(item, FrameBatch)])


def seconds(time_us: int) -> str:
    return f"{time_us // 1_000_000:03d}.{time_us % 1_000_000:06d}"


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize(("frames", "is_told"), [(STILL_FRAMES - 1, False), (STILL_FRAMES, True)])
def test_a_clock_that_stands_still_is_told(
    tmp_path: Path, frames: int, is_told: bool, in_order: bool
) -> None:
    path = tmp_path / "still.log"
    path.write_text("(0.000000) can0 130#4142\n" * frames)
    reader = open_capture(path, in_order=in_order)
    assert sum(len(item) for item in reader.batches() if isinstance(item, FrameBatch)) == frames
    told = [damage.text for damage in reader.info.damage]
    assert told == (
        [
            f"found the time 0.000000 at all {frames} frames, expected time to go on: when "
            "anything happened is not known; record with times"
        ]
        if is_told
        else []
    )
    assert reader.info.bad_lines == 0


def test_a_clock_that_goes_on_at_last_is_none_that_stands_still(tmp_path: Path) -> None:
    path = tmp_path / "late.log"
    path.write_text("(0.000000) can0 130#4142\n" * 50 + "(0.000001) can0 130#4142\n")
    reader = open_capture(path)
    assert len(list(reader.batches())) == 1
    assert reader.info.damage == ()


@pytest.mark.parametrize(
    "form", [" ({})  can0  130   [2]  41 42\n", " ({})  can0  RX - -  130   [2]  41 42\n"]
)
def test_times_that_count_from_line_to_line_are_added_up(tmp_path: Path, form: str) -> None:
    path = tmp_path / "delta.txt"
    steps = [0, *STEPS_US * 20]
    path.write_text("".join(form.format(seconds(step)) for step in steps))
    assert recognise_format(path) == "candump-delta"
    batch = read(path)
    total = 0
    for step, time_s in zip(steps, batch.timestamp_s.tolist(), strict=True):
        total += step
        assert time_s == pytest.approx(total / 1e6, abs=1e-9)


def test_times_that_count_from_the_first_line_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "zero.txt"
    times = [sum((*STEPS_US * 20,)[:row]) for row in range(100)]
    times[50], times[51] = times[51], times[50]
    path.write_text("".join(f" ({seconds(time)})  can0  130   [2]  41 42\n" for time in times))
    assert recognise_format(path) == "candump-screen"
    assert read(path, in_order=False).timestamp_s.tolist() == [time / 1e6 for time in sorted(times)]
