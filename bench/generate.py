"""A seeded candump log of a body bus: mostly background, some lock frames with edges."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

FRAMES_A_SECOND = 1000.0
BACKGROUND_IDS = 36
LOCK_IDS = (0x2A0, 0x0E2, 0x0E6, 0x0EA, 0x0EE, 0x0F2)
LOCK_SHARE = 0.041
"""Share of the frames that carry lock ids."""

COMMAND_PERIOD_S = 4.0
CHUNK = 100_000


def write_log(
    path: Path, frames: int, seed: int = 1, frames_a_second: float = FRAMES_A_SECOND
) -> None:
    """Write `frames` lines; the doors answer each command within 0.1 s, so nothing is wrong."""
    rng = np.random.default_rng(seed)
    background = np.sort(rng.choice(np.arange(0x400, 0x700), BACKGROUND_IDS, replace=False))
    with path.open("w", encoding="ascii", newline="\n") as log:
        for start in range(0, frames, CHUNK):
            rows = np.arange(start, min(start + CHUNK, frames))
            log.write(_lines(rows / frames_a_second, rows, background, rng))


def write_ragged(path: Path, source: Path, seed: int = 2) -> None:
    """Write the log again with two channels and background payloads of different lengths."""
    rng = np.random.default_rng(seed)
    locks = {f"{arbitration_id:03X}" for arbitration_id in LOCK_IDS}
    with source.open(encoding="ascii") as lines, path.open("w", encoding="ascii") as log:
        while chunk := lines.readlines(CHUNK * 48):
            cuts = rng.choice([0, 0, 0, 2, 6, 12], len(chunk)).tolist()
            channels = rng.choice(["can0", "can0", "vcan1"], len(chunk)).tolist()
            for line, cut, channel in zip(chunk, cuts, channels, strict=True):
                time, _, frame = line.rstrip().split(" ")
                is_lock = frame[:3] in locks
                log.write(f"{time} {channel} {frame if is_lock or not cut else frame[:-cut]}\n")


def background_ids(seed: int = 1) -> list[int]:
    """Return the ids of the frames that are of no use to the lock."""
    rng = np.random.default_rng(seed)
    return sorted(rng.choice(np.arange(0x400, 0x700), BACKGROUND_IDS, replace=False).tolist())


def write_database(path: Path, signals: int = 321, seed: int = 3) -> None:
    """Write a DBC for all ids of the log, half of its signals Motorola."""
    rng = np.random.default_rng(seed)
    ids = [*LOCK_IDS, *background_ids()]
    lines = ['VERSION ""', "", "NS_ :", "", "BS_:", "", "BU_: Ecu", ""]
    for number, arbitration_id in enumerate(ids):
        count = signals // len(ids) + (number < signals % len(ids))
        lines.append(f"BO_ {arbitration_id} M{arbitration_id:03X}: 8 Ecu")
        cuts = [0, *sorted(rng.choice(np.arange(1, 64), count - 1, replace=False).tolist()), 64]
        for place, (first, end) in enumerate(pairwise(cuts)):
            is_motorola = number % 2
            start = 8 * (first // 8) + 7 - first % 8 if is_motorola else first
            form = f"{start}|{min(end - first, 32)}@{0 if is_motorola else 1}"
            sign = "-" if end - first > 1 and rng.random() < 0.2 else "+"
            scale = rng.choice(["1,0", "0.5,-40", "0.01,0"])
            lines.append(f' SG_ S{place} : {form}{sign} ({scale}) [0|0] "" Ecu')
        lines.append("")
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def write_mf4(path: Path, source: Path) -> None:
    """Write the log again as MF4 as python-can would, its records deflated; needs asammdf."""
    from datetime import UTC, datetime

    from asammdf import MDF, Signal
    from asammdf.blocks.v4_blocks import SourceInformation
    from asammdf.blocks.v4_constants import BUS_TYPE_CAN, SOURCE_BUS
    from can.io.mf4 import STD_DTYPE

    lines = source.read_bytes().split(b"\n")[:-1]
    records = np.zeros(len(lines), STD_DTYPE)
    times_s = np.array([float(line[1:18]) for line in lines])
    records["CAN_DataFrame.ID"] = [int(line[25:28], 16) for line in lines]
    records["CAN_DataFrame.DLC"] = records["CAN_DataFrame.DataLength"] = 8
    payload = np.frombuffer(bytes.fromhex(b"".join(line[29:45] for line in lines).decode()), "u1")
    records["CAN_DataFrame.DataBytes"][:, :8] = payload.reshape(-1, 8)
    measured = MDF(version="4.10")
    measured.header.start_time = datetime.fromtimestamp(float(times_s[0]), UTC)
    bus = SourceInformation(source_type=SOURCE_BUS, bus_type=BUS_TYPE_CAN)
    frames = Signal(
        name="CAN_DataFrame", samples=records, timestamps=times_s - times_s[0], source=bus
    )
    measured.append(frames)
    measured.save(path, compression=1, overwrite=True)
    measured.close()


def write_format(path: Path, source: Path) -> None:
    """Write the log again with python-can's writer for the suffix."""
    import can

    with can.LogReader(source) as reader, can.Logger(path) as writer:
        for frame in reader:
            frame.channel = 0
            writer.on_message_received(frame)


def _lines(
    times: np.ndarray, rows: np.ndarray, background: np.ndarray, rng: np.random.Generator
) -> str:
    stride = round(1 / LOCK_SHARE)
    is_lock = rows % stride == 0
    turn = (rows // stride) % len(LOCK_IDS)
    ids = np.where(is_lock, np.array(LOCK_IDS)[turn], rng.choice(background, len(rows)))
    noise = rng.integers(0, 1 << 63, len(rows), dtype=np.int64)
    lines = []
    for at_s, arbitration_id, payload in zip(
        times.tolist(), ids.tolist(), noise.tolist(), strict=True
    ):
        data = _lock_payload(arbitration_id, at_s) if arbitration_id in LOCK_IDS else None
        lines.append(
            f"({1700000000 + at_s:.6f}) can0 {arbitration_id:03X}#{data or f'{payload:016X}'}\n"
        )
    return "".join(lines)


def _lock_payload(arbitration_id: int, at_s: float) -> str:
    cycle = int(at_s // COMMAND_PERIOD_S)
    is_locked = cycle % 2 == 0
    if arbitration_id != LOCK_IDS[0]:
        return ("82" if is_locked else "81") + "FFE7FCFFFFFFFF"
    is_pulse = at_s % COMMAND_PERIOD_S < 1.0 and cycle > 0
    word = ("22" if is_locked else "11") if is_pulse else "88"
    return f"{word * 2}{'18' if is_pulse else '88'}01{cycle * 2 % 256:02X}400B00"


if __name__ == "__main__":
    import sys

    write_mf4(Path(sys.argv[1]), Path(sys.argv[2]))
