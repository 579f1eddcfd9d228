"""TRC, CSV, GVRET and CRTD logs against python-can's readers and against a plain reading."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from can import CSVReader, Message, TRCReader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, FrameFlag, join_batches
from canlock.sources.content import recognise_format
from canlock.sources.crtd import CrtdGrammar
from canlock.sources.csv_log import Base64Bytes, CsvGrammar
from canlock.sources.damage import DamageLog
from canlock.sources.gvret import GvretGrammar
from canlock.sources.stretch import Wanted
from canlock.sources.text_grammar import TextGrammar
from canlock.sources.text_source import TextSource
from canlock.sources.trc import TrcGrammar

FILE_TESTS = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
BLOCK_SIZES = (1, 100, 1000, 1 << 20)
GRAMMARS: dict[str, Callable[[], TextGrammar]] = {
    "trc": TrcGrammar,
    "csv": CsvGrammar,
    "gvret": GvretGrammar,
    "crtd": CrtdGrammar,
}
TRC_HEADERS = {
    "1.0": ";  PCAN\n",
    "1.1": ";$FILEVERSION=1.1\n;$STARTTIME=45244.5\n",
    "1.3": ";$FILEVERSION=1.3\n;$STARTTIME=45244.5\n",
    "2.0": ";$FILEVERSION=2.0\n;$STARTTIME=45244.5\n;$COLUMNS=N,O,T,I,d,L,D\n",
    "2.1": ";$FILEVERSION=2.1\n;$STARTTIME=45244.5\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n",
}


def read(
    path: Path,
    grammar: Callable[[], TextGrammar],
    block_bytes: int = 1 << 20,
    wanted: frozenset[int] | None = None,
) -> tuple[FrameBatch, DamageLog]:
    log = DamageLog(path)
    stretches = list(TextSource(path, grammar, block_bytes).stretches(Wanted(wanted), log))
    return join_batches([stretch.kept for stretch in stretches]), log


def assert_same(batch: FrameBatch, expected: list[Message], *, has_channels: bool) -> None:
    assert len(batch) == len(expected)
    for row, frame in enumerate(expected):
        flags = FrameFlag(int(batch.flags[row]))
        assert batch.timestamp_s[row] == pytest.approx(frame.timestamp, abs=2e-6)
        assert bool(flags & FrameFlag.ERROR) == frame.is_error_frame
        assert batch.arbitration_id[row] == frame.arbitration_id
        assert bool(flags & FrameFlag.EXTENDED) == frame.is_extended_id
        assert bool(flags & FrameFlag.REMOTE) == frame.is_remote_frame
        assert bool(flags & FrameFlag.FD) == frame.is_fd
        assert bool(flags & FrameFlag.TRANSMITTED) != frame.is_rx
        assert bool(flags & FrameFlag.BITRATE_SWITCH) == frame.bitrate_switch
        length = 0 if frame.is_remote_frame else len(frame.data)
        assert batch.payload[row, :length].tobytes() == bytes(frame.data)[:length]
        assert not batch.payload[row, length:].any()
        if not frame.is_remote_frame and not frame.is_error_frame:
            assert batch.length[row] == length
        if has_channels:
            assert batch.channels[batch.channel[row]] == str(frame.channel)


@st.composite
def a_trc_log(draw: st.DrawFn) -> str:
    version = draw(st.sampled_from(list(TRC_HEADERS)))
    lines = []
    time = 0
    chance = random.Random(draw(st.integers(0, 1 << 30)))
    first = draw(st.sampled_from([1, 99_990]))
    wide = draw(st.booleans())
    for row in range(draw(st.integers(1, 40))):
        number = first + row
        time += chance.randrange(2_000_000)
        is_extended = wide and chance.random() < 0.3
        identifier = f"{chance.randrange(1 << 28):08X}" if is_extended else f"{row * 31 % 2047:04X}"
        size = chance.choice([8, 8, 8, 8, 3, 0])
        data = chance.randbytes(size).hex(" ").upper()
        direction = chance.choice(["Rx", "Rx", "Tx"])
        kind = chance.choice(["DT"] * 6 + ["RR", "ST", "FB"])
        millis = f"{time / 1000:13.3f}"
        if version == "1.0":
            lines.append(f"{number:>6}) {time // 1000:9d} {identifier:>8}  {size:<1}  {data} ")
        elif version == "1.1":
            lines.append(
                f"{number:>6}) {time / 1000:9.1f}  {direction} {identifier:>11}  {size}  {data} "
            )
        elif version == "1.3":
            start = f"{number:>6}) {time / 1000:9.1f} 1  {direction}"
            lines.append(f"{start} {identifier:>11} -  {size}    {data} ")
        elif kind == "ST":
            lines.append(f"{number:>7} {millis} ST Rx    00 00 00 08")
        else:
            if kind == "FB":
                size, code = 12, "9 "
                data = chance.randbytes(size).hex(" ").upper()
            else:
                code = f"{size:<2}"
            data = "" if kind == "RR" else data
            bus = f" {chance.choice([1, 2]):>2}" if version == "2.1" else ""
            gap = " -  " if version == "2.1" else " "
            lines.append(
                f"{number:>7} {millis} {kind}{bus} {identifier:>8} {direction}{gap}{code}  {data}"
            )
    return TRC_HEADERS[version] + "\n".join(lines) + "\n"


@FILE_TESTS
@given(text=a_trc_log(), block_bytes=st.sampled_from(BLOCK_SIZES))
def test_trc_frames_are_those_that_python_can_reads(
    tmp_path: Path, text: str, block_bytes: int
) -> None:
    path = tmp_path / "any.trc"
    path.write_text(text)
    with TRCReader(str(path)) as reader:
        expected = list(reader)
    batch, log = read(path, TrcGrammar, block_bytes)
    assert_same(batch, expected, has_channels=True)
    assert (log.bad_lines, log.is_truncated) == (0, False)


@st.composite
def a_csv_log(draw: st.DrawFn) -> str:
    lines = ["timestamp,arbitration_id,extended,remote,error,dlc,data"]
    for time in draw(st.lists(st.integers(0, 2_000_000_000_000_000), min_size=1, max_size=40)):
        is_extended = draw(st.booleans())
        identifier = draw(st.integers(0, 0x1FFF_FFFF if is_extended else 0x7FF))
        data = draw(st.binary(max_size=8))
        kind = draw(st.sampled_from(["0,0", "0,0", "0,0", "1,0", "0,1"]))
        if kind == "1,0":
            data = b""
        fields = (time / 1e6, hex(identifier), int(is_extended), kind, len(data))
        coded = base64.b64encode(data).decode()
        lines.append(",".join(map(str, fields)) + f",{coded}")
    return "\n".join(lines) + "\n"


@FILE_TESTS
@given(text=a_csv_log(), block_bytes=st.sampled_from(BLOCK_SIZES))
def test_csv_frames_are_those_that_python_can_reads(
    tmp_path: Path, text: str, block_bytes: int
) -> None:
    path = tmp_path / "any.csv"
    path.write_text(text)
    with CSVReader(str(path)) as reader:
        expected = list(reader)
    batch, log = read(path, CsvGrammar, block_bytes)
    assert_same(batch, expected, has_channels=False)
    assert log.bad_lines == 0


def gvret_line(row: int, chance: random.Random, *, has_direction: bool) -> tuple[str, Message]:
    is_extended = chance.random() < 0.3
    identifier = chance.randrange(1 << 29 if is_extended else 1 << 11)
    data = chance.randbytes(chance.choice([8, 8, 8, 2, 0]))
    bus = chance.randrange(2)
    is_rx = chance.random() < 0.8 or not has_direction
    fields = [f"{row * 1234}", f"{identifier:08X}", "true" if is_extended else "false"]
    fields += ["Rx" if is_rx else "Tx"] * has_direction
    fields += [str(bus), str(len(data)), *(f"{byte:02X}" for byte in data)]
    message = Message(
        timestamp=row * 1234 / 1e6,
        arbitration_id=identifier,
        is_extended_id=is_extended,
        is_rx=is_rx,
        channel=bus,
        data=data,
    )
    return ",".join(fields) + chance.choice(["", ","]), message


def crtd_line(row: int, chance: random.Random, *, has_direction: bool) -> tuple[str, Message]:
    is_extended = chance.random() < 0.3
    identifier = chance.randrange(1 << 29 if is_extended else 1 << 11)
    data = chance.randbytes(chance.choice([8, 8, 8, 2, 0]))
    is_rx = chance.random() < 0.8
    bus = "" if has_direction else chance.choice(["1", "2"])
    kind = ("R" if is_rx else "T") + ("29" if is_extended else "11")
    name = f"{identifier:X}" if is_extended else f"{identifier:03x}"
    text = f"{1524311386 + row / 1000:.6f} {bus}{kind} {name} {data.hex(' ')}".rstrip()
    message = Message(
        timestamp=1524311386 + row / 1000,
        arbitration_id=identifier,
        is_extended_id=is_extended,
        is_rx=is_rx,
        channel=bus,
        data=data,
    )
    return text, message


@pytest.mark.parametrize("block_bytes", BLOCK_SIZES[1:])
@pytest.mark.parametrize("has_direction", [True, False])
@pytest.mark.parametrize(("capture_format", "line"), [("gvret", gvret_line), ("crtd", crtd_line)])
def test_gvret_and_crtd_frames_are_what_was_written(
    tmp_path: Path,
    capture_format: str,
    line: Callable[..., tuple[str, Message]],
    has_direction: bool,
    block_bytes: int,
) -> None:
    chance = random.Random(9)
    written = [line(row, chance, has_direction=has_direction) for row in range(3000)]
    path = tmp_path / "any.txt"
    header = {
        "gvret": "Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n",
        "crtd": "1524311385.000000 CXX OVMS CRTD\n1524311385.000000 CVR 3.1\n",
    }[capture_format]
    path.write_text(header + "\n".join(text for text, _ in written) + "\n")
    assert recognise_format(path) == capture_format
    batch, log = read(path, GRAMMARS[capture_format], block_bytes)
    assert_same(batch, [message for _, message in written], has_channels=True)
    assert (log.bad_lines, log.is_truncated) == (0, False)


EXAMPLES: dict[str, list[str]] = {
    "trc": [
        *TRC_HEADERS["2.1"].splitlines(),
        *(
            f"{row:>7} {row / 10:13.3f} DT  1     {row:04X} Rx -  2    4{row} 42"
            for row in range(9)
        ),
    ],
    "csv": [f"1700000000.{row},0x13{row},0,0,0,2,QU{'ABCDEFGHI'[row]}=" for row in range(9)],
    "gvret": [f"1000{row},0000013{row},false,Rx,0,2,4{row},42," for row in range(9)],
    "crtd": [f"1524311386.81{row} 1R11 13{row} 4{row} 42" for row in range(9)],
}


@pytest.mark.parametrize("capture_format", list(EXAMPLES))
def test_a_bad_line_costs_only_itself(tmp_path: Path, capture_format: str) -> None:
    path = tmp_path / "noisy"
    lines = list(EXAMPLES[capture_format])
    lines[-4] = "noise \x07,,1 2"
    lines[-2] = lines[-2].replace("4", "G").replace("QU", "Q*")
    path.write_text("\n".join(lines) + "\n")
    batch, log = read(path, GRAMMARS[capture_format])
    assert (len(batch), log.bad_lines) == (7, 2)
    places = [damage.place for damage in log.places]
    assert places == [f"{path}:{len(lines) - 3}", f"{path}:{len(lines) - 1}"]


@pytest.mark.parametrize("capture_format", [name for name in EXAMPLES if name != "crtd"])
def test_a_log_cut_at_any_byte_gives_the_whole_lines(tmp_path: Path, capture_format: str) -> None:
    path = tmp_path / "cut"
    whole = "\n".join(EXAMPLES[capture_format]) + "\n"
    first = whole.index(EXAMPLES[capture_format][-8])
    complete, _ = read_text(path, whole, capture_format)
    for size in range(first, len(whole)):
        batch, log = read_text(path, whole[:size], capture_format)
        lines = whole[first:size].count("\n") + 1
        # A line without an end counts from its last byte of payload on.
        is_line_whole = whole[size] == "\n" or whole[size - 1 : size + 1] == ",\n"
        assert len(batch) - lines in ({1} if is_line_whole else {0, 1})
        assert batch.payload.tolist() == complete.payload[: len(batch)].tolist()
        is_ended = whole[:size].rstrip(" ").endswith("\n")
        assert log.is_truncated == (len(batch) == lines and not is_ended)


def read_text(path: Path, text: str, capture_format: str) -> tuple[FrameBatch, DamageLog]:
    path.write_text(text)
    return read(path, GRAMMARS[capture_format])


def test_a_last_line_that_tells_no_length_counts_unless_all_its_like_are_longer(
    tmp_path: Path,
) -> None:
    lines = [f"1524311386.81{row} 1R11 130 4{row} 42" for row in range(9)]
    for last, count in (("1524311386.819 1R11 130 49", 9), ("1524311386.819 1R11 131 49", 10)):
        batch, log = read_text(tmp_path / "x.crtd", "\n".join([*lines, last]), "crtd")
        assert len(batch) == count
        assert log.is_truncated == (count == 9)


@FILE_TESTS
@given(
    capture_format=st.sampled_from(list(EXAMPLES)),
    damages=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3))),
    size=st.floats(0.1, 1),
)
def test_damage_is_read_alike_in_blocks_of_any_size(
    tmp_path: Path, capture_format: str, damages: list[tuple[float, bytes]], size: float
) -> None:
    content = bytearray(("\n".join(EXAMPLES[capture_format]) + "\n").encode())
    for where, new in damages:
        at = int(where * len(content))
        content[at : at + 1] = new
    path = tmp_path / "damaged"
    path.write_bytes(content[: int(size * len(content))])
    results: list[Any] = []
    for block_bytes in (60, 1 << 20):
        try:
            batch, log = read(path, GRAMMARS[capture_format], block_bytes)
        except Exception as error:  # Whatever it is, it must be the same.
            results.append(repr(error))
        else:
            frames = (batch.timestamp_s.tolist(), batch.keys.tolist(), batch.length.tolist())
            results.append((frames, log.bad_lines, log.is_truncated, log.places))
    assert results[0] == results[1]


def test_statistics_of_a_trc_log_with_wide_ids_are_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "old.trc"
    path.write_text(
        "     1)      1000   12345678  4  41 42 43 44 \n" * 3
        + "     2)      2000   FFFFFFFF  4  00 00 00 08\n"
    )
    batch, log = read(path, TrcGrammar)
    assert (len(batch), log.bad_lines) == (3, 0)


def test_two_gvret_lines_that_ran_together_are_one_bad_line(tmp_path: Path) -> None:
    lines = EXAMPLES["gvret"]
    joined = [*lines[:4], lines[4] + lines[5], *lines[6:]]
    batch, log = read_text(tmp_path / "x.csv", "\n".join(joined) + "\n", "gvret")
    assert (len(batch), log.bad_lines) == (len(lines) - 2, 1)


def test_a_damaged_first_line_does_not_spoil_those_that_are_like_it(tmp_path: Path) -> None:
    lines = [f"{row:7} {row:13}.000 DT  1     0130 Rx -  8    41 42 43 44 45 46 47 48"
             for row in range(1, 9)]  # fmt: skip
    lines[0] = lines[0].replace("8    41", "8 B  41")
    head = ";$FILEVERSION=2.1\n;$STARTTIME=25569.0\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n"
    batch, log = read_text(tmp_path / "x.trc", head + "\n".join(lines) + "\n", "trc")
    assert log.bad_lines == 0
    assert batch.payload[1:, 0].tolist() == [0x41] * 7


@given(st.lists(st.binary(max_size=64), min_size=1, max_size=20))
def test_bytes_in_base_64_are_what_they_were(contents: list[bytes]) -> None:
    from canlock.sources.lines import MARGIN, LineBlock
    from canlock.sources.text_lines import split_lines

    text = b"".join(base64.b64encode(content) + b"\n" for content in contents)
    block = LineBlock(
        np.frombuffer(bytes(MARGIN) + text + bytes(MARGIN), np.uint8), MARGIN, MARGIN + len(text)
    )
    lines = split_lines(block)
    length = np.array([len(content) for content in contents])
    form = Base64Bytes()
    assert form.width(length).tolist() == (lines.end - lines.start).tolist()
    payload, is_good = form.read(lines, lines.start, length, 64)
    assert is_good.all()
    assert [row[:size].tobytes() for row, size in zip(payload, length, strict=True)] == contents
    damaged = LineBlock(np.where(block.text == ord("="), ord("*"), block.text), MARGIN, block.end)
    _, is_good = form.read(split_lines(damaged), lines.start, length, 64)
    assert is_good.tolist() == [len(content) % 3 == 0 for content in contents]
