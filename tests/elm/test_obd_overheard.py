"""Another tester's traffic: put together without a word, and named as the cause of what it does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, FrameFlag, join_batches
from canlock.model.stream import Sample
from canlock.model.vehicle import BcmAccess
from canlock.sources.obd.overheard import HELD_S, Eavesdropper
from canlock.sources.obd.transport import Reassembly
from elm.adapter_emulator import _segments

BCM = BcmAccess(0x745, 0x765, "kwp")
LOCK_ALL = bytes.fromhex("0430070001")
READ = bytes.fromhex("022147")


def frames(*rows: tuple[float, int, bytes], flags: int = 0) -> FrameBatch:
    return FrameBatch(
        np.array([at_s for at_s, _, _ in rows]),
        np.array([number for _, number, _ in rows], np.uint32),
        np.full(len(rows), flags, np.uint8),
        np.array([len(data) for _, _, data in rows], np.uint8),
        np.zeros(len(rows), np.uint8),
        np.array([list(data.ljust(8, b"\0")) for _, _, data in rows], np.uint8).reshape(-1, 8),
    )


def heard(*batches: FrameBatch) -> list[Sample]:
    ear = Eavesdropper(BCM)
    return [sample for batch in batches for sample in ear.overhear(batch)]


def requestor(at_s: float, value: str) -> Sample:
    return Sample(at_s, "command.requestor", value)


def test_a_testers_lock_command_is_laid_at_its_door() -> None:
    batch = frames((1.0, 0x745, LOCK_ALL), (1.1, 0x358, b"\x01"), (9.0, 0x358, b"\x01"))
    assert heard(batch) == [requestor(1.0, "diagnostics"), requestor(1.0 + HELD_S, "none")]


@pytest.mark.parametrize(
    ("number", "data"),
    [
        pytest.param(0x745, READ, id="a read"),
        pytest.param(0x765, LOCK_ALL, id="another id"),
        pytest.param(0x745, b"\x30\x00\x00", id="a flow control frame"),
        pytest.param(0x745, b"", id="an empty frame"),
        pytest.param(0x745, b"\x07\x30", id="a frame shorter than it says"),
    ],
)
def test_what_commands_nothing_is_not_blamed(number: int, data: bytes) -> None:
    assert heard(frames((1.0, number, data), (9.0, 0x358, b"\x01"))) == []


@pytest.mark.parametrize("flag", [FrameFlag.ERROR, FrameFlag.REMOTE, FrameFlag.EXTENDED])
def test_frames_that_are_no_data_or_of_another_width_are_not_read(flag: FrameFlag) -> None:
    assert heard(frames((1.0, 0x745, LOCK_ALL), flags=int(flag))) == []


def test_a_command_that_is_repeated_holds_on() -> None:
    batch = frames(
        (1.0, 0x745, LOCK_ALL), (1.0 + HELD_S - 0.1, 0x745, LOCK_ALL), (20.0, 0x358, b"\x01")
    )
    assert heard(batch) == [
        requestor(1.0, "diagnostics"),
        requestor(1.0 + HELD_S - 0.1 + HELD_S, "none"),
    ]


@given(st.integers(0, 4))
def test_it_does_not_matter_how_the_frames_are_cut_into_batches(cut: int) -> None:
    rows = [
        (1.0, 0x745, LOCK_ALL),
        (2.0, 0x358, b"\x01"),
        (8.0, 0x745, READ),
        (9.0, 0x745, LOCK_ALL),
    ]
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    whole = heard(join_batches([frames(*part) for part in parts]))
    assert heard(*(frames(*part) for part in parts)) == whole
    assert [sample.value for sample in whole] == ["diagnostics", "none", "diagnostics"]


@given(st.binary(min_size=1, max_size=200))
def test_a_long_request_is_put_together_without_a_word(payload: bytes) -> None:
    reassembly = Reassembly()
    results = [reassembly.take(frame) for frame in _segments(payload)]
    assert results[-1] == payload
    assert results[:-1] == [None] * (len(results) - 1)


@given(st.binary(min_size=20, max_size=200), st.data())
def test_a_request_with_a_frame_missing_is_dropped(payload: bytes, data: st.DataObject) -> None:
    segments = list(_segments(payload))
    missing = data.draw(st.integers(0, len(segments) - 2))
    reassembly = Reassembly()
    kept = [frame for place, frame in enumerate(segments) if place != missing]
    assert [reassembly.take(frame) for frame in kept] == [None] * len(kept)


@given(st.lists(st.binary(max_size=10), max_size=20))
def test_no_frames_make_it_raise(several: list[bytes]) -> None:
    reassembly = Reassembly()
    for frame in several:
        payload = reassembly.take(frame)
        assert payload is None or payload
