"""Compiled vehicles out of the cache: a start without TOML, cantools and a check of every entry.

A record is found by the content of the vehicle file and by the code that compiled it, and holds
digests of the databases, so that it counts only while every byte is as it was. Where the files
lie is not part of it: the same files elsewhere are the same vehicle.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from canlock import __version__, model
from canlock.decoding.cache import keep_record, make_digest, read_record, stamp_files
from canlock.decoding.fields import Bits, Field
from canlock.decoding.layout import (
    LONGEST_COUNTER,
    LONGEST_SIGNAL,
    EntryLayout,
    Layout,
    MessageLayout,
)
from canlock.decoding.loaded_vehicle import LoadedVehicle
from canlock.decoding.problem import Problem, Severity, show_path
from canlock.decoding.words import NO_WORD, WordTable
from canlock.errors import VehicleFileError
from canlock.model.roles import MEASURE_ROLES, NUMBER_ROLES, ROLES
from canlock.model.vehicle import Vehicle

if TYPE_CHECKING:
    from canlock.decoding.database import Databases

FORMAT: Final = b"canlock.compiled-vehicle/1"
"""Rises when a record's form or meaning changes."""

_FARTHEST_BIT: Final = 1 << 16
"""Beyond any message that a database can describe."""

_KEYS: Final = 1 << 32
"""Frame keys are 32-bit numbers."""

_LONGEST_STATES: Final = 1 << 15
"""States and symbols are kept as 16-bit numbers."""


class _Warning(msgspec.Struct, array_like=True):
    """A problem without the path, which depends on where the files lie."""

    file: int
    """0: the vehicle file; from 1 on: the databases in the order in which they are named."""

    severity: Severity
    line: int | None
    text: str


class _Record(msgspec.Struct, array_like=True):
    """What is kept of one vehicle."""

    databases: list[tuple[str, bytes]]
    """Each file's path from the vehicle file's folder, and its digest."""

    vehicle: Vehicle
    layout: Layout
    warnings: list[_Warning]


def find_compiled(
    path: Path, content: bytes, read_databases: Callable[[], Databases]
) -> LoadedVehicle | None:
    """Return a vehicle that was compiled before from just these files; None: compile it.

    Args:
        path: The vehicle file; its databases lie relative to it.
        content: All its bytes.
        read_databases: Reads the databases, should anybody ask for them.
    """
    body = read_record(_key(content))
    if body is None:
        return None
    try:
        record = msgspec.msgpack.decode(body, type=_Record)
        check_layout(record.vehicle, record.layout)
        files = [path, *(path.parent / name for name, _ in record.databases)]
        for file, (_, digest) in zip(files[1:], record.databases, strict=True):
            if make_digest(file.read_bytes()) != digest:
                return None
        warnings = tuple(
            Problem(each.severity, show_path(files[each.file]), each.line, each.text)
            for each in record.warnings
        )
    except Exception:  # Whatever a record is, the files that it was made of are still there.
        return None
    vehicle = replace(record.vehicle, id=path.stem, path=str(path))
    return LoadedVehicle(vehicle, read_databases, warnings, _join_fields(record.layout))


def keep_compiled(
    path: Path, content: bytes, databases: Mapping[Path, bytes], loaded: LoadedVehicle
) -> None:
    """Keep a vehicle for the next start, where it can be.

    Args:
        path: The vehicle file.
        content: All its bytes.
        databases: Every file that was read besides, with its bytes, in that order.
        loaded: What came of them.
    """
    places = [show_path(path), *map(show_path, databases)]
    try:
        record = _Record(
            [(_relate(file, path.parent), make_digest(data)) for file, data in databases.items()],
            loaded.vehicle,
            loaded.layout,
            [
                _Warning(places.index(each.path), each.severity, each.line, each.text)
                for each in loaded.warnings
            ],
        )
        body = msgspec.msgpack.encode(record)
    except (VehicleFileError, ValueError, OverflowError, msgspec.MsgspecError):
        # It cannot be compiled, holds a number too large, or a warning is about some other place.
        return
    keep_record(_key(content), body)


