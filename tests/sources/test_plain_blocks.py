"""Blocks looked at as a whole against the same blocks looked at line by line."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from can import ASCWriter, BLFWriter, Message, TRCWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, frame_key, join_batches
from canlock.sources.blf import BlfSource
from canlock.sources.capture import open_capture
from canlock.sources.damage import DamageLog
from canlock.sources.extremes import find_extremes
from canlock.sources.lines import MARGIN, LineBlock, find_newlines
from canlock.sources.stretch import FrameSource, Skim, Wanted

FILE_TESTS = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
WANTED = frozenset({0x2A0, 0x0E2, 0x00F, frame_key(0x12DD546C, is_extended=True)})
IDS = (0x2A0, 0x0E2, 0x00F, 0x7FF, 0x300, 0x012)
LINES: dict[str, Callable[[int, int, str], str]] = {
    "asc": lambda us, number, data: (
        f"{us / 1e6:>11.6f} 1  {number:<15X} Rx   d {len(data.split())} {data}"
    ),
    "asc-tail": lambda us, number, data: (
        f"{us / 1e6:>11.6f} 2  {number:<15X} Rx   d {len(data.split())} {data}  Length = 240000"
    ),
    "trc": lambda us, number, data: (
        f"{us % 9999999:>7} {us / 1e3 + 10_000:13.3f} DT  1     {number:04X} Rx -  "
        f"{len(data.split())}    {data}"
    ),
    "gvret": lambda us, number, data: (
        f"{us + 10**9},{number:08X},false,Rx,0,{len(data.split())},{data.replace(' ', ',')},"
    ),
    "crtd": lambda us, number, data: f"{1_500_000_000 + us / 1e6:.6f} 1R11 {number:03X} {data}",
    "candump": lambda us, number, data: (
        f"({1_700_000_000 + us // 10**6}.{us % 10**6:06d}) can0 "
        f"{number:03X}#{data.replace(' ', '')}"
    ),
}
HEADERS = {
    "asc": "date Tue Nov 14 10:13:20.250 PM 2023\nbase hex  timestamps absolute\n",
    "trc": ";$FILEVERSION=2.1\n;$STARTTIME=45244.5\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n",
    "gvret": "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n",
}
ODD = {
    "asc": "   0.000000 1  12DD546Cx       Rx   d 8 01 02 03 04 05 06 07 08",
    "trc": "      1         0.100 DT  1 12DD546C Rx -  8    01 02 03 04 05 06 07 08",
    "gvret": "1000000000,12DD546C,true,Rx,0,8,01,02,03,04,05,06,07,08,",
    "crtd": "1500000000.000000 1R29 12DD546C 01 02 03 04 05 06 07 08",
    "candump": "(1700000000.000000) can0 12DD546C#0102030405060708",
}


@st.composite
def a_log(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return a log of many like lines with some odd ones, damaged or not."""
    name = draw(st.sampled_from(sorted(LINES)))
    kind = name.removesuffix("-tail")
    chance = random.Random(draw(st.integers(0, 1 << 30)))
    sizes = draw(st.sampled_from([(8,), (8,), (8, 3), (2,)]))
    step = draw(st.sampled_from([1, 1000, 70_000]))
    lines = [
        LINES[name](
            row * step,
            chance.choice(IDS),
            chance.randbytes(chance.choice(sizes)).hex(" ").upper(),
        )
        for row in range(draw(st.sampled_from([70, 200, 500])))
    ]
    for where in draw(st.lists(st.floats(0, 1, exclude_max=True), max_size=2)):
        lines[int(where * len(lines))] = ODD[kind]
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    content = bytearray((HEADERS.get(kind, "") + end.join(lines) + end).encode())
    damages = st.tuples(st.floats(0.2, 1, exclude_max=True), st.binary(max_size=3))
    for where, new in draw(st.lists(damages, max_size=3)):
        at = int(where * len(content))
        content[at : at + draw(st.integers(0, 3))] = new
    return kind, bytes(content)


def source_of(path: Path, block_bytes: int) -> FrameSource:
    return open_capture(path, block_bytes=block_bytes)._source


