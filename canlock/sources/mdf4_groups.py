"""What an MDF4 file says of its CAN frames: which groups of records hold them, and where in these.

Only bus events of CAN are looked at, as python-can does. Each such group holds data frames, error
frames or remote frames; its channels are named in the standard for bus logging.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from canlock.sources.mdf4_file import Block, Mdf4Error, Mdf4File, field_of, link_of

FRAME_KINDS: Final = ("CAN_DataFrame", "CAN_ErrorFrame", "CAN_RemoteFrame")

_GROUP: Final = struct.Struct("<QQHHIII")
_CHANNEL: Final = struct.Struct("<BBBBII")
_SOURCE: Final = struct.Struct("<BB")
_VLSD_GROUP: Final = 0x1
_BUS_EVENT: Final = 0x2
_BUS_SOURCE, _CAN_BUS = 2, 2
_VLSD_CHANNEL: Final = 1
_MASTERS: Final = (2, 3)
_TIME: Final = 1
_LINEAR, _TO_TEXT = 1, 7
_CONVERSION: Final = struct.Struct("<BBHHH")
_UNSIGNED, _UNSIGNED_BIG, _FLOAT = 0, 1, 4
_DEPTH: Final = 8
_LONGEST_RECORD: Final = 1 << 16
_WORD_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands in a record."""

    byte: int
    bit: int
    bits: int
    is_big_endian: bool = False
    is_float: bool = False

    @property
    def size(self) -> int:
        """Return how many bytes it touches."""
        return (self.bit + self.bits + 7) // 8


@dataclass(frozen=True, slots=True)
class FrameGroup:
    """One group of records that are frames."""

    name: str
    """One of `FRAME_KINDS`."""

    data: int
    """Position of the block that its records begin in."""

    record_id: int
    record_id_bytes: int
    """Where records of several groups are mixed, so many bytes before each tell whose it is."""

    record_bytes: int
    cycles: int
    time: Place
    time_scale: tuple[float, float]
    """Offset and factor."""

    fields: dict[str, Place]
    """By the name behind the point: `ID`, `IDE`, `DataLength` ..."""

    data_bytes: Place | None
    """The payload; where it is outside of the record, its offset there."""

    outside: int = 0
    """Position of the block that payloads outside of records begin in; 0: they are inside."""

    sent: frozenset[int] = frozenset({1})
    """Values of `Dir` that say that the recorder sent a frame itself."""


@dataclass(frozen=True, slots=True)
class MixedRecords:
    """Records of several groups that lie mixed in one row of data."""

    data: int
    id_bytes: int
    sizes: dict[int, int | None]
    """By record id: bytes of a record; None: each tells its own."""


def find_groups(file: Mdf4File) -> tuple[list[FrameGroup], list[MixedRecords], float]:
    """Return the groups that hold frames, the mixed data, and what times count from.

    Raises:
        Mdf4Error: the file's own structure is damaged.
    """
    header = file.block(64, "HD")
    groups: list[FrameGroup] = []
    mixed: list[MixedRecords] = []
    for data_group in file.chain(link_of(header, 0), "DG"):
        id_bytes = field_of(data_group, struct.Struct("<B"), 0)[0]
        data = link_of(data_group, 2)
        sizes: dict[int, int | None] = {}
        found: list[FrameGroup] = []
        for block in file.chain(link_of(data_group, 1), "CG"):
            record_id, cycles, flags, _, _, inside, invalid = field_of(block, _GROUP, 0)
            size = inside + invalid
            if size > _LONGEST_RECORD and not flags & _VLSD_GROUP:
                raise Mdf4Error(f"found records of {size} bytes, expected frames")
            sizes[record_id] = None if flags & _VLSD_GROUP else size
            if flags & _BUS_EVENT and not flags & _VLSD_GROUP and _is_can(file, block):
                layout = (data, record_id, id_bytes, size, cycles)
                group = _read_group(file, block, layout)
                found += [group] if group is not None else []
        groups += found
        if id_bytes and found:
            mixed.append(MixedRecords(data, id_bytes, sizes))
    return groups, mixed, file.begin_s(header)


def _is_can(file: Mdf4File, block: Block) -> bool:
    position = link_of(block, 3)
    if not position:
        return False
    kind, bus = field_of(file.block(position, "SI"), _SOURCE, 0)
    return kind == _BUS_SOURCE and bus == _CAN_BUS


