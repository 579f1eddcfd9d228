"""The one screen of the live view: puts the widgets together and hands each the snapshot."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer

from canlock.model.snapshot import Snapshot
from canlock.tui.door_table import DoorTable
from canlock.tui.event_list import EventList
from canlock.tui.header_line import HeaderLine
from canlock.tui.next_test import NextTestLine
from canlock.tui.operation_list import OperationList
from canlock.tui.status_line import StatusLine
from canlock.tui.verdict_panel import VerdictPanel


class LiveScreen(Screen[None]):
    """Header, verdict, next test, doors and operations, events, status, keys."""

    class Shown(Message):
        """All widgets are there and can be drawn on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next list"),
        Binding("shift+tab", "app.focus_previous", "Previous list", show=False),
        Binding("e", "toggle_events", "Events"),
    ]
    AUTO_FOCUS = "#reasons"

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Lay out the widgets from the top."""
        yield HeaderLine(self._title)
        yield VerdictPanel()
        yield NextTestLine()
        with Horizontal(id="car"):
            yield DoorTable()
            yield OperationList()
        yield EventList()
        yield StatusLine()
        yield Footer()

    def on_mount(self) -> None:
        """Tell the app that snapshots can be drawn."""
        self.post_message(self.Shown())

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:
        """Show a snapshot in all widgets."""
        self.query_one(HeaderLine).draw(snapshot)
        self.query_one(VerdictPanel).draw(snapshot, is_final=is_final)
        self.query_one(NextTestLine).draw(snapshot)
        self.query_one(DoorTable).draw(snapshot)
        self.query_one(OperationList).draw(snapshot)
        self.query_one(EventList).draw(snapshot)
        self.query_one(StatusLine).draw(snapshot)

    def end(self) -> None:
        """Say that the recording is over."""
        self.query_one(StatusLine).end()

    def fail(self, error: BaseException) -> None:
        """Say why no more will come."""
        self.query_one(StatusLine).fail(error)

    def action_toggle_events(self) -> None:
        """Show the events in place of doors and operations, where there is no room for both."""
        self.toggle_class("-events")
        self.query_one("#events" if self.has_class("-events") else "#operations").focus()
