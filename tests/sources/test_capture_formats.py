"""Formats that python-can writes: the same frames, whatever the file is called, and its damage."""

from __future__ import annotations

import gzip
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from can import (
    ASCReader,
    ASCWriter,
    BLFReader,
    BLFWriter,
    CSVReader,
    CSVWriter,
    Message,
    SqliteReader,
    SqliteWriter,
    TRCReader,
    TRCWriter,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.errors import CaptureUnreadableError
from canlock.model.frames import FrameBatch, FrameFlag, join_batches
from canlock.model.stream import Gap
from canlock.sources.capture import CaptureReader, open_capture, take_census
from canlock.sources.content import recognise_format
from canlock.sources.writer import write_capture

FORMATS = ("asc", "blf", "csv", "sqlite", "trc")
WRITERS: dict[str, Callable[..., Any]] = {
    "asc": ASCWriter,
    "blf": BLFWriter,
    "csv": CSVWriter,
    "trc": TRCWriter,
}
READERS: dict[str, Callable[..., Any]] = {
    "asc": lambda path: ASCReader(path, relative_timestamp=False),
    "blf": BLFReader,
    "csv": CSVReader,
    "sqlite": SqliteReader,
    "trc": TRCReader,
}
FILE_TESTS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
START_S = 1_700_000_000.5


def messages(count: int) -> list[Message]:
    chance = random.Random(3)
    return [
        Message(
            timestamp=START_S + row / 1000,
            arbitration_id=0x100 + row % 40,
            is_extended_id=row % 5 == 0,
            data=chance.randbytes(row % 9),
            channel=row % 2,
            is_rx=row % 7 != 0,
        )
        for row in range(count)
    ]


def write(path: Path, capture_format: str, frames: list[Message]) -> Path:
    """Write with python-can; into a database by canlock, as python-can's writer loses frames."""
    if capture_format == "sqlite":
        temporary = path.with_suffix(".blf")
        write(temporary, "blf", frames)
        write_capture(path.with_suffix(".db"), _batches(open_capture(temporary)))
        path.with_suffix(".db").rename(path)
        return path
    with WRITERS[capture_format](str(path)) as writer:
        for frame in frames:
            writer.on_message_received(frame)
    return path


def _batches(reader: CaptureReader) -> list[FrameBatch]:
    return [item for item in reader.batches() if isinstance(item, FrameBatch)]


def read(path: Path) -> tuple[FrameBatch, CaptureReader]:
    reader = open_capture(path)
    return join_batches(_batches(reader)), reader


def assert_same(batch: FrameBatch, frames: list[Message]) -> None:
    assert len(batch) == len(frames)
    for row, frame in enumerate(frames):
        flags = FrameFlag(int(batch.flags[row]))
        assert batch.timestamp_s[row] == pytest.approx(frame.timestamp, abs=1e-6)
        assert bool(flags & FrameFlag.ERROR) == frame.is_error_frame
        assert bool(flags & FrameFlag.REMOTE) == frame.is_remote_frame
        assert bool(flags & FrameFlag.BITRATE_SWITCH) == frame.bitrate_switch
        if frame.is_error_frame:
            continue
        assert batch.arbitration_id[row] == frame.arbitration_id
        assert bool(flags & FrameFlag.EXTENDED) == frame.is_extended_id
        assert bool(flags & FrameFlag.FD) == frame.is_fd
        assert bool(flags & FrameFlag.TRANSMITTED) != frame.is_rx
        if not frame.is_remote_frame:
            length = int(batch.length[row])
            assert batch.payload[row, :length].tobytes() == bytes(frame.data)
            assert not batch.payload[row, length:].any()
        # Comma-separated logs and databases have no place for channels: python-can writes none, and
        # reads None.
        name = "" if frame.channel is None else str(frame.channel)
        assert batch.channels[batch.channel[row]] == name


@st.composite
def a_message(draw: st.DrawFn) -> Message:
    is_extended = draw(st.booleans())
    kind = draw(st.sampled_from(["classic", "classic", "fd", "remote", "error"]))
    fd_sizes = st.sampled_from([0, 1, 8, 12, 20, 64])
    size = draw(fd_sizes) if kind == "fd" else draw(st.integers(0, 8))
    return Message(
        timestamp=START_S + draw(st.integers(0, 3_000_000)) / 1e6,
        arbitration_id=draw(st.integers(0, 0x1FFF_FFFF if is_extended else 0x7FF)),
        is_extended_id=is_extended,
        is_fd=kind == "fd",
        bitrate_switch=kind == "fd" and draw(st.booleans()),
        error_state_indicator=kind == "fd" and draw(st.booleans()),
        is_remote_frame=kind == "remote",
        is_error_frame=kind == "error",
        is_rx=draw(st.booleans()),
        channel=draw(st.integers(0, 3)),
        dlc=size,
        data=None if kind == "remote" else draw(st.binary(min_size=size, max_size=size)),
    )


@pytest.mark.parametrize("capture_format", FORMATS)
@FILE_TESTS
@given(frames=st.lists(a_message(), min_size=1, max_size=12))
def test_frames_are_those_that_python_can_reads(
    tmp_path: Path, capture_format: str, frames: list[Message]
) -> None:
    path = tmp_path / "capture"
    frames = sorted(frames, key=lambda frame: frame.timestamp)
    # The first has whole tenths: python-can writes 7 ms as `.7` and reads that as 700 ms.
    frames.insert(0, Message(timestamp=START_S, arbitration_id=1, data=b"\1", channel=0))
    # Each file needs one frame that its format can hold, or nobody could tell what it is.
    frames.append(Message(timestamp=START_S + 3, arbitration_id=1, data=b"\1", channel=0))
    write(path, capture_format, frames)
    with READERS[capture_format](str(path)) as reader:
        expected = list(reader)
    batch, reader = read(path)
    assert_same(batch, expected)
    has_channels = capture_format not in {"csv", "sqlite"}
    assert all((frame.channel is not None) == has_channels for frame in expected)
    assert reader.info.format == capture_format
    assert reader.info.damage == ()
    assert reader.info.frames == len(expected)
    assert reader.info.error_frames == sum(frame.is_error_frame for frame in expected)


def test_a_database_that_python_can_wrote_itself_is_read_as_python_can_reads_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.db"
    frames = messages(300)
    frames[7] = Message(timestamp=frames[7].timestamp, is_error_frame=True)
    frames[9] = Message(timestamp=frames[9].timestamp, is_remote_frame=True, dlc=5)
    with SqliteWriter(path) as writer:
        for frame in frames:
            writer.on_message_received(frame)
    with SqliteReader(path) as messages_read:
        expected = list(messages_read)
    assert expected
    assert_same(read(path)[0], expected)


@pytest.mark.parametrize("capture_format", FORMATS)
@pytest.mark.parametrize("is_packed", [False, True])
def test_the_format_is_told_by_the_content_packed_or_not(
    tmp_path: Path, capture_format: str, is_packed: bool
) -> None:
    path = tmp_path / "no-such-format.mp3"
    frames = messages(300)
    write(path, capture_format, frames)
    if is_packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert recognise_format(path) == capture_format
    batch, reader = read(path)
    assert len(batch) == 300
    assert batch.timestamp_s[0] == pytest.approx(START_S, abs=1e-6)
    assert batch.timestamp_s[-1] == pytest.approx(START_S + 0.299, abs=1e-6)
    assert reader.info.first_s == batch.timestamp_s[0]


@pytest.mark.parametrize("capture_format", ["asc", "csv", "trc"])
def test_bad_lines_cost_only_themselves(tmp_path: Path, capture_format: str) -> None:
    path = write(tmp_path / "noisy", capture_format, messages(100))
    lines = path.read_bytes().splitlines(keepends=True)
    header = len(lines) - 100 - (capture_format == "asc")
    bad = [header + 10, header + 11, header + 70, header + 98]
    for line in bad:
        lines[line] = b"\x07 noise \xff\xfe 1,2,3\n"
    path.write_bytes(b"".join(lines))
    reader = open_capture(path)
    items = list(reader.batches())
    batch = join_batches([item for item in items if isinstance(item, FrameBatch)])
    assert len(batch) == 96
    assert reader.info.bad_lines == 4
    assert [damage.place for damage in reader.info.damage] == [f"{path}:{n + 1}" for n in bad]
    assert "noise" in reader.info.damage[0].text
    gaps = [
        (item.at_s - START_S, item.until_s - START_S) for item in items if isinstance(item, Gap)
    ]
    assert gaps == [pytest.approx(gap, abs=1e-5) for gap in [(0.009, 0.012), (0.069, 0.099)]]


@pytest.mark.parametrize(
    ("capture_format", "old", "new"),
    [
        ("asc", b"  105x ", b"  1Z5x "),
        ("asc", b"  107             Tx   d 7 ", b"  107             Tx   d 8 "),
        ("csv", b",0x107,", b",0x10g,"),
        ("csv", b",0x107,0,0,0,7,", b",0x107,0,0,0,8,"),
        ("csv", b",0x107,", b",0x987,"),
        ("trc", b"    0107 ", b"    01Z7 "),
        ("trc", b"    0107 Tx -  7 ", b"    0107 Tx -  8 "),
    ],
)
def test_a_line_that_lies_about_its_frame_is_bad(
    tmp_path: Path, capture_format: str, old: bytes, new: bytes
) -> None:
    path = write(tmp_path / "lying", capture_format, messages(20))
    text = path.read_bytes()
    assert text.count(old) == 1
    path.write_bytes(text.replace(old, new))
    batch, reader = read(path)
    assert len(batch) == 19
    assert reader.info.bad_lines == 1


@pytest.mark.parametrize("capture_format", ["asc", "csv", "trc"])
def test_a_text_log_cut_at_any_byte_gives_the_frames_before_the_cut(
    tmp_path: Path, capture_format: str
) -> None:
    path = write(tmp_path / "cut", capture_format, messages(6))
    whole = path.read_bytes()
    expected = [bytes(frame.data) for frame in messages(6)]
    for size in range(whole.index(b"\n", len(whole) - 150), len(whole) - 1):
        path.write_bytes(whole[:size])
        batch, reader = read(path)
        rows = zip(batch.payload, batch.length, strict=True)
        found = [row[:length].tobytes() for row, length in rows]
        assert found == expected[: len(found)]
        path.write_bytes(whole[: whole.rfind(b"\n", 0, size) + 1])
        frames = len(read(path)[0])
        # Only a payload that is there in full makes a frame of a line without an end.
        is_ended = not whole[whole.rfind(b"\n", 0, size) + 1 : size].strip()
        assert reader.info.is_truncated == (not is_ended and len(found) == frames)
        if whole[size : size + 1] in (b"\r", b"\n") and not is_ended:
            assert len(found) == frames + 1


def test_an_asc_log_keeps_its_absolute_time_and_its_events(tmp_path: Path) -> None:
    path = tmp_path / "events.asc"
    path.write_text(
        "date Tue Nov 14 10:13:20.250 PM 2023\n"
        "base hex  timestamps absolute\n"
        "internal events logged\n"
        "// version 9.0.0\n"
        "Begin Triggerblock Tue Nov 14 10:13:20.250 PM 2023\n"
        "   0.000000 Start of measurement\n"
        "   0.010000 CAN 1 Status:chip status error active\n"
        "   0.020000 1  130             Rx   d 2 41 42  Length = 240000 BitCount = 124\n"
        "   0.030000 1  Statistic: D 1 R 0 XD 0 XR 0 E 0 O 0 B 1.5%\n"
        "   0.040000 1  ErrorFrame\n"
        "   0.050000 2  131             Tx   r 8\n"
        "End TriggerBlock\n"
    )
    batch, reader = read(path)
    assert reader.info.bad_lines == 0
    assert batch.length.tolist() == [2, 0, 8]
    assert batch.timestamp_s[0] % 1 == pytest.approx(0.27, abs=1e-6)
    assert batch.timestamp_s[0] > 1.6e9


def test_milliseconds_that_python_can_cut_short_are_read_in_full(tmp_path: Path) -> None:
    path = tmp_path / "short.asc"
    frame = Message(timestamp=1_700_000_000.007, arbitration_id=1, data=b"\1")
    write(path, "asc", [frame])
    assert b".7 2023" in path.read_bytes()
    assert read(path)[0].timestamp_s[0] == pytest.approx(1_700_000_000.007, abs=1e-6)


def test_the_first_frame_of_an_asc_log_without_header_counts(tmp_path: Path) -> None:
    path = tmp_path / "bare.asc"
    path.write_text("   1.000000 1  130             Rx   d 2 41 42\n" * 3)
    assert len(read(path)[0]) == 3


def test_a_date_that_cannot_be_read_leaves_relative_times(tmp_path: Path) -> None:
    path = tmp_path / "strange.asc"
    path.write_text(
        "date Die Okt.. 99:13:20 2023\nbase hex  timestamps absolute\n"
        "   1.000000 1  130             Rx   d 2 41 42\n"
    )
    batch, reader = read(path)
    assert batch.timestamp_s.tolist() == [1.0]
    assert reader.info.damage[0].place == f"{path}:1"
    assert "times count from the beginning" in reader.info.damage[0].text


def test_a_csv_log_without_header_gives_its_first_frame(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("1700000000.5,0x130,0,0,0,2,QUI=\n\n1700000000.6,0x130,0,0,0,0,\n")
    batch, reader = read(path)
    assert batch.length.tolist() == [2, 0]
    assert reader.info.bad_lines == 0


def test_a_trc_log_that_does_not_name_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bare.trc"
    path.write_text(";$FILEVERSION=2.1\n;$STARTTIME=45244.9\n 1 1.0 DT 1 0130 Rx - 1 41\n")
    with pytest.raises(CaptureUnreadableError, match=r"header does not do .*column"):
        list(open_capture(path).batches())


def test_an_old_trc_log_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.trc"
    path.write_text(
        ";   PCAN\n;   Start time: 14.11.2023 10:13:20.250.0\n;---+--   ----+---  ----+---  + -\n"
        "     1)      1000       0130  2  41 42 \n     2)      2000   FFFFFFFF  4  00 00 00 08\n"
        "     3)      3000       0131  1  43 \n"
    )
    batch, reader = read(path)
    assert batch.timestamp_s.tolist() == [1.0, 3.0]
    assert reader.info.bad_lines == 0


def test_half_a_blf_log_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "half.blf", "blf", messages(20_000))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    batch, reader = read(path)
    assert 5000 < len(batch) < 15_000
    assert reader.info.is_truncated
    assert "the end of the file in the middle of a record" in reader.info.damage[0].text
    assert reader.info.damage[0].place == f"{path}:byte {len(whole) // 2}"


def test_a_blf_log_cut_between_records_is_told_by_its_header(tmp_path: Path) -> None:
    path = write(tmp_path / "cut.blf", "blf", messages(20_000))
    whole = path.read_bytes()
    second = whole.index(b"LOBJ", 200)
    path.write_bytes(whole[:second])
    batch, reader = read(path)
    assert 1000 < len(batch) < 20_000
    assert reader.info.is_truncated
    assert f"found {second} bytes, expected {len(whole)}" in reader.info.damage[0].text


def test_damage_within_a_blf_log_costs_one_container_and_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "damaged.blf", "blf", messages(20_000))
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    path.write_bytes(whole)
    batch, reader = read(path)
    assert 17_000 < len(batch) < 18_000
    assert batch.timestamp_s[-1] == pytest.approx(START_S + 19.999)
    assert not reader.info.is_truncated
    assert reader.info.bad_lines == 1
    assert "found damaged data in a container" in reader.info.damage[0].text


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.db", "sqlite", messages(3))
    path.write_bytes(path.read_bytes().replace(b"messages", b"recipes!"))
    with pytest.raises(CaptureUnreadableError, match=r"cannot be read .*: save it in another"):
        list(open_capture(path).batches())