def read(path: Path, block_bytes: int, *, is_skimming: bool) -> tuple[Any, ...]:
    log = DamageLog(path)
    source: Any = source_of(path, block_bytes)
    read_all = source.skims if is_skimming else source.stretches
    parts = list(read_all(Wanted(WANTED), log))
    batch = join_batches([part.kept for part in parts])
    frames = sum(part.frame_count for part in parts)
    width = batch.payload.shape[1]
    payload = np.pad(batch.payload, ((0, 0), (0, 64 - width)))
    rows = (
        batch.timestamp_s.tolist(),
        batch.keys.tolist(),
        batch.flags.tolist(),
        batch.length.tolist(),
        [batch.channels[number] for number in batch.channel],
        payload.tobytes(),
    )
    skims = [part for part in parts if isinstance(part, Skim)]
    return rows, frames + log.bad_lines, log.is_truncated, skims


@FILE_TESTS
@given(log=a_log(), block_bytes=st.sampled_from([6000, 1 << 20]))
def test_wanted_frames_are_the_same_and_all_lines_are_counted(
    tmp_path: Path, log: tuple[str, bytes], block_bytes: int
) -> None:
    path = tmp_path / "any.txt"
    path.write_bytes(log[1])
    skimmed, parsed = (read(path, block_bytes, is_skimming=is_one) for is_one in (True, False))
    # A payload that nobody wants may be damaged and nobody is told: the line counts as a frame.
    assert skimmed[:3] == parsed[:3]


@pytest.mark.parametrize("name", sorted(LINES))
def test_logs_of_like_lines_are_looked_at_as_a_whole(tmp_path: Path, name: str) -> None:
    path = tmp_path / "any.txt"
    lines = [LINES[name](row * 1000, IDS[row % 6], "01 02 03 04 05 06 07 08") for row in range(900)]
    path.write_text(HEADERS.get(name.removesuffix("-tail"), "") + "\n".join(lines) + "\n")
    _, _, _, skims = read(path, 12_000, is_skimming=True)
    assert sum(skim.frame_count for skim in skims) > 600
    assert all((np.diff(skim.timestamp_s) >= 0).all() for skim in skims)


@pytest.mark.parametrize("suffix", [" R", " T"])
@pytest.mark.parametrize(
    "channels",
    [
        ("can0",),
        ("can0", "vcan12"),
        ("can0", "can1", "vcan12", "can2"),
        ("a", "b", "c", "d", "e"),
        ("can0", "slcan_at_the_obd"),
        ("slcan_14letters", "slcan_fourteens"),
    ],
)
def test_candump_lines_of_some_channels_and_directions(
    tmp_path: Path, suffix: str, channels: tuple[str, ...]
) -> None:
    path = tmp_path / "x.log"
    chance = random.Random(3)
    content = ""
    for row in range(2000):
        data = chance.randbytes(chance.choice([8, 8, 2, 0])).hex()
        number = chance.choice(["2A0", "0e2", "7FF", "12DD546C", "00000130"])
        sent = chance.choice([suffix, " T", " R"])
        content += (
            f"({row // 100:06d}.{row % 100:02d}) {chance.choice(channels)} {number}#{data}{sent}\n"
        )
    path.write_text(content)
    skimmed, parsed = (read(path, 1 << 20, is_skimming=is_one) for is_one in (True, False))
    assert skimmed[:3] == parsed[:3]
    assert skimmed[3]


def messages(count: int) -> list[Message]:
    chance = random.Random(4)
    return [
        Message(
            timestamp=1_700_000_000 + row / 1000,
            arbitration_id=chance.choice(IDS),
            is_extended_id=False,
            data=chance.randbytes(8),
            channel=0,
        )
        for row in range(count)
    ]


