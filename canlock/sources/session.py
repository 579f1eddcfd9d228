"""The session file: what frames cannot show, in `STEM.session.jsonl` beside the capture.

```
{"time": 1700000012.5, "type": "gap", "ids": "all", "until": 1700000013.1, "reason": "overflow"}
{"time": 1700000014.0, "type": "gap", "ids": [856], "until": 1700000014.5, "reason": "sampled"}
{"time": 1700000020.0, "type": "sample", "role": "supply.voltage", "value": 12.4}
{"time": 1700000021.0, "type": "sample", "role": "door.ajar", "value": "open", "doors": ["driver"]}
{"time": 1700000031.0, "type": "dtc", "ecu": "bcm", "code": "B2562", "failure_type": "16"}
{"time": 1700000040.0, "type": "sent", "bytes": "02 21 47"}
```

`ids` are frame keys (`frames.frame_key`): integers, a 29-bit id with `EXTENDED_BIT` set. By hand
one may also write text, `"0x358"`, and `"0x123x"` for a 29-bit id that would fit into 11 bits.
"""

from __future__ import annotations

import heapq
import json
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from canlock.errors import SideFileError
from canlock.model.capture import Damage
from canlock.model.frames import EXTENDED_BIT, frame_key
from canlock.model.roles import NUMBER_ROLES, ROLE_VALUES, ROLES
from canlock.model.stream import Gap, Sample, Sent, TroubleCode
from canlock.sources.sidefile import (
    SideLine,
    SideLines,
    SideWriter,
    find_side_file,
    matching_door,
    shown,
    suggestion,
)

SUFFIX: Final = ".session.jsonl"

SessionItem = Gap | Sample | TroubleCode | Sent
"""What a session file holds; marks have a file of their own."""

ORDER_WINDOW: Final = 4_096
"""Items among which a late one is put back into its place. A gap is written when it ends, so what
was polled meanwhile stands before it."""

_HOPELESS_LINES: Final = 100
"""Lines without one record among them after which the file is taken for something else."""

_ID_TEXT: Final = re.compile(r"0x([0-9a-f]{1,8})(x?)", re.ASCII | re.IGNORECASE)
_HEX_BYTE: Final = re.compile(r"[0-9a-f]{2}", re.ASCII | re.IGNORECASE)
_STANDARD_IDS: Final = 0x800
_EXTENDED_IDS: Final = 0x2000_0000


class _GapRecord(msgspec.Struct, tag_field="type", tag="gap"):
    time: float
    until: float
    ids: str | list[int | str] = "all"
    reason: str = ""


class _SampleRecord(msgspec.Struct, tag_field="type", tag="sample"):
    time: float
    role: str
    value: float | str
    doors: list[str] = []


class _CodeRecord(msgspec.Struct, tag_field="type", tag="dtc"):
    time: float
    ecu: str
    code: str
    failure_type: str | None = None
    status: str | None = None


class _SentRecord(msgspec.Struct, tag_field="type", tag="sent"):
    time: float
    bytes: str


class _AnyRecord(msgspec.Struct):
    type: str


_Record = _GapRecord | _SampleRecord | _CodeRecord | _SentRecord
_TYPES: Final = ("gap", "sample", "dtc", "sent")


class _ItemError(Exception):
    """One line of a session file is of no use; its text says why."""

    def __init__(self, text: str, *, is_record: bool = True) -> None:
        super().__init__(text)
        self.is_record = is_record
        """The line is at least a JSON object that says its type."""


