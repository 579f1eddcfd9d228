"""The BLF reader against python-can's own, on files of any make, whole and damaged."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

import pytest
from can import BLFReader, BLFWriter, Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.model.frames import FrameBatch, FrameFlag, join_batches
from canlock.model.stream import Gap
from canlock.sources import blf_container, inflate
from canlock.sources.blf import BlfSource
from canlock.sources.capture import open_capture
from canlock.sources.damage import DamageLog
from canlock.sources.stretch import Wanted

SHARED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
BLOCK_SIZES = (1, 300, 1 << 20)
BEGIN = (2023, 11, 2, 14, 22, 13, 20, 250)
BEGIN_S = 1_700_000_000.25
HEADER = struct.Struct("<4sLBBBBBBBBQQLL8H8H")


def an_object(kind: int, body: bytes, *, time: int = 0, unit: int = 2, version: int = 1) -> bytes:
    head = struct.pack("<LHHQ", unit, 0, 0, time)
    if version == 2:
        head = struct.pack("<LBxHQ8x", unit, 0, 0, time)
    size = 16 + len(head) + len(body)
    return struct.pack("<4sHHLL", b"LOBJ", 16 + len(head), version, size, kind) + head + body


def padded(content: bytes) -> bytes:
    """Pad as Vector's programs do: by the rest of the size, not up to a whole word."""
    return content + bytes(len(content) % 4)


def a_container(content: bytes, *, is_packed: bool = True) -> bytes:
    packed = zlib.compress(content) if is_packed else content
    body = struct.pack("<H6xL4x", 2 if is_packed else 0, len(content)) + packed
    return struct.pack("<4sHHLL", b"LOBJ", 16, 1, 16 + len(body), 10) + body


def a_file(*parts: bytes, size: int | None = None) -> bytes:
    content = b"".join(parts)
    size = 144 + len(content) if size is None else size
    fields = (b"LOGG", 144, 5, 0, 0, 0, 2, 6, 8, 1, size, 0, 0, 0, *BEGIN, *BEGIN)
    return HEADER.pack(*fields).ljust(144, b"\0") + content


def classic(row: int, *, kind: int = 1) -> bytes:
    body = struct.pack("<HBBL8s", 1, 0, 8, 0x100 + row % 7, row.to_bytes(8, "little"))
    trailer = bytes(8) if kind == 86 else b""
    return an_object(kind, body + trailer, time=row * 1_000_000)


IDENTIFIERS = st.one_of(
    st.integers(0, 0x7FF), st.integers(0, 0x1FFF_FFFF).map(lambda value: value | 0x8000_0000)
)
DATA = st.binary(min_size=64, max_size=64)


@st.composite
def any_object(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from([1, 1, 1, 86, 73, 100, 101, 96]))
    number, data = draw(IDENTIFIERS), draw(DATA)
    channel = draw(st.integers(1, 5))
    bits = draw(st.sampled_from([0, 0x80, 0x01, 0x81]))
    if kind in (1, 86):
        body = struct.pack("<HBBL8s", channel, bits, draw(st.integers(0, 8)), number, data[:8])
        body += bytes(8 * (kind == 86))
    elif kind == 73:
        size = draw(st.integers(0, 8))
        body = struct.pack("<HHLBBBxLLH2x8s", channel, 0, 0, 0, 0, size, 0, number, 0, data[:8])
    elif kind == 100:
        code, valid = draw(st.integers(0, 15)), draw(st.integers(0, 64))
        fd = draw(st.integers(0, 7))
        fields = (channel, bits, code, number, 0, 0, fd, valid, data)
        body = struct.pack("<HBBLLBBB5x64s", *fields)
    elif kind == 101:
        code, valid = draw(st.integers(0, 15)), draw(st.integers(0, 64))
        stored = draw(st.integers(0, 64))
        fd = draw(st.sampled_from([0, 0x10, 0x1000, 0x3000, 0x5000, 0x7000]))
        has_extension = draw(st.booleans())
        end = (32 + 40 + stored) if has_extension else 0
        numbers = (channel, code, valid, 0, number, 0, fd, 0, 0, 0, 0, 0, bits & 1, end, 0)
        body = struct.pack("<BBBBLLLLLLLHBBL", *numbers) + data[:stored]
        body += bytes(8 * has_extension)
    else:
        body = b"LOBJ" + data[: draw(st.integers(0, 40))]
    version = draw(st.sampled_from([1, 1, 2])) if kind != 101 else 1
    # A day in ten microseconds or in nanoseconds: both are exact as floats.
    time = draw(st.integers(0, 86_400_000_000))
    unit = draw(st.sampled_from([1, 2]))
    return padded(an_object(kind, body, time=time, unit=unit, version=version))


