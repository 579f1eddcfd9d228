"""What candump shows on the screen, and its logs with dates, against the plain log of the same."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import pytest

from canlock.model.frames import FrameBatch, FrameFlag, join_batches
from canlock.sources.capture import open_capture

BEGIN_S = 1_700_000_000.25


def read(path: Path) -> tuple[FrameBatch, int]:
    reader = open_capture(path)
    batch = join_batches([item for item in reader.batches() if isinstance(item, FrameBatch)])
    return batch, reader.info.bad_lines


def time_of(row: int, *, is_date: bool) -> str:
    time_s = BEGIN_S + row / 1000
    if not is_date:
        return f"{time_s:.6f}"
    return datetime.fromtimestamp(time_s).strftime("%Y-%m-%d %H:%M:%S.%f")  # noqa: DTZ006


@pytest.mark.parametrize("is_date", [True, False])
@pytest.mark.parametrize("form", ["screen", "extra", "ascii", "log"])
def test_frames_are_those_of_the_plain_log(tmp_path: Path, form: str, is_date: bool) -> None:
    chance = random.Random(8)
    shown, plain = [], []
    for row in range(500):
        identifier = chance.choice(["130", "7FF", "12DD546C"])
        data = chance.randbytes(chance.choice([8, 8, 3, 0]))
        channel = chance.choice(["can0", "vcan1"])
        is_remote = chance.random() < 0.05
        is_sent = form in ("extra", "log") and chance.random() < 0.2
        time = time_of(row, is_date=is_date)
        what = "R3" if is_remote else data.hex().upper()
        plain.append(
            f"({time_of(row, is_date=False)}) {channel} {identifier}#{what} {'RT'[is_sent]}\n"
        )
        if form == "log":
            shown.append(plain[-1].replace(time_of(row, is_date=False), time))
            continue
        text = "remote request" if is_remote else data.hex(" ").upper()
        tail = "   'A.B'" if form == "ascii" and data and not is_remote else ""
        extra = f"{'RT'[is_sent]}X - -  " if form == "extra" else ""
        length = 3 if is_remote else len(data)
        shown.append(f" ({time})  {channel}  {extra}{identifier:>3}   [{length}]  {text}{tail}\n")
    paths = [tmp_path / "shown.txt", tmp_path / "plain.log"]
    for path, lines in zip(paths, (shown, plain), strict=True):
        path.write_text("".join(lines))
    (found, bad), (expected, _) = read(paths[0]), read(paths[1])
    assert bad == 0
    assert found.timestamp_s.tolist() == pytest.approx(expected.timestamp_s.tolist(), abs=1e-6)
    for name in ("arbitration_id", "flags", "length"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
    assert (found.payload == expected.payload).all()
    names = [found.channels[number] for number in found.channel]
    assert names == [expected.channels[number] for number in expected.channel]


def test_fd_and_error_frames_on_the_screen_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "shown.txt"
    path.write_text(
        " (1.000000)  can0  130  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B\n"
        " (2.000000)  can0  20000080   [8]  00 00 00 00 00 00 00 00   ERRORFRAME\n"
        " (3.000000)  can0  130   [8]  00 01\n"
    )
    batch, bad = read(path)
    assert batch.flags.tolist() == [FrameFlag.FD, FrameFlag.ERROR]
    assert batch.length.tolist() == [12, 8]
    assert bad == 1
