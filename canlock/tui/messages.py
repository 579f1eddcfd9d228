"""What the feed tells the app: the session is open, a new snapshot, the end, a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot
    from canlock.tui.session import Session


class Opened(Message):
    """The session is open; steps will follow."""

    def __init__(self, session: Session) -> None:
        self.session = session
        super().__init__()


class SnapshotArrived(Message):
    """There is a newer snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        super().__init__()

    def can_replace(self, message: Message) -> bool:
        """Return whether both are snapshots: of those that wait, only the latest matters."""
        return isinstance(message, SnapshotArrived)


class Ended(Message):
    """There will be no more snapshots."""


class Failed(Message):
    """There will be no more snapshots, because something went wrong."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        super().__init__()