@st.composite
def any_file(draw: st.DrawFn) -> bytes:
    row = b"".join(draw(st.lists(any_object(), min_size=1, max_size=30)))
    cuts = sorted(draw(st.sets(st.integers(1, max(len(row) - 1, 1)), max_size=4)))
    pieces = [row[a:b] for a, b in zip([0, *cuts], [*cuts, len(row)], strict=True)]
    return a_file(
        *(padded(a_container(piece, is_packed=draw(st.booleans()))) for piece in pieces if piece)
    )


def read(path: Path, block_bytes: int = 1 << 20) -> tuple[FrameBatch, DamageLog]:
    log = DamageLog(path)
    stretches = list(BlfSource(path, block_bytes).stretches(Wanted(None), log))
    return join_batches([stretch.kept for stretch in stretches]), log


def assert_as_python_can(path: Path, batch: FrameBatch) -> None:
    with BLFReader(str(path)) as reader:
        expected = list(reader)
    assert len(batch) == len(expected)
    for row, frame in enumerate(expected):
        flags = FrameFlag(int(batch.flags[row]))
        assert batch.timestamp_s[row] == frame.timestamp
        assert batch.arbitration_id[row] == frame.arbitration_id
        assert bool(flags & FrameFlag.EXTENDED) == frame.is_extended_id
        assert bool(flags & FrameFlag.ERROR) == frame.is_error_frame
        assert bool(flags & FrameFlag.REMOTE) == frame.is_remote_frame
        assert bool(flags & FrameFlag.FD) == frame.is_fd
        assert bool(flags & FrameFlag.TRANSMITTED) != frame.is_rx
        is_fd = frame.is_fd
        assert bool(flags & FrameFlag.BITRATE_SWITCH) == (is_fd and frame.bitrate_switch)
        assert bool(flags & FrameFlag.ERROR_STATE) == (is_fd and frame.error_state_indicator)
        assert batch.channels[batch.channel[row]] == str(frame.channel)
        length = int(batch.length[row])
        if frame.is_remote_frame:
            assert length == frame.dlc
            assert not batch.payload[row].any()
            continue
        assert length == min(frame.dlc, len(frame.data))
        assert batch.payload[row, :length].tobytes() == bytes(frame.data)[:length]
        assert not batch.payload[row, length:].any()


@SHARED
@given(content=any_file(), block_bytes=st.sampled_from(BLOCK_SIZES))
def test_frames_of_every_kind_are_those_that_python_can_reads(
    tmp_path: Path, content: bytes, block_bytes: int
) -> None:
    path = tmp_path / "any.blf"
    path.write_bytes(content)
    batch, log = read(path, block_bytes)
    assert_as_python_can(path, batch)
    assert (log.bad_lines, log.is_truncated) == (0, False)


