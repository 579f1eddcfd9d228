"""All signals of all messages, against cantools frame by frame."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cantools.database import load_string
from cantools.database.can import Database

from canlock.decoding.all_signals import SignalReader, find_fields
from canlock.decoding.database import load_databases
from canlock.model.frames import FrameBatch, FrameFlag

DBC = """VERSION ""
NS_ :
BS_:
BU_: Ecu
BO_ 672 One: 8 Ecu
 SG_ Low : 0|12@1+ (0.5,-40) [0|0] "" Ecu
 SG_ High : 23|10@0- (1,0) [0|0] "" Ecu
 SG_ Bit : 63|1@1+ (1,0) [0|0] "" Ecu
BO_ 2147484224 Wide: 8 Ecu
 SG_ All : 7|64@0+ (1,0) [0|0] "" Ecu
BO_ 300 Pages: 4 Ecu
 SG_ Page M : 0|2@1+ (1,0) [0|0] "" Ecu
 SG_ Zero m0 : 8|8@1+ (1,0) [0|0] "" Ecu
 SG_ One m1 : 2|3@1+ (1,0) [0|0] "" Ecu
 SG_ Two m2 : 8|16@1- (0.1,0) [0|0] "" Ecu
 SG_ Three m3 : 31|4@0+ (1,0) [0|0] "" Ecu
"""
MESSAGES = ((672, False), (576, True), (300, False), (999, False))


@pytest.fixture(name="dbc")
def _dbc(tmp_path: Path) -> Path:
    path = tmp_path / "all.dbc"
    path.write_text(DBC)
    return path


def a_batch(count: int) -> FrameBatch:
    chance = random.Random(9)
    kinds = [chance.choice(MESSAGES) for _ in range(count)]
    values = [chance.choice([0, 1, 2, 1 << 63, chance.getrandbits(64)]) for _ in range(count)]
    length = np.array([chance.choice([8, 8, 8, 4, 1]) for _ in range(count)], np.uint8)
    payload = np.array(values, ">u8").view(np.uint8).reshape(-1, 8).copy()
    payload *= np.arange(8) < length[:, None]
    return FrameBatch(
        np.arange(count) / 100,
        np.array([number for number, _ in kinds], np.uint32),
        np.array([FrameFlag.EXTENDED if wide else 0 for _, wide in kinds], np.uint8),
        length,
        np.zeros(count, np.uint8),
        payload,
    )


def expected_of(batch: FrameBatch) -> dict[str, list[tuple[float, float, bool]]]:
    database: Any = load_string(DBC)
    assert isinstance(database, Database)
    found: dict[str, list[tuple[float, float, bool]]] = {}
    for row in range(len(batch)):
        number, length = int(batch.arbitration_id[row]), int(batch.length[row])
        if (number, bool(batch.flags[row])) not in MESSAGES[:3]:
            continue
        [message] = [one for one in database.messages if one.frame_id == number]
        data = batch.payload[row, :length].tobytes()
        values: Any = message.decode(data, decode_choices=False, allow_truncated=True)
        for name, value in values.items():
            column = found.setdefault(f"{message.name}.{name}", [])
            is_change = bool(column) and column[-1][1] != float(value)
            column.append((float(batch.timestamp_s[row]), float(value), is_change))
    return found


@pytest.mark.parametrize("cut", [1, 7, 400])
def test_columns_are_what_cantools_decodes(dbc: Path, cut: int) -> None:
    batch = a_batch(400)
    reader = SignalReader(find_fields(load_databases([dbc])))
    found: dict[str, list[tuple[float, float, bool]]] = {}
    for first in range(0, len(batch), cut):
        for column in reader.cut(batch.take(slice(first, first + cut))):
            rows = zip(
                column.at_s.tolist(),
                column.values.tolist(),
                column.is_change.tolist(),
                strict=True,
            )
            found.setdefault(column.field.name, []).extend(rows)
    expected = expected_of(batch)
    assert set(found) == set(expected)
    for name, column_rows in expected.items():
        assert found[name] == column_rows


def test_batches_are_joined_and_unknown_frames_passed_over(dbc: Path) -> None:
    batch = a_batch(300)
    reader = SignalReader(find_fields(load_databases([dbc])))
    assert reader.wanted == {672, 2147484224, 300}
    columns = list(reader.read(batch.take(slice(first, first + 10)) for first in range(0, 300, 10)))
    assert len(columns) == len({column.field.name for column in columns}) == 9
