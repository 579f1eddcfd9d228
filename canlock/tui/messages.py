"""What the feed tells the app: a new snapshot, the end, a failure."""

from __future__ import annotations

from textual.message import Message

from canlock.model.snapshot import Snapshot


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