@pytest.mark.parametrize("compression_level", [0, -1])
@pytest.mark.parametrize("container_bytes", [100, 131_072])
def test_what_python_can_wrote_is_read_in_full(
    tmp_path: Path, compression_level: int, container_bytes: int
) -> None:
    path = tmp_path / "written.blf"
    chance = random.Random(5)
    with BLFWriter(
        str(path), compression_level=compression_level, max_container_size=container_bytes
    ) as writer:
        for row in range(3000):
            is_fd = row % 11 == 0
            data = chance.randbytes(chance.choice([0, 8, 12, 64]) if is_fd else row % 9)
            writer.on_message_received(
                Message(
                    timestamp=BEGIN_S + row / 1e6,
                    arbitration_id=row % 0x700,
                    is_extended_id=row % 3 == 0,
                    is_fd=is_fd,
                    is_error_frame=row % 97 == 1,
                    is_remote_frame=row % 89 == 2 and not is_fd,
                    channel=row % 3,
                    data=data,
                )
            )
    batch, log = read(path)
    assert len(batch) == 3000
    assert_as_python_can(path, batch)
    assert log.bad_lines == 0


def test_libdeflate_gives_what_zlib_gives_and_zlib_has_the_last_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = bytes(range(256)) * 400
    packed = zlib.compress(content)

    def refuse(packed: bytes, size: int) -> bytes:
        raise ValueError(f"{len(packed)} bytes do not become {size}")

    for fast in (None, lambda packed, _: zlib.decompress(packed), refuse):
        monkeypatch.setattr(inflate, "_fast_inflater", lambda fast=fast: fast)
        assert inflate.inflate(packed, len(content)) == content
        assert inflate.inflate(packed, 0) == content
        assert inflate.inflate(packed, 17) == content
        with pytest.raises(inflate.InflateError):
            inflate.inflate(packed[:-3], len(content))


def test_an_installed_libdeflate_is_used_and_a_missing_one_is_not_missed() -> None:
    found = inflate._fast_inflater()
    pytest.importorskip("deflate", reason="needs the package `deflate`, which is not installed")
    assert found is not None


def test_error_frames_of_the_old_and_the_fd_kind_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "errors.blf"
    old = an_object(2, struct.pack("<HHL", 2, 0, 0), time=5)
    fd = an_object(104, bytes([3]) + bytes(43), time=6)
    path.write_bytes(a_file(a_container(classic(1) + old + fd + classic(9))))
    batch, _ = read(path)
    assert batch.flags.tolist() == [0, FrameFlag.ERROR, FrameFlag.ERROR, 0]
    assert [batch.channels[index] for index in batch.channel] == ["0", "1", "2", "0"]


def test_objects_without_a_container_are_read(tmp_path: Path) -> None:
    path = tmp_path / "loose.blf"
    path.write_bytes(a_file(*(classic(row) for row in range(50))))
    batch, log = read(path)
    assert batch.payload[:, 0].tolist() == list(range(50))
    assert log.bad_lines == 0


def test_a_damaged_container_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "damaged.blf"
    row = b"".join(classic(number) for number in range(300))
    # Objects span the containers, so the neighbours lose what lies across the border.
    parts = [a_container(row[start : start + 2000]) for start in range(0, len(row), 2000)]
    middle = bytearray(parts[3])
    middle[60] ^= 0xFF
    path.write_bytes(a_file(*parts[:3], bytes(middle), *parts[4:]))
    batch, log = read(path)
    assert batch.payload[:, 0].tolist() == [*range(125), *(n & 0xFF for n in range(167, 300))]
    assert (log.bad_lines, log.is_truncated) == (1, False)
    assert log.places[0].place == f"{path}:byte {144 + sum(map(len, parts[:3]))}"
    assert "damaged data in a container" in log.places[0].text


def test_a_damaged_container_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "gap.blf"
    parts = [
        a_container(b"".join(classic(row) for row in range(n, n + 100))) for n in (0, 100, 200)
    ]
    parts[1] = parts[1][:50] + b"\xff\xff\xff\xff" + parts[1][54:]
    path.write_bytes(a_file(*parts))
    reader = open_capture(path)
    [gap] = [item for item in reader.batches() if isinstance(item, Gap)]
    assert (gap.at_s - BEGIN_S, gap.until_s - BEGIN_S) == pytest.approx((0.099, 0.2))
    assert reader.info.bad_lines == 1


