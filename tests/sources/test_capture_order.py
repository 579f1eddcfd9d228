"""Captures whose time stamps go back: sorted, or moved where the clock was set back."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.model.capture import CaptureInfo
from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import Gap
from canlock.sources.candump import CandumpSource
from canlock.sources.capture import open_capture
from canlock.sources.damage import DamageLog
from canlock.sources.order import OutOfOrderError, sort_batches
from canlock.sources.steps import WINDOW
from canlock.sources.stretch import Wanted
from canlock.sources.tally import Tally

IDS = (0x100, 0x1A0, 0x35D, 0x5F0)


def lines_at(times_s: list[float], ids: tuple[int, ...] = IDS) -> list[bytes]:
    """Return one line a time; the payload is the row, so that each frame can be told."""
    return [
        b"(%.6f) can0 %03X#%08X\n" % (time_s, ids[row % len(ids)], row)
        for row, time_s in enumerate(times_s)
    ]


def steady(first_s: float, count: int, period_s: float = 0.001) -> list[float]:
    return [round(first_s + row * period_s, 6) for row in range(count)]


def rows_of(batch: FrameBatch) -> list[int]:
    rows: list[int] = batch.payload[:, :4].copy().view(">u4")[:, 0].tolist()
    return rows


class Sorted:
    """A capture read in the order of time."""

    def __init__(self, path: Path, wanted: frozenset[int] | None = None) -> None:
        reader = open_capture(path, wanted, in_order=False)
        items = list(reader.batches())
        self.info: CaptureInfo = reader.info
        self.batch = join_batches([item for item in items if isinstance(item, FrameBatch)])
        self.gaps = [item for item in items if isinstance(item, Gap)]
        self.times_s: list[float] = self.batch.timestamp_s.tolist()
        self.rows = rows_of(self.batch)


def assert_streaming_refuses(path: Path) -> None:
    with pytest.raises(OutOfOrderError):
        list(open_capture(path).batches())


@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
@pytest.mark.parametrize(
    ("times_s", "is_in_order"),
    [([1.0, 2.0, 2.0], True), ([1.0, 2.0, 1.999999], False), ([1.0, 2.0, 1.5, 3.0], False)],
)
def test_streaming_goes_on_as_long_as_no_time_goes_back(
    tmp_path: Path, times_s: list[float], is_in_order: bool, block_bytes: int
) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines_at(times_s)))
    reader = open_capture(path, block_bytes=block_bytes)
    if is_in_order:
        assert sum(len(item) for item in reader.batches() if isinstance(item, FrameBatch)) == 3
    else:
        with pytest.raises(OutOfOrderError):
            list(reader.batches())


def test_a_frame_that_nobody_wants_shows_disorder_too(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"(1.0) can0 100#00\n(3.0) can0 200#00\n(2.0) can0 100#00\n")
    with pytest.raises(OutOfOrderError):
        list(open_capture(path, frozenset({0x100})).batches())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=150), st.randoms(use_true_random=False))
def test_shuffled_lines_give_the_frames_in_the_order_of_time(
    tmp_path_factory: pytest.TempPathFactory, ticks: list[int], chance: random.Random
) -> None:
    lines = lines_at([tick / 10 for tick in ticks])
    chance.shuffle(lines)
    path = tmp_path_factory.getbasetemp() / "shuffled.log"
    path.write_bytes(b"(0.0) can0 7FF#FFFFFFFF\n" + b"".join(lines))
    found = Sorted(path)
    # Sorting is stable: frames of the same time stay as they stand in the file.
    expected = sorted(lines, key=lambda line: float(line[1 : line.index(b")")]))
    assert [b"%08X" % row for row in found.rows[1:]] == [line[-9:-1] for line in expected]
    assert found.times_s == sorted(found.times_s)
    assert found.info.clock_jumps == 0


def disorder(name: str, lines: list[bytes]) -> list[bytes]:
    """Return lines in one of the ways in which they get out of order."""
    chance = random.Random(7)
    count = len(lines)
    if name == "shuffled":
        chance.shuffle(lines)
    elif name == "reversed":
        lines.reverse()
    elif name == "halves swapped":
        lines = lines[count // 2 :] + lines[: count // 2]
    elif name == "blocks shuffled":
        blocks = [lines[start : start + 100] for start in range(0, count, 100)]
        chance.shuffle(blocks)
        lines = [line for block in blocks for line in block]
    elif name == "a block moved":
        lines = lines[:500] + lines[900:1700] + lines[500:900] + lines[1700:]
    elif name == "sorted by id":
        lines.sort(key=lambda line: line.split()[2][:3])
    elif name == "neighbours swapped":
        for row in range(0, count - 1, 10):
            lines[row], lines[row + 1] = lines[row + 1], lines[row]
    return lines


@pytest.mark.parametrize(
    "name",
    [
        "shuffled",
        "reversed",
        "halves swapped",
        "blocks shuffled",
        "a block moved",
        "sorted by id",
        "neighbours swapped",
    ],
)
def test_lines_out_of_order_are_put_in_order_and_no_clock_is_blamed(
    tmp_path: Path, name: str
) -> None:
    lines = lines_at(steady(1_700_000_000.0, 3000))
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(disorder(name, list(lines))))
    assert_streaming_refuses(path)
    found = Sorted(path)
    assert found.rows == list(range(3000))
    assert found.info.clock_jumps == 0
    assert found.info.out_of_order > 0
    assert found.gaps == []
    assert (found.info.first_s, found.info.last_s) == (1_700_000_000.0, 1_700_000_002.999)
    assert "put in order" in found.info.damage[0].text


def test_steps_back_are_counted_and_located(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines_at([1.0, 2.0, 1.5, 3.0, 2.5, 4.0])))
    info = Sorted(path).info
    assert info.out_of_order == 2
    assert [damage.place for damage in info.damage] == [f"{path}:3", f"{path}:5"]
    assert info.damage[0].text.startswith("found a time stamp 0.500000 s before the one above")


@pytest.mark.parametrize(
    ("before_s", "behind_s"),
    [
        pytest.param(1000.0, 999.0, id="by a second"),
        pytest.param(1000.0, 0.0, id="to the epoch"),
        pytest.param(1000.0, 999.98, id="before all frames and into them"),
    ],
)
def test_behind_a_clock_set_back_time_goes_on(
    tmp_path: Path, before_s: float, behind_s: float
) -> None:
    times_s = [*steady(before_s, 2000), *steady(behind_s, 2000)]
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines_at(times_s)))
    assert_streaming_refuses(path)
    found = Sorted(path)
    assert found.rows == list(range(4000))
    assert (found.info.clock_jumps, found.info.out_of_order) == (1, 0)
    expected = [*steady(before_s, 2000), *steady(before_s + 1.999, 2000)]
    assert found.times_s == pytest.approx(expected, abs=1e-6)
    assert found.info.last_s == pytest.approx(before_s + 1.999 * 2, abs=1e-6)
    [gap] = found.gaps
    assert gap.at_s == gap.until_s == pytest.approx(before_s + 1.999, abs=1e-6)
    assert gap.reason == f"clock set back from {before_s + 1.999:.6f} to {behind_s:.6f}"
    assert found.info.damage[0].place == f"{path}:2001"


def test_a_clock_set_back_twice_goes_on_twice(tmp_path: Path) -> None:
    times_s = [*steady(100.0, 500), *steady(99.9, 500), *steady(99.8, 500)]
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines_at(times_s)))
    found = Sorted(path)
    assert found.info.clock_jumps == 2
    assert found.rows == list(range(1500))
    assert found.times_s == pytest.approx(
        [*steady(100.0, 500), *steady(100.499, 500), *steady(100.998, 500)], abs=1e-6
    )


@pytest.mark.parametrize(("count", "jumps"), [(WINDOW, 1), (WINDOW - 1, 0)])
def test_a_clock_jump_needs_enough_frames_on_both_sides(
    tmp_path: Path, count: int, jumps: int
) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines_at([*steady(100.0, 500), *steady(90.0, count)])))
    assert Sorted(path).info.clock_jumps == jumps
    path.write_bytes(b"".join(lines_at([*steady(100.0, count), *steady(50.0, 500)])))
    assert Sorted(path).info.clock_jumps == jumps


def test_two_recordings_of_different_messages_on_end_are_merged(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    body = lines_at(steady(100.0, 500), (0x100, 0x101))
    motor = lines_at(steady(100.0, 500), (0x200, 0x201))
    path.write_bytes(b"".join([*body, *motor]))
    found = Sorted(path)
    assert found.info.clock_jumps == 0
    assert found.times_s == sorted([*steady(100.0, 500), *steady(100.0, 500)])


def test_only_wanted_frames_come_and_jumps_are_judged_on_all(tmp_path: Path) -> None:
    times_s = [*steady(100.0, 400), *steady(99.8, 400)]
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines_at(times_s)))
    found = Sorted(path, frozenset({IDS[0]}))
    assert found.info.frames == 800
    assert found.info.clock_jumps == 1
    assert found.rows == list(range(0, 800, 4))


@pytest.mark.parametrize("name", ["shuffled", "blocks shuffled"])
@pytest.mark.parametrize("kept_frames", [600, 5000])
def test_more_frames_than_fit_are_sorted_a_span_at_a_time(
    tmp_path: Path, name: str, kept_frames: int
) -> None:
    lines = lines_at([*steady(50.0, 1500), *steady(50.5, 1500)])
    jumpy = [*disorder(name, lines[:1500]), *lines[1500:]]
    path = tmp_path / "a.log"
    path.write_bytes(b"".join([*jumpy[:700], b"noise\n", *jumpy[700:]]))
    results = []
    for kept in (kept_frames, 1 << 20):
        tally = Tally(DamageLog(path))
        source = CandumpSource(path, 4096)
        items = list(sort_batches(source, Wanted(None), tally, kept))
        batch = join_batches([item for item in items if isinstance(item, FrameBatch)])
        gaps = [item for item in items if isinstance(item, Gap)]
        results.append((batch.timestamp_s.tolist(), rows_of(batch), gaps, tally.info("candump")))
    assert results[0] == results[1]
    assert results[0][3].bad_lines == 1
    assert len(results[0][1]) == 3000


def test_between_frames_out_of_order_what_is_missing_may_lie_anywhere(tmp_path: Path) -> None:
    lines = [*lines_at([1.0, 5.0]), b"noise\n", *lines_at([2.0]), b"noise\n", *lines_at([9.0])]
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines))
    found = Sorted(path)
    assert [(gap.at_s, gap.until_s) for gap in found.gaps] == [(2.0, 9.0)]
    assert found.info.bad_lines == 2


def test_gaps_move_with_the_clock_and_come_in_step(tmp_path: Path) -> None:
    lines = lines_at([*steady(100.0, 200), *steady(99.9, 200)])
    lines.insert(300, b"noise\n")
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines))
    found = Sorted(path)
    jump, noise = found.gaps
    assert jump.reason.startswith("clock set back")
    assert noise.at_s == pytest.approx(100.199 + 0.099)
    assert noise.until_s == pytest.approx(100.199 + 0.1)


def test_an_ordered_capture_read_as_out_of_order_gives_the_same(tmp_path: Path) -> None:
    lines = lines_at(steady(100.0, 2000))
    lines[700:703] = [b"noise\n"] * 3
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines))
    reader = open_capture(path)
    items = list(reader.batches())
    batch = join_batches([item for item in items if isinstance(item, FrameBatch)])
    found = Sorted(path)
    assert found.rows == rows_of(batch)
    np.testing.assert_array_equal(found.batch.timestamp_s, batch.timestamp_s)
    assert found.gaps == [item for item in items if isinstance(item, Gap)]
    assert found.info == reader.info


DAY_S = 86_400.0


@pytest.mark.parametrize("block_bytes", [1, 100, 1 << 20])
@pytest.mark.parametrize("row", [1, 150, 298])
@pytest.mark.parametrize("off_s", [-1e9, 1e9, DAY_S + 1])
def test_a_damaged_time_stamp_is_a_bad_line_and_moves_nothing(
    tmp_path: Path, row: int, off_s: float, block_bytes: int
) -> None:
    times_s = steady(1_700_000_000.0, 300)
    times_s[row] += off_s
    lines = lines_at(times_s)
    lines[20:22] = reversed(lines[20:22])
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines))
    tally = Tally(DamageLog(path))
    items = list(sort_batches(CandumpSource(path, block_bytes), Wanted(None), tally))
    batch = join_batches([item for item in items if isinstance(item, FrameBatch)])
    info = tally.info("candump")
    assert rows_of(batch) == [other for other in range(300) if other != row]
    assert (info.frames, info.bad_lines, info.out_of_order) == (299, 1, 1)
    assert f"{path}:{row + 1}" in [damage.place for damage in info.damage]
    [gap] = [item for item in items if isinstance(item, Gap)]
    assert gap.until_s - gap.at_s == pytest.approx(0.002, abs=1e-5)


@pytest.mark.parametrize("row", [0, 2])
@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
def test_at_the_ends_of_a_file_no_time_stamp_is_said_to_be_damaged(
    tmp_path: Path, row: int, block_bytes: int
) -> None:
    times_s = [1_700_000_000.0, 1_700_000_000.1, 1_700_000_000.2]
    times_s[row] = 5.0
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines_at(times_s)))
    tally = Tally(DamageLog(path))
    list(sort_batches(CandumpSource(path, block_bytes), Wanted(None), tally))
    assert (tally.frames, tally.log.bad_lines) == (3, 0)


def test_frames_that_are_only_hours_off_are_put_in_order(tmp_path: Path) -> None:
    times_s = steady(1_700_000_000.0, 300)
    times_s[100] += DAY_S - 1
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines_at(times_s)))
    found = Sorted(path)
    assert found.rows[-1] == 100
    assert found.info.bad_lines == 0


def test_a_clock_that_is_set_forward_by_years_leaves_all_frames(tmp_path: Path) -> None:
    times_s = [*steady(10.0, 200), *steady(1_700_000_000.0, 200)]
    times_s[50], times_s[51] = times_s[51], times_s[50]
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(lines_at(times_s)))
    assert Sorted(path).info.frames == 400


@pytest.mark.parametrize(("step_s", "is_slow"), [(-0.0005, True), (0.0005, False)])
def test_what_must_be_put_in_order_is_read_slowly_and_that_is_said(
    tmp_path: Path, step_s: float, is_slow: bool
) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"".join(lines_at([1.0, 1.001, 1.002, 1.002 + step_s, 1.004])))
    reader = open_capture(path, in_order=False)
    assert sum(map(len, reader.batches())) == 5  # type: ignore[arg-type]
    expected = "time stamps go back, so all of it was read first and put in order"
    assert reader.slow == (expected if is_slow else None)
