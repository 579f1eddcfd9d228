"""Panels that a small screen has no room for, each on a screen of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from canlock.tui.bus_panel import BusPanel
from canlock.tui.event_list import EventList
from canlock.tui.key_line import KeyLine
from canlock.tui.next_test import NextTestLine
from canlock.tui.snapshot_screen import DetailScreen
from canlock.tui.verdict_panel import VerdictPanel

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot


class VerdictScreen(DetailScreen):
    """The verdict with all its reasons, its rivals, and what to do."""

    AUTO_FOCUS = "#reasons"

    def __init__(self, snapshot: Snapshot | None) -> None:
        super().__init__(snapshot, id="verdict-screen")
        self._is_waiting = snapshot is None or not snapshot.capture.frames

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        yield VerdictPanel()
        yield NextTestLine()
        yield KeyLine()

    def on_mount(self) -> None:
        """Show what was known when it was opened."""
        if self._is_waiting:
            self.query_one(VerdictPanel).wait()
        super().on_mount()

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:
        """Show a snapshot."""
        self.query_one(VerdictPanel).draw(snapshot, is_final=is_final)
        self.query_one(NextTestLine).draw(snapshot, is_final=is_final)


class BusScreen(DetailScreen):
    """The state of the bus, its nodes and messages."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        super().__init__(snapshot, id="bus-screen")
        self._is_waiting = snapshot is None

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        yield BusPanel()
        yield KeyLine()

    def on_mount(self) -> None:
        """Show what was known when it was opened."""
        if self._is_waiting:
            self.query_one(BusPanel).border_title = "Bus: no frame has come yet"
        super().on_mount()

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:  # noqa: ARG002 - alike.
        """Show a snapshot."""
        if self._is_waiting:
            self._is_waiting = False
            self.query_one(BusPanel).border_title = "Bus"
        self.query_one(BusPanel).draw(snapshot)


class EventScreen(DetailScreen):
    """Everything that happened."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        super().__init__(snapshot, id="event-screen")

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield EventList()
        yield KeyLine()

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:  # noqa: ARG002 - alike.
        """Show a snapshot."""
        self.query_one(EventList).draw(snapshot)