@pytest.mark.parametrize("block_bytes", BLOCK_SIZES)
@pytest.mark.parametrize("noise", [b"\0" * 5, b"noise", b"LOBJ" * 5, b"L" * 4000])
def test_noise_between_objects_costs_only_itself(
    tmp_path: Path, noise: bytes, block_bytes: int
) -> None:
    path = tmp_path / "noise.blf"
    objects = [classic(row) for row in range(40)]
    content = b"".join([*objects[:20], noise, *objects[20:]])
    for is_packed in (False, True):
        path.write_bytes(a_file(a_container(content, is_packed=is_packed)))
        batch, log = read(path, block_bytes)
        assert batch.payload[:, 0].tolist() == list(range(40))
        assert log.bad_lines >= 1
    path.write_bytes(a_file(*objects[:20], noise, *objects[20:]))
    batch, log = read(path, block_bytes)
    assert batch.payload[:, 0].tolist() == list(range(40))
    assert log.bad_lines >= 1


def test_noise_between_containers_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "noise.blf"
    parts = [a_container(classic(row)) for row in range(10)]
    path.write_bytes(a_file(*parts[:5], b"some noise in between", *parts[5:]))
    batch, log = read(path)
    assert batch.payload[:, 0].tolist() == list(range(10))
    assert log.bad_lines == 1


@pytest.mark.parametrize("size", [0, 15, 47, 1 << 20, 1 << 31, (1 << 32) - 1])
@pytest.mark.parametrize("is_inside", [True, False])
def test_a_record_that_lies_about_its_length_costs_little(
    tmp_path: Path, size: int, is_inside: bool
) -> None:
    path = tmp_path / "liar.blf"
    objects = [classic(row) for row in range(200)]
    objects[100] = objects[100][:8] + size.to_bytes(4, "little") + objects[100][12:]
    content = b"".join(objects)
    path.write_bytes(a_file(a_container(content) if is_inside else content))
    batch, log = read(path)
    found = batch.payload[:, 0].tolist()
    assert [row for row in found if row != 100] == [row for row in range(200) if row != 100]
    assert log.bad_lines >= 1


def test_a_container_that_claims_four_gigabytes_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "liar.blf"
    liar = bytearray(a_container(classic(1)))
    liar[8:12] = (0xFFFF_FFF0).to_bytes(4, "little")
    path.write_bytes(a_file(bytes(liar), a_container(classic(2))))
    batch, log = read(path)
    assert batch.payload[:, 0].tolist() == [2]
    assert log.bad_lines == 1


def test_a_zip_bomb_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "INFLATED_LIMIT", 10_000)
    path = tmp_path / "bomb.blf"
    path.write_bytes(a_file(a_container(bytes(20_000)), a_container(classic(2))))
    batch, log = read(path)
    assert batch.payload[:, 0].tolist() == [2]
    assert "far too long" in log.places[0].text


def test_an_unknown_way_of_packing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "new.blf"
    part = bytearray(a_container(classic(1)))
    part[16] = 7
    path.write_bytes(a_file(bytes(part), a_container(classic(2))))
    batch, log = read(path)
    assert len(batch) == 1
    assert "packed by method 7" in log.places[0].text