class SessionRead:
    """The items of a session file, read while one iterates, in the order of time.

    Lines that are wrong are left out, counted and named. `problems` and `left_out` are complete
    when the iteration is. Iterating again reads the file again.
    """

    def __init__(self, path: str | Path, doors: tuple[str, ...] | None) -> None:
        """Look at the file, see `read_session`."""
        self._lines = SideLines(path)
        self._doors = doors

    @property
    def problems(self) -> tuple[Damage, ...]:
        """The first few lines that were wrong, each with its place."""
        return self._lines.problems

    @property
    def left_out(self) -> int:
        """Lines that could not be used."""
        return self._lines.left_out

    def __iter__(self) -> Iterator[SessionItem]:
        """Yield the items in the order of time.

        Raises:
            SideFileError: The file holds something else, or cannot be read any more.
        """
        waiting: list[tuple[float, int, SessionItem]] = []
        given_s = -math.inf
        for number, item in self._items():
            if item.at_s < given_s:
                self._lines.report(
                    number,
                    f"an item more than {ORDER_WINDOW} lines behind its time; it is left out",
                )
                continue
            # The line's number decides between items of the same time.
            heapq.heappush(waiting, (item.at_s, number, item))
            if len(waiting) > ORDER_WINDOW:
                given_s, _, earliest = heapq.heappop(waiting)
                yield earliest
        while waiting:
            yield heapq.heappop(waiting)[2]

    def _items(self) -> Iterator[tuple[int, SessionItem]]:
        decoder = msgspec.json.Decoder(_Record)
        has_records = False
        line = None
        for line in self._lines:
            try:
                item = _item_of(_read_record(decoder, line), self._doors)
            except _ItemError as error:
                self._lines.report(line.number, str(error))
                has_records |= error.is_record
            else:
                has_records = True
                yield line.number, item
            if not has_records and line.number >= _HOPELESS_LINES:
                break
        # One line alone that was cut off is a recorder killed at its start.
        if line is not None and not has_records and (line.number > 1 or line.is_ended):
            first = self.problems[0]
            raise SideFileError(
                f"{first.place}: {first.text}; found no session item in "
                f"{line.number} lines: is it another file?"
            )


def find_session(capture_path: str | Path) -> Path | None:
    """Return the session file beside a capture: `drive.asc.gz` has `drive.session.jsonl`."""
    return find_side_file(capture_path, SUFFIX)


def read_session(path: str | Path, *, doors: tuple[str, ...] | None = None) -> SessionRead:
    """Return the items of a session file, to be iterated over; memory does not grow with the file.

    Args:
        path: The file.
        doors: Doors of the vehicle; None: any name is taken.

    Raises:
        SideFileError: There is no such file. Later, while iterating: it holds something else.
    """
    return SessionRead(path, doors)


def write_session(path: str | Path, items: Iterable[SessionItem]) -> None:
    """Write a session file, the items in the given order.

    Raises:
        SideFileError: It cannot be written, or an item holds a number that JSON has no word for.
    """
    with SideWriter(path) as writer:
        writer.write(format_item(item) for item in items)


def append_session(path: str | Path, items: Iterable[SessionItem]) -> None:
    """Write items behind what a session file holds already, if there is one.

    Raises:
        SideFileError: It cannot be written, or an item holds a number that JSON has no word for.
    """
    with SessionWriter(path) as writer:
        writer.write(format_item(item) for item in items)


class SessionWriter(SideWriter):
    """Writes session items as they happen; each is handed to the system before `append` returns."""

    def __init__(self, path: str | Path) -> None:
        """Open the file; what stands in it is kept.

        Raises:
            SideFileError: It cannot be written.
        """
        super().__init__(path, appends=True)

    def append(self, item: SessionItem) -> None:
        """Write one item.

        Raises:
            SideFileError: The disk is full or gone.
        """
        self.write([format_item(item)])


