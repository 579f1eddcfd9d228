"""Records of several MDF4 groups that lie mixed in one row of data, told apart by their ids.

Each is looked at by itself, as each tells only with its id how long it is: that is slow.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from canlock.sources.mdf4_data import DataPiece
from canlock.sources.mdf4_groups import MixedRecords

_LENGTH: Final = struct.Struct("<I")
_LONGEST: Final = 1 << 20
"""Bytes of a record that tells its own length: payloads take 64."""


@dataclass(slots=True)
class SortedRecords:
    """What one piece of data gave."""

    records: dict[int, bytearray] = field(default_factory=dict)
    """By record id: whole records on end, without their ids."""

    outside: dict[int, bytearray] = field(default_factory=dict)
    """By record id, of groups whose records tell their own length: these, with their lengths."""

    fault: str = ""
    """What is wrong; where nothing else is said, the data goes on."""

    is_end: bool = False


def sort_records(mixed: MixedRecords, pieces: Iterable[DataPiece]) -> Iterator[SortedRecords]:
    """Yield the records of each piece of data."""
    carried = b""
    for piece in pieces:
        if piece.lost or piece.is_end:
            # Behind a hole there is no telling where a record begins.
            yield SortedRecords(fault=piece.text, is_end=True)
            return
        content = carried + piece.plain().tobytes()
        found = SortedRecords()
        at = _sort(mixed, content, found)
        carried = content[at:]
        yield found
        if found.is_end:
            return


def _sort(mixed: MixedRecords, content: bytes, found: SortedRecords) -> int:
    """Sort the records of some data; return where one begins that is not there in full."""
    at, end, id_bytes = 0, len(content), mixed.id_bytes
    while at + id_bytes <= end:
        record_id = int.from_bytes(content[at : at + id_bytes], "little")
        if record_id not in mixed.sizes:
            found.fault = f"found a record of the group {record_id}, expected one that there is"
            found.is_end = True
            return end
        begin = at + id_bytes
        size = mixed.sizes[record_id]
        if size is not None:
            if begin + size > end:
                break
            found.records.setdefault(record_id, bytearray()).extend(content[begin : begin + size])
            at = begin + size
            continue
        if begin + _LENGTH.size > end:
            break
        size = _LENGTH.size + _LENGTH.unpack_from(content, begin)[0]
        if size > _LONGEST:
            found.fault = f"found a record of {size} bytes, expected a payload"
            found.is_end = True
            return end
        if begin + size > end:
            break
        found.outside.setdefault(record_id, bytearray()).extend(content[begin : begin + size])
        at = begin + size
    return at
