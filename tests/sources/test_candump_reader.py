"""The candump reader against python-can's own, and against a plain reading of the grammar."""

from __future__ import annotations

import gzip
import io
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
from canlock.sources.stretch import Stretch, Wanted

BLOCK_SIZES = (1, 7, 64, 333, 1 << 20)
FILE_TESTS = settings(
    max_examples=150,
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
