"""The base of the screens that draw a snapshot."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot


class SnapshotScreen(Screen[None]):
    """A screen that is handed each snapshot while anything of it is seen."""

    NEEDS_ALL: ClassVar[bool] = False
    """It is handed snapshots while another screen covers it too."""

    class Uncovered(Message):
        """It is seen again, and shows what was known when it was covered."""

    def on_screen_resume(self) -> None:
        """Ask for what has come meanwhile."""
        self.post_message(self.Uncovered())

    @abstractmethod
    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:
        """Show a snapshot; `is_final` where no other will come."""


class DetailScreen(SnapshotScreen):
    """A screen over the live view that goes away with escape, and begins with the last snapshot."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back"),
        Binding("tab", "app.focus_next", "Next list", show=False),
        Binding("shift+tab", "app.focus_previous", "Previous list", show=False),
    ]

    def __init__(self, snapshot: Snapshot | None, *, id: str) -> None:  # noqa: A002 - as Textual.
        super().__init__(id=id)
        self._first = snapshot

    def on_mount(self) -> None:
        """Show what was known when it was opened."""
        if self._first is not None:
            self.draw(self._first)
