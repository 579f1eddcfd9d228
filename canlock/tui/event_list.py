"""What happened, newest first, in words."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from canlock.model.operations import LogEvent
from canlock.model.snapshot import Snapshot
from canlock.tui.history_list import HistoryList
from canlock.tui.phrases import plain
from canlock.tui.rows import Row


class EventList(HistoryList[LogEvent]):
    """One row an event."""

    def __init__(self) -> None:
        super().__init__(id="events")
        self.border_title = "Events, newest first"

    def items(self, snapshot: Snapshot) -> Sequence[LogEvent]:
        """Return the events."""
        return snapshot.events

    def dropped(self, snapshot: Snapshot) -> int:  # noqa: ARG002 - a snapshot does not tell.
        """Return 0: snapshots do not count the events that they have left out."""
        return 0

    def item_rows(
        self,
        item: LogEvent,
        time: Content,
        snapshot: Snapshot,  # noqa: ARG002 - an event speaks for itself.
        width: int,  # noqa: ARG002 - wraps alike.
    ) -> list[Row]:
        """Return one row."""
        return [Row(Content(plain(item.text)), time)]
