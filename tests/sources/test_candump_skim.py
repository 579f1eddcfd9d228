"""Skimmed candump lines against the same lines parsed in full."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, FrameFlag, frame_key, join_batches
from canlock.model.stream import Gap
from canlock.sources.candump import CandumpSource
from canlock.sources.capture import open_capture
from canlock.sources.damage import DamageLog
from canlock.sources.short_words import standard_ids
from canlock.sources.stretch import Skim, Wanted

FILE_TESTS = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
WANTED = frozenset({0x130, 0x2A0, frame_key(0x12DD546C, is_extended=True)})
FRAMES = (
    "130#4142A10FD2",
    "130#0011223344556677",
    "2A0#",
    "2A0#01",
    "7FF#0011223344556677",
    "12DD546C#0011",
    "00000130#0011223344556677",
    "130#R8",
    "130##1001122",
    "7FF##1" + "00" * 64,
    "20000080#0000000000000000",
    "131#0011223344556677_9",
)
CHANNELS = ("can0", "can1", "vcan12", "slcan_on_the_desk")


def lines_of(draw: st.DrawFn, count: int) -> list[str]:
    chance = random.Random(draw(st.integers(0, 1 << 30)))
    frames = draw(st.lists(st.sampled_from(FRAMES), min_size=1, max_size=6))
    # Most lines are plain ones, as in any log; else nothing would be skimmed.
    frames = ["130#0011223344556677", "456#00112233445566"] * draw(st.integers(0, 8)) + frames
    channels = draw(st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3))
    suffix = draw(st.sampled_from(["", "", " R", " T"]))
    begin = draw(st.sampled_from([0, 99_990_000, 1_700_000_000_000_000, 9_999_999_990_000]))
    width = draw(st.sampled_from([3, 10]))
    step = draw(st.sampled_from([0, 1, 1000, 70_000]))
    return [
        f"({(begin + row * step) // 1_000_000:0{width}d}.{(begin + row * step) % 1_000_000:06d}) "
        f"{chance.choice(channels)} {chance.choice(frames)}{suffix}"
        for row in range(count)
    ]


@st.composite
def a_log(draw: st.DrawFn) -> bytes:
    lines = lines_of(draw, draw(st.sampled_from([70, 200, 500])))
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    content = bytearray((end.join(lines) + end).encode())
    damages = st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3))
    for where, new in draw(st.lists(damages, max_size=6)):
        at = int(where * len(content))
        content[at : at + draw(st.integers(0, 3))] = new
    return bytes(content)


def read(path: Path, block_bytes: int, *, is_skimming: bool) -> tuple[FrameBatch, list[Skim], int]:
    log = DamageLog(path)
    source = CandumpSource(path, block_bytes)
    read_all = source.skims if is_skimming else source.stretches
    stretches = list(read_all(Wanted(WANTED), log))
    skims = [stretch for stretch in stretches if isinstance(stretch, Skim)]
    frames = sum(stretch.frame_count for stretch in stretches)
    assert all(len(stretch.timestamp_s) for stretch in skims)
    return join_batches([stretch.kept for stretch in stretches]), skims, frames + log.bad_lines


@FILE_TESTS
@given(content=a_log(), block_bytes=st.sampled_from([3000, 1 << 20]))
def test_wanted_frames_are_the_same_and_all_lines_are_counted(
    tmp_path: Path, content: bytes, block_bytes: int
) -> None:
    path = tmp_path / "any.log"
    path.write_bytes(content)
    skimmed, _, lines = read(path, block_bytes, is_skimming=True)
    parsed, _, parsed_lines = read(path, block_bytes, is_skimming=False)
    assert skimmed.timestamp_s.tolist() == parsed.timestamp_s.tolist()
    for name in ("arbitration_id", "flags", "length"):
        assert getattr(skimmed, name).tolist() == getattr(parsed, name).tolist()
    names = [batch.channels[number] for batch in (skimmed,) for number in batch.channel]
    assert names == [parsed.channels[number] for number in parsed.channel]
    width = min(skimmed.payload.shape[1], parsed.payload.shape[1])
    assert (skimmed.payload[:, :width] == parsed.payload[:, :width]).all()
    # Bad payloads that nobody wants count as frames; a line is one or the other.
    assert lines == parsed_lines


@FILE_TESTS
@given(content=a_log())
def test_times_go_back_where_they_do_and_never_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.log"
    path.write_bytes(content)
    log = DamageLog(path)
    stretches = list(CandumpSource(path, 1 << 20).stretches(Wanted(WANTED), log))
    skims = list(CandumpSource(path, 1 << 20).skims(Wanted(WANTED), DamageLog(path)))
    # Noise at the beginning can look like a packed file, in which there is nothing.
    if len(stretches) != 1 or not skims:
        return
    stretch, skim = stretches[0], skims[0]
    if not isinstance(skim, Skim) or skim.frame_count != stretch.frame_count:
        return
    assert skim.goes_back == stretch.goes_back
    assert skim.error_count == stretch.error_count
    if len(stretch.timestamp_s):
        assert skim.timestamp_s[0] == stretch.timestamp_s[0]
        assert skim.timestamp_s[-1] == stretch.timestamp_s[-1]


@pytest.mark.parametrize("step", [-1, -1_000_000, -20_000_000, 1])
def test_one_time_that_goes_back_is_seen(tmp_path: Path, step: int) -> None:
    path = tmp_path / "back.log"
    times = [1_700_000_000_000_000 + row * 1000 for row in range(200)]
    times[120:] = [time - times[120] + times[119] + step for time in times[120:]]
    path.write_text("".join(f"({t // 1_000_000}.{t % 1_000_000:06d}) can0 456#00\n" for t in times))
    [skim] = CandumpSource(path).skims(Wanted(WANTED), DamageLog(path))
    assert isinstance(skim, Skim)
    assert skim.goes_back == (step < 0)


def test_plain_logs_are_skimmed_and_strange_lines_in_them_read(tmp_path: Path) -> None:
    path = tmp_path / "plain.log"
    lines = [f"(1700000000.{row:06d}) can0 456#0011223344556677\n" for row in range(1000)]
    lines[100] = lines[100].replace("456", "130")
    lines[200] = "(1700000000.000200) can0 130##1" + "11" * 20 + "\n"
    lines[300] = "noise\n"
    lines[400] = "(1700000000.000400) can0 130#001122334455667Z\n"
    path.write_text("".join(lines))
    log = DamageLog(path)
    [skim] = CandumpSource(path).skims(Wanted(WANTED), log)
    assert isinstance(skim, Skim)
    assert (skim.frame_count, log.bad_lines) == (998, 2)
    assert [damage.place for damage in log.places] == [f"{path}:301", f"{path}:401"]
    assert skim.kept.length.tolist() == [8, 20]
    assert skim.bad_before.tolist() == [300, 399]


def test_a_newline_within_a_payload_of_equally_long_lines_ends_the_line(tmp_path: Path) -> None:
    path = tmp_path / "cut.log"
    lines = [f"(1700000000.{row:06d}) can0 130#0011223344556677\n" for row in range(100)]
    lines[50] = lines[50].replace("33", "\n3")
    path.write_text("".join(lines))
    log = DamageLog(path)
    batch = join_batches([part.kept for part in CandumpSource(path).skims(Wanted(WANTED), log)])
    assert batch.length.tolist() == [8] * 50 + [3] + [8] * 49
    assert [damage.place for damage in log.places] == [f"{path}:52"]


def test_unwanted_error_frames_are_counted_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "errors.log"
    lines = [f"(1700000000.{row:06d}) can0 456#0011223344556677\n" for row in range(1000)]
    lines[10] = "(1700000000.000010) can0 20000080#0011223344556677\n"
    path.write_text("".join(lines))
    reader = open_capture(path, WANTED)
    batch = join_batches([item for item in reader.batches() if isinstance(item, FrameBatch)])
    assert batch.flags.tolist() == [FrameFlag.ERROR]
    assert reader.info.error_frames == 1


def test_gaps_are_where_they_are_in_full(tmp_path: Path) -> None:
    path = tmp_path / "gaps.log"
    lines = [f"(1700000000.{row:06d}) can0 456#0011223344556677\n" for row in range(0, 100_000, 50)]
    for row in (0, 700, 701, 1999):
        lines[row] = "noise\n"
    path.write_text("".join(lines))
    gaps = []
    for wanted in (WANTED, None):
        items = open_capture(path, wanted, block_bytes=20_000).batches()
        gaps.append([item for item in items if isinstance(item, Gap)])
    assert gaps[0] == gaps[1]
    assert len(gaps[0]) == 1


def test_the_cut_of_a_last_line_is_told_by_lines_that_were_only_skimmed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cut.log"
    line = "(1700000000.{:06d}) can0 130#0011223344556677\n"
    content = "".join(line.format(row) for row in range(1000))
    path.write_text(content + line.format(1000)[:-5])
    log = DamageLog(path)
    stretches = list(CandumpSource(path).skims(Wanted(WANTED), log))
    assert isinstance(stretches[0], Skim)
    assert sum(stretch.frame_count for stretch in stretches) == 1000
    assert log.is_truncated


def test_three_digits_and_a_hash_are_an_id_and_nothing_else_is() -> None:
    chance = random.Random(6)
    signs = b"0123456789ABCDEFabcdefGg#@/:`\x80\xff \n"
    texts = [bytes(chance.choices(signs, k=3)) + chance.choice([b"#", b" "]) for _ in range(20_000)]
    texts += [b"%03X#" % number for number in range(4096)]
    value, is_id = standard_ids(np.frombuffer(b"".join(texts), "<u4"))
    for text, found, is_one in zip(texts, value.tolist(), is_id.tolist(), strict=True):
        digits = text[:3].decode("latin-1")
        assert is_one == (
            text.endswith(b"#") and all(c in "0123456789ABCDEFabcdef" for c in digits)
        )
        if is_one:
            assert found == int(digits, 16)
