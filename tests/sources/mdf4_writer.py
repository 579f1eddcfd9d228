"""Writes small MF4 bus logs block by block, in every make that the standard allows.

An independent reading of the standard: nothing of the reader is used here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

DATA, ERROR, REMOTE = "CAN_DataFrame", "CAN_ErrorFrame", "CAN_RemoteFrame"


class Frame(NamedTuple):
    """One frame as plain values."""

    time_s: float
    arbitration_id: int
    is_extended: bool
    payload: bytes
    channel: int = 0
    is_sent: bool = False
    is_fd: bool = False
    kind: str = DATA
    asked: int = 0


@dataclass
class Make:
    """How a file is made."""

    packing: str = "none"
    """none, deflate, transpose, list or unfinished."""

    is_bitwise: bool = False
    """Fields share bytes and times are whole numbers with a factor, as small loggers write them."""

    is_outside: bool = False
    """Payloads lie outside of the records."""

    is_mixed: bool = False
    """Records of all groups lie in one row of data."""

    piece: int = 300
    """Bytes of data in one block of a list."""

    before: int = 0
    """Bytes of a record that no channel tells of, before the first that one does."""


@dataclass
class File:
    """Bytes and where blocks begin."""

    content: bytearray = field(default_factory=lambda: bytearray(64))

    def block(self, kind: str, links: list[int], data: bytes) -> int:
        at = len(self.content)
        size = 24 + 8 * len(links) + len(data)
        self.content += struct.pack("<4s4xQQ", b"##" + kind.encode(), size, len(links))
        self.content += struct.pack(f"<{len(links)}Q", *links) + data
        self.content += bytes(-len(self.content) % 8)
        return at

    def text(self, text: str) -> int:
        return self.block("TX", [], text.encode() + b"\0")

    def link(self, block: int, index: int, target: int) -> None:
        struct.pack_into("<Q", self.content, block + 24 + 8 * index, target)


def write_mdf4(frames: list[Frame], make: Make, begin_ns: int = 1_700_000_000 * 10**9) -> bytes:
    """Return a file that holds some frames."""
    file = File()
    header = file.block("HD", [0] * 6, struct.pack("<QhhBBB", begin_ns, 0, 0, 2, 0, 0) + bytes(17))
    assert header == 64
    groups = [kind for kind in (DATA, ERROR, REMOTE) if any(f.kind == kind for f in frames)]
    previous = None
    if make.is_mixed:
        _data_group(file, header, previous, groups, frames, make)
    else:
        for kind in groups:
            previous = _data_group(file, header, previous, [kind], frames, make)
    magic = b"UnFinMF " if make.packing == "unfinished" else b"MDF     "
    file.content[:64] = magic + b"4.10    canlock " + bytes(4) + struct.pack("<H", 410) + bytes(34)
    if make.packing == "unfinished":
        struct.pack_into("<HH", file.content, 60, 0x5, 0)
    return bytes(file.content)


def _data_group(
    file: File,
    header: int,
    previous: int | None,
    groups: list[str],
    frames: list[Frame],
    make: Make,
) -> int:
    group = file.block("DG", [0, 0, 0, 0], bytes([2 if make.is_mixed else 0]) + bytes(7))
    if previous is None:
        file.link(header, 0, group)
    else:
        file.link(previous, 0, group)
    source = file.block("SI", [0, 0, 0], bytes([2, 2, 0, 0, 0, 0, 0, 0]))
    chains: list[int] = []
    outside_ids = {}
    for number, kind in enumerate(groups, 1):
        chosen = [frame for frame in frames if frame.kind == kind]
        size, channels, payload = _channels(file, kind, make)
        count = 0 if make.packing == "unfinished" else len(chosen)
        facts = struct.pack("<QQHHIII", number, count, 0x6, 0x2E, 0, size, 0)
        chains.append(file.block("CG", [0, channels, 0, source, 0, 0], facts))
        if payload:
            outside_ids[kind] = (payload, number + 100)
    if make.is_mixed:
        for payload, record_id in outside_ids.values():
            facts = struct.pack("<QQHHIII", record_id, 0, 0x1, 0, 0, 0, 0)
            chains.append(file.block("CG", [0, 0, 0, 0, 0, 0], facts))
            file.link(payload, 5, chains[-1])
    for one, other in pairwise(chains):
        file.link(one, 0, other)
    file.link(group, 1, chains[0])
    records, outside = _records(frames, groups, outside_ids, make)
    for kind, (payload, _) in outside_ids.items():
        if not make.is_mixed:
            file.link(payload, 5, _data(file, outside[kind], make, "SD", 0))
    size = len(records) // max(1, sum(f.kind in groups for f in frames))
    file.link(group, 2, _data(file, records, make, "DT", 0 if make.is_mixed else size))
    return group


def _channels(file: File, kind: str, make: Make) -> tuple[int, int, int]:
    """Return bytes of a record, the first channel, and the one of payloads outside, or nought."""
    if make.is_bitwise:
        # 40 bits of time in units of 10 us, then the id with the width's bit behind it.
        scale = file.block("CC", [0] * 4, struct.pack("<BBHHHdddd", 1, 0, 0, 0, 2, 0, 0, 0.0, 1e-5))
        told = {"time": (2, 1, 0, 0, 0, 40), "ID": (0, 0, 0, 0, 5, 29), "IDE": (0, 0, 0, 5, 8, 1)}
        told |= {"Dir": (0, 0, 0, 6, 8, 1), "EDL": (0, 0, 0, 7, 8, 1), "DLC": (0, 0, 0, 0, 9, 4)}
        told |= {"BusChannel": (0, 0, 0, 4, 9, 4), "DataLength": (0, 0, 0, 0, 10, 7)}
        end = 11
    else:
        scale = 0
        told = {"time": (2, 1, 4, 0, 0, 64), "BusChannel": (0, 0, 0, 0, 8, 8)}
        told |= {"ID": (0, 0, 0, 0, 9, 32), "IDE": (0, 0, 0, 0, 13, 8), "DLC": (0, 0, 0, 0, 14, 8)}
        told |= {"DataLength": (0, 0, 0, 0, 15, 8), "Dir": (0, 0, 0, 0, 16, 8)}
        told |= {"EDL": (0, 0, 0, 0, 17, 8)}
        end = 18
    size = make.before + end
    payload = 0
    if kind != REMOTE:
        width = 8 if make.is_outside else 64
        told["DataBytes"] = (int(make.is_outside), 0, 10, 0, end, 8 * width)
        size += width
    blocks = []
    for name, (form, sync, data, bit, byte, bits) in told.items():
        title = file.text("time" if name == "time" else f"{kind}.{name}")
        place = make.before + byte
        facts = struct.pack("<BBBBIII", form, sync, data, bit, place, bits, 0) + bytes(56)
        block = file.block("CN", [0, 0, title, 0, scale if name == "time" else 0, 0, 0, 0], facts)
        blocks.append(block)
        if name == "DataBytes" and make.is_outside:
            payload = block
    # All but the time are parts of one channel, which bears the name of the group.
    parts = blocks[1:]
    for one, other in pairwise(parts):
        file.link(one, 0, other)
    facts = struct.pack("<BBBBIII", 0, 0, 10, 0, 8, 8 * (size - 8), 0) + bytes(56)
    whole = file.block("CN", [0, parts[0], file.text(kind), 0, 0, 0, 0, 0], facts)
    file.link(blocks[0], 0, whole)
    return size, blocks[0], payload


def _records(
    frames: list[Frame], groups: list[str], outside_ids: dict[str, tuple[int, int]], make: Make
) -> tuple[bytes, dict[str, bytes]]:
    records = bytearray()
    outside: dict[str, bytearray] = {kind: bytearray() for kind in groups}
    for frame in (frame for frame in frames if frame.kind in groups):
        length = frame.asked if frame.kind == REMOTE else len(frame.payload)
        if make.is_bitwise:
            word = frame.arbitration_id | frame.is_extended << 29
            word |= frame.is_sent << 30 | frame.is_fd << 31
            record = round(frame.time_s * 1e5).to_bytes(5, "little") + struct.pack("<I", word)
            record += bytes([min(length, 15) | frame.channel << 4, length])
        else:
            record = struct.pack(
                "<dBIBBB",
                frame.time_s,
                frame.channel,
                frame.arbitration_id,
                frame.is_extended,
                length,
                length,
            )
            record += bytes([frame.is_sent, frame.is_fd])
        record = bytes(make.before) + record
        part = struct.pack("<I", len(frame.payload)) + frame.payload
        if frame.kind in outside_ids:
            record += struct.pack("<Q", len(outside[frame.kind]))
            outside[frame.kind] += part
        elif frame.kind != REMOTE:
            record += frame.payload.ljust(64, b"\0")
        if make.is_mixed:
            records += struct.pack("<H", groups.index(frame.kind) + 1)
        records += record
        if make.is_mixed and frame.kind in outside_ids:
            records += struct.pack("<H", outside_ids[frame.kind][1]) + part
    return bytes(records), {kind: bytes(content) for kind, content in outside.items()}


def _data(file: File, content: bytes, make: Make, kind: str, size: int) -> int:
    """Return where a block begins that holds some data, or leads to it."""
    if make.packing in ("none", "unfinished"):
        at = file.block(kind, [], content)
        if make.packing == "unfinished" and kind == "DT":
            # Its length was never written; it must be the last block then.
            struct.pack_into("<Q", file.content, at + 8, 24)
            del file.content[at + 24 + len(content) :]
        return at
    if make.packing == "deflate" and len(content) <= make.piece:
        return _packed(file, content, kind, 0)
    pieces = [content[at : at + make.piece] for at in range(0, len(content), make.piece)]
    if make.packing == "list":
        links = [file.block(kind, [], piece) for piece in pieces]
    else:
        columns = size if make.packing == "transpose" else 0
        links = [_packed(file, piece, kind, columns) for piece in pieces]
    half = len(links) // 2
    starts = range(0, len(content), make.piece)
    second = file.block("DL", [0, *links[half:]], _list_facts(starts[half:]))
    first = file.block("DL", [second, *links[:half]], _list_facts(starts[:half]))
    if make.packing == "list":
        return first
    return file.block("HL", [first], bytes(8))


def _list_facts(starts: Sequence[int]) -> bytes:
    return struct.pack(f"<BxxxI{len(starts)}Q", 0, len(starts), *starts)


def _packed(file: File, content: bytes, kind: str, columns: int) -> int:
    rows = len(content) // columns if columns else 0
    is_sorted = columns > 1 and rows > 0
    body = content
    if is_sorted:
        body = b"".join(content[place : rows * columns : columns] for place in range(columns))
        body += content[rows * columns :]
    packed = zlib.compress(body)
    head = struct.pack(
        "<2sBxIQQ", kind.encode(), int(is_sorted), columns, len(content), len(packed)
    )
    return file.block("DZ", [], head + packed)
