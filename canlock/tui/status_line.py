"""The bottom line: whether frames still come, the bus in brief, and what was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from canlock.errors import CanlockError
from canlock.tui.bus_panel import (
    LINK_STYLES,
    capture_counts,
    error_counts,
    is_mute,
    load_words,
    rate_words,
)
from canlock.tui.fact_line import FactLine
from canlock.tui.phrases import plain

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot


class StatusLine(FactLine):
    """What goes on, and the counts of the bus."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self._snapshot: Snapshot | None = None
        self._state = Content.styled("opening", "bold")

    def on_mount(self) -> None:
        """Show that nothing has come yet."""
        self._refresh_text()

    def wait(self) -> None:
        """Say that it is open and nothing has come yet."""
        self._state = Content.styled("waiting", "bold")
        self._refresh_text()

    def draw(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._snapshot = snapshot
        if self._state.plain in ("opening", "waiting") and snapshot.capture.frames:
            self._state = Content.styled("running", "bold")
        self._refresh_text()

    def go_on(self) -> None:
        """Say that more comes after all."""
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
        facts = [self._state]
        if self._snapshot is not None:
            facts += brief_facts(self._snapshot)
        self.say(Content(" · ").join(facts))


def brief_facts(snapshot: Snapshot) -> Iterator[Content]:
    """Yield the state of the bus in brief."""
    for link in snapshot.links:
        silent = "silent" if link.silence.is_confirmed else "NOT SILENT"
        state = Content.styled(link.state, LINK_STYLES[link.state])
        yield Content.assemble(plain(link.name), " ", state, f", {silent}")
    yield rate_words(snapshot)
    if snapshot.bus is not None and snapshot.bus.load is not None and not is_mute(snapshot):
        yield Content("load ") + load_words(snapshot)
    yield from error_counts(snapshot)
    frames, *damage = capture_counts(snapshot.capture)
    # What was wrong comes first: a narrow screen cuts off the end.
    yield from damage
    yield frames
    marks = len(snapshot.marks)
    yield Content(f"{marks:,} mark" if marks == 1 else f"{marks:,} marks")


def error_words(error: BaseException) -> str:
    """Return what went wrong in one line, never a traceback."""
    text = " ".join(plain(str(error)).split())
    if isinstance(error, CanlockError):
        return text
    return f"canlock itself failed ({type(error).__name__}: {text})"
