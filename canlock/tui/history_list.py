"""A list of what has happened, newest first."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Final, Generic, TypeVar

from textual.content import Content

from canlock.model.operations import LogEvent, Operation
from canlock.model.snapshot import Snapshot
from canlock.tui.phrases import FAINT, instant
from canlock.tui.rows import Row, RowList

MOST: Final = 200
"""Items that are listed; a person at a car needs the last few."""

Item = TypeVar("Item", LogEvent, Operation)


class HistoryList(RowList, Generic[Item]):
    """The base of such lists; a list says what its items are and how one reads.

    The rows of an item are made once, as long as the snapshots hand on the very same item.
    """

    IS_NEWEST_FIRST = True

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it.
        super().__init__(id=id)
        self._made: dict[int, tuple[Item, list[Row]]] = {}
        self._made_for: object = None

    @abstractmethod
    def items(self, snapshot: Snapshot) -> Sequence[Item]:
        """Return what has happened, oldest first."""

    @abstractmethod
    def dropped(self, snapshot: Snapshot) -> int:
        """Return how many earlier items the snapshot itself has left out."""

    @abstractmethod
    def item_rows(self, item: Item, time: Content, snapshot: Snapshot, width: int) -> list[Row]:
        """Return the rows of one item, the first of which begins with its time."""

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return self.items(snapshot), self.dropped(snapshot), snapshot.first_s, snapshot.doors

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:
        """Yield the rows, the latest item first, and say what is not listed."""
        items = self.items(snapshot)
        if not items:
            yield Row(Content.styled("None yet.", FAINT))
            return
        # The newest time is the widest.
        time_width = len(instant(items[-1].at_s, snapshot))
        made_for = (width, time_width, snapshot.first_s, snapshot.doors)
        made = self._made if made_for == self._made_for else {}
        self._made_for = made_for
        self._made = {}
        for item in items[: -MOST - 1 : -1]:
            known = made.get(id(item))
            if known is None:
                time = instant(item.at_s, snapshot).rjust(time_width)
                styled = Content.styled(f"{time} ", FAINT)
                known = (item, self.item_rows(item, styled, snapshot, width))
            # Holding the item keeps its identity from being given to another.
            self._made[id(item)] = known
            yield from known[1]
        earlier = max(len(items) - MOST, 0) + self.dropped(snapshot)
        if earlier:
            yield Row(Content.styled(f"{earlier:,} earlier ones are not listed.", FAINT))
