"""Side items and frames in one stream, in the order of time."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, empty_batch
from canlock.model.stream import Gap, Mark, SideItem, StreamItem
from canlock.pipeline.analysis import in_step


def frames(*times: float) -> FrameBatch:
    count = len(times)
    return FrameBatch(
        np.array(times),
        np.full(count, 0x123, np.uint32),
        np.zeros(count, np.uint8),
        np.full(count, 8, np.uint8),
        np.zeros(count, np.uint8),
        np.zeros((count, 8), np.uint8),
    )


def order(stream: list[StreamItem], side: list[SideItem]) -> list[str]:
    """Return the merged stream as words: `frames` or the mark's note."""
    return [
        "frames" if isinstance(item, FrameBatch) else getattr(item, "note", "gap")
        for item in in_step(stream, side)
    ]


def a_mark(at_s: float, name: str) -> Mark:
    return Mark(at_s, "note", None, name)


def test_a_side_item_comes_before_the_batch_in_whose_time_it_falls() -> None:
    stream: list[StreamItem] = [frames(1.0, 2.0), frames(3.0, 4.0)]

    assert order(stream, [a_mark(0.5, "early"), a_mark(3.5, "within"), a_mark(9.0, "late")]) == [
        "early",
        "frames",
        "within",
        "frames",
        "late",
    ]


def test_a_side_item_at_the_last_frame_belongs_to_its_batch() -> None:
    assert order([frames(1.0, 2.0), frames(3.0)], [a_mark(2.0, "edge")]) == [
        "edge",
        "frames",
        "frames",
    ]


def test_side_items_are_put_in_order() -> None:
    found = order([frames(1.0, 9.0)], [a_mark(5.0, "second"), a_mark(2.0, "first")])

    assert found == ["first", "second", "frames"]


def test_without_frames_side_items_come_all_the_same() -> None:
    assert order([], [a_mark(1.0, "only")]) == ["only"]
    assert order([empty_batch()], [a_mark(1.0, "only")]) == ["frames", "only"]


def test_what_is_in_the_stream_already_stays_where_it_is() -> None:
    stream: list[StreamItem] = [frames(1.0), Gap(1.5, 1.75, "lost"), frames(2.0)]

    assert order(stream, [a_mark(2.0, "mark")]) == ["frames", "gap", "mark", "frames"]


@settings(max_examples=50)
@given(
    st.lists(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=4), max_size=6),
    st.lists(st.floats(-10.0, 110.0), max_size=8),
)
def test_nothing_is_lost_and_no_side_item_is_late(
    batches: list[list[float]], marks: list[float]
) -> None:
    times = sorted(time for batch in batches for time in batch)
    stream: list[StreamItem] = []
    for batch in batches:
        stream.append(frames(*times[: len(batch)]))
        times = times[len(batch) :]
    side: list[SideItem] = [a_mark(at_s, "") for at_s in marks]

    merged = list(in_step(stream, side))

    assert [item for item in merged if isinstance(item, FrameBatch)] == stream
    found = [item.at_s for item in merged if isinstance(item, Mark)]
    assert found == sorted(marks)
    passed_s = -np.inf
    for item in merged:
        if isinstance(item, FrameBatch):
            passed_s = item.timestamp_s[-1]
        elif isinstance(item, Mark):
            assert item.at_s > passed_s
