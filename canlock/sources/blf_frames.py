"""BLF objects as columns: every kind that is a frame on a CAN bus.

A kind is a layout of bytes. Objects of one kind are rows of one table, or are gathered into one;
what differs between kinds is told in `_KINDS` and in one function each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.model.frames import CLASSIC_BYTES, FD_BYTES, FrameFlag
from canlock.sources.blf_walk import Buffer, Indexes, Objects

Records = npt.NDArray[Any]
"""Shape (n,), of a structured type."""

_EXTENDED_BIT: Final = np.uint32(0x8000_0000)
_ID_BITS: Final = np.uint32(0x1FFF_FFFF)
_TRANSMITTED_BIT: Final = 0x01
_REMOTE_BIT: Final = 0x80
TEN_MICROSECONDS: Final = 1
"""Value of an object's flags that says in what its time counts; nanoseconds are the rule."""

_FD_LENGTHS: Final = np.array(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48] + [FD_BYTES] * 241, np.uint8
)
"""Indexed by a length code: bytes of payload."""

_HEADER: Final = [
    ("signature", "<u4"),
    ("header_size", "<u2"),
    ("version", "<u2"),
    ("size", "<u4"),
    ("type", "<u4"),
    ("time_unit", "<u4"),
    ("client", "<u2"),
    ("object_version", "<u2"),
    ("time", "<u8"),
]
_HEADER_BYTES: Final = {1: 32, 2: 40}
"""By the version of the header; objects with other headers are no frames."""


