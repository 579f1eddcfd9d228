"""Several captures of one drive, read as one."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, join_batches
from canlock.model.stream import Gap
from canlock.sources.drive import DriveReader, open_captures
from canlock.sources.order import OutOfOrderError


def write(path: Path, times_ms: list[int], payload: int) -> Path:
    lines = [f"({t // 1000}.{t % 1000:03d}000) can{payload} 130#{payload:02X}\n" for t in times_ms]
    path.write_text("".join(lines) or "\n(1.0) can0 7FF#\n")
    return path


def read(reader: DriveReader) -> FrameBatch:
    return join_batches([item for item in reader.batches() if isinstance(item, FrameBatch)])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(st.integers(1000, 4000), min_size=1, max_size=60).map(sorted),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([60, 400, 1 << 20]),
)
def test_frames_of_all_files_come_in_the_order_of_time(
    tmp_path: Path, files: list[list[int]], block_bytes: int
) -> None:
    paths = [write(tmp_path / f"{number}.log", times, number) for number, times in enumerate(files)]
    reader = open_captures(paths, block_bytes=block_bytes)
    batch = read(reader)
    expected = sorted((t / 1000, number) for number, times in enumerate(files) for t in times)
    assert batch.timestamp_s.tolist() == [time for time, _ in expected]
    found = sorted(zip(batch.timestamp_s.tolist(), batch.payload[:, 0].tolist(), strict=True))
    assert found == expected
    names = [batch.channels[number] for number in batch.channel]
    assert names == [f"can{number}" for number in batch.payload[:, 0]]
    assert reader.info.frames == len(expected)
    assert (reader.info.first_s, reader.info.last_s) == (expected[0][0], expected[-1][0])


def test_files_of_different_formats_follow_one_another(tmp_path: Path) -> None:
    first = write(tmp_path / "a.log", [2000, 3000], 1)
    second = tmp_path / "b.crtd.gz"
    second.write_bytes(gzip.compress(b"1.500000 1R11 130 02\n4.000000 1R11 130 02\n"))
    reader = open_captures([first, second], frozenset({0x130}))
    batch = read(reader)
    assert batch.timestamp_s.tolist() == [1.5, 2.0, 3.0, 4.0]
    assert batch.payload[:, 0].tolist() == [2, 1, 1, 2]
    assert reader.info.format == "candump, crtd"
    assert reader.slow is None


def test_damage_and_gaps_of_each_file_are_told(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.log", [n * 1000 + k for k in range(10)], n) for n in (1, 2)]
    for path in paths:
        lines = path.read_text().splitlines(keepends=True)
        lines[5] = "noise\n"
        path.write_text("".join(lines))
    reader = open_captures(paths)
    gaps = [item for item in reader.batches() if isinstance(item, Gap)]
    assert [gap.at_s for gap in gaps] == [1.004, 2.004]
    assert reader.info.bad_lines == 2
    assert [damage.place for damage in reader.info.damage] == [f"{path}:6" for path in paths]


def test_a_file_that_is_out_of_order_is_put_in_order(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "a.log", [1000, 3000, 2000, 5000], 1),
        write(tmp_path / "b.log", [500, 4000], 2),
    ]
    with pytest.raises(OutOfOrderError):
        list(open_captures(paths).batches())
    reader = open_captures(paths, in_order=False)
    assert read(reader).timestamp_s.tolist() == [0.5, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert reader.info.out_of_order == 1


def test_files_without_wanted_frames_are_counted(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a.log", [1000, 2000], 1), tmp_path / "b.log"]
    paths[1].write_text("(1.5) can0 131#01\n")
    reader = open_captures(paths, frozenset({0x130}))
    assert len(read(reader)) == 2
    assert reader.info.frames == 3


RECORDS = st.tuples(
    st.integers(0, 12), st.sampled_from(["can0", "can1"]), st.sampled_from(["130#01", "130#02"])
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.lists(RECORDS, min_size=1, max_size=30), min_size=1, max_size=3),
    st.sampled_from([60, 200, 1 << 20]),
    st.booleans(),
)
def test_a_frame_that_stands_in_several_files_is_one(
    tmp_path: Path, files: list[list[tuple[int, str, str]]], block_bytes: int, in_order: bool
) -> None:
    paths = []
    expected: Counter[tuple[int, str, str]] = Counter()
    for number, records in enumerate(files):
        ordered = sorted(records, key=lambda record: record[0])
        path = tmp_path / f"{number}.log"
        path.write_text("".join(f"(5.{at:06d}) {name} {text}\n" for at, name, text in ordered))
        paths.append(path)
        # A frame that one file has twice is there twice: its clock may be coarse.
        expected |= Counter(records)
    reader = open_captures(paths, block_bytes=block_bytes, in_order=in_order)
    batch = read(reader)
    times_us = [round((at_s - 5) * 1e6) for at_s in batch.timestamp_s.tolist()]
    assert times_us == sorted(times_us)
    names = [batch.channels[number] for number in batch.channel]
    texts = [f"130#{payload:02X}" for payload in batch.payload[:, 0]]
    assert Counter(zip(times_us, names, texts, strict=True)) == expected
    assert reader.repeated == sum(map(len, files)) - expected.total()


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("(1.000000) can0 130#0102", 1),
        ("(1.000001) can0 130#0102", 2),
        ("(1.000000) can1 130#0102", 2),
        ("(1.000000) can0 131#0102", 2),
        ("(1.000000) can0 00000130#0102", 2),
        ("(1.000000) can0 130#010200", 2),
        ("(1.000000) can0 130#0103", 2),
        ("(1.000000) can0 130##00102", 2),
        ("(1.000000) can0 130#R2", 2),
    ],
)
def test_frames_that_differ_in_anything_are_two(tmp_path: Path, line: str, count: int) -> None:
    paths = [tmp_path / "a.log", tmp_path / "b.log"]
    paths[0].write_text("(1.000000) can0 130#0102\n")
    paths[1].write_text(f"{line}\n")
    reader = open_captures(paths)
    assert len(read(reader)) == count
    assert reader.repeated == 2 - count
