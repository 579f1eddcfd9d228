"""Several buses as one stream in the order of time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from live_builders import a_channel, a_message, a_sender, some_frames, wait_for

from canlock.errors import BusError
from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import StreamItem
from canlock.pipeline.bus_group import BusGroup, _in_order
from canlock.sources.bus import BusReader


def frames(items: list[StreamItem]) -> FrameBatch:
    return join_batches([item for item in items if isinstance(item, FrameBatch)])


@pytest.fixture
def two() -> Iterator[tuple[str, str, BusGroup]]:
    one, other = a_channel(), a_channel()
    group = BusGroup([BusReader("virtual", one), BusReader("virtual", other)])
    group.open()
    yield one, other, group
    group.close()


def drained(group: BusGroup, number: int) -> list[StreamItem]:
    stop = threading.Event()
    wait_for(lambda: sum(link.frames for link in group.links) >= number)
    stop.set()
    return list(group.items(stop))


def test_the_frames_of_two_buses_come_in_the_order_of_time(
    two: tuple[str, str, BusGroup],
) -> None:
    one, other, group = two
    with a_sender(one) as left, a_sender(other) as right:
        for number in range(50):
            left.send(a_message(1000.0 + 2 * number / 100, 0x100))
            right.send(a_message(1000.0 + (2 * number + 1) / 100, 0x200))
        found = frames(drained(group, 100))
    assert found.timestamp_s.tolist() == pytest.approx([1000.0 + n / 100 for n in range(100)])
    assert found.arbitration_id.tolist() == [0x100, 0x200] * 50
    assert [found.channels[number] for number in found.channel[:2]] == [one, other]
    assert group.info.frames == 100
    assert group.info.path == f"virtual:{one}, virtual:{other}"


def test_a_second_adapter_whose_clock_counts_from_zero_is_put_on_the_firsts(
    two: tuple[str, str, BusGroup],
) -> None:
    one, other, group = two
    with a_sender(one) as left, a_sender(other) as right:
        left.send(a_message(1_700_000_000.0))
        right.send(a_message(3.0))
        found = frames(drained(group, 2))
    assert np.ptp(found.timestamp_s) < 2.0
    assert found.timestamp_s[0] > 1_699_999_000


def test_one_bus_that_cannot_be_opened_leaves_none_open() -> None:
    group = BusGroup([BusReader("virtual", a_channel()), BusReader("slcan", "/nowhere")])
    with pytest.raises(BusError, match="slcan:/nowhere cannot be opened"):
        group.open()
    assert [link.state for link in group.links] == ["closed", "closed"]


def test_a_batch_that_is_out_of_order_is_sorted_and_time_never_goes_back() -> None:
    batch = _in_order(some_frames([5.0, 4.0, 6.0, 3.0]), 4.5)
    assert batch.timestamp_s.tolist() == [4.5, 4.5, 5.0, 6.0]
    assert _in_order(some_frames([5.0, 6.0]), 5.0).timestamp_s.tolist() == [5.0, 6.0]
