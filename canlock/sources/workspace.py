"""Memory for intermediate columns, used again and again: fresh memory is slow to come by."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

_SPARE: Final = 1.25
"""Columns are made so much longer than asked for: the next block may hold some more lines."""


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
