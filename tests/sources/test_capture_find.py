"""What is a capture, and the one clear line about what is none."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import pytest

from canlock.errors import CaptureNotFoundError, CaptureUnreadableError, SourceError
from canlock.model.frames import FrameBatch
from canlock.sources.capture import find_captures, open_capture, take_census
from canlock.sources.content import recognise_format
from canlock.sources.streams import ByteStream

GOOD = b"(1700000000.000000) can0 130#4142A10FD2\n"
SHARED = Path(__file__).parents[3] / "shared" / "captures"


def assert_one_clear_line(error: SourceError, path: Path) -> None:
    text = str(error)
    assert text.startswith(f"{path}: found ")
    assert ", expected " in text
    assert "\n" not in text
    assert text.rpartition(": ")[2]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "found an empty file"),
        (gzip.compress(b"", mtime=0), "found an empty file"),
        (
            gzip.compress(GOOD * 50, mtime=0)[:12],
            "found the end of the file in the middle of its gzip",
        ),
        (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "found a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "found a PNG image"),
        (b"PK\x03\x04\x14\0\0\0", "found a ZIP archive"),
        (b"\x0a\x0d\x0d\x0a\x1c\0\0\0", "found a pcapng network capture"),
        (GOOD.decode().encode("utf-16"), "found UTF-16 text"),
        (b"Dear Sir,\nthe door is shut.\n", "found text in which no line is a frame"),
        (b"time,action,door,note\n+1.0,opened,driver,\n", "found text in which no line is a frame"),
        (bytes(5000), "found binary data"),
        (b"  can0  130   [5]  41 42 A1 0F D2\n", "found what candump shows on the screen"),
        (b"  can0  TX - -  130   [1]  41\n", "found what candump shows on the screen"),
    ],
)
def test_what_is_no_capture_gets_one_clear_line(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "drive.log"
    path.write_bytes(content)
    for use in (open_capture, take_census):
        with pytest.raises(CaptureUnreadableError) as raised:
            use(path)
        assert_one_clear_line(raised.value, path)
        assert found in str(raised.value)


def test_a_missing_file_gets_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "missing.log"
    for use in (open_capture, take_census, lambda missing: find_captures([missing])):
        with pytest.raises(CaptureNotFoundError) as raised:
            use(path)
        assert_one_clear_line(raised.value, path)


def test_a_path_that_no_file_system_takes_gets_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 5000)
    for use in (open_capture, take_census, lambda unusable: find_captures([unusable])):
        with pytest.raises(CaptureUnreadableError, match="File name too long") as raised:
            use(path)
        assert_one_clear_line(raised.value, path)


def test_a_directory_is_no_capture(tmp_path: Path) -> None:
    with pytest.raises(CaptureUnreadableError, match="found a directory") as raised:
        open_capture(tmp_path)
    assert_one_clear_line(raised.value, tmp_path)


def test_a_pipe_is_no_capture(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(CaptureUnreadableError, match="found a pipe") as raised:
        open_capture(path)
    assert_one_clear_line(raised.value, path)


def test_a_file_that_may_not_be_read_gets_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.log"
    path.write_bytes(GOOD)

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path), mode)

    # The tests may run as root, whom no permission stops.
    monkeypatch.setattr("canlock.sources.streams.io.FileIO", refuse)
    with pytest.raises(CaptureUnreadableError, match="Permission denied") as raised:
        open_capture(path)
    assert_one_clear_line(raised.value, path)


def test_a_file_that_goes_away_is_told_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "drive.log"
    path.write_bytes(GOOD)
    reader = open_capture(path)
    path.unlink()
    with pytest.raises(CaptureNotFoundError):
        list(reader.batches())


def test_a_disk_that_fails_ends_the_capture_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "drive.log"
    path.write_bytes(GOOD * 1000)
    reader = open_capture(path, block_bytes=4000)
    reads = iter(range(3))
    read_well = ByteStream.readinto

    def fail_later(stream: ByteStream, buffer: memoryview) -> int:
        if next(reads, None) is not None:
            return read_well(stream, buffer)
        stream.fault = "found that reading fails (Input/output error), expected more of the file"
        return 0

    monkeypatch.setattr(ByteStream, "readinto", fail_later)
    items = list(reader.batches())
    assert 200 < sum(len(item) for item in items if isinstance(item, FrameBatch)) < 1000
    assert reader.info.is_truncated
    assert any("Input/output error" in damage.text for damage in reader.info.damage)


@pytest.mark.parametrize(
    "noise",
    [
        pytest.param(random.Random(1).randbytes(5000) + b"\n", id="binary"),
        pytest.param(b"recorded by Bob\n\n# can0 at 500 kbit/s\n", id="remarks"),
        pytest.param(b"\xef\xbb\xbf\n", id="byte order mark"),
        pytest.param(b"%PDF-1.4\n", id="a line that begins like a document"),
    ],
)
def test_noise_in_front_does_not_hide_a_candump_log(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "drive.log"
    path.write_bytes(noise + GOOD)
    assert recognise_format(path) == "candump"


def test_noise_in_every_second_line_does_not_hide_a_candump_log(tmp_path: Path) -> None:
    chance = random.Random(2)
    path = tmp_path / "drive.log"
    path.write_bytes(b"".join(chance.randbytes(40) + b"\n" + GOOD for _ in range(500)))
    assert recognise_format(path) == "candump"


def test_files_are_taken_as_given_and_directories_give_their_captures(tmp_path: Path) -> None:
    for name in ("b.log", "a.dat", "c.log.gz", ".hidden.log", "d.marks.csv", "e.session.jsonl"):
        content = gzip.compress(GOOD) if name.endswith(".gz") else GOOD
        (tmp_path / name).write_bytes(content)
    for name in ("README.md", "x.truth.json", "photo.png", "empty.log"):
        (tmp_path / name).write_bytes(b"\x89PNG" if name == "photo.png" else b"")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "z.log").write_bytes(GOOD)
    given = tmp_path / "photo.png"
    expected = [given, tmp_path / "a.dat", tmp_path / "b.log", tmp_path / "c.log.gz"]
    assert find_captures([given, tmp_path]) == expected
    assert find_captures([str(tmp_path / "deeper")]) == [tmp_path / "deeper" / "z.log"]
    assert find_captures([]) == []


def test_a_directory_without_captures_gets_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing here")
    with pytest.raises(
        CaptureNotFoundError, match="found no capture among its 1 entries"
    ) as raised:
        find_captures([tmp_path])
    assert_one_clear_line(raised.value, tmp_path)


def test_the_census_names_keys_and_lengths_of_data_frames(tmp_path: Path) -> None:
    path = tmp_path / "drive.log"
    path.write_bytes(
        b"(1.0) can0 130#4142\n(1.1) can0 130#41\n(1.2) can0 00000130#\n(1.3) can0 131#R8\n"
        b"(1.4) can0 20000080#00\nnoise\n(1.5) can0 7FF##0" + b"00" * 64 + b"\n"
    )
    assert take_census(path) == {0x130: {1, 2}, 0x8000_0130: {0}, 0x7FF: {64}}
    assert take_census(path, 2) == {0x130: {1, 2}}
    assert take_census(path, 1) == {0x130: {2}}
    assert take_census(path, 0) == take_census(path)


needs_shared_captures = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs the real captures in ../shared/captures, which are not there"
)


@needs_shared_captures
@pytest.mark.parametrize(
    ("name", "frames", "first_s"),
    [
        ("bmw_e90_lock_cycles.log", 12_000, 1_700_000_000.0),
        ("taycan_idle_door_open.log", 2_400, 371.19),
        ("taycan_ign_on.log", 1_900, 462.33),
    ],
)
def test_real_captures_are_read_without_damage(name: str, frames: int, first_s: float) -> None:
    reader = open_capture(SHARED / name)
    list(reader.batches())
    info = reader.info
    lines = (SHARED / name).read_bytes().count(b"\n")
    assert info.frames == lines > frames
    assert (info.format, info.bad_lines, info.damage) == ("candump", 0, ())
    assert info.first_s == first_s
