"""The screen that is always there: puts the widgets together and hands each the snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from canlock.tui.bus_panel import BusPanel
from canlock.tui.car_view import CarView
from canlock.tui.chain_view import ChainView
from canlock.tui.event_list import EventList
from canlock.tui.header_line import HeaderLine
from canlock.tui.key_line import KeyLine
from canlock.tui.next_test import NextTestLine
from canlock.tui.notice_line import NoticeLine
from canlock.tui.operation_filter import OperationFilter
from canlock.tui.operation_list import OperationList
from canlock.tui.player_line import PlayerLine
from canlock.tui.snapshot_screen import SnapshotScreen
from canlock.tui.status_line import StatusLine
from canlock.tui.verdict_panel import VerdictPanel

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot


class LiveScreen(SnapshotScreen):
    """Header, verdict, next test, car and chain, operations, events and bus, player, status, keys.

    Attributes:
        door: The chosen door, which marks are for; None: the car's doors are not known yet.
    """

    class Shown(Message):
        """All widgets are there and can be drawn on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next list", show=False),
        Binding("shift+tab", "app.focus_previous", "Previous list", show=False),
        Binding("d", "next_door", "Door", tooltip="Choose the next door: marks are for it"),
        Binding("v", "verdict", "Verdict", tooltip="The verdict with all its reasons"),
        Binding("b", "bus", "Bus", tooltip="The bus, its nodes and messages"),
        Binding("e", "events", "Events", tooltip="Everything that happened", show=False),
        Binding("f", "failed", "Failed only", tooltip="List failed operations only", show=False),
        Binding(
            "D", "of_door", "Of this door", tooltip="List the chosen door's operations", show=False
        ),
        Binding(
            "slash",
            "search",
            "Find",
            key_display="/",
            tooltip="List operations in which a text is found",
            show=False,
        ),
        Binding("escape", "no_filter", "All operations", show=False),
    ]
    AUTO_FOCUS = "#operations"

    def __init__(self, title: str) -> None:
        super().__init__(id="live")
        self._title = title
        self._snapshot: Snapshot | None = None
        self._is_door_chosen = False
        self.door: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the widgets from the top."""
        yield HeaderLine(self._title)
        yield NoticeLine()
        yield VerdictPanel()
        yield NextTestLine()
        with Horizontal(id="picture"):
            yield CarView()
            yield ChainView()
        yield Input(placeholder="a text to be found in operations; Enter", id="search")
        with Horizontal(id="lists"):
            yield OperationList()
            yield EventList()
            yield BusPanel()
        yield PlayerLine()
        yield StatusLine()
        yield KeyLine()

    def on_mount(self) -> None:
        """Tell the app that snapshots can be drawn."""
        self.query_one("#search").display = False
        self.call_after_refresh(self.post_message, self.Shown())

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:
        """Show a snapshot in all widgets."""
        self._snapshot = snapshot
        if not self._is_door_chosen:
            self._choose(_likely_door(snapshot))
        self.query_one(HeaderLine).draw(snapshot)
        notice = self.query_one(NoticeLine)
        notice.draw(snapshot)
        self.set_class(notice.display, "-noticed")
        self.query_one(VerdictPanel).draw(snapshot, is_final=is_final)
        self.query_one(NextTestLine).draw(snapshot, is_final=is_final)
        self.query_one(CarView).draw(snapshot)
        self.query_one(OperationList).draw(snapshot)
        self._draw_chain()
        self.query_one(EventList).draw(snapshot)
        self.query_one(BusPanel).draw(snapshot)
        self.query_one(PlayerLine).draw(snapshot)
        self.query_one(StatusLine).draw(snapshot)

    def wait(self) -> None:
        """Say that the session is open."""
        self.query_one(VerdictPanel).wait()
        self.query_one(StatusLine).wait()

    def go_on(self) -> None:
        """Say that the recording is played again."""
        self.query_one(StatusLine).go_on()

    def end(self) -> None:
        """Say that the recording is over."""
        self.query_one(StatusLine).end()

    def fail(self, error: BaseException) -> None:
        """Say why no more will come."""
        self.query_one(StatusLine).fail(error)

    @on(OperationList.Moved)
    def _draw_chain(self) -> None:
        if self._snapshot is not None:
            chosen = self.query_one(OperationList).selected
            self.query_one(ChainView).draw(chosen, self._snapshot)

    @on(CarView.DoorChosen)
    def take_door(self, message: CarView.DoorChosen) -> None:
        """Let marks be for the door that was clicked."""
        self._is_door_chosen = True
        self._choose(message.door)

    def action_next_door(self) -> None:
        """Let marks be for the next door."""
        if self._snapshot is None or not self._snapshot.doors:
            return
        doors = self._snapshot.doors
        place = doors.index(self.door) + 1 if self.door in doors else 0
        self._is_door_chosen = True
        self._choose(doors[place % len(doors)])

    def _choose(self, door: str | None) -> None:
        if door == self.door:
            return
        self.door = door
        self.query_one(CarView).choose(door)
        operations = self.query_one(OperationList)
        if operations.filter.door is not None:
            self._narrow(replace(operations.filter, door=door))

    def action_verdict(self) -> None:
        """Show the verdict on a screen of its own."""
        from canlock.tui.detail_screens import VerdictScreen

        self.app.push_screen(VerdictScreen(self._snapshot))

    def action_bus(self) -> None:
        """Show the bus on a screen of its own."""
        from canlock.tui.detail_screens import BusScreen

        self.app.push_screen(BusScreen(self._snapshot))

    def action_events(self) -> None:
        """Show the events on a screen of their own."""
        from canlock.tui.detail_screens import EventScreen

        self.app.push_screen(EventScreen(self._snapshot))

    def action_failed(self) -> None:
        """List failed operations only, or all."""
        chosen = self.query_one(OperationList).filter
        self._narrow(replace(chosen, is_failed=not chosen.is_failed))

    def action_of_door(self) -> None:
        """List operations of the chosen door only, or all."""
        chosen = self.query_one(OperationList).filter
        self._narrow(replace(chosen, door=None if chosen.door is not None else self.door))

    def action_search(self) -> None:
        """Ask for a text that must be found in the operations."""
        box = self.query_one("#search", Input)
        box.display = True
        box.focus()

    def action_no_filter(self) -> None:
        """List all operations."""
        self.query_one("#search", Input).value = ""
        self._narrow(OperationFilter())
        self._leave_search()

    @on(Input.Changed, "#search")
    def take_text(self, event: Input.Changed) -> None:
        """List what the text is found in, at each letter."""
        chosen = self.query_one(OperationList).filter
        self._narrow(replace(chosen, text=event.value.strip()))

    @on(Input.Submitted, "#search")
    def _leave_search(self) -> None:
        self.query_one("#search").display = False
        self.query_one(OperationList).focus()

    def _narrow(self, chosen: OperationFilter) -> None:
        self.query_one(OperationList).narrow(chosen)
        self._draw_chain()


def _likely_door(snapshot: Snapshot) -> str | None:
    """Return the door that marks are most likely for: the verdict's, or else the first."""
    of_verdict = [door for door in snapshot.verdict.doors if door in snapshot.doors]
    return next(iter((*of_verdict, *snapshot.doors)), None)