@dataclass(frozen=True, slots=True, eq=False)
class ObjectFrames:
    """The frames among some objects, n of them, in the order of the data."""

    row: Indexes
    """Shape (n,): which of the objects each is."""

    timestamp_s: npt.NDArray[np.float64]
    """Shape (n,): since the recording began."""

    arbitration_id: npt.NDArray[np.uint32]
    flags: npt.NDArray[np.uint8]
    length: npt.NDArray[np.uint8]
    channel: npt.NDArray[np.uint16]
    """Shape (n,): as the file counts them, from 1."""

    data_at: Indexes
    """Shape (n,): where the payload begins."""

    stored: npt.NDArray[np.uint8]
    """Shape (n,): how many bytes of the payload are there; the others are zeros."""

    is_whole: npt.NDArray[np.bool_]
    """Shape (n,): False where the object is too short for its kind."""

    def take(self, rows: Indexes | npt.NDArray[np.bool_]) -> ObjectFrames:
        """Return the chosen frames."""
        return ObjectFrames(
            self.row[rows],
            self.timestamp_s[rows],
            self.arbitration_id[rows],
            self.flags[rows],
            self.length[rows],
            self.channel[rows],
            self.data_at[rows],
            self.stored[rows],
            self.is_whole[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    """What n objects of one kind say behind their headers, one array a column."""

    channel: npt.NDArray[Any]
    number: npt.NDArray[np.uint32]
    """Arbitration ids, the topmost bit set for those of 29 bits."""

    flags: npt.NDArray[np.uint8]
    length: npt.NDArray[np.uint8]
    stored: npt.NDArray[np.uint8] | None = None
    """How many bytes of the payload are there; None: all."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How objects of one type are laid out behind their header."""

    fields: tuple[tuple[str, str], ...]
    data: int
    """Where the payload begins, counted from the end of the header."""

    least: int
    """Bytes without which the object is no frame."""

    read: Callable[[Records], _Body]


def _read_classic(records: Records) -> _Body:
    # Channel (two bytes), flags, length code and id in one word: it is fetched once.
    words = np.ascontiguousarray(records["word"])
    union = int(np.bitwise_or.reduce(words)) if len(words) else 0
    parts = words.view(np.uint8).reshape(-1, 8)
    flags = np.zeros(len(words), np.uint8)
    if union >> 16 & (_TRANSMITTED_BIT | _REMOTE_BIT):
        flags |= _mark(parts[:, 2], _TRANSMITTED_BIT, FrameFlag.TRANSMITTED)
        flags |= _mark(parts[:, 2], _REMOTE_BIT, FrameFlag.REMOTE)
    return _Body(
        channel=words.view("<u2")[::4],
        number=words.view("<u4")[1::2],
        flags=flags,
        length=np.minimum(parts[:, 3], np.uint8(CLASSIC_BYTES)),
    )


def _read_fd(records: Records) -> _Body:
    flags = _fd_flags(records["fd_flags"])
    flags |= _mark(records["flags"], _TRANSMITTED_BIT, FrameFlag.TRANSMITTED)
    flags |= _mark(records["flags"], _REMOTE_BIT, FrameFlag.REMOTE)
    length = _fd_length(records, flags)
    stored = records["size"].astype(np.int64) - records["header_size"] - _FD_DATA
    stored = np.clip(stored, 0, FD_BYTES).astype(np.uint8)
    return _Body(records["channel"], records["id"], flags, length, stored)


def _read_fd_64(records: Records) -> _Body:
    bits = records["fd_flags"]
    flags = _fd_flags(bits >> np.uint32(12))
    flags |= _mark(bits, 0x10, FrameFlag.REMOTE)
    flags |= (records["direction"] != 0) * np.uint8(FrameFlag.TRANSMITTED)
    # Fewer bytes may be there than are said to be valid: those left out are zeros.
    offset = records["extension"].astype(np.int64)
    end = np.where(offset > 0, np.minimum(offset, records["size"]), records["size"])
    stored = np.clip(end - records["header_size"] - _FD_64_DATA, 0, FD_BYTES).astype(np.uint8)
    return _Body(records["channel"], records["id"], flags, _fd_length(records, flags), stored)


def _read_error(records: Records) -> _Body:
    count = len(records)
    flags = np.full(count, FrameFlag.ERROR, np.uint8)
    return _Body(records["channel"], np.zeros(count, np.uint32), flags, np.zeros(count, np.uint8))


def _read_error_ext(records: Records) -> _Body:
    length = np.minimum(records["code"], np.uint8(CLASSIC_BYTES))
    flags = np.full(len(records), FrameFlag.ERROR, np.uint8)
    return _Body(records["channel"], records["id"], flags, length)


def _fd_length(records: Records, flags: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return bytes of payload; of a remote frame, those that it asks for."""
    coded = _FD_LENGTHS[records["code"]]
    is_remote = flags & np.uint8(FrameFlag.REMOTE) != 0
    length: npt.NDArray[np.uint8] = np.where(is_remote, coded, np.minimum(coded, records["valid"]))
    return length


def _fd_flags(bits: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    is_fd = bits & 1 != 0
    flags: npt.NDArray[np.uint8] = is_fd * np.uint8(FrameFlag.FD)
    flags |= (is_fd & (bits & 2 != 0)) * np.uint8(FrameFlag.BITRATE_SWITCH)
    flags |= (is_fd & (bits & 4 != 0)) * np.uint8(FrameFlag.ERROR_STATE)
    return flags


def _mark(bits: npt.NDArray[Any], bit: int, flag: FrameFlag) -> npt.NDArray[np.uint8]:
    marked: npt.NDArray[np.uint8] = (bits & bit != 0) * np.uint8(flag)
    return marked


_FD_DATA: Final = 20
_FD_64_DATA: Final = 40
_CLASSIC: Final = _Kind((("word", "<u8"),), 8, 16, _read_classic)
_KINDS: Final = {
    1: _CLASSIC,  # CAN_MESSAGE
    2: _Kind((("channel", "<u2"),), 8, 2, _read_error),  # CAN_ERROR
    73: _Kind(  # CAN_ERROR_EXT
        (("channel", "<u2"), ("_", "V8"), ("code", "u1"), ("_2", "V5"), ("id", "<u4")),
        24,
        32,
        _read_error_ext,
    ),
    86: _CLASSIC,  # CAN_MESSAGE2
    100: _Kind(  # CAN_FD_MESSAGE
        (
            *(("channel", "<u2"), ("flags", "u1"), ("code", "u1"), ("id", "<u4")),
            *(("_", "V5"), ("fd_flags", "u1"), ("valid", "u1")),
        ),
        _FD_DATA,
        _FD_DATA,
        _read_fd,
    ),
    101: _Kind(  # CAN_FD_MESSAGE_64
        (
            *(("channel", "u1"), ("code", "u1"), ("valid", "u1"), ("_", "V1"), ("id", "<u4")),
            *(("_2", "V4"), ("fd_flags", "<u4"), ("_3", "V18")),
            *(("direction", "u1"), ("extension", "u1")),
        ),
        _FD_64_DATA,
        _FD_64_DATA,
        _read_fd_64,
    ),
    104: _Kind((("channel", "u1"),), 8, 2, _read_error),  # CAN_FD_ERROR_64
}
"""By the type of the object."""


def find_frames(data: Buffer, objects: Objects) -> ObjectFrames:
    """Return the frames among some objects; objects of other types are passed over."""
    heads = _records(data, objects.at, objects.stride, np.dtype(_HEADER[:5]))
    if objects.stride is not None:
        form = (int(heads["type"][0]), int(heads["version"][0]))
        is_frame = _is_frame(form)
        at, stride = (objects.at, objects.stride) if is_frame else (objects.at[:0], None)
        return _read_group(data, at, stride, form if is_frame else _ANY_FORM)
    forms = heads["type"].astype(np.int64) << 16 | heads["version"]
    groups = []
    for number, rows in _group(forms):
        form = (number >> 16, number & 0xFFFF)
        if _is_frame(form):
            groups.append((rows, _read_group(data, objects.at[rows], None, form)))
    if not groups:
        return _read_group(data, objects.at[:0], None, _ANY_FORM)
    return _merge(groups)


def read_messages(data: Buffer, at: Indexes, stride: int | None) -> ObjectFrames:
    """Return the frames of objects that are known to be whole messages with a usual header."""
    return _read_group(data, at, stride, _ANY_FORM)


def read_payloads(data: Buffer, frames: ObjectFrames) -> npt.NDArray[np.uint8]:
    """Return shape (n, 8) or (n, 64): payloads, zeros behind their lengths."""
    is_data = frames.flags & np.uint8(FrameFlag.REMOTE) == 0
    length = frames.length * is_data
    is_long = len(length) > 0 and int(length.max()) > CLASSIC_BYTES
    width = FD_BYTES if is_long else CLASSIC_BYTES
    length = np.minimum(length, frames.stored)
    payload = _gather(data, frames.data_at, width).view(np.uint8).reshape(-1, width)
    if not (length == width).all():
        payload *= np.arange(width, dtype=np.uint8) < length[:, None]
    return payload


_ANY_FORM: Final = (1, 1)


def _is_frame(form: tuple[int, int]) -> bool:
    return form[0] in _KINDS and form[1] in _HEADER_BYTES


def _group(forms: npt.NDArray[np.int64]) -> list[tuple[int, Indexes]]:
    """Return each value and the rows that have it."""
    rows = np.arange(len(forms))
    groups = []
    while len(rows):
        form = int(forms[rows[0]])
        is_same = forms[rows] == form
        groups.append((form, rows[is_same]))
        rows = rows[~is_same]
    return groups


def _records(data: Buffer, at: Indexes, stride: int | None, dtype: np.dtype[Any]) -> Records:
    """Return shape (n,): the bytes from each index on, read as a structured type."""
    if stride is not None and len(at):
        return np.ndarray((len(at),), dtype, data.data, int(at[0]), (stride,))
    return _gather(data, at, dtype.itemsize).view(dtype)


def _gather(data: Buffer, at: Indexes, size: int) -> Records:
    """Return shape (n,): so many bytes from each index on."""
    # Bytes without a meaning are copied whole: three times as fast as a structure or a matrix.
    everywhere: Records = np.ndarray(
        (max(len(data) - size + 1, 0),), f"V{size}", data.data, strides=(1,)
    )
    return everywhere[at]


def _read_group(
    data: Buffer, at: Indexes, stride: int | None, form: tuple[int, int]
) -> ObjectFrames:
    """Return the frames of objects of one type and one version of header."""
    kind, header_bytes = _KINDS[form[0]], _HEADER_BYTES[form[1]]
    records = _records(data, at, stride, _record_type(form))
    body = kind.read(records)
    is_extended = body.number >= _EXTENDED_BIT
    if is_extended.any():
        body.flags[is_extended] |= np.uint8(FrameFlag.EXTENDED)
    is_coarse = records["time_unit"] == TEN_MICROSECONDS
    ticks_a_second = np.where(is_coarse, 1e5, 1e9) if is_coarse.any() else 1e9
    return ObjectFrames(
        row=np.arange(len(at)),
        timestamp_s=records["time"] / ticks_a_second,
        arbitration_id=body.number & _ID_BITS,
        flags=body.flags,
        length=body.length,
        channel=body.channel,
        data_at=at + (header_bytes + kind.data),
        stored=body.length if body.stored is None else body.stored,
        is_whole=records["size"] >= header_bytes + kind.least,
    )


@cache
def _record_type(form: tuple[int, int]) -> np.dtype[Any]:
    header_bytes = _HEADER_BYTES[form[1]]
    gap = [("_gap", f"V{header_bytes - 32}")] if header_bytes > 32 else []  # noqa: PLR2004
    return np.dtype([*_HEADER, *gap, *_KINDS[form[0]].fields])


def _merge(groups: list[tuple[Indexes, ObjectFrames]]) -> ObjectFrames:
    """Return the frames of all groups in the order of their objects."""
    row = np.concatenate([rows for rows, _ in groups])
    order = np.argsort(row, kind="stable")
    found = [frames for _, frames in groups]
    return ObjectFrames(
        row[order],
        np.concatenate([frames.timestamp_s for frames in found])[order],
        np.concatenate([frames.arbitration_id for frames in found])[order],
        np.concatenate([frames.flags for frames in found])[order],
        np.concatenate([frames.length for frames in found])[order],
        np.concatenate([frames.channel for frames in found])[order],
        np.concatenate([frames.data_at for frames in found])[order],
        np.concatenate([frames.stored for frames in found])[order],
        np.concatenate([frames.is_whole for frames in found])[order],
    )