def format_item(item: SessionItem) -> str:
    """Return an item's line. Times are written in full, so that they are read back exactly.

    Raises:
        SideFileError: The item holds a number that JSON has no word for.
    """
    record: dict[str, Any] = {"time": item.at_s}
    match item:
        case Gap():
            ids = "all" if item.keys is None else sorted(item.keys)
            record |= {"type": "gap", "ids": ids, "until": item.until_s, "reason": item.reason}
        case Sample():
            record |= {"type": "sample", "role": item.role, "value": item.value}
            if item.doors:
                record["doors"] = list(item.doors)
        case TroubleCode():
            record |= {"type": "dtc", "ecu": item.ecu, "code": item.code}
            if item.failure_type is not None:
                record["failure_type"] = item.failure_type
            if item.status is not None:
                record["status"] = item.status
        case Sent():
            record |= {"type": "sent", "bytes": item.payload.hex(" ").upper()}
    try:
        return json.dumps(record, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise SideFileError(f"a {record['type']} item cannot be written: {error}") from error


def _read_record(decoder: msgspec.json.Decoder[_Record], line: SideLine) -> _Record:
    data = line.text.encode(errors="replace")
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        kind = _kind_of(data)
        if kind is None:
            text = f'found {shown(line.text)}, expected an object with a `"type"`'
        elif kind not in _TYPES:
            text = f"unknown type {shown(kind)}{suggestion(kind, _TYPES)}"
        else:
            text = str(error).replace("`$.", "`")
        raise _ItemError(text, is_record=kind is not None) from error
    except (msgspec.DecodeError, RecursionError) as error:
        wanted = "expected a JSON object" if line.is_ended else "cut off in mid-line"
        raise _ItemError(f"found {shown(line.text)}, {wanted}", is_record=False) from error


def _kind_of(data: bytes) -> str | None:
    """Return what a line says its type is, or None where it says none."""
    try:
        return msgspec.json.decode(data, type=_AnyRecord).type
    except (msgspec.MsgspecError, RecursionError):
        return None


def _item_of(record: _Record, doors: tuple[str, ...] | None) -> SessionItem:
    match record:
        case _GapRecord():
            if record.until < record.time:
                raise _ItemError("the gap's `until` is before its `time`")
            return Gap(record.time, record.until, record.reason, _read_keys(record.ids))
        case _SampleRecord():
            value = _read_value(record.role, record.value)
            return Sample(record.time, record.role, value, _read_doors(record.doors, doors))
        case _CodeRecord():
            if not record.code.strip():
                raise _ItemError("the code is empty")
            return TroubleCode(
                record.time,
                record.ecu,
                record.code,
                _read_byte("failure_type", record.failure_type),
                _read_byte("status", record.status),
            )
        case _SentRecord():
            try:
                return Sent(record.time, bytes.fromhex(record.bytes))
            except ValueError as error:
                raise _ItemError(
                    f"found the bytes {shown(record.bytes)}, expected `02 21 47`"
                ) from error


def _read_keys(ids: str | list[int | str]) -> frozenset[int] | None:
    if isinstance(ids, list):
        return frozenset(_read_key(one) for one in ids)
    if ids != "all":
        raise _ItemError(f'found the ids {shown(ids)}, expected "all" or a list')
    return None


def _read_key(one: int | str) -> int:
    if isinstance(one, str):
        match = _ID_TEXT.fullmatch(one.strip())
        if match is None:
            raise _ItemError(f"found the id {shown(one)}, expected a number or text as `0x358`")
        number = int(match[1], 16)
        if match[2]:
            number |= EXTENDED_BIT
    else:
        number = one
    is_extended = bool(number & EXTENDED_BIT)
    arbitration_id = number & ~EXTENDED_BIT
    # A negative number keeps its sign here, and so is refused too.
    if not 0 <= arbitration_id < _EXTENDED_IDS:
        raise _ItemError(f"found the id {shown(f'{number:#x}')}, expected at most 29 bits")
    # An id beyond 11 bits can only be one of 29, also where nobody said so.
    return frame_key(arbitration_id, is_extended=is_extended or arbitration_id >= _STANDARD_IDS)


def _read_value(role: str, value: float | str) -> float | str:
    if role not in ROLES:
        raise _ItemError(f"unknown role {shown(role)}{suggestion(role, ROLES)}")
    if role in NUMBER_ROLES:
        if isinstance(value, str):
            raise _ItemError(f"found the value {shown(value)} for {role}, expected a number")
    elif value not in ROLE_VALUES[role]:
        raise _ItemError(
            f"found the value {shown(str(value))} for {role}, "
            f"expected one of {', '.join(ROLE_VALUES[role])}"
        )
    return value


def _read_doors(names: list[str], doors: tuple[str, ...] | None) -> tuple[str, ...]:
    if doors is None:
        return tuple(names)
    found = []
    for name in names:
        door = matching_door(name, doors)
        if door is None:
            raise _ItemError(f"unknown door {shown(name)}{suggestion(name, doors)}")
        found.append(door)
    return tuple(found)


def _read_byte(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    if not _HEX_BYTE.fullmatch(text):
        raise _ItemError(f"found the {name} {shown(text)}, expected two hexadecimal digits")
    return text.upper()
