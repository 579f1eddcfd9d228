"""What people, doors, handles and windows did, newest first, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from textual.content import Content

from canlock.telling import clock
from canlock.telling.happenings import told_event
from canlock.tui.phrases import FAINT, plain
from canlock.tui.rows import Row, RowList

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot

MOST: Final = 200
"""Events that are listed."""


class EventList(RowList):
    """One row an event."""

    IS_NEWEST_FIRST = True

    def __init__(self) -> None:
        super().__init__(id="events")
        self.border_title = "Events, newest first"

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return snapshot.events, snapshot.first_s

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:  # noqa: ARG002 - wraps alike.
        """Yield the rows, the latest event first, and say what is not listed."""
        events = snapshot.events
        if not events:
            yield Row(Content.styled("None yet.", FAINT))
            return
        shown = events[: -MOST - 1 : -1]
        times = [clock.relative(each.at_s, snapshot.first_s) for each in shown]
        widest = max(map(len, times))
        for event, time in zip(shown, times, strict=True):
            _, text = told_event(event)
            lead = f"{time.rjust(widest)} {clock.clock(event.at_s, snapshot.first_s)}".rstrip()
            yield Row(Content(plain(text)), Content.styled(f"{lead}  ", FAINT))
        if len(events) > MOST:
            yield Row(Content.styled(f"{len(events) - MOST:,} earlier ones are not listed.", FAINT))
