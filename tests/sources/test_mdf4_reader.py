"""MF4 bus logs of every make, against what was written; and what is left of damaged ones."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canlock.errors import CanlockError, CaptureUnreadableError
from canlock.model.frames import FrameBatch, FrameFlag, frame_key, join_batches
from canlock.model.stream import Gap
from canlock.sources.capture import open_capture

_SPEC = importlib.util.spec_from_file_location(
    "mdf4_writer", Path(__file__).with_name("mdf4_writer.py")
)
assert _SPEC is not None
assert _SPEC.loader is not None
writer: Any = importlib.util.module_from_spec(_SPEC)
sys.modules["mdf4_writer"] = writer
_SPEC.loader.exec_module(writer)

BEGIN_S = 1_700_000_000
FILE_TESTS = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
MAKES = [
    {"packing": packing, "is_bitwise": bitwise, "is_outside": outside, "is_mixed": mixed}
    for packing in ("none", "deflate", "transpose", "list")
    for bitwise in (False, True)
    for outside in (False, True)
    for mixed in (False, True)
]


def some_frames(count: int, seed: int = 5, *, has_kinds: bool = True) -> list[Any]:
    chance = random.Random(seed)
    frames = []
    for row in range(count):
        kind = chance.choices(
            (writer.DATA, writer.ERROR, writer.REMOTE), (8, 1, 1) if has_kinds else (1, 0, 0)
        )[0]
        is_extended = chance.random() < 0.3
        is_fd = kind == writer.DATA and chance.random() < 0.2
        length = chance.choice([0, 1, 8, 12, 64] if is_fd else [0, 3, 8, 8])
        frames.append(
            writer.Frame(
                time_s=row / 1000,
                arbitration_id=chance.getrandbits(29 if is_extended else 11),
                is_extended=is_extended,
                payload=b"" if kind == writer.REMOTE else chance.randbytes(length),
                channel=chance.randrange(3),
                is_sent=chance.random() < 0.3,
                is_fd=is_fd,
                kind=kind,
                asked=chance.randrange(9),
            )
        )
    return frames


def read(path: Path, wanted: frozenset[int] | None = None) -> tuple[FrameBatch, Any]:
    reader = open_capture(path, wanted)
    batch = join_batches([item for item in reader.batches() if isinstance(item, FrameBatch)])
    return batch, reader


def rows_of(batch: FrameBatch) -> list[tuple[Any, ...]]:
    rows = []
    for row in range(len(batch)):
        flags, length = int(batch.flags[row]), int(batch.length[row])
        payload = b"" if flags & FrameFlag.REMOTE else batch.payload[row, :length].tobytes()
        assert not batch.payload[row, len(payload) :].any()
        time_s = round(float(batch.timestamp_s[row]) - BEGIN_S, 6)
        channel = int(batch.channels[batch.channel[row]])
        rows.append((time_s, int(batch.arbitration_id[row]), flags, length, payload, channel))
    return rows


def expected_of(frames: list[Any]) -> list[tuple[Any, ...]]:
    rows = []
    for frame in frames:
        flags = FrameFlag.EXTENDED if frame.is_extended else FrameFlag(0)
        flags |= FrameFlag.TRANSMITTED if frame.is_sent else FrameFlag(0)
        flags |= FrameFlag.FD if frame.is_fd else FrameFlag(0)
        flags |= FrameFlag.ERROR if frame.kind == writer.ERROR else FrameFlag(0)
        flags |= FrameFlag.REMOTE if frame.kind == writer.REMOTE else FrameFlag(0)
        length = frame.asked if frame.kind == writer.REMOTE else len(frame.payload)
        rows.append(
            (frame.time_s, frame.arbitration_id, int(flags), length, frame.payload, frame.channel)
        )
    return rows


@pytest.mark.parametrize("make", MAKES, ids=lambda make: "-".join(map(str, make.values())))
@pytest.mark.parametrize("has_kinds", [True, False])
def test_frames_are_what_was_written(tmp_path: Path, make: dict[str, Any], has_kinds: bool) -> None:
    path = tmp_path / "x.mf4"
    frames = some_frames(200, has_kinds=has_kinds)
    path.write_bytes(writer.write_mdf4(frames, writer.Make(**make)))
    batch, reader = read(path)
    assert rows_of(batch) == expected_of(frames)
    assert (reader.info.format, reader.info.bad_lines, reader.info.damage) == ("mf4", 0, ())
    assert (reader.slow is not None) == make["is_mixed"]
    wanted = frozenset(
        frame_key(frame.arbitration_id, is_extended=frame.is_extended) for frame in frames[:40]
    )
    chosen, narrow = read(path, wanted)
    is_chosen = np.isin(batch.keys, list(wanted)) | (batch.flags & np.uint8(FrameFlag.ERROR) != 0)
    assert rows_of(chosen) == rows_of(batch.take(is_chosen))
    assert narrow.info.frames == len(frames)


def test_a_log_that_was_never_finished_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "x.mf4"
    frames = some_frames(100, has_kinds=False)
    content = writer.write_mdf4(frames, writer.Make("unfinished"))
    path.write_bytes(content[:-10])
    batch, _ = read(path)
    assert rows_of(batch) == expected_of(frames)[:-1]


def test_a_file_that_was_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "x.mf4"
    frames = some_frames(500, has_kinds=False)
    content = writer.write_mdf4(frames, writer.Make())
    path.write_bytes(content[: len(content) - 82 * 100 - 5])
    batch, reader = read(path)
    assert rows_of(batch) == expected_of(frames)[: len(batch)]
    assert 395 <= len(batch) <= 400
    assert reader.info.is_truncated


@pytest.mark.parametrize(("packing", "before"), [("deflate", 0), ("transpose", 0), ("deflate", 2)])
def test_a_damaged_block_costs_itself_and_leaves_a_gap(
    tmp_path: Path, packing: str, before: int
) -> None:
    path = tmp_path / "x.mf4"
    frames = some_frames(300, has_kinds=False)
    make = writer.Make(packing, piece=(82 + before) * 50, before=before)
    content = bytearray(writer.write_mdf4(frames, make))
    places = [at for at in range(len(content) - 4) if content[at : at + 4] == b"##DZ"]
    at = places[2] + 24 + 24
    content[at + 60 : at + 90] = bytes(30)
    path.write_bytes(content)
    reader = open_capture(path)
    items = list(reader.batches())
    batch = join_batches([item for item in items if isinstance(item, FrameBatch)])
    expected = expected_of(frames)
    assert rows_of(batch) == expected[:100] + expected[150:]
    [gap] = [item for item in items if isinstance(item, Gap)]
    assert (gap.at_s - BEGIN_S, gap.until_s - BEGIN_S) == pytest.approx((0.099, 0.15))
    assert reader.info.bad_lines == 1
    assert "damaged data" in reader.info.damage[0].text


def test_a_file_without_frames_says_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "x.mf4"
    content = writer.write_mdf4(some_frames(5), writer.Make())
    path.write_bytes(content.replace(b"CAN_", b"LIN_"))
    with pytest.raises(CaptureUnreadableError, match="found an MF4 file without CAN frames"):
        read(path)


@FILE_TESTS
@given(
    make=st.sampled_from(MAKES),
    damages=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=9)), max_size=4
    ),
    size=st.floats(0.05, 1),
)
def test_whatever_befell_a_file_ends_in_frames_or_in_one_line(
    tmp_path: Path, make: dict[str, Any], damages: list[tuple[float, bytes]], size: float
) -> None:
    path = tmp_path / "x.mf4"
    content = bytearray(writer.write_mdf4(some_frames(40), writer.Make(**make)))
    for where, new in damages:
        at = 64 + int(where * (len(content) - 64))
        content[at : at + len(new)] = new
    path.write_bytes(content[: max(int(size * len(content)), 64)])
    reader = open_capture(path, in_order=False)
    try:
        frames = sum(len(item) for item in reader.batches() if isinstance(item, FrameBatch))
    except CanlockError as error:
        message = str(error)
    else:
        message = ""
        assert frames == reader.info.frames <= 200
    assert "\n" not in message
