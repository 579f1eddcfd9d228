"""Captures packed with zstd: read where the package is there, one clear line where it is not."""

from __future__ import annotations

import types
import zlib
from pathlib import Path
from typing import Any

import pytest

from canlock.errors import CaptureUnreadableError
from canlock.model.frames import FrameBatch
from canlock.sources import streams
from canlock.sources.capture import open_capture
from canlock.sources.streams import ZSTD_MAGIC, ZstdStream

GOOD = b"(1700000000.000000) can0 130#4142A10FD2\n"


class FakeError(Exception):
    """What the package raises for damaged data."""


def fake_zstandard() -> types.ModuleType:
    """Return a module with the two names that are used, packing with zlib behind the magic."""

    class Part:
        def __init__(self) -> None:
            self._inner = zlib.decompressobj()
            self._head = b""
            self.eof = False
            self.unused_data = b""

        def decompress(self, packed: bytes) -> bytes:
            if len(self._head) < 4:
                self._head += packed
                packed = self._head[4:]
                if not ZSTD_MAGIC.startswith(self._head[:4]):
                    raise FakeError("no magic")
            try:
                unpacked = self._inner.decompress(packed)
            except zlib.error as error:
                raise FakeError(str(error)) from None
            self.eof, self.unused_data = self._inner.eof, self._inner.unused_data
            return unpacked

    class Decompressor:
        def __init__(self, max_window_size: int) -> None:
            assert max_window_size > 0

        def decompressobj(self) -> Part:
            return Part()

    module: Any = types.ModuleType("zstandard")
    module.ZstdDecompressor = Decompressor
    module.ZstdError = FakeError
    return module  # type: ignore[no-any-return]


def pack(content: bytes) -> bytes:
    return ZSTD_MAGIC + zlib.compress(content)


def read(path: Path) -> tuple[int, Any]:
    reader = open_capture(path)
    frames = sum(len(item) for item in reader.batches() if isinstance(item, FrameBatch))
    return frames, reader.info


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_find_zstandard", fake_zstandard)


@pytest.mark.usefixtures("_installed")
def test_one_frame_or_several_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "drive.log.zst"
    path.write_bytes(pack(GOOD * 1000) + pack(b"") + pack(GOOD * 500))
    frames, info = read(path)
    assert (frames, info.format, info.bad_lines, info.is_truncated) == (1500, "candump", 0, False)


@pytest.mark.usefixtures("_installed")
def test_a_cut_and_damage_keep_what_was_before_and_are_told(tmp_path: Path) -> None:
    path = tmp_path / "drive.log.zst"
    # Contents that do not pack well, so that half the file holds half the lines.
    lines = [b"(1700000000.%06d) can0 130#%016X\n" % (n, n * 0x9E3779B97F4A7) for n in range(2000)]
    whole = pack(b"".join(lines))
    path.write_bytes(whole[: len(whole) // 2])
    frames, info = read(path)
    assert 500 < frames < 1500
    assert info.is_truncated
    assert "in the middle of its zstd data" in info.damage[-1].text
    path.write_bytes(pack(GOOD * 10) + b"something else")
    frames, info = read(path)
    assert frames == 10
    assert "damaged zstd data (no magic)" in info.damage[-1].text


def test_without_the_package_the_mend_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_find_zstandard", lambda: None)
    path = tmp_path / "drive.log.zst"
    path.write_bytes(pack(GOOD))
    with pytest.raises(CaptureUnreadableError, match=r"found zstd data.*`zstandard`"):
        open_capture(path)


def test_the_real_package_unpacks_what_it_packed(tmp_path: Path) -> None:
    zstandard = pytest.importorskip(
        "zstandard", reason="needs the package `zstandard`, which is not installed"
    )
    assert ZstdStream is not None
    path = tmp_path / "drive.log.zst"
    # Lines that pack badly: what is cut off is then a part of it, and not the one block of all.
    lines = [
        f"(1700000000.{n:06d}) can0 130#{n * 2654435761 % 2**64:016X}\n" for n in range(20_000)
    ]
    whole = zstandard.ZstdCompressor().compress("".join(lines).encode())
    path.write_bytes(whole)
    assert read(path)[0] == 20_000
    path.write_bytes(whole[:-3])
    frames, info = read(path)
    assert 0 < frames < 20_000
    assert info.is_truncated
