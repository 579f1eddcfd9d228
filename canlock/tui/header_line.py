"""The top line: what is shown, the vehicle, and the time on the capture's clock and by the day."""

from __future__ import annotations

from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from canlock.telling import clock
from canlock.tui.fact_line import FactLine
from canlock.tui.phrases import plain

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot

TIERS: Final = {
    "T0": "supply voltage only",
    "T1": "lock and door states",
    "T2": "requests and commands too",
    "T3": "each door's own answer too",
    "T4": "trouble codes or current too",
}
"""What the bus of this car shows, in words."""


class HeaderLine(Horizontal):
    """Who is being looked at and what time it is in the capture."""

    def __init__(self, title: str) -> None:
        super().__init__(id="header")
        self._title = plain(title)

    def compose(self) -> ComposeResult:
        """Lay out the two ends of the line."""
        yield FactLine(Content.styled(self._title, "bold"), id="subject")
        yield FactLine(id="clock")

    def draw(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        capture = snapshot.capture
        # Windows' rules know both kinds of slash.
        name = PureWindowsPath(capture.path).name
        source = capture.format if name in self._title else f"{capture.format} {name}"
        tier = f"{snapshot.tier}: {TIERS.get(snapshot.tier, '')}"
        facts = [snapshot.vehicle_name, tier, source]
        subject = Content.assemble(
            (self._title, "bold"), *(f" · {plain(fact.strip())}" for fact in facts if fact.strip())
        )
        self.query_one("#subject", FactLine).say(subject)
        self.query_one("#clock", FactLine).say(Content.styled(now_words(snapshot), "bold"))


def now_words(snapshot: Snapshot) -> str:
    """Return the last instant, relative and by the clock, to a tenth of a second."""
    now_s, first_s = snapshot.now_s, snapshot.first_s
    if now_s is None:
        return ""
    by_clock = clock.clock(now_s, first_s)
    after = f"+{now_s - first_s:.1f} s" if first_s is not None else ""
    return "  ".join(part for part in (after, f"{by_clock} UTC" if by_clock else "") if part)