def _read_group(
    file: Mdf4File, block: Block, layout: tuple[int, int, int, int, int]
) -> FrameGroup | None:
    """Return a group of frames; None where it is one of something else."""
    data, record_id, id_bytes, size, cycles = layout
    channels = dict(_read_channels(file, link_of(block, 1), _DEPTH))
    name = next((kind for kind in FRAME_KINDS if kind in channels), None)
    if name is None:
        return None
    time = next((channel for channel in channels.values() if _is_time(channel)), None)
    if time is None:
        raise Mdf4Error(f"found a group {name} without times, expected a master channel")
    fields = {
        key.partition(".")[2]: _place_of(channel, size)
        for key, channel in channels.items()
        if key.startswith(f"{name}.") and not key.endswith(".DataBytes")
    }
    payload = channels.get(f"{name}.DataBytes")
    is_outside = payload is not None and field_of(payload, _CHANNEL, 0)[0] == _VLSD_CHANNEL
    direction = channels.get(f"{name}.Dir")
    needed = {"CAN_DataFrame": ("ID", "DataLength"), "CAN_RemoteFrame": ("ID", "DLC")}
    for field in needed.get(name, ()):
        if field not in fields:
            raise Mdf4Error(f"found a group {name} without {field}, expected one")
    if name == "CAN_DataFrame" and payload is None:
        raise Mdf4Error(f"found a group {name} without DataBytes, expected them")
    return FrameGroup(
        name=name,
        data=data,
        record_id=record_id,
        record_id_bytes=id_bytes,
        record_bytes=size,
        cycles=cycles,
        time=_place_of(time, size),
        time_scale=_linear(file, time),
        fields=fields,
        data_bytes=None if payload is None else _place_of(payload, size, is_bytes=not is_outside),
        outside=link_of(payload, 5) if payload is not None and is_outside else 0,
        sent=frozenset({1}) if direction is None else _sent_values(file, direction),
    )


def _read_channels(file: Mdf4File, position: int, depth: int) -> Iterator[tuple[str, Block]]:
    """Yield channels and those that they are composed of, by name."""
    for block in file.chain(position, "CN"):
        yield file.text(link_of(block, 2)), block
        inner = link_of(block, 1)
        if inner and depth and file.read(inner, 4) == b"##CN":
            yield from _read_channels(file, inner, depth - 1)


def _is_time(channel: Block) -> bool:
    kind, sync, *_ = field_of(channel, _CHANNEL, 0)
    return kind in _MASTERS and sync == _TIME


def _place_of(channel: Block, record_bytes: int, *, is_bytes: bool = False) -> Place:
    """Return where a channel stands.

    Raises:
        Mdf4Error: it is not in the record, or of a type that frames do not have.
    """
    _, _, kind, bit, byte, bits = field_of(channel, _CHANNEL, 0)
    place = Place(byte, bit, bits, kind == _UNSIGNED_BIG, kind == _FLOAT)
    if byte + place.size > record_bytes:
        raise Mdf4Error(f"found a channel of {bits} bits at byte {byte} of {record_bytes}")
    if is_bytes:
        return place
    if field_of(channel, _CHANNEL, 0)[0] == _VLSD_CHANNEL:
        # What stands in the record is an offset, whatever the type of what lies there.
        return Place(byte, 0, min(bits, _WORD_BITS))
    if place.is_float and (bits, bit) != (_WORD_BITS, 0):
        raise Mdf4Error(f"found a float of {bits} bits, expected {_WORD_BITS}")
    is_number = kind in {_UNSIGNED, _UNSIGNED_BIG, _FLOAT} and bit + bits <= _WORD_BITS and bits > 0
    if not is_number or (place.is_big_endian and (bit or bits % 8)):
        raise Mdf4Error(f"found a channel of type {kind} with {bits} bits, expected a number")
    return place


def _linear(file: Mdf4File, channel: Block) -> tuple[float, float]:
    """Return offset and factor of a channel's conversion."""
    position = link_of(channel, 4)
    if not position:
        return 0.0, 1.0
    block = file.block(position, "CC")
    kind = field_of(block, _CONVERSION, 0)[0]
    if kind == 0:
        return 0.0, 1.0
    if kind != _LINEAR:
        raise Mdf4Error(f"found times converted by rule {kind}, expected {_LINEAR}")
    offset, factor = field_of(block, struct.Struct("<dd"), 24)
    return offset, factor


def _sent_values(file: Mdf4File, channel: Block) -> frozenset[int]:
    """Return the values of `Dir` that do not mean `Rx`."""
    position = link_of(channel, 4)
    if not position:
        return frozenset({1})
    block = file.block(position, "CC")
    if field_of(block, _CONVERSION, 0)[0] != _TO_TEXT:
        return frozenset({1})
    texts = [file.text(link) for link in block.links[4:]]
    count = min(len(texts), (len(block.content) - 24) // 8, 16)
    values = struct.unpack_from(f"<{count}d", block.content, 24)
    return frozenset(
        int(value)
        for value, text in zip(values, texts, strict=False)
        if text != "Rx" and abs(value) < _LONGEST_RECORD
    )
