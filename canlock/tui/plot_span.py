"""Which stretch of time the plots show, and where in it the cursor is."""

from __future__ import annotations

from typing import Final

from canlock.pipeline.frame_window import FrameWindow

FIRST_WIDTH_S: Final = 30.0
LEAST_WIDTH_S: Final = 0.001
MOST_WIDTH_S: Final = 1e6


class PlotSpan:
    """A stretch of time that follows what comes, until somebody looks elsewhere."""

    def __init__(self) -> None:
        """Begin with the last `FIRST_WIDTH_S`."""
        self.is_following = True
        self.cursor_s: float | None = None
        """None: the cursor is at the end, where values are newest."""

        self.first_s = 0.0
        """Time of the first frame that is kept."""

        self.now_s = 0.0
        """Time of the last."""

        self.zero_s = 0.0
        """Time of the first frame that ever came."""

        self.until_s = 0.0
        self.width_s = FIRST_WIDTH_S
        self._beginnings = 0

    @property
    def from_s(self) -> float:
        """Return where the stretch begins."""
        return self.until_s - self.width_s

    def follow(self, window: FrameWindow) -> None:
        """Note what is kept."""
        if window.beginnings != self._beginnings:
            self._beginnings = window.beginnings
            self.is_following, self.cursor_s = True, None
        if not window.parts:
            return
        self.first_s = float(window.parts[0].rows.at_s[0])
        self.now_s = float(window.parts[-1].rows.at_s[-1])
        self.zero_s = self.first_s if window.first_s is None else window.first_s
        if self.is_following:
            self.until_s = self.now_s

    def set_following(self, *, is_following: bool) -> None:
        """Keep the end in sight, or stand still."""
        self.is_following = is_following
        if is_following:
            self.cursor_s = None
            self.until_s = self.now_s

    def pan(self, share: float) -> None:
        """Move by a share of the width, but never away from all that is kept."""
        self.is_following = False
        until_s = self.until_s + share * self.width_s
        self.until_s = min(max(until_s, self.first_s), self.now_s + self.width_s)

    def zoom(self, factor: float, column_s: float) -> None:
        """Change the width; the cursor stays in its column, or else the end where it is.

        Args:
            factor: Below 1 for more detail.
            column_s: Time of a column now: half of it is where the cursor is drawn.
        """
        width_s = min(max(self.width_s * factor, LEAST_WIDTH_S), MOST_WIDTH_S)
        kept_s = self.until_s if self.cursor_s is None else self.cursor_s
        if not self.from_s <= kept_s <= self.until_s + column_s:
            kept_s = self.until_s
        self.until_s = kept_s + (self.until_s - kept_s) * width_s / self.width_s
        self.width_s = width_s

    def show_all(self) -> None:
        """Show all that is kept."""
        self.is_following = False
        self.width_s = max(self.now_s - self.first_s, LEAST_WIDTH_S) * 1.01
        self.until_s = self.first_s + self.width_s

    def go_to(self, at_s: float) -> None:
        """Put the cursor at a time, in the middle where it was not in sight."""
        self.is_following = False
        self.cursor_s = at_s = min(max(at_s, self.first_s), self.now_s)
        if not self.from_s <= at_s < self.until_s:
            self.until_s = at_s + self.width_s / 2