def test_what_sqlite_says_of_a_damaged_name_is_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "x.db", "sqlite", messages(3))
    damaged = path.read_bytes().replace(b"messages", b"mess\nge\x1b")
    path.write_bytes(damaged.replace(b"CREATE", b"CREATF"))
    with pytest.raises(CaptureUnreadableError) as caught:
        list(open_capture(path).batches())
    assert "mess ge" in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_damaged_database_gives_what_it_has(tmp_path: Path) -> None:
    path = write(tmp_path / "x.db", "sqlite", messages(5000))
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : -8192] = bytes(len(whole) - 8192 - len(whole) // 2)
    path.write_bytes(whole)
    batch, reader = read(path)
    assert 2000 < len(batch) < 4000
    assert batch.timestamp_s[-1] == pytest.approx(START_S + 4.999)
    assert reader.info.bad_lines > 0
    assert "damaged pages" in reader.info.damage[0].text


def test_a_database_whose_pages_lead_in_a_circle_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "x.db", "sqlite", messages(5000))
    whole = bytearray(path.read_bytes())
    root = 2 * 4096 - 4096
    assert whole[root] == 5
    for at in range(root + 4096 - 600, root + 4096, 4):
        whole[at : at + 4] = (2).to_bytes(4, "big")
    path.write_bytes(whole)
    batch, reader = read(path)
    assert len(batch) <= 5000
    assert reader.info.bad_lines > 0


