"""BLF data in which every object is a CAN message of the same size: a table, looked at as a whole.

So most logs are. Only times and ids are looked at, and only wanted messages are taken out; anything
else, and anything strange, is left to `blf_frames`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from canlock.sources.blf_frames import TEN_MICROSECONDS, ObjectFrames, read_messages
from canlock.sources.blf_walk import Buffer
from canlock.sources.candump_fields import HIGHEST_STANDARD, LAST_TIME_S
from canlock.sources.extremes import find_extremes
from canlock.sources.stretch import Wanted
from canlock.sources.workspace import Workspace

_MESSAGE_TYPES: Final = (1, 86)
_HEADER_VERSION: Final = 1
_SIZE_AT, _UNIT_AT, _FLAGS_AT, _TIME_AT, _ID_AT = 8, 16, 20, 24, 36
_LEAST_BYTES: Final = 48
_LEAST_ROWS: Final = 64


class PlainMessages:
    """Tables of messages on end, and the wanted messages in them."""

    def __init__(self, begin_s: float, wanted: Wanted) -> None:
        """Take what times count from, and what is wanted."""
        self.count = 0
        """Messages that were taken since the last release."""

        self.wanted_count = 0
        """Those of them that are wanted."""

        self.first_s = self.last_s = 0.0
        self.goes_back = False
        """A time is before that of the message above it."""

        self._begin_s = begin_s
        self._wanted = wanted
        self._workspace = Workspace()
        self._parts: list[npt.NDArray[np.void]] = []

    def take(self, data: Buffer, end: int) -> int | None:
        """Take some messages and return where the last one ends; None where they are no table.

        Args:
            data: objects on end, and some bytes behind them; not to be changed before the release.
            end: index behind the last byte of the objects.
        """
        if end < _LEAST_ROWS * _LEAST_BYTES:
            return None
        table = _Table(data, end, self._workspace)
        if not table.is_plain() or not table.are_alike():
            return None
        times = table.column(_TIME_AT, "<u8", "times")
        later = self._workspace.column("later", table.count - 1, "?")
        goes_back = bool(np.less(times[1:], times[:-1], out=later).any())
        ticks_a_second = 1e5 if table.unit == TEN_MICROSECONDS else 1e9
        latest_s = self._begin_s + int(times.max() if goes_back else times[-1]) / ticks_a_second
        if not 0 <= latest_s <= LAST_TIME_S:
            return None
        rows = self._wanted.standard(table.column(_ID_AT, "<u4", "ids")).nonzero()[0]
        # Where all is wanted, it need not be gathered.
        self._parts.append(table.rows if len(rows) == table.count else table.rows[rows])
        self.wanted_count += len(rows)
        first_s = int(times[0]) / ticks_a_second + self._begin_s
        self.goes_back |= goes_back or bool(self.count and first_s < self.last_s)
        self.first_s = self.first_s if self.count else first_s
        self.last_s = int(times[-1]) / ticks_a_second + self._begin_s
        self.count += table.count
        return table.count * table.stride

    def release(self) -> tuple[Buffer, ObjectFrames]:
        """Return the wanted messages and the data that they stand in, and forget all."""
        parts = self._parts
        rows = parts[0] if len(parts) == 1 else np.concatenate(parts)
        self._parts, self.count, self.wanted_count, self.goes_back = [], 0, 0, False
        at = np.arange(len(rows)) * _LEAST_BYTES
        data = rows.view(np.uint8)
        return data, read_messages(data, at, _LEAST_BYTES)


class _Table:
    """Objects as rows."""

    def __init__(self, data: Buffer, end: int, workspace: Workspace) -> None:
        head = data[:_UNIT_AT].view("<u2")
        self.stride = int(data[_SIZE_AT : _SIZE_AT + 4].view("<u4")[0])
        self.count = end // self.stride if self.stride else 0
        self.unit = int(data[_UNIT_AT : _UNIT_AT + 4].view("<u4")[0])
        self._version = int(head[3])
        self._type = int(data[_SIZE_AT + 4 : _SIZE_AT + 8].view("<u4")[0])
        self._is_signed = data[:4].tobytes() == b"LOBJ"
        self._data = data
        self._workspace = workspace

    @property
    def rows(self) -> npt.NDArray[np.void]:
        """Return shape (n,): the objects as they stand."""
        rows: npt.NDArray[np.void] = self._data[: self.count * self.stride].view(f"V{self.stride}")
        return rows

    def is_plain(self) -> bool:
        """Tell whether the first object is a message of the usual size."""
        return (
            self._is_signed
            and self._version == _HEADER_VERSION
            and self._type in _MESSAGE_TYPES
            and self.stride == _LEAST_BYTES
        )

    def are_alike(self) -> bool:
        """Tell whether all objects are as the first one, and have 11-bit ids."""
        least, most = find_extremes(self._data[: self.count * self.stride], self.stride)
        is_same = least == most
        highest = int.from_bytes(most[_ID_AT : _ID_AT + 4].tobytes(), "little")
        # Signature, size, type and time unit. No id is above what the greatest bytes of all make.
        return bool(is_same[:_FLAGS_AT].all()) and highest <= HIGHEST_STANDARD

    def column(self, at: int, dtype: str, name: str) -> npt.NDArray[Any]:
        """Return shape (n,): a field of all objects."""
        found = self._workspace.column(name, self.count, dtype)
        np.copyto(found, np.ndarray((self.count,), dtype, self._data.data, at, (self.stride,)))
        return found
