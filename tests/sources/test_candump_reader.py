"""The candump reader against python-can's own, and against a plain reading of the grammar."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from can import CanutilsLogReader, CanutilsLogWriter, Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, FrameFlag, frame_key, join_batches
from canlock.sources.candump import CandumpSource
from canlock.sources.damage import DamageLog
from canlock.sources.streams import GZIP_MAGIC, ZSTD_MAGIC
from canlock.sources.stretch import Stretch, Wanted

BLOCK_SIZES = (1, 7, 64, 333, 1 << 20)
FILE_TESTS = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Frame(NamedTuple):
    """One frame as plain values."""

    time_s: float
    arbitration_id: int
    flags: int
    length: int
    payload: bytes
    channel: str


class Reading(NamedTuple):
    """All that a reader gave."""

    frames: list[Frame]
    stretches: list[Stretch]
    log: DamageLog


def read(path: Path, block_bytes: int = 1 << 20, keys: frozenset[int] | None = None) -> Reading:
    log = DamageLog(path)
    stretches = list(CandumpSource(path, block_bytes).stretches(Wanted(keys), log))
    frames = [frame for stretch in stretches for frame in as_frames(stretch.kept)]
    return Reading(frames, stretches, log)


def as_frames(batch: FrameBatch) -> list[Frame]:
    rows = zip(
        batch.timestamp_s.tolist(),
        batch.arbitration_id.tolist(),
        batch.flags.tolist(),
        batch.length.tolist(),
        [row.tobytes() for row in batch.payload],
        batch.channel.tolist(),
        strict=True,
    )
    frames = []
    for time_s, arbitration_id, flags, length, payload, channel in rows:
        size = 0 if flags & FrameFlag.REMOTE else length
        assert not any(payload[size:])
        name = batch.channels[channel]
        frames.append(Frame(time_s, arbitration_id, flags, length, payload[:size], name))
    return frames


# A plain reading of the grammar, one line at a time: the oracle.

LINE = re.compile(
    rb"[ \t\v\f\r]*\((?P<time>\d{1,16}(?:\.(?P<fraction>\d{0,16}))?)\)[ \t\v\f\r]+"
    rb"(?P<channel>[!-~]{1,64})[ \t\v\f\r]+(?P<id>[0-9a-fA-F]{1,8})#"
    rb"(?:(?P<classic>(?:[0-9a-fA-F]{2}){0,8})"
    rb"|(?P<coded>[0-9a-fA-F]{16})_[9a-fA-F]"
    rb"|[rR](?P<remote>[0-8]|8_[9a-fA-F])?"
    rb"|\#(?P<mode>[0-9a-fA-F])(?P<fd>(?:[0-9a-fA-F]{2}){0,64}))"
    rb"(?:[ \t\v\f\r]+(?P<direction>[rRtT]))?[ \t\v\f\r]*"
)


def oracle(text: bytes) -> tuple[list[Frame], int]:
    """Return the frames of a log and the number of its bad lines."""
    frames = []
    bad = 0
    for line in text.split(b"\n"):
        if not line.strip(b" \t\v\f\r"):
            continue
        match = LINE.fullmatch(line)
        frame = _frame(match) if match and len(line) < 4096 else None
        if frame is None:
            bad += 1
        else:
            frames.append(frame)
    return frames, bad


def _frame(match: re.Match[bytes]) -> Frame | None:
    value = int(match["id"], 16)
    flags = FrameFlag.TRANSMITTED if match["direction"] in (b"t", b"T") else FrameFlag(0)
    if len(match["id"]) > 3:
        if value >= 0x4000_0000:
            return None
        flags |= FrameFlag.ERROR if value & 0x2000_0000 else FrameFlag.EXTENDED
    elif value > 0x7FF:
        return None
    if float(match["time"]) > 1e11:
        return None
    data = match["classic"] or match["coded"] or match["fd"] or b""
    length = len(data) // 2
    if match["mode"] is not None:
        mode = int(match["mode"], 16)
        flags |= FrameFlag.FD
        flags |= FrameFlag.BITRATE_SWITCH if mode & 1 else FrameFlag(0)
        flags |= FrameFlag.ERROR_STATE if mode & 2 else FrameFlag(0)
    elif match["classic"] is None and match["coded"] is None:
        flags |= FrameFlag.REMOTE
        length = int((match["remote"] or b"0")[:1])
    return Frame(
        float(match["time"]),
        value & 0x1FFF_FFFF,
        int(flags),
        length,
        bytes.fromhex(data.decode()),
        match["channel"].decode(),
    )


def assert_read_as_the_oracle_does(path: Path, text: bytes, block_bytes: int) -> Reading:
    path.write_bytes(text)
    frames, bad = oracle(text)
    found = read(path, block_bytes)
    if found.log.is_truncated and found.log.bad_lines == bad + 1:
        # A last line that has no end and fewer bytes than its like is no frame.
        assert not text.endswith(b"\n")
        del frames[-1]
        bad += 1
    assert found.log.bad_lines == bad
    assert [frame[1:] for frame in found.frames] == [frame[1:] for frame in frames]
    times = [frame.time_s for frame in found.frames]
    np.testing.assert_array_max_ulp(np.array(times), np.array([f.time_s for f in frames]), 1)
    return found


MICROSECONDS = st.integers(0, 4_000_000_000_000_000)
CHANNELS = st.sampled_from(["can0", "can1", "vcan12", "slcan_on_the_desk", "7"])
IDENTIFIERS = st.one_of(
    st.tuples(st.just(False), st.integers(0, 0x7FF)),
    st.tuples(st.just(True), st.integers(0, 0x1FFF_FFFF)),
)
KINDS = st.sampled_from(["classic", "classic", "classic", "fd", "remote", "error"])


@st.composite
def a_message(draw: st.DrawFn) -> Message:
    is_extended, arbitration_id = draw(IDENTIFIERS)
    kind = draw(KINDS)
    size = 64 if kind == "fd" else 8
    return Message(
        timestamp=draw(MICROSECONDS) / 1e6,
        arbitration_id=arbitration_id,
        is_extended_id=is_extended,
        is_fd=kind == "fd",
        bitrate_switch=kind == "fd" and draw(st.booleans()),
        error_state_indicator=kind == "fd" and draw(st.booleans()),
        is_remote_frame=kind == "remote",
        is_error_frame=kind == "error",
        is_rx=draw(st.booleans()) or kind == "error",
        channel=draw(CHANNELS),
        data=None if kind == "remote" else draw(st.binary(max_size=size)),
    )


def as_frame(message: Message, *, is_written: bool = False) -> Frame:
    """Return what canlock should make of a message. python-can writes digits as `can7`."""
    flags = FrameFlag(0) if message.is_rx else FrameFlag.TRANSMITTED
    if message.is_error_frame:
        return Frame(message.timestamp, 0, int(FrameFlag.ERROR), 0, b"", "")
    flags |= FrameFlag.EXTENDED if message.is_extended_id else FrameFlag(0)
    flags |= FrameFlag.REMOTE if message.is_remote_frame else FrameFlag(0)
    flags |= FrameFlag.FD if message.is_fd else FrameFlag(0)
    flags |= FrameFlag.BITRATE_SWITCH if message.bitrate_switch else FrameFlag(0)
    flags |= FrameFlag.ERROR_STATE if message.error_state_indicator else FrameFlag(0)
    channel = str(message.channel)
    return Frame(
        message.timestamp,
        message.arbitration_id,
        int(flags),
        len(message.data),
        bytes(message.data),
        f"can{channel}" if is_written and channel.isdigit() else channel,
    )


def without_error_details(frame: Frame) -> Frame:
    """python-can forgets what an error frame carried; canlock keeps it."""
    if frame.flags & FrameFlag.ERROR:
        return Frame(frame.time_s, 0, int(FrameFlag.ERROR), 0, b"", "")
    return frame


@FILE_TESTS
@given(st.lists(a_message(), max_size=25), st.sampled_from(BLOCK_SIZES))
def test_what_python_can_wrote_is_read_as_it_was_and_as_python_can_reads_it(
    tmp_path: Path, messages: list[Message], block_bytes: int
) -> None:
    # python-can's writer gives a message the time of the one before where that is later.
    messages = sorted(messages, key=lambda message: message.timestamp)
    path = tmp_path / "written.log"
    with CanutilsLogWriter(str(path)) as writer:
        for message in messages:
            writer.on_message_received(message)

    found = [without_error_details(frame) for frame in read(path, block_bytes).frames]

    assert found == [as_frame(message, is_written=True) for message in messages]
    with CanutilsLogReader(str(path)) as reader:
        assert found == [as_frame(message) for message in reader]


@FILE_TESTS
@given(
    st.binary(max_size=300).filter(lambda text: not text.startswith((GZIP_MAGIC, ZSTD_MAGIC))),
    st.sampled_from(BLOCK_SIZES),
)
def test_random_bytes_are_counted_as_the_grammar_says(
    tmp_path: Path, text: bytes, block_bytes: int
) -> None:
    assert_read_as_the_oracle_does(tmp_path / "noise.log", text, block_bytes)


GOOD_LINES = st.sampled_from(
    [
        b"(1700000000.000000) can0 130#4142A10FD2\n",
        b"(1700000000.000000) can0 1D0#65FF44D0A3480D90\n",
        b"(1700000000.000000) can1 130#\n",
        b"(371.190000) vcan0 1B000010#1050011400290100 R\n",
        b"(0000000371.190000)  can0\t12DD546C#00 T \r\n",
        b"(1700000000.5) can0 7ff##3" + b"0a" * 64 + b"\n",
        b"(1700000000.123456789) can0 130##0\r\n",
        b"(12) can0 130#R\n",
        b"(12.) can0 00000130#r8_F t\n",
        b"(1700000000.000000) can0 20000004#0001000000000000\n",
        b"(1700000000.000000) can0 130#0011223344556677_9\n",
        b"\n",
        b" \t\r\n",
    ]
)
PLAIN_LINES = st.builds(
    lambda us, key, data: b"(17000000%02d.%06d) can0 %03X#%s\n" % (us % 100, us, key, data),
    st.integers(0, 999_999),
    st.integers(0, 0x7FF),
    st.binary(max_size=8).map(lambda data: data.hex().upper().encode()),
)
CHARACTERS = st.sampled_from(
    [bytes([byte]) for byte in b"\n\r \t\0\x1f\x7f\x80\xff#()._/:@G`gRT08aF"]
)
DAMAGES = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["put", "drop", "replace"]), CHARACTERS), max_size=3
)


def damaged(lines: list[bytes], damages: list[tuple[float, str, bytes]]) -> bytes:
    text = b"".join(lines)
    for where, what, character in damages:
        at = int(where * len(text))
        behind = text[at:] if what == "put" else text[at + 1 :]
        text = text[:at] + (b"" if what == "drop" else character) + behind
    return text


@FILE_TESTS
@given(
    st.one_of(
        st.lists(st.one_of(GOOD_LINES, PLAIN_LINES), max_size=8), st.lists(PLAIN_LINES, max_size=8)
    ),
    DAMAGES,
    st.sampled_from(BLOCK_SIZES),
)
def test_each_good_line_is_read_whatever_befell_its_neighbours(
    tmp_path: Path,
    lines: list[bytes],
    damages: list[tuple[float, str, bytes]],
    block_bytes: int,
) -> None:
    text = damaged(lines, damages)
    assert_read_as_the_oracle_does(tmp_path / "damaged.log", text, block_bytes)


def lines_of(count: int, *, length: int | None = None, suffix: str = "") -> bytes:
    """Return plain lines, of one payload length or of many."""
    lines = []
    for row in range(count):
        data = bytes((row + column) % 256 for column in range(8))[: length or row % 9].hex()
        time_us = 1_700_000_000_000_000 + 625 * row
        lines.append(
            f"({time_us // 10**6}.{time_us % 10**6:06d}) can{row % 2} "
            f"{row % 2048:03X}#{data}{suffix}\n"
        )
    return "".join(lines).encode()


@pytest.mark.parametrize("block_bytes", [*BLOCK_SIZES, 4096])
@pytest.mark.parametrize("suffix", ["", " R", " T", "\r", " R\r"])
@pytest.mark.parametrize("length", [8, 3, None])
def test_lines_that_are_alike_are_read_as_others_are(
    tmp_path: Path, length: int | None, suffix: str, block_bytes: int
) -> None:
    text = lines_of(60, length=length, suffix=suffix)
    found = assert_read_as_the_oracle_does(tmp_path / "alike.log", text, block_bytes)
    assert len(found.frames) == 60
    assert {frame.channel for frame in found.frames} == {"can0", "can1"}


@pytest.mark.parametrize(
    "last", [b"(12.5) can0 130#1", b"(12.5) can0 130", b"(12.5) can0 130#4142 X", b"\xff\n"]
)
@pytest.mark.parametrize("length", [8, None])
def test_one_strange_line_among_many_alike_costs_only_itself(
    tmp_path: Path, length: int | None, last: bytes
) -> None:
    text = lines_of(50, length=length) + last + b"\n" + lines_of(50, length=length)
    found = assert_read_as_the_oracle_does(tmp_path / "alike.log", text, 1 << 20)
    assert len(found.frames) == 100


def test_a_file_cut_at_any_byte_gives_the_frames_before_the_cut(tmp_path: Path) -> None:
    whole = lines_of(2, length=5) + lines_of(2, length=5) + b"(1700000001.0) can0 130##1AABB T\n"
    frames = oracle(whole)[0]
    path = tmp_path / "cut.log"
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        found = read(path, 32)
        ended = whole[:size].count(b"\n")
        assert found.frames[:ended] == frames[:ended]
        for extra in found.frames[ended:]:
            # The last line may lack its newline, its direction or its last bytes.
            assert extra.arbitration_id == frames[ended].arbitration_id
            assert frames[ended].payload.startswith(extra.payload)
        assert found.log.bad_lines == found.log.is_truncated
        is_mid_line = size > 0 and whole[size - 1 : size] != b"\n"
        assert found.log.is_truncated <= is_mid_line


def test_a_cut_line_that_looks_whole_is_told_by_its_like(tmp_path: Path) -> None:
    path = tmp_path / "cut.log"
    line = b"(1700000000.000000) can0 130#4142A10FD2\n"
    path.write_bytes(line * 3 + line[:-5])
    found = read(path, 1)
    assert len(found.frames) == 3
    assert found.log.is_truncated
    assert [damage.place for damage in found.log.places] == [f"{path}:4"]
    assert "cut off in mid-line" in found.log.places[0].text


@pytest.mark.parametrize("shorter", [b"", b"(1700000000.000000) can0 130#41\n"])
def test_a_last_line_without_an_end_counts_where_nothing_speaks_against_it(
    tmp_path: Path, shorter: bytes
) -> None:
    path = tmp_path / "whole.log"
    path.write_bytes(shorter + b"(1700000000.000000) can0 130#4142")
    found = read(path)
    assert found.frames[-1].payload == b"\x41\x42"
    assert not found.log.is_truncated
    assert found.log.places == ()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"\x00\x01 noise", "found `\\x00\\x01 noise`, expected `(seconds) channel id#data`"),
        (b"(1.0) can0 130#414", "found 3 digits of data, expected two a byte"),
        (b"(1.0) can0 130#" + b"00" * 9, "found 9 bytes of data, expected 8 at most"),
        (b"(1.0) can0 130##0" + b"00" * 65, "found 65 bytes of data, expected 64 at most"),
        (b"(1.0) can0 130#41G2", "found `G` in the data, expected hexadecimal digits only"),
        (b"(1.0) can0 800#00", "found the id 800, expected 7FF at most, or eight digits"),
        (b"(1.0) can0 40000000#00", "found the id 40000000, expected 1FFFFFFF at most"),
        (b"(100000000001.0) can0 1#", "found the time stamp 100000000001.0, expected seconds"),
        (b"(-1.0) can0 130#00", "found `(-1.0) can0 130#00`, expected"),
        (b"(nan) can0 130#00", "found `(nan) can0 130#00`, expected"),
        (b"(1.0) can0 130##", "found `#` behind the id, expected the flags of a CAN FD frame"),
    ],
)
def test_a_bad_line_is_located_and_explained(tmp_path: Path, line: bytes, found: str) -> None:
    path = tmp_path / "bad.log"
    path.write_bytes(b"(1.0) can0 130#00\n\n" + line + b"\n(2.0) can0 130#00\n")
    log = read(path).log
    assert log.bad_lines == 1
    assert [damage.place for damage in log.places] == [f"{path}:3"]
    assert log.places[0].text.startswith(found)


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    good = b"(1.0) can0 130#00\n"
    path.write_bytes(good + b"x" * 3_000_000 + b"\n" + good)
    found = read(path, 1 << 16)
    assert (len(found.frames), found.log.bad_lines) == (2, 1)
    assert found.stretches[-1].number.tolist()[-1] == 3


def test_only_wanted_and_error_frames_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "many.log"
    path.write_bytes(
        b"(1.0) can0 130#01\n(1.1) can0 131#02\n(1.2) can0 00000130#03\n(1.3) can0 130#R\n"
        b"(1.4) can0 20000130#05\n(1.5) can0 1FFFFFFF#06\n"
    )
    keys = frozenset({0x130, frame_key(0x1FFF_FFFF, is_extended=True)})
    found = read(path, keys=keys)
    assert [frame.time_s for frame in found.frames] == [1.0, 1.3, 1.4, 1.5]
    assert sum(len(stretch.timestamp_s) for stretch in found.stretches) == 6
    assert [row for stretch in found.stretches for row in stretch.kept_rows] == [0, 3, 4, 5]


def test_more_channels_than_a_byte_counts_share_a_name(tmp_path: Path) -> None:
    path = tmp_path / "channels.log"
    path.write_bytes(b"".join(b"(1.0) bus%d 130#00\n" % number for number in range(300)))
    names = [frame.channel for frame in read(path).frames]
    assert names[:255] == [f"bus{number}" for number in range(255)]
    assert set(names[255:]) == {"others"}


def test_packed_logs_read_as_unpacked_ones(tmp_path: Path) -> None:
    text = lines_of(5000)
    plain, packed = tmp_path / "a.log", tmp_path / "b.log"
    plain.write_bytes(text)
    # Two members on end, and zeros behind them as tapes leave.
    packed.write_bytes(gzip.compress(text[:1001]) + gzip.compress(text[1001:]) + bytes(16))
    assert read(packed).frames == read(plain).frames
    assert read(packed).log.bad_lines == 0


def test_a_packed_log_that_was_cut_off_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    text = lines_of(20_000)
    packed = gzip.compress(text)
    path = tmp_path / "cut.log.gz"
    path.write_bytes(packed[: len(packed) // 2])
    found = read(path)
    whole = oracle(text)[0]
    assert 1000 < len(found.frames) < len(whole)
    assert found.frames[:-1] == whole[: len(found.frames) - 1]
    assert found.log.is_truncated
    assert "the end of the file in the middle of its gzip data" in found.log.places[-1].text


def test_damaged_gzip_data_end_the_log_and_are_told(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(lines_of(20_000)))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "damaged.log.gz"
    path.write_bytes(packed)
    found = read(path)
    assert len(found.frames) > 1000
    assert found.log.is_truncated
    assert "damaged gzip data" in found.log.places[-1].text


def test_batches_join_whatever_their_payload_widths_are(tmp_path: Path) -> None:
    path = tmp_path / "mixed.log"
    path.write_bytes(b"(1.0) can0 130#01\n(1.1) can1 130##0" + b"02" * 12 + b"\n")
    batch = join_batches([stretch.kept for stretch in read(path, 1).stretches])
    assert batch.payload.shape == (2, 64)
    assert [batch.channels[number] for number in batch.channel] == ["can0", "can1"]
