"""The bottom line: whether frames still come, how many came, and what was wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from canlock.errors import CanlockError
from canlock.model.capture import CaptureInfo
from canlock.model.snapshot import Snapshot
from canlock.tui.fact_line import FactLine
from canlock.tui.phrases import plain


class StatusLine(FactLine):
    """What goes on, and the counts of the capture."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self._snapshot: Snapshot | None = None
        self._state = Content.styled("waiting", "bold")

    def on_mount(self) -> None:
        """Show that nothing has come yet."""
        self._refresh_text()

    def draw(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._snapshot = snapshot
        if self._state.plain == "waiting" and snapshot.capture.frames:
            self._state = Content.styled("running", "bold")
        self._refresh_text()

    def end(self) -> None:
        """Say that the recording is over."""
        self._state = Content.styled("end of the recording", "bold $text-accent")
        self._refresh_text()

    def fail(self, error: BaseException) -> None:
        """Say why no more will come, in one line of words."""
        self._state = Content.styled(f"stopped: {error_words(error)}", "bold $text-error")
        self._refresh_text()

    def _refresh_text(self) -> None:
        snapshot = self._snapshot
        counts = [] if snapshot is None else [*capture_counts(snapshot.capture)]
        if snapshot is not None:
            counts.append(_count(len(snapshot.marks), "mark"))
        self.say(Content(" · ").join([self._state, *counts]))


def error_words(error: BaseException) -> str:
    """Return what went wrong in one line, never a traceback."""
    words = " ".join(plain(str(error)).split())
    if isinstance(error, CanlockError):
        return words
    return f"canlock itself failed ({type(error).__name__}: {words})"


def capture_counts(capture: CaptureInfo) -> Iterator[Content]:
    """Yield the counts of a capture; damage only where there is some."""
    yield _count(capture.frames, "frame")
    yield _damage(_count(capture.bad_lines, "bad line"), is_bad=bool(capture.bad_lines))
    if capture.damage:
        yield Content.styled(f"first at {plain(capture.damage[0].place)}", "$text-warning")
    if capture.out_of_order:
        yield _damage(Content(f"{capture.out_of_order:,} out of order"), is_bad=True)
    if capture.clock_jumps:
        yield _damage(_count(capture.clock_jumps, "clock jump"), is_bad=True)
    if capture.error_frames:
        yield _damage(_count(capture.error_frames, "error frame"), is_bad=True)
    if capture.is_truncated:
        yield _damage(Content("cut off at the end"), is_bad=True)


def _count(count: int, noun: str) -> Content:
    return Content(f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s")


def _damage(words: Content, *, is_bad: bool) -> Content:
    return words.stylize("bold $text-warning") if is_bad else words
