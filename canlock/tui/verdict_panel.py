"""The verdict: what is wrong in plain words, where, and how sure that is."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Finding
from canlock.tui.fact_line import FactLine
from canlock.tui.hypothesis_list import HypothesisList
from canlock.tui.phrases import (
    FAINT,
    TONE_STYLES,
    TONE_TITLES,
    chance,
    doors,
    plain,
    sureness,
    tone,
)
from canlock.tui.reason_list import ReasonList

WAITING: Final = Content.assemble(
    ("Waiting for the first frame.", "bold"),
    "\n",
    ("If none comes: open a door or press a fob button, to wake the car.", FAINT),
)

NO_PLACE: Final = ("none", "unknown")
"""Layers that name no part of the car."""


class VerdictPanel(Vertical):
    """The headline, with the reasons below and the rivals beside them where there is room."""

    def __init__(self) -> None:
        super().__init__(id="verdict")
        self.border_title = "Verdict"

    def compose(self) -> ComposeResult:
        """Lay out headline, reasons and rivals."""
        yield FactLine(WAITING, id="headline")
        with Horizontal(id="grounds"):
            yield ReasonList()
            yield HypothesisList()

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:
        """Show a snapshot; one without frames is waited on unless it is the final one."""
        if not snapshot.capture.frames and not is_final:
            return
        finding = snapshot.verdict
        self.border_title = f"Verdict: {TONE_TITLES[tone(finding)]}"
        self.query_one("#headline", FactLine).say(headline_of(finding, snapshot))
        self.query_one(ReasonList).draw(snapshot)
        self.query_one(HypothesisList).draw(snapshot)


def headline_of(finding: Finding, snapshot: Snapshot) -> Content:
    """Return the summary, then the code with its place, and how sure it is."""
    style = TONE_STYLES[tone(finding)]
    layer = f" ({plain(finding.layer)})" if finding.layer not in NO_PLACE else ""
    place = f" · {doors(finding.doors, snapshot.doors)}" if finding.doors else ""
    # How likely it is that nothing can be said helps nobody.
    share = chance(finding.probability) if finding.layer != "unknown" else ""
    return Content.assemble(
        (plain(finding.summary), f"bold {style}"),
        "\n",
        (f"{plain(finding.fault)}{layer}{place}", FAINT),
        (f" · {share}" if share else "", "bold"),
        ", " if finding.is_confident else "\n",
        (sureness(finding), "bold"),
    )
