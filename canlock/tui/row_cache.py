"""Rows that were made once and are kept while their list goes on showing the same things."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canlock.tui.rows import Row


class RowCache:
    """Keeps the rows of one laying out for the next one, and no longer.

    Snapshots hand on the very same objects for what has not changed, so identity tells.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._before: dict[tuple[int, Hashable], tuple[object, Row]] = {}
        self._now: dict[tuple[int, Hashable], tuple[object, Row]] = {}

    def turn(self) -> None:
        """Begin to lay out: what is not asked for again is let go."""
        self._before, self._now = self._now, {}

    def row(self, item: object, variant: Hashable, make: Callable[[], Row]) -> Row:
        """Return the row of an item.

        Args:
            item: What the row is about; it is held, so that its identity is not given to another.
            variant: All else that the row depends on.
            make: Makes the row where it is not known.
        """
        key = id(item), variant
        known = self._before.get(key)
        entry = known if known is not None else (item, make())
        self._now[key] = entry
        return entry[1]
