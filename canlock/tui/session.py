"""What the live view is given to show: steps, and what a person can do about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot
    from canlock.model.stream import SideItem
    from canlock.pipeline.frame_history import FrameHistory
    from canlock.pipeline.replayed import Replay

    TakeItem = Callable[[SideItem], None]


@dataclass(frozen=True, slots=True)
class Session:
    """One watched bus or replay."""

    steps: Iterable[Snapshot]
    """Iterated in a thread of its own, so it may block. A generator is closed by that thread."""

    put: TakeItem | None = None
    """Takes each mark that the person makes, and each that is taken back; must not block. None:
    none can be made."""

    player: Replay | None = None
    """What can be held, hastened and sought; None: a live bus."""

    frames: FrameHistory | None = None
    """The frames that came last; None: they are not kept."""


OpenSession = Callable[[], Session]
"""Opens what is to be shown. It is called in the thread that takes the steps, so that the view
stands before a capture is read."""


def replay_session(replay: Replay) -> Session:
    """Return the session of a replay."""
    return Session(replay.steps, replay.put, replay, replay.frames)
