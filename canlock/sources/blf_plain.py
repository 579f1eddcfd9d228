"""BLF data in which every object is a CAN message of the same size: a table, looked at as a whole.

So most logs are. Only times and ids are looked at, and only wanted messages are taken out; anything
else, and anything strange, is left to `blf_frames`.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, eq=False)
class PlainMessages:
    """What is known of a table of messages."""

    count: int
    first_s: float
    last_s: float
    goes_back: bool
    wanted: ObjectFrames


def find_plain(
    data: Buffer, end: int, begin_s: float, wanted: Wanted, workspace: Workspace
) -> tuple[PlainMessages, int] | None:
    """Return the messages of some data and where the last one ends; None where it is no table.

    Args:
        data: objects on end, and some bytes behind them.
        end: index behind the last byte of the objects.
        begin_s: what times count from.
        wanted: the frame keys to take out.
        workspace: memory.
    """
    if end < _LEAST_ROWS * _LEAST_BYTES:
        return None
    table = _Table(data, end, workspace)
    if not table.is_plain() or not table.are_alike():
        return None
    times = table.column(_TIME_AT, "<u8", "times")
    scale = 1e5 if table.unit == TEN_MICROSECONDS else 1e9
    later = workspace.column("later", table.count - 1, "?")
    goes_back = bool(np.less(times[1:], times[:-1], out=later).any())
    last = int(times.max()) if goes_back else int(times[-1])
    if not 0 <= begin_s + last / scale <= LAST_TIME_S:
        return None
    ids = table.column(_ID_AT, "<u4", "ids")
    rows = wanted.standard(ids).nonzero()[0]
    # Where all is wanted, they need not be gathered.
    stride = table.stride if len(rows) == table.count else None
    found = PlainMessages(
        table.count,
        int(times[0]) / scale + begin_s,
        int(times[-1]) / scale + begin_s,
        goes_back,
        read_messages(data, rows * table.stride, stride),
    )
    return found, table.count * table.stride


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
