"""MF4 logs as python-can writes and reads them, which needs asammdf (dependency group `mf4`)."""

from __future__ import annotations

from pathlib import Path

import pytest
from can import Message
from can.io.mf4 import MF4Reader, MF4Writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, FrameFlag, join_batches
from canlock.sources.capture import open_capture

pytest.importorskip("asammdf", reason="asammdf is not installed (dependency group `mf4`)")

START_S = 1_700_000_000.0
KINDS = ("classic", "classic", "fd", "remote", "error")
FILE_TESTS = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@st.composite
def a_log(draw: st.DrawFn) -> list[Message]:
    """Return messages of all kinds, each at a time of its own: equal times have no order."""
    times_us = draw(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=12, unique=True))
    log = []
    for time_us in sorted(times_us):
        kind = draw(st.sampled_from(KINDS))
        is_fd, is_extended = kind == "fd", draw(st.booleans())
        size = draw(st.sampled_from([0, 1, 8, 12, 64]) if is_fd else st.integers(0, 8))
        log.append(
            Message(
                timestamp=START_S + time_us / 1e6,
                arbitration_id=draw(st.integers(0, 0x1FFF_FFFF if is_extended else 0x7FF)),
                is_extended_id=is_extended,
                is_fd=is_fd,
                bitrate_switch=is_fd and draw(st.booleans()),
                error_state_indicator=is_fd and draw(st.booleans()),
                is_remote_frame=kind == "remote",
                is_error_frame=kind == "error",
                is_rx=draw(st.booleans()),
                channel=draw(st.integers(0, 3)),
                dlc=size,
                data=None if kind == "remote" else draw(st.binary(min_size=size, max_size=size)),
            )
        )
    return log


@pytest.mark.parametrize("compression_level", [0, 1, 2])
@FILE_TESTS
@given(log=a_log())
def test_frames_of_an_mf4_log_are_those_that_python_can_reads(
    tmp_path: Path, compression_level: int, log: list[Message]
) -> None:
    path = tmp_path / "x.mf4"
    path.unlink(missing_ok=True)
    with MF4Writer(path, compression_level=compression_level) as writer:
        for message in log:
            writer.on_message_received(message)
    with MF4Reader(path) as messages:
        expected = list(messages)
    assert len(expected) == len(log)
    reader = open_capture(path)
    batch = join_batches([item for item in reader.batches() if isinstance(item, FrameBatch)])
    assert len(batch) == len(expected)
    assert reader.info.damage == ()
    for row, message in enumerate(expected):
        flags = FrameFlag(int(batch.flags[row]))
        assert batch.timestamp_s[row] == pytest.approx(message.timestamp, abs=1e-6)
        assert batch.channels[batch.channel[row]] == str(message.channel)
        assert bool(flags & FrameFlag.ERROR) == message.is_error_frame
        assert bool(flags & FrameFlag.REMOTE) == message.is_remote_frame
        assert bool(flags & FrameFlag.FD) == message.is_fd
        assert bool(flags & FrameFlag.BITRATE_SWITCH) == message.bitrate_switch
        assert bool(flags & FrameFlag.ERROR_STATE) == message.error_state_indicator
        assert bool(flags & FrameFlag.TRANSMITTED) != message.is_rx
        assert batch.length[row] == message.dlc
        if message.is_error_frame:
            continue
        assert bool(flags & FrameFlag.EXTENDED) == message.is_extended_id
        assert batch.arbitration_id[row] == message.arbitration_id
        payload = bytes(message.data)
        assert batch.payload[row].tobytes() == payload.ljust(batch.payload.shape[1], b"\0")