@pytest.mark.parametrize(
    ("writer", "suffix"), [(ASCWriter, "asc"), (BLFWriter, "blf"), (TRCWriter, "trc")]
)
def test_what_python_can_wrote_is_the_same_in_part_and_in_full(
    tmp_path: Path, writer: Callable[[Path], Any], suffix: str
) -> None:
    path = tmp_path / f"x.{suffix}"
    with writer(path) as log:
        for message in messages(40_000):
            log.on_message_received(message)
    everything = join_batches(
        [item for item in open_capture(path).batches() if isinstance(item, FrameBatch)]
    )
    reader = open_capture(path, WANTED)
    part = join_batches([item for item in reader.batches() if isinstance(item, FrameBatch)])
    expected = everything.take(np.isin(everything.keys, list(WANTED)))
    for name in ("timestamp_s", "arbitration_id", "flags", "length"):
        assert np.array_equal(getattr(part, name), getattr(expected, name))
    assert np.array_equal(part.payload, expected.payload)
    assert reader.info.frames == 40_000


@pytest.mark.parametrize("place", [0.3, 0.7])
def test_a_time_that_goes_back_in_a_blf_log_is_seen(tmp_path: Path, place: float) -> None:
    path = tmp_path / "x.blf"
    frames = messages(60_000)
    row = int(place * len(frames))
    frames[row].timestamp -= 1.0
    frames[row].arbitration_id = 0x700
    with BLFWriter(path) as log:
        for message in frames:
            log.on_message_received(message)
    parts = list(source_of(path, 1 << 20).skims(Wanted(WANTED), DamageLog(path)))  # type: ignore[attr-defined]
    assert any(part.goes_back for part in parts)
    assert any(isinstance(part, Skim) for part in parts)


@pytest.mark.parametrize("row", [2728, 2729, 2730, 2731])
@pytest.mark.parametrize("step_s", [-0.0005, -0.002])
def test_a_clock_set_back_between_two_blocks_of_a_blf_log_is_seen(
    tmp_path: Path, row: int, step_s: float
) -> None:
    path = tmp_path / "x.blf"
    frames = messages(8000)
    for frame in frames[row:]:
        frame.timestamp += step_s
    with BLFWriter(path) as log:
        for message in frames:
            log.on_message_received(message)
    # A block is one container of 128 KB, or messages 0 to 2729.
    skims = list(BlfSource(path, 1).skims(Wanted(WANTED), DamageLog(path)))
    assert isinstance(skims[0], Skim)
    assert skims[0].frame_count >= 2 * 2730
    times_s = [skim.timestamp_s for skim in skims if skim.frame_count]
    ends_s = [float(ends[end]) for ends in times_s for end in (0, -1)]
    goes_back = any(skim.goes_back for skim in skims) or ends_s != sorted(ends_s)
    assert goes_back == (step_s < -0.001)


@pytest.mark.parametrize("wanted", [WANTED, None, frozenset({0x555})])
def test_messages_of_a_blf_log_keep_their_order_around_others(
    tmp_path: Path, wanted: frozenset[int] | None
) -> None:
    path = tmp_path / "x.blf"
    frames = messages(30_000)
    for row in (9_000, 9_001, 21_000):
        frames[row] = Message(
            timestamp=frames[row].timestamp,
            arbitration_id=0x2A0,
            is_extended_id=False,
            is_fd=True,
            data=bytes(range(64)),
            channel=1,
        )
    with BLFWriter(path) as log:
        for message in frames:
            log.on_message_received(message)
    found = []
    for is_skimming in (True, False):
        source, damage = BlfSource(path, 1 << 17), DamageLog(path)
        read_parts = source.skims if is_skimming else source.stretches
        parts = list(read_parts(Wanted(wanted), damage))
        skim_count = sum(isinstance(part, Skim) for part in parts)
        assert (skim_count > 1) == is_skimming
        batch = join_batches([part.kept for part in parts])
        names = [batch.channels[number] for number in batch.channel]
        columns = (batch.timestamp_s, batch.keys, batch.flags, batch.length)
        rows = [column.tolist() for column in columns]
        count = sum(part.frame_count for part in parts)
        found.append((rows, names, batch.payload.tobytes(), count, damage.bad_lines))
    assert found[0] == found[1]
    assert found[0][3] == 30_000