def test_rows_of_a_database_that_are_no_frames_cost_only_themselves(tmp_path: Path) -> None:
    path = write(tmp_path / "x.db", "sqlite", messages(10))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE messages SET ts = 'noon' WHERE rowid = 2")
        database.execute("UPDATE messages SET ts = NULL WHERE rowid = 3")
        database.execute("UPDATE messages SET arbitration_id = 1.5 WHERE rowid = 5")
        database.execute("UPDATE messages SET ts = -1 WHERE rowid = 7")
    batch, reader = read(path)
    assert len(batch) == 6
    assert reader.info.bad_lines == 4
    places = [damage.place for damage in reader.info.damage]
    assert places == [f"{path}:frame {row}" for row in (2, 3, 5, 7)]


@pytest.mark.parametrize("capture_format", FORMATS)
def test_wanted_frames_and_the_census_work_for_each_format(
    tmp_path: Path, capture_format: str
) -> None:
    path = write(tmp_path / "x", capture_format, messages(100))
    reader = open_capture(path, frozenset({0x101, 0x8000_0105}))
    batch = join_batches(_batches(reader))
    assert sorted(set(batch.keys.tolist())) == [0x101, 0x8000_0105]
    assert reader.info.frames == 100
    assert take_census(path)[0x101] == {1, 5, 0}
    assert list(take_census(path, 2)) == [0x101, 0x8000_0100]