def test_frames_that_cannot_be_are_told_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "odd.blf"
    wide = an_object(1, struct.pack("<HBBL8s", 1, 0, 8, 0x800, bytes(8)))
    late = an_object(1, struct.pack("<HBBL8s", 1, 0, 8, 0x100, bytes(8)), time=2**64 - 1)
    later = late.replace(struct.pack("<L", 2), struct.pack("<L", 1), 1)
    short = an_object(100, bytes(12))
    path.write_bytes(a_file(a_container(classic(1) + wide + late + later + short + classic(2))))
    batch, log = read(path)
    # As nanoseconds the time is in the year 2608, in steps of 10 us it never comes.
    assert len(batch) == 3
    assert log.bad_lines == 3
    assert [damage.place for damage in log.places] == [f"{path}:frame {n}" for n in (2, 4, 5)]


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_file_cut_at_any_byte_gives_the_frames_before_the_cut(
    tmp_path: Path, is_packed: bool
) -> None:
    path = tmp_path / "cut.blf"
    objects = [classic(row) for row in range(12)]
    content = b"".join(objects)
    whole = a_file(
        a_container(content[:300], is_packed=is_packed),
        a_container(content[300:], is_packed=is_packed),
    )
    last = 0
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        if size < 4:
            continue
        batch, log = read(path)
        found = batch.payload[:, 0].tolist()
        assert found == list(range(len(found)))
        assert log.is_truncated
        assert len(found) >= last
        last = len(found)
    assert last >= 11


def test_a_header_that_lies_about_its_length_does_not_hide_the_frames(tmp_path: Path) -> None:
    path = tmp_path / "header.blf"
    whole = bytearray(a_file(a_container(classic(3))))
    whole[4:8] = (0xFFFF_FFFF).to_bytes(4, "little")
    whole[40:42] = (77).to_bytes(2, "little")  # No such month, so there is no date.
    path.write_bytes(whole)
    batch, _ = read(path)
    assert batch.timestamp_s.tolist() == [0.003]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=any_file(),
    damages=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=4))),
    size=st.floats(0, 1),
    block_bytes=st.sampled_from(BLOCK_SIZES),
)
def test_no_damage_raises_or_makes_frames_that_cannot_be(
    tmp_path: Path,
    content: bytes,
    damages: list[tuple[float, bytes]],
    size: float,
    block_bytes: int,
) -> None:
    damaged = bytearray(content)
    for where, new in damages:
        at = int(where * len(damaged))
        damaged[at : at + 2] = new
    path = tmp_path / "damaged.blf"
    path.write_bytes(damaged[: int(size * len(damaged))])
    batch, _ = read(path, block_bytes)
    assert (batch.timestamp_s >= 0).all()
    assert (batch.length <= 64).all()
    assert len(batch) <= len(content) // 16


def test_blocks_of_the_file_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "long.blf"
    part = a_container(b"".join(classic(row) for row in range(2700)))
    path.write_bytes(a_file(*[part] * 40))
    sizes = [
        len(stretch.timestamp_s)
        for stretch in BlfSource(path).stretches(Wanted(frozenset()), DamageLog(path))
    ]
    assert sum(sizes) == 2700 * 40
    assert max(sizes) < 2 * (1 << 20) // 48
    assert blf_container._READ_BYTES <= 1 << 20


@pytest.mark.parametrize(("text", "is_slow"), [(b"LOBJ", True), (b"LOBI", False)])
def test_data_that_looks_like_records_is_read_slowly_and_that_is_said(
    tmp_path: Path, text: bytes, is_slow: bool
) -> None:
    path = tmp_path / "x.blf"
    with BLFWriter(path) as log:
        for row in range(3000):
            is_fd = row % 2 == 1
            data = bytes([row % 256]) * 12 if is_fd else text + bytes(4)
            log.on_message_received(
                Message(timestamp=BEGIN_S + row / 1000, is_fd=is_fd, data=data, channel=0)
            )
    reader = open_capture(path)
    batch = join_batches([item for item in reader.batches() if isinstance(item, FrameBatch)])
    assert_as_python_can(path, batch)
    assert reader.slow == (
        "2999 of 3000 records had to be followed one by one, as data among them is damaged or "
        "looks like the beginning of a record"
        if is_slow
        else None
    )
