"""The kept frames against a plain list of python-can's messages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import can
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch
from canlock.model.stream import Gap, Mark, MarkUndone, StreamItem
from canlock.pipeline import frame_history
from canlock.pipeline.frame_history import FrameHistory
from canlock.pipeline.frame_window import NO_LENGTH, FrameWindow
from canlock.sources.canmessage import MessageColumns


@st.composite
def messages(draw: st.DrawFn) -> list[can.Message]:
    made: list[can.Message] = []
    at_s = 1_700_000_000.0
    for _ in range(draw(st.integers(0, 40))):
        at_s += draw(st.sampled_from([0.0, 0.001, 0.1, 2.0]))
        kind = draw(st.sampled_from(["data", "data", "data", "remote", "error"]))
        is_fd = kind == "data" and draw(st.integers(0, 9)) == 0
        length = draw(st.sampled_from([12, 64] if is_fd else [0, 1, 2, 8]))
        is_extended = draw(st.booleans())
        made.append(
            can.Message(
                timestamp=at_s,
                arbitration_id=draw(st.sampled_from([0, 0x60D, 0x12345 if is_extended else 0x123])),
                is_extended_id=is_extended,
                is_remote_frame=kind == "remote",
                is_error_frame=kind == "error",
                is_fd=is_fd,
                channel=draw(st.sampled_from(["can0", "can1"])),
                dlc=length,
                data=None
                if kind == "remote"
                else draw(st.sampled_from([b"\0", b"\1", b"\xff"])) * length,
            )
        )
    return made


def cut(made: Sequence[can.Message], sizes: Sequence[int]) -> Iterator[FrameBatch]:
    columns = MessageColumns()
    start = 0
    for size in (*sizes, len(made)):
        if start < len(made) and size:
            yield columns.batch(made[start : start + size])
        start += size


def identity(message: can.Message) -> tuple[object, ...]:
    kind = "error" if message.is_error_frame else "remote" if message.is_remote_frame else "data"
    return message.arbitration_id, message.is_extended_id, message.channel, kind


def payload_of(message: can.Message) -> bytes:
    return bytes(message.data or b"").ljust(64, b"\0")


def check(window: FrameWindow, made: Sequence[can.Message]) -> None:
    """Hold each kept row equal to its message, and to what it says of the message before it."""
    rows = window.gather(np.arange(window.first, window.end))
    for place, number in enumerate(range(window.first, window.end)):
        message = made[number]
        ident = window.idents[rows.ident[place]]
        assert (ident.arbitration_id, ident.is_extended, ident.channel, ident.kind) == identity(
            message
        )
        assert rows.at_s[place] == message.timestamp
        assert rows.length[place] == message.dlc
        width = rows.payload.shape[1]
        assert rows.payload[place].tobytes() == payload_of(message)[:width]
        before = [one for one in made[:number] if identity(one) == identity(message)]
        if not before:
            assert rows.previous_length[place] == NO_LENGTH
            assert math.isnan(rows.step_s[place])
            assert not rows.difference[place].any()
            assert not rows.is_changed[place]
            continue
        last = before[-1]
        assert rows.previous_length[place] == last.dlc
        assert rows.step_s[place] == np.float32(message.timestamp - last.timestamp)
        difference = bytes(
            a ^ b for a, b in zip(payload_of(message), payload_of(last), strict=True)
        )
        assert rows.difference[place, : message.dlc].tobytes() == difference[: message.dlc]
        is_changed = (bytes(message.data or b""), message.dlc) != (
            bytes(last.data or b""),
            last.dlc,
        )
        assert rows.is_changed[place] == is_changed


@settings(max_examples=60, deadline=None)
@given(messages(), st.lists(st.integers(0, 15), max_size=4), st.integers(1, 9))
def test_each_frame_is_compared_with_the_last_of_its_id_however_frames_are_cut(
    made: list[can.Message], sizes: list[int], block_rows: int
) -> None:
    history = FrameHistory(kept_frames=1000, block_rows=block_rows)
    for batch in cut(made, sizes):
        history.take(batch)
    window = history.window()
    assert len(window) == len(made)
    check(window, made)
    for number, ident in enumerate(window.idents):
        alike = [
            row
            for row, one in enumerate(made)
            if identity(one) == (ident.arbitration_id, ident.is_extended, ident.channel, ident.kind)
        ]
        assert window.totals.count[number] == len(alike)
        assert window.totals.last_row[number] == alike[-1]
        assert window.totals.first_s[number] == made[alike[0]].timestamp
        assert window.totals.last_s[number] == made[alike[-1]].timestamp


@settings(max_examples=40, deadline=None)
@given(messages(), st.integers(1, 12), st.integers(1, 5))
def test_the_oldest_frames_go_and_the_others_stay_as_they_are(
    made: list[can.Message], kept: int, block_rows: int
) -> None:
    history = FrameHistory(kept_frames=kept, block_rows=block_rows)
    for batch in cut(made, [3] * 12):
        history.take(batch)
    window = history.window()
    assert window.end == len(made)
    assert len(window) >= min(kept, len(made))
    check(window, made)


def a_batch(at_s: Sequence[float], arbitration_id: int = 0x60D, data: bytes = b"\0") -> FrameBatch:
    return MessageColumns().batch(
        [
            can.Message(
                timestamp=one, arbitration_id=arbitration_id, is_extended_id=False, data=data
            )
            for one in at_s
        ]
    )


def test_at_most_a_block_more_than_asked_for_is_kept() -> None:
    history = FrameHistory(kept_frames=100, block_rows=10)
    for second in range(1000):
        history.take(a_batch([float(second)]))
        assert len(history.window()) <= 110
    assert len(history.window()) >= 100


def test_a_window_stays_as_it_was_while_frames_come_and_go() -> None:
    history = FrameHistory(kept_frames=10, block_rows=4)
    history.take(a_batch([1.0, 2.0, 3.0]))
    window = history.window()
    for second in range(4, 100):
        history.take(a_batch([float(second)], data=b"\xff"))
    assert window.gather(np.arange(3)).at_s.tolist() == [1.0, 2.0, 3.0]
    assert window.totals.count.tolist() == [3]
    assert (window.first, window.end) == (0, 3)


@pytest.mark.parametrize(
    ("at_s", "number"), [(0.5, 0), (1.0, 0), (1.5, 1), (4.0, 3), (7.0, 6), (7.5, 7)]
)
def test_a_time_is_found_at_its_frame_or_the_next(at_s: float, number: int) -> None:
    history = FrameHistory(block_rows=3)
    history.take(a_batch([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]))
    assert history.window().find_time(at_s) == number


def test_rows_come_in_the_order_in_which_they_are_asked_for() -> None:
    history = FrameHistory(block_rows=3)
    history.take(a_batch([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert history.window().gather(np.array([4, 0, 3, 1])).at_s.tolist() == [5.0, 1.0, 4.0, 2.0]


def test_rows_become_the_frames_that_they_were() -> None:
    history = FrameHistory(block_rows=2)
    columns = MessageColumns()
    made = [
        can.Message(timestamp=1.0, arbitration_id=1, channel="can1", data=b"\1"),
        can.Message(timestamp=2.0, arbitration_id=0x7FF, is_extended_id=False, channel="can0"),
        can.Message(timestamp=3.0, arbitration_id=2, channel="can0", data=b"\2" * 8),
    ]
    given_batch = columns.batch(made)
    history.take(given_batch)
    window = history.window()
    got = window.batch(window.gather(np.arange(3)))
    assert got.keys.tolist() == given_batch.keys.tolist()
    assert [got.channels[number] for number in got.channel] == ["can1", "can0", "can0"]
    assert got.payload.tolist() == given_batch.payload.tolist()
    assert [end for end, _ in window.batches(1)] == [2, 3]
    assert [len(batch) for _, batch in window.batches(1)] == [1, 1]


def test_after_a_new_beginning_nothing_is_compared_with_what_was_before() -> None:
    history = FrameHistory()
    history.take(a_batch([5.0]))
    history.take(Mark(5.0, "note"))
    history.begin_again()
    history.take(a_batch([1.0]))
    window = history.window()
    assert window.beginnings == 1
    assert (window.first, window.end, window.first_s) == (0, 1, 1.0)
    assert math.isnan(window.parts[0].rows.step_s[0])
    assert window.marks == ()


def test_more_ids_than_can_be_told_apart_begin_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_history, "MOST_IDENTS", 3)
    history = FrameHistory()
    for number in range(4):
        history.take(a_batch([float(number)], arbitration_id=number))
    window = history.window()
    assert window.beginnings == 1
    assert [ident.hexadecimal for ident in window.idents] == ["003"]
    assert window.first_s == 0.0


def test_marks_and_gaps_are_kept_and_a_mark_can_be_taken_back() -> None:
    history = FrameHistory()
    marks = [Mark(1.0, "note"), Mark(2.0, "opened")]
    gap = Gap(1.0, 2.0, "adapter overflow")
    items: list[StreamItem] = [
        *marks,
        gap,
        MarkUndone(3.0, marks[0]),
        MarkUndone(3.0, Mark(9.0, "note")),
    ]
    assert list(history.follow(items)) == items
    assert history.window().marks == (marks[1],)
    assert history.window().gaps == (gap,)
