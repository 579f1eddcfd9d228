"""The top line: vehicle, tier, source and the capture's clock."""

from __future__ import annotations

from pathlib import PureWindowsPath
from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from canlock.model.snapshot import Snapshot
from canlock.tui.fact_line import FactLine
from canlock.tui.phrases import instant, plain

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
        source = f"{capture.format} {PureWindowsPath(capture.path).name}"
        facts = [snapshot.vehicle_name, snapshot.tier, source, TIERS.get(snapshot.tier, "")]
        subject = Content.assemble(
            (self._title, "bold"), *(f" · {plain(fact.strip())}" for fact in facts if fact.strip())
        )
        self.query_one("#subject", FactLine).say(subject)
        clock = instant(snapshot.now_s, snapshot, digits=1) if snapshot.now_s is not None else ""
        self.query_one("#clock", FactLine).say(Content.styled(clock, "bold"))