def test_long_logs_come_in_several_stretches(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "csv", messages(50))
    lines = path.read_bytes().splitlines(keepends=True)
    lines[8] = b"noise\n"  # On the border of two stretches.
    path.write_bytes(b"".join(lines))
    items = list(open_capture(path, block_bytes=sum(map(len, lines[:8]))).batches())
    assert sum(len(item) for item in items if isinstance(item, FrameBatch)) == 49
    [gap] = [item for item in items if isinstance(item, Gap)]
    assert (gap.at_s, gap.until_s) == pytest.approx((START_S + 0.006, START_S + 0.008))


def test_changes_that_are_not_in_a_database_yet_are_read_slowly_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("canlock.sources.python_can_reader.CHUNK_FRAMES", 7)
    path = write(tmp_path / "x.db", "sqlite", messages(50))
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("INSERT INTO messages SELECT * FROM messages")
        database.commit()
        reader = open_capture(path, in_order=False)
        assert sum(map(len, _batches(reader))) == 100
        assert reader.slow is not None
        assert reader.slow.startswith(
            "changes lie in a file beside it, so each frame was read by python-can on its own"
        )


def test_columnar_formats_are_not_slow(tmp_path: Path) -> None:
    for capture_format in FORMATS:
        reader = open_capture(write(tmp_path / capture_format, capture_format, messages(50)))
        assert sum(map(len, _batches(reader))) == 50
        assert reader.slow is None


