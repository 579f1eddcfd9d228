"""Memory for intermediate columns, used again and again: fresh memory is slow to come by."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_SPARE: Final = 1.25
"""Columns are made so much longer than asked for: the next block may hold some more lines."""

_LARGE: Final = 24 << 20
"""Bytes: more than any column of a block, less than the 32 MB up to which glibc learns."""


@cache
def keep_freed_memory() -> None:
    """Have columns that are freed kept for the next ones, and not given back and fetched anew.

    Where glibc has freed a large piece, it keeps pieces up to that size within the process from
    then on (mallopt(3), M_MMAP_THRESHOLD). The piece is never touched, so it takes no memory; with
    other allocators nothing changes. Half of the page faults of reading a log were for that.
    """
    np.empty(_LARGE, np.uint8)


class Workspace:
    """Columns by name. What one holds is lost when its name is asked for again."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], npt.NDArray[Any]] = {}

    def column(self, name: str, count: int, dtype: str) -> npt.NDArray[Any]:
        """Return shape (count,), with whatever was in it before."""
        found = self._columns.get((name, dtype))
        if found is None or len(found) < count:
            found = self._columns[name, dtype] = np.empty(int(count * _SPARE), dtype)
        return found[:count]