def check_layout(vehicle: Vehicle, layout: Layout) -> None:
    """Refuse a layout that no compiler makes: one that would ask for much memory, or crash.

    Raises:
        ValueError: It is such a one.
    """
    _demand(entry.role in ROLES for entry in vehicle.signals)
    keys = [message.key for message in vehicle.messages]
    keys += [message.key for message in layout.messages]
    _demand(0 <= key < _KEYS for key in keys)
    periods_s = [message.period_s for message in vehicle.messages]
    periods_s += [message.period_s for message in layout.messages]
    periods_s += [node.period_s for node in vehicle.alive]
    _demand(period_s is None or 0 < period_s < math.inf for period_s in periods_s)
    _demand(_is_bits(bits) for bits in _all_bits(layout))
    _demand(
        not field.bits.is_float and field.bits.length <= LONGEST_COUNTER
        for message in layout.messages
        if (field := message.counter) is not None
    )
    for entry in layout.entries:
        _check_entry(entry, len(vehicle.signals), len(layout.messages))


def _check_entry(entry: EntryLayout, signals: int, messages: int) -> None:
    is_number = entry.role in NUMBER_ROLES
    _demand(
        (
            entry.role in ROLES,
            0 <= entry.source < signals,
            bool(entry.fields),
            len(entry.messages) == len(entry.fields),
            all(0 <= index < messages for index in entry.messages),
            (entry.words is None) == is_number,
            (entry.kind == "measure") == (entry.role in MEASURE_ROLES),
            not is_number or len(entry.fields) == 1,
            entry.counter is None or not entry.counter.bits.is_float,
        )
    )
    if entry.words is not None:
        _check_words(entry.words, len(entry.fields))


def _check_words(words: WordTable, inputs: int) -> None:
    _demand((len(words.symbols) == inputs, len(words.steps) == inputs, bool(words.steps)))
    states = len(words.steps[0])
    _demand((0 <= words.start < states,))
    for symbols, step, following in zip(
        words.symbols, words.steps, (*words.steps[1:], words.codes), strict=True
    ):
        width = len(step[0])
        _demand(len(row) == width <= _LONGEST_STATES for row in step)
        _demand(0 <= symbol < width for _, symbol in symbols)
        _demand(0 <= state < len(following) <= _LONGEST_STATES for row in step for state in row)
    _demand(NO_WORD <= code < len(words.names) for code in words.codes)


def _demand(claims: Iterable[bool]) -> None:
    if not all(claims):
        raise ValueError("no compiler makes this")


def _is_bits(bits: Bits) -> bool:
    is_float_size = bits.length in {16, 32, 64}
    return (
        0 <= bits.start < _FARTHEST_BIT
        and 1 <= bits.length <= LONGEST_SIGNAL
        and (is_float_size or not bits.is_float)
    )


def _all_bits(layout: Layout) -> Iterable[Bits]:
    for field in _all_fields(layout):
        yield field.bits
        yield from (selector.bits for selector in field.selectors)


def _all_fields(layout: Layout) -> Iterable[Field]:
    for message in layout.messages:
        yield from message.fields
        if message.counter is not None:
            yield message.counter
    for entry in layout.entries:
        yield from entry.inputs


def _join_fields(layout: Layout) -> Layout:
    """Return the layout with one object for each field: they are looked up at every batch."""
    pool: dict[Field, Field] = {}

    def one(field: Field) -> Field:
        return pool.setdefault(field, field)

    def join(part: MessageLayout | EntryLayout) -> dict[str, object]:
        counter = None if part.counter is None else one(part.counter)
        return {"fields": tuple(map(one, part.fields)), "counter": counter}

    return Layout(
        tuple(replace(message, **join(message)) for message in layout.messages),  # type: ignore[arg-type]
        tuple(replace(entry, **join(entry)) for entry in layout.entries),  # type: ignore[arg-type]
    )


def _relate(file: Path, folder: Path) -> str:
    """Return a path that leads from a folder to a file."""
    return str(file.relative_to(folder) if file.is_relative_to(folder) else file)


def _key(content: bytes) -> bytes:
    return make_digest(FORMAT, __version__.encode(), _stamp_code(), content)


def _stamp_code() -> bytes:
    """Return what changes when the code that compiles changes: ours, and cantools'."""
    folders = (Path(__file__).parent, Path(model.__file__).parent)
    files = [file for folder in folders for file in folder.glob("*.py")]
    found = importlib.util.find_spec("cantools")
    if found is not None and found.origin is not None:
        files.append(Path(found.origin))
    return stamp_files(files)
