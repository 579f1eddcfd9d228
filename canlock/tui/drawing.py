"""When snapshots are drawn: not too often, where they are seen, never before a key's answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from textual.app import App
from textual.timer import Timer

from canlock.tui.snapshot_screen import SnapshotScreen

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot

REDRAW_S: Final = 0.2
"""Least time between two drawings: no eye reads more, and a key that comes meanwhile must wait for
the one under way. What comes after a rest is drawn at once."""

ANSWER_S: Final = 0.05
"""So long a key is answered before anything else is drawn."""

LONGEST_S: Final = 0.3
"""What came is drawn after so long although keys keep coming."""


class Drawing:
    """Hands the last snapshot to the screens of an app.

    Attributes:
        snapshot: The one that came last; None: none has come.
        is_final: No other will come, as far as is known.
        is_drawn: It has been drawn.
    """

    def __init__(self, app: App[Any]) -> None:
        """Begin with nothing to draw."""
        self.snapshot: Snapshot | None = None
        self.is_final = False
        self._app = app
        self.is_drawn = True
        self._drawn_at = 0.0
        self._rest: Timer | None = None

    def take(self, snapshot: Snapshot) -> None:
        """Draw a snapshot, or keep it until the last drawing is `REDRAW_S` ago."""
        self.snapshot = snapshot
        self.draw_soon()

    def draw_soon(self) -> None:
        """Draw what came last once more, as soon as anything may be drawn."""
        self.is_drawn = self.snapshot is None
        if self._rest is None:
            self._draw()

    def draw_now(self) -> None:
        """Draw what came last at once."""
        self.is_drawn = self.snapshot is None
        if self._rest is not None:
            self._rest.stop()
        self._draw()

    def put_off(self) -> None:
        """Leave the time to the answer to a key."""
        left_s = self._drawn_at + LONGEST_S - time.monotonic()
        if self._rest is not None and left_s > 0:
            self._rest.stop()
            self._rest = self._app.set_timer(min(ANSWER_S, left_s), self._draw)

    def _draw(self) -> None:
        self._rest = None
        if self.is_drawn or self.snapshot is None or not self._app.is_running:
            return
        self.is_drawn = True
        self._drawn_at = time.monotonic()
        is_covered = False
        for screen in reversed(self._app.screen_stack):
            is_wanted = isinstance(screen, SnapshotScreen) and (screen.NEEDS_ALL or not is_covered)
            if is_wanted and screen.is_mounted:
                screen.draw(self.snapshot, is_final=self.is_final)
            is_covered = is_covered or screen.styles.background.a == 1
        self._rest = self._app.set_timer(REDRAW_S, self._draw)
