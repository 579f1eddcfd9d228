"""The ASC reader against python-can's own, on logs of any make, whole and damaged."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from can import ASCReader, Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, FrameFlag, join_batches
from canlock.sources.asc import AscGrammar
from canlock.sources.asc_date import read_date
from canlock.sources.damage import DamageLog
from canlock.sources.stretch import Wanted
from canlock.sources.text_source import TextSource

FILE_TESTS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
BLOCK_SIZES = (1, 100, 1000, 1 << 20)
HEADER = (
    "date Tue Nov 14 10:13:20.250 PM 2023\nbase {base}  timestamps absolute\n"
    "internal events logged\n"
)
BEGIN_S = read_date(b"Tue Nov 14 10:13:20.250 PM 2023") or 0.0


def read(
    path: Path, block_bytes: int = 1 << 20, wanted: frozenset[int] | None = None
) -> tuple[FrameBatch, DamageLog]:
    log = DamageLog(path)
    stretches = list(TextSource(path, AscGrammar, block_bytes).stretches(Wanted(wanted), log))
    return join_batches([stretch.kept for stretch in stretches]), log


def assert_same(batch: FrameBatch, expected: list[Message]) -> None:
    assert len(batch) == len(expected)
    for row, frame in enumerate(expected):
        flags = FrameFlag(int(batch.flags[row]))
        assert batch.timestamp_s[row] == pytest.approx(frame.timestamp, abs=5e-7)
        assert bool(flags & FrameFlag.ERROR) == frame.is_error_frame
        assert batch.channels[batch.channel[row]] == str(frame.channel)
        if frame.is_error_frame:
            continue
        assert batch.arbitration_id[row] == frame.arbitration_id
        assert bool(flags & FrameFlag.EXTENDED) == frame.is_extended_id
        assert bool(flags & FrameFlag.REMOTE) == frame.is_remote_frame
        assert bool(flags & FrameFlag.FD) == frame.is_fd
        assert bool(flags & FrameFlag.TRANSMITTED) != frame.is_rx
        assert bool(flags & FrameFlag.BITRATE_SWITCH) == frame.bitrate_switch
        assert bool(flags & FrameFlag.ERROR_STATE) == frame.error_state_indicator
        length = 0 if frame.is_remote_frame else len(frame.data)
        assert batch.payload[row, :length].tobytes() == bytes(frame.data)[:length]
        assert not batch.payload[row, length:].any()
        if not frame.is_remote_frame:
            assert batch.length[row] == length


@st.composite
def a_line(draw: st.DrawFn, base: str) -> str:
    def number(value: int) -> str:
        return f"{value:X}" if base == "hex" else str(value)

    def byte(value: int) -> str:
        return f"{value:02X}" if base == "hex" else f"{value:3d}"

    is_extended = draw(st.booleans())
    identifier = number(draw(st.integers(0, 0x1FFF_FFFF if is_extended else 0x7FF)))
    identifier += "x" * is_extended
    channel = draw(st.integers(1, 12))
    direction = draw(st.sampled_from(["Rx", "Tx"]))
    kind = draw(st.sampled_from(["d", "d", "d", "d", "r", "e", "fd", "other"]))
    if kind == "e":
        return f"{channel}  ErrorFrame" + draw(st.sampled_from(["", "\tECC: 10100010"]))
    if kind == "other":
        return draw(
            st.sampled_from(
                [
                    "CAN 1 Status:chip status error active",
                    "1  Statistic: D 1 R 0 XD 0 XR 0 E 0 O 0 B 1.5%",
                    "J1939TP FEE3p 6 0 0 - Rx d 23 A0 0F A6 60 3B D1 40 1F DE 80 25 E0 2A 05 1E 34",
                    "Start of measurement",
                    "SV: 2 0 1 ::test::speed = 10",
                ]
            )
        )
    if kind == "fd":
        size = draw(st.sampled_from([1, 8, 12, 64]))
        data = " ".join(byte(value) for value in draw(st.binary(min_size=size, max_size=size)))
        code = {1: 1, 8: 8, 12: 9, 64: 15}[size]
        name = draw(st.sampled_from(["", "BCM_Status"]))
        switch, state = draw(st.integers(0, 1)), draw(st.integers(0, 1))
        coded = f"{code:x}" if base == "hex" else str(code)
        return (
            f"CANFD {channel:>3} {direction:<4} {identifier:>8}  {name:>32} {switch} {state} "
            f"{coded} {size:>2} {data} {0:>8} {0:>4} {0x1000:>8X}"
        )
    if kind == "r":
        return f"{channel}  {identifier:<15} {direction:<4} r {draw(st.integers(0, 8))}"
    data = " ".join(byte(value) for value in draw(st.binary(max_size=8)))
    size = len(data.split())
    trailer = draw(st.sampled_from(["", "", "  Length = 240000 BitCount = 124 ID = 304"]))
    return f"{channel}  {identifier:<15} {direction:<4} d {size} {data}{trailer}"


@st.composite
def a_log(draw: st.DrawFn) -> str:
    base = draw(st.sampled_from(["hex", "dec"]))
    kinds = draw(st.lists(a_line(base), min_size=1, max_size=6))
    bodies = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=40))
    times = sorted(draw(st.integers(0, 200_000_000)) for _ in bodies)
    decimals = draw(st.sampled_from([4, 6]))
    width = draw(st.sampled_from([1, 9, 11]))
    lines = [
        f"{time / 1e6:{width}.{decimals}f} {body}\n"
        for time, body in zip(times, bodies, strict=True)
    ]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return (HEADER.format(base=base) + "".join(lines)).replace("\n", end)


@FILE_TESTS
@given(text=a_log(), block_bytes=st.sampled_from(BLOCK_SIZES))
def test_frames_are_those_that_python_can_reads(
    tmp_path: Path, text: str, block_bytes: int
) -> None:
    path = tmp_path / "any.asc"
    path.write_bytes(text.encode())
    with ASCReader(str(path), relative_timestamp=False) as reader:
        expected = list(reader)
    batch, log = read(path, block_bytes)
    assert_same(batch, expected)
    assert (log.bad_lines, log.is_truncated) == (0, False)


@FILE_TESTS
@given(text=a_log(), block_bytes=st.sampled_from(BLOCK_SIZES))
def test_lines_read_at_once_mean_what_they_mean_alone(
    tmp_path: Path, text: str, block_bytes: int
) -> None:
    path = tmp_path / "any.asc"
    path.write_bytes(text.encode())

    class Slow(AscGrammar):
        def shape_of(self, line: bytes) -> None:
            assert line

    together, _ = read(path, block_bytes)
    stretches = TextSource(path, Slow).stretches(Wanted(None), DamageLog(path))
    alone = join_batches([stretch.kept for stretch in stretches])
    assert together.timestamp_s.tolist() == alone.timestamp_s.tolist()
    for name in ("arbitration_id", "flags", "length"):
        assert getattr(together, name).tolist() == getattr(alone, name).tolist()
    width = min(together.payload.shape[1], alone.payload.shape[1])
    assert (together.payload[:, :width] == alone.payload[:, :width]).all()


@FILE_TESTS
@given(
    text=a_log(),
    damages=st.lists(
        st.tuples(st.floats(0.1, 1, exclude_max=True), st.binary(max_size=3)), max_size=8
    ),
    size=st.floats(0.1, 1),
    block_bytes=st.sampled_from(BLOCK_SIZES),
)
def test_damage_is_read_alike_at_once_and_alone(
    tmp_path: Path,
    text: str,
    damages: list[tuple[float, bytes]],
    size: float,
    block_bytes: int,
) -> None:
    content = bytearray(text.encode())
    for where, new in damages:
        at = int(where * len(content))
        content[at : at + 1] = new
    path = tmp_path / "damaged.asc"
    path.write_bytes(content[: int(size * len(content))])
    batch, log = read(path, block_bytes)
    other, other_log = read(path, 64)
    assert batch.timestamp_s.tolist() == other.timestamp_s.tolist()
    assert batch.keys.tolist() == other.keys.tolist()
    assert (log.bad_lines, log.is_truncated) == (other_log.bad_lines, other_log.is_truncated)
    assert log.places == other_log.places


def test_a_long_log_of_several_shapes_is_read_in_full(tmp_path: Path) -> None:
    path = tmp_path / "long.asc"
    chance = random.Random(4)
    lines = []
    for row in range(20_000):
        size = chance.randrange(9)
        data = chance.randbytes(size).hex(" ").upper()
        identifier = chance.choice(["130", "7F", "12DD546Cx", "5"])
        lines.append(f"{row / 100:9.6f} {1 + row % 2}  {identifier:<15} Rx   d {size} {data}\n")
    path.write_text(HEADER.format(base="hex") + "".join(lines))
    with ASCReader(str(path), relative_timestamp=False) as reader:
        expected = list(reader)
    batch, log = read(path)
    assert_same(batch, expected)
    assert log.slow is None


def test_a_log_that_had_to_be_read_line_by_line_says_so(tmp_path: Path) -> None:
    path = tmp_path / "errors.asc"
    path.write_text(
        HEADER.format(base="hex")
        + "".join(f"{row / 100:9.6f} 1  ErrorFrame\n" for row in range(1500))
    )
    batch, log = read(path)
    assert len(batch) == 1500
    assert log.slow is not None
    assert log.slow.startswith("1503 of 1503 lines had to be read one by one")


def test_only_wanted_payloads_are_read_and_the_form_of_all_lines(tmp_path: Path) -> None:
    path = tmp_path / "odd.asc"
    good = " 0.{:06d} 1  130             Rx   d 2 41 42\n"
    lines = [good.format(row) for row in range(10)]
    lines[3] = " 0.000003 1  131             Rx   d 2 4Z 42\n"
    lines[5] = " 0.000005 1  131             Rx   d 2 41\n"
    path.write_text(HEADER.format(base="hex") + "".join(lines))
    batch, log = read(path, wanted=frozenset({0x130}))
    assert (len(batch), log.bad_lines) == (8, 1)
    batch, log = read(path)
    assert (len(batch), log.bad_lines) == (8, 2)
    assert [damage.place for damage in log.places] == [f"{path}:7", f"{path}:9"]


def test_times_from_line_to_line_are_added_up_over_blocks_and_events(tmp_path: Path) -> None:
    path = tmp_path / "relative.asc"
    lines = ["base hex  timestamps relative\n"]
    lines += [f"   0.001000 1  130             Rx   d 1 {row % 256:02X}\n" for row in range(500)]
    lines.insert(250, "   1.000000 CAN 1 Status:chip status error active\n")
    path.write_text("".join(lines))
    for block_bytes in BLOCK_SIZES[1:]:
        batch, _ = read(path, block_bytes)
        expected = (np.arange(500) + 1) / 1000 + (np.arange(500) >= 249)
        np.testing.assert_allclose(batch.timestamp_s, expected, atol=1e-9)


def test_a_trigger_block_begins_a_new_time_and_a_base_a_new_meaning(tmp_path: Path) -> None:
    path = tmp_path / "joined.asc"
    frame = "   1.000000 1  10              Rx   d 1 65\n"
    part = "Begin Triggerblock Tue Nov 14 10:{}:20.250 PM 2023\n" + frame * 3
    path.write_text(
        HEADER.format(base="hex") + part.format(13) + part.format(14) + "base dec\n" + frame * 2
    )
    for block_bytes in BLOCK_SIZES:
        batch, log = read(path, block_bytes)
        assert log.bad_lines == 0
        assert (batch.timestamp_s - BEGIN_S).tolist() == [1.0] * 3 + [61.0] * 5
        assert batch.arbitration_id.tolist() == [0x10] * 6 + [10] * 2
        assert batch.payload[:, 0].tolist() == [0x65] * 6 + [65] * 2


def test_a_log_full_of_changes_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "changes.asc"
    frame = "   1.000000 1  10              Rx   d 1 65\n"
    path.write_text(("base hex\n" + frame + "base dec\n" + frame) * 500)
    batch, log = read(path)
    assert batch.payload[:, 0].tolist() == [0x65, 65] * 500
    assert log.slow is not None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"Tue Nov 14 10:13:20.250 PM 2023", 0.25),
        (b"Tue Nov 14 22:13:20 2023", 0.0),
        (b"Tue Nov 14 22:13:20.7 2023", 0.007),
        (b"Die Nov 14 22:13:20.007 2023", 0.007),
        (b"Di. Nov 14 22:13:20.123456 2023", 0.123456),
    ],
)
def test_dates_of_any_make_are_read(text: bytes, seconds: float) -> None:
    whole = read_date(b"Tue Nov 14 22:13:20 2023")
    assert whole is not None
    assert read_date(text) == pytest.approx(whole + seconds, abs=1e-6)


@pytest.mark.parametrize(
    ("english", "other"),
    [(b"Mar", "Mär"), (b"May", "Mai"), (b"Oct", "Okt"), (b"Dec", "Dez")],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_months_are_read_in_german(english: bytes, other: str, encoding: str) -> None:
    date = b"Mit %b 15 09:00:00 AM 2017"
    found = read_date(date % other.encode(encoding))
    assert found == read_date(date % english)
    assert found is not None


@pytest.mark.parametrize(
    "text", [b"", b"Tue", b"Tue Nov 31 10:00:00 2023", b"Tue Nov 14 13:00:00 PM 2023", b"Foo 1 2"]
)
def test_what_is_no_date_is_none(text: bytes) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize("length", ["-8", "+8", "1_0", "Z"])
def test_a_length_that_is_no_number_is_a_bad_line(tmp_path: Path, length: str) -> None:
    path = tmp_path / "x.asc"
    good = "   0.001000 1  130  Rx   d 8 01 02 03 04 05 06 07 08\n"
    path.write_text(HEADER.format(base="hex") + good + good.replace("d 8", f"d {length}") + good)
    batch, log = read(path)
    assert (len(batch), log.bad_lines) == (2, 1)