@given(st.lists(st.integers(0, 90), min_size=1, max_size=40), st.booleans())
def test_newlines_are_found_wherever_they_stand(lengths: list[int], has_room: bool) -> None:
    content = bytes(MARGIN) + b"".join(b"x" * length + b"\n" for length in lengths)
    text = np.frombuffer(content + bytes(MARGIN), np.uint8)
    room = np.ones(1 << 17, np.bool_) if has_room else None
    block = LineBlock(text, MARGIN, len(content), room=room)
    expected = [at for at, character in enumerate(content) if character == ord("\n")]
    assert find_newlines(block).tolist() == expected


def uniform_lines(times_us: list[int]) -> list[bytes]:
    chance = random.Random(5)
    return [
        b"(%d.%06d) can0 %03X#%s\n"
        % (us // 10**6, us % 10**6, chance.choice(IDS), chance.randbytes(8).hex().encode())
        for us in times_us
    ]


def read_both(path: Path) -> list[tuple[Any, int]]:
    """Return what is read with and without skimming, and how many lines are bad."""
    found = []
    for is_skimming in (True, False):
        log = DamageLog(path)
        source: Any = source_of(path, 6000)
        parts = list((source.skims if is_skimming else source.stretches)(Wanted(WANTED), log))
        batch = join_batches([part.kept for part in parts])
        rows = (batch.timestamp_s.tolist(), batch.keys.tolist(), batch.payload.tobytes())
        goes_back = any(part.goes_back for part in parts)
        ends_s = [float(part.timestamp_s[end]) for part in parts for end in (0, -1)]
        goes_back |= ends_s != sorted(ends_s)
        found.append(((rows, goes_back, sum(part.frame_count for part in parts)), log.bad_lines))
    return found


@pytest.mark.parametrize("character", [b"\n", b" ", b"(", b":", b"/", b"\xb0", b"\x00", b"G", b"g"])
def test_damage_in_any_column_of_like_lines_is_noticed(tmp_path: Path, character: bytes) -> None:
    path = tmp_path / "x.log"
    lines = uniform_lines([1_700_000_000_000_000 + row * 700 for row in range(600)])
    row = next(row for row in range(300, 600) if b" 300#" in lines[row])
    for column in range(len(lines[row]) - 1):
        damaged = bytearray(lines[row])
        damaged[column : column + 1] = character
        path.write_bytes(b"".join([*lines[:row], bytes(damaged), *lines[row + 1 :]]))
        (skimmed, bad), (parsed, expected_bad) = read_both(path)
        # Of a payload that nobody wants, only what ends a line must be seen.
        is_seen = column < lines[row].index(b"#") + 1 or character == b"\n"
        assert bad == expected_bad or not is_seen
        assert skimmed == parsed or not is_seen


@settings(max_examples=150, deadline=None)
@given(
    start_s=st.sampled_from([9_999_998, 999_999_998, 1_699_999_998]),
    steps_us=st.lists(
        st.sampled_from([0, 1, 9, 700, 999_999, 10_000_000, 12_345_678, -1, -700]),
        min_size=1,
        max_size=4,
    ),
    every=st.integers(1, 200),
)
def test_times_of_like_lines_are_read_and_ordered_as_others_are(
    tmp_path_factory: pytest.TempPathFactory, start_s: int, steps_us: list[int], every: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "x.log"
    at_us, times_us = start_s * 10**6, []
    for row in range(500):
        at_us += steps_us[row // every % len(steps_us)] if row % every == 0 else 1
        times_us.append(at_us)
    path.write_bytes(b"".join(uniform_lines(times_us)))
    (skimmed, _), (parsed, _) = read_both(path)
    assert skimmed == parsed
    assert skimmed[1] == (times_us != sorted(times_us))


@given(
    table=st.integers(1, 9).flatmap(
        lambda stride: st.lists(
            st.binary(min_size=stride, max_size=stride), min_size=1, max_size=200
        )
    )
)
def test_extremes_are_the_least_and_the_greatest_byte_of_each_column(table: list[bytes]) -> None:
    text = np.frombuffer(b"".join(table), np.uint8)
    least, most = find_extremes(text, len(table[0]))
    columns = list(zip(*table, strict=True))
    assert least.tolist() == [min(column) for column in columns]
    assert most.tolist() == [max(column) for column in columns]
