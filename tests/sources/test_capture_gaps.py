"""Gaps where lines were unreadable, and frames that wait for them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import Gap
from canlock.sources import batches
from canlock.sources.capture import open_capture
from canlock.sources.damage import JOINED_S, PLACES, SPAN_S, DamageLog, GapFinder

REASON = "unreadable lines"


def a_log(lines: list[float | None]) -> bytes:
    """Return a log with a frame at each time and a bad line for each None."""
    return b"".join(
        b"noise\n" if time_s is None else b"(%.6f) can0 130#00\n" % time_s for time_s in lines
    )


def gaps_of(path: Path, block_bytes: int = 1 << 20) -> list[tuple[float, float]]:
    items = list(open_capture(path, block_bytes=block_bytes).batches())
    assert {item.reason for item in items if isinstance(item, Gap)} <= {REASON}
    return [(item.at_s, item.until_s) for item in items if isinstance(item, Gap)]


@pytest.mark.parametrize(
    ("lines", "gaps"),
    [
        pytest.param([1.0, 1.1], [], id="nothing bad"),
        pytest.param([1.0, None, 1.1], [(1.0, 1.1)], id="one line"),
        pytest.param([1.0, None, None, 1.1], [(1.0, 1.1)], id="two lines on end"),
        pytest.param([1.0, None, 1.0], [(1.0, 1.0)], id="frames of the same time"),
        pytest.param([None, 1.0, 1.1], [], id="nothing is known before the first frame"),
        pytest.param([1.0, 1.1, None], [], id="nothing is known behind the last frame"),
        pytest.param([1.0, None, 1.1, 1.149, None, 1.2], [(1.0, 1.2)], id="near enough to join"),
        pytest.param([1.0, None, 1.1, 1.151, None, 1.2], [(1.0, 1.1), (1.151, 1.2)], id="apart"),
        pytest.param(
            [9.99, None, 9.995, 10.0, None, 10.1], [(9.99, 9.995), (10.0, 10.1)], id="span"
        ),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 1 << 20])
def test_a_gap_reaches_from_the_frame_before_to_the_frame_behind(
    tmp_path: Path,
    lines: list[float | None],
    gaps: list[tuple[float, float]],
    block_bytes: int,
) -> None:
    path = tmp_path / "bad.log"
    path.write_bytes(a_log(lines))
    assert gaps_of(path, block_bytes) == gaps


def test_every_tenth_line_bad_gives_few_gaps_that_cover_all(tmp_path: Path) -> None:
    path = tmp_path / "noisy.log"
    path.write_bytes(a_log([None if row % 10 == 5 else row / 1600 for row in range(48_000)]))
    reader = open_capture(path)
    gaps = [item for item in reader.batches() if isinstance(item, Gap)]
    assert reader.info.bad_lines == 4800
    assert len(gaps) == 3
    for gap, behind in pairwise(gaps):
        assert 0 <= behind.at_s - gap.until_s < JOINED_S


STEPS = st.lists(
    st.one_of(st.none(), st.sampled_from([0.0, 0.001, 0.02, JOINED_S, 0.3, 4.0])), max_size=40
)


def plain_gaps(lines: list[float | None]) -> list[tuple[float, float]]:
    """Find the gaps one line at a time."""
    gaps: list[tuple[float, float]] = []
    last: float | None = None
    is_bad = False
    for time_s in lines:
        if time_s is None:
            is_bad = True
            continue
        if is_bad and last is not None:
            is_near = bool(gaps) and last - gaps[-1][1] < JOINED_S
            if is_near and last // SPAN_S == gaps[-1][0] // SPAN_S:
                gaps[-1] = (gaps[-1][0], time_s)
            else:
                gaps.append((last, time_s))
        last, is_bad = time_s, False
    return gaps


def times_of(steps: list[float | None]) -> list[float | None]:
    now = 0.0
    times: list[float | None] = []
    for step in steps:
        now += step or 0.0
        times.append(None if step is None else round(now, 6))
    return times


@settings(max_examples=200, deadline=None)
@given(STEPS, st.lists(st.integers(1, 5), min_size=40, max_size=40))
def test_gaps_do_not_depend_on_where_the_file_is_cut(
    steps: list[float | None], sizes: list[int]
) -> None:
    lines = times_of(steps)
    finder = GapFinder()
    found = []
    start = 0
    for size in sizes:
        part = lines[start : start + size]
        start += size
        good = [time_s for time_s in part if time_s is not None]
        before = sorted(
            {
                sum(time_s is not None for time_s in part[:row])
                for row, time_s in enumerate(part)
                if time_s is None
            }
        )
        found += finder.add(np.array(good, np.float64), np.array(before, np.intp))
    found += finder.finish()
    assert [(gap.at_s, gap.until_s) for gap in found] == plain_gaps(lines)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.sampled_from([1, 50, 1 << 20]))
def test_no_frame_comes_before_a_gap_that_began_earlier(
    tmp_path_factory: pytest.TempPathFactory, steps: list[float | None], block_bytes: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "waiting.log"
    lines = [0.0, *times_of(steps)]
    path.write_bytes(a_log(lines))
    seen_s = -1.0
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "BATCH_FRAMES", 2)
        for item in open_capture(path, block_bytes=block_bytes).batches():
            if isinstance(item, FrameBatch):
                found.append(item)
                seen_s = float(item.timestamp_s[-1])
            else:
                assert item.at_s >= seen_s
    times = join_batches(found).timestamp_s.tolist()
    assert times == [time_s for time_s in lines if time_s is not None]


def test_frames_do_not_wait_for_ever_where_the_clock_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_FRAMES", 10)
    monkeypatch.setattr(batches, "WAITING_FRAMES", 50)
    path = tmp_path / "still.log"
    path.write_bytes(a_log([1.0, None, *[1.0] * 500]))
    items = list(open_capture(path, block_bytes=1).batches())
    assert max(len(item) for item in items if isinstance(item, FrameBatch)) <= 100


def test_batches_are_never_empty_and_not_small(tmp_path: Path) -> None:
    path = tmp_path / "rare.log"
    path.write_bytes(
        b"".join(b"(%d.5) can0 %03X#00\n" % (row, 0x100 + row % 100) for row in range(20_000))
    )
    items = list(open_capture(path, frozenset({0x101}), block_bytes=4096).batches())
    assert [len(item) for item in items if isinstance(item, FrameBatch)] == [200]
    assert list(open_capture(path, frozenset({0x7FF})).batches()) == []


def test_the_first_few_places_are_told_and_one_of_each_kind() -> None:
    log = DamageLog(Path("a.log"))
    for line in range(1, 9):
        log.tell("line", f"line {line}", "found noise")
    log.tell("jump", "line 70", "found a jump")
    log.end("line 99", "found the end")
    assert [damage.place for damage in log.places] == [
        "a.log:1",
        "a.log:2",
        "a.log:3",
        "a.log:70",
        "a.log:99",
    ]
    assert len(log.places) == PLACES
    assert log.is_truncated
