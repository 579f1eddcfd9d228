"""Written captures read back as they were."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from can import CanutilsLogReader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.errors import SourceError
from canlock.model.frames import FrameBatch, FrameFlag, empty_batch, join_batches
from canlock.sources.candump_writer import candump_lines
from canlock.sources.capture import open_capture
from canlock.sources.writer import write_capture

FILE_TESTS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def read(path: Path) -> FrameBatch:
    items = open_capture(path).batches()
    return join_batches([item for item in items if isinstance(item, FrameBatch)])


@st.composite
def a_batch(draw: st.DrawFn) -> FrameBatch:
    count = draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    times_us = np.sort(rng.integers(0, draw(st.sampled_from([10**7, 4 * 10**15])), count))
    kinds = [0, FrameFlag.EXTENDED, FrameFlag.FD, FrameFlag.FD | FrameFlag.BITRATE_SWITCH]
    kinds += [FrameFlag.FD | FrameFlag.ERROR_STATE | FrameFlag.EXTENDED, FrameFlag.REMOTE]
    kinds += [FrameFlag.ERROR, FrameFlag.EXTENDED | FrameFlag.REMOTE]
    flags = rng.choice(np.array(kinds, np.uint8), count)
    flags |= rng.choice(np.array([0, FrameFlag.TRANSMITTED], np.uint8), count)
    is_wide = flags & np.uint8(FrameFlag.EXTENDED | FrameFlag.ERROR) > 0
    ids = rng.integers(1, np.where(is_wide, 0x2000_0000, 0x800)).astype(np.uint32)
    is_fd = flags & np.uint8(FrameFlag.FD) > 0
    length = rng.integers(0, np.where(is_fd, 65, 9)).astype(np.uint8)
    payload = rng.integers(0, 256, (count, 64)).astype(np.uint8)
    payload[np.arange(64) >= length[:, None]] = 0
    payload[flags & np.uint8(FrameFlag.REMOTE) > 0] = 0
    channel = rng.integers(0, 3, count).astype(np.uint8)
    names = ("can0", "vcan11", "x")
    return FrameBatch(times_us / 1e6, ids, flags, length, channel, payload, names)


def assert_same(found: FrameBatch, batch: FrameBatch) -> None:
    np.testing.assert_array_equal(found.timestamp_s, batch.timestamp_s)
    np.testing.assert_array_equal(found.arbitration_id, batch.arbitration_id)
    np.testing.assert_array_equal(found.flags, batch.flags)
    np.testing.assert_array_equal(found.length, batch.length)
    width = found.payload.shape[1]
    np.testing.assert_array_equal(found.payload, batch.payload[:, :width])
    assert not batch.payload[:, width:].any()
    assert [found.channels[n] for n in found.channel] == [batch.channels[n] for n in batch.channel]


@FILE_TESTS
@given(a_batch())
def test_a_written_candump_log_reads_back_the_same(tmp_path: Path, batch: FrameBatch) -> None:
    path = tmp_path / "a.log"
    write_capture(path, [batch.take(slice(0, 3)), empty_batch(), batch.take(slice(3, None))])
    assert_same(read(path), batch)


def a_plain_batch(count: int = 50) -> FrameBatch:
    return FrameBatch(
        (1_700_000_000_000_123 + 1000 * np.arange(count)) / 1e6,
        (0x100 + np.arange(count)).astype(np.uint32),
        np.where(np.arange(count) % 3, 0, FrameFlag.EXTENDED).astype(np.uint8),
        (np.arange(count) % 9).astype(np.uint8),
        (np.arange(count) % 2).astype(np.uint8),
        np.where(np.arange(8) < (np.arange(count) % 9)[:, None], 0xA5, 0).astype(np.uint8),
        ("can0", "can1"),
    )


def test_a_candump_log_has_the_form_that_candump_writes() -> None:
    flags = np.array(
        [
            0,
            FrameFlag.EXTENDED,
            FrameFlag.FD | FrameFlag.BITRATE_SWITCH,
            FrameFlag.REMOTE,
            FrameFlag.REMOTE | FrameFlag.TRANSMITTED,
            FrameFlag.ERROR,
        ],
        np.uint8,
    )
    payload = np.zeros((6, 8), np.uint8)
    payload[:, :2] = (0x0A, 0xFF)
    payload[3:5] = 0
    batch = FrameBatch(
        np.array([0.0, 371.19, 1_700_000_000.000001, 1_700_000_000.5, 1e10, 99_999_999_999.25]),
        np.array([0x5, 0x12DD546C, 0x7FF, 0x130, 0x130, 0], np.uint32),
        flags,
        np.array([2, 1, 2, 0, 8, 2], np.uint8),
        np.array([0, 1, 2, 3, 0, 0], np.uint8),
        payload,
        ("can0", "", "7", "a b\u00e4"),
    )
    assert candump_lines(batch).decode().splitlines() == [
        "(0000000000.000000) can0 005#0AFF",
        "(0000000371.190000) can0 12DD546C#0A",
        "(1700000000.000001) can7 7FF##10AFF",
        "(1700000000.500000) a_b_ 130#R",
        "(10000000000.000000) can0 130#R8 T",
        "(99999999999.250000) can0 20000080#0AFF",
    ]


def test_the_same_frames_give_the_same_bytes_and_python_can_reads_them(tmp_path: Path) -> None:
    batch = a_plain_batch()
    paths = [tmp_path / name for name in ("a.log", "b.log", "a.log.gz", "c.LOG.GZ")]
    for path in paths:
        write_capture(path, [batch])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[2].read_bytes() == paths[3].read_bytes()
    assert gzip.decompress(paths[2].read_bytes()) == paths[0].read_bytes()
    with CanutilsLogReader(str(paths[0])) as reader:
        messages = list(reader)
    assert [message.timestamp for message in messages] == batch.timestamp_s.tolist()
    assert [message.arbitration_id for message in messages] == batch.arbitration_id.tolist()


@pytest.mark.parametrize("suffix", [".asc", ".blf", ".csv", ".trc", ".db", ".blf.gz", ".db.gz"])
def test_what_other_formats_can_hold_reads_back_the_same(tmp_path: Path, suffix: str) -> None:
    batch = a_plain_batch()
    path = tmp_path / f"a{suffix}"
    write_capture(path, [batch])
    found = read(path)
    assert found.timestamp_s == pytest.approx(batch.timestamp_s, abs=1e-6)
    np.testing.assert_array_equal(found.keys, batch.keys)
    np.testing.assert_array_equal(found.length, batch.length)
    np.testing.assert_array_equal(found.payload, batch.payload)


def test_a_database_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    for _ in range(2):
        write_capture(path, [a_plain_batch()])
    assert len(read(path)) == 50


@pytest.mark.parametrize("name", ["a", "a.xyz", "a.gz", "a.xyz.gz"])
def test_an_unknown_suffix_gets_one_clear_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(SourceError, match=r"expected one of \.log") as raised:
        write_capture(path, [a_plain_batch()])
    assert str(raised.value).startswith(f"{path}: found ")
    assert not path.exists()


@pytest.mark.parametrize("name", ["a.log", "a.log.gz", "a.asc", "a.db"])
def test_a_place_that_cannot_be_written_gets_one_clear_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "missing" / name
    with pytest.raises(SourceError, match="cannot be written") as raised:
        write_capture(path, [a_plain_batch()])
    assert str(raised.value).startswith(f"{path}: found ")
    assert "\n" not in str(raised.value)


def test_writing_mf4_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canlock.sources.writer.find_spec", lambda _: None)
    with pytest.raises(SourceError, match="pip install asammdf"):
        write_capture(tmp_path / "a.mf4", [a_plain_batch()])