@pytest.mark.parametrize("capture_format", FORMATS)
def test_columnar_formats_are_read_without_python_can(tmp_path: Path, capture_format: str) -> None:
    path = write(tmp_path / "x", capture_format, messages(50))
    program = (
        "import sys; from canlock.sources.capture import open_capture;"
        f"list(open_capture({str(path)!r}).batches());"
        "print([name for name in ('can', 'cantools', 'asammdf') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"


def test_a_candump_log_is_read_without_python_can(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("(1700000000.000000) can0 130#41\n")
    program = (
        "import sys; from canlock.sources.capture import open_capture;"
        f"list(open_capture({str(path)!r}).batches());"
        "print([name for name in ('can', 'cantools', 'sqlite3', 'gzip') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"


@pytest.mark.parametrize("capture_format", [*FORMATS, "candump"])
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    damages=st.lists(st.tuples(st.floats(0.02, 1, exclude_max=True), st.binary(max_size=3))),
    size=st.floats(0.1, 1),
)
def test_no_damage_raises_anything_but_a_clear_line(
    tmp_path: Path, capture_format: str, damages: list[tuple[float, bytes]], size: float
) -> None:
    path = tmp_path / "damaged"
    if capture_format == "candump":
        path.write_bytes(b"(1700000000.000000) can0 130#4142A10FD2 R\n" * 20)
    else:
        write(path, capture_format, messages(20))
    content = bytearray(path.read_bytes())
    for where, new in damages:
        at = int(where * len(content))
        content[at : at + 1] = new
    path.write_bytes(content[: int(size * len(content))])
    try:
        reader = open_capture(path, in_order=False)
        frames = sum(len(item) for item in reader.batches() if isinstance(item, FrameBatch))
    except CaptureUnreadableError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert frames == reader.info.frames


def test_an_asc_log_with_times_from_line_to_line_is_added_up(tmp_path: Path) -> None:
    path = tmp_path / "relative.asc"
    path.write_text(
        "date Tue Nov 14 10:13:20.000 2023\n"
        "base hex  timestamps relative\n"
        "no internal events logged\n"
        "   0.500000 1  123             Rx   d 1 01\n"
        "   0.250000 1  124             Rx   d 1 02\n"
        "   1.000000 1  125             Rx   d 1 03\n",
        encoding="ascii",
    )
    reader = open_capture(path)
    times = [
        t for item in reader.batches() if isinstance(item, FrameBatch) for t in item.timestamp_s
    ]
    assert [round(float(t - times[0]), 6) for t in times] == [0.0, 0.25, 1.25]
