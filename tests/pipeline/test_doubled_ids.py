"""The same id on several channels is told, and only that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from canlock.model.frames import FrameBatch, FrameFlag, empty_batch, join_batches
from canlock.pipeline.doubled import DoubledIds

KEYS = frozenset({0x000, 0x130, 0x2A0, 0x2FC, 0x35D})


def batch_of(frames: list[tuple[int, int]], channels: tuple[str, ...], flag: int = 0) -> FrameBatch:
    """Return frames given as id and channel."""
    ids, numbers = zip(*frames, strict=True)
    count = len(frames)
    return replace(
        empty_batch(),
        timestamp_s=np.arange(count, dtype=np.float64),
        arbitration_id=np.array(ids, np.uint32),
        flags=np.full(count, flag, np.uint8),
        length=np.zeros(count, np.uint8),
        channel=np.array(numbers, np.uint8),
        payload=np.zeros((count, 8), np.uint8),
        channels=channels,
    )


def notes_of(*batches: FrameBatch) -> tuple[str, ...]:
    doubled = DoubledIds(KEYS)
    for batch in batches:
        doubled.follow(batch)
    return doubled.notes


@pytest.mark.parametrize("number", [0x000, 0x130])
def test_an_id_on_two_channels_is_told_with_both(number: int) -> None:
    (note,) = notes_of(batch_of([(number, 0), (number, 1)], ("can0", "can1")))
    assert "can0 and can1" in note
    assert f"(0x{number:X})" in note


def test_an_id_that_changes_its_channel_later_is_told() -> None:
    batches = [batch_of([(0x130, row)], ("can0", "can1")) for row in (0, 1)]
    assert len(notes_of(*batches)) == 1
    assert notes_of(batches[0]) == notes_of(join_batches([batches[0]])) == ()


def test_of_many_ids_three_are_named() -> None:
    frames = [(key, channel) for key in KEYS for channel in (0, 1)]
    (note,) = notes_of(batch_of(frames, ("a", "b")))
    assert "(0x0, 0x130, 0x2A0 and 2 more)" in note


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(batch_of([(0x130, 0), (0x130, 0)], ("can0",)), id="one channel"),
        pytest.param(batch_of([(0x130, 0), (0x2A0, 1)], ("can0", "can1")), id="other ids"),
        pytest.param(batch_of([(0x131, 0), (0x131, 1)], ("can0", "can1")), id="not mapped"),
        pytest.param(
            batch_of([(0x130, 0), (0x130, 1)], ("can0", "can1"), FrameFlag.REMOTE), id="no data"
        ),
    ],
)
def test_nothing_is_told_where_channels_share_no_mapped_message(batch: FrameBatch) -> None:
    assert notes_of(batch) == ()
