"""What people, doors, handles and windows did, newest first, in words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.content import Content

from canlock.telling import clock
from canlock.telling.happenings import told_event
from canlock.tui.phrases import FAINT, plain
from canlock.tui.row_cache import RowCache
from canlock.tui.rows import Row, RowList

if TYPE_CHECKING:
    from canlock.model.operations import LogEvent
    from canlock.model.snapshot import Snapshot

MOST: Final = 200
"""Events that are listed."""


class EventList(RowList):
    """One row an event."""

    IS_NEWEST_FIRST = True

    def __init__(self) -> None:
        super().__init__(id="events")
        self.border_title = "Events, newest first"
        self._cache = RowCache()

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return snapshot.events, snapshot.first_s

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:  # noqa: ARG002 - wraps alike.
        """Yield the rows, the latest event first, and say what is not listed."""
        events = snapshot.events
        if not events:
            yield Row(Content.styled("None yet.", FAINT))
            return
        self._cache.turn()
        shown = events[: -MOST - 1 : -1]
        times = [clock.relative(each.at_s, snapshot.first_s) for each in shown]
        widest = max(map(len, times))
        for event, time in zip(shown, times, strict=True):
            lead = time.rjust(widest)
            variant = lead, snapshot.first_s
            yield self._cache.row(event, variant, partial(_row, event, lead, snapshot.first_s))
        if len(events) > MOST:
            yield Row(Content.styled(f"{len(events) - MOST:,} earlier ones are not listed.", FAINT))


def _row(event: LogEvent, lead: str, first_s: float | None) -> Row:
    _, text = told_event(event)
    prefix = f"{lead} {clock.clock(event.at_s, first_s)}".rstrip()
    return Row(Content(plain(text)), Content.styled(f"{prefix}  ", FAINT))
