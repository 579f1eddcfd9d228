"""The verdict: what is wrong in plain words, where, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from canlock.model.faults import INSUFFICIENT
from canlock.telling.conclusion import candidates, doors_in_doubt, headline
from canlock.tui.fact_line import FactLine
from canlock.tui.hypothesis_list import HypothesisList
from canlock.tui.phrases import FAINT, TONE_STYLES, TONE_TITLES, plain, tone
from canlock.tui.reason_list import ReasonList

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot
    from canlock.model.verdict import Finding

OPENING: Final = Content.assemble(
    ("Opening.", "bold"),
    "\n",
    ("The capture is being read.", FAINT),
)

WAITING: Final = Content.assemble(
    ("Waiting for the first frame.", "bold"),
    "\n",
    ("If none comes: open a door or press a fob button, to wake the car.", FAINT),
)


class VerdictPanel(Vertical):
    """The headline, with the reasons below and the rivals beside them where there is room."""

    def __init__(self) -> None:
        super().__init__(id="verdict")
        self.border_title = "Verdict"
        self._title = ""

    def compose(self) -> ComposeResult:
        """Lay out headline, reasons and rivals."""
        yield FactLine(OPENING, id="headline")
        with Horizontal(id="grounds"):
            yield ReasonList()
            yield HypothesisList()

    def wait(self) -> None:
        """Say that it is open and nothing has come yet."""
        self.query_one("#headline", FactLine).say(WAITING)

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:
        """Show a snapshot; one without frames is waited on unless it is the final one."""
        if not snapshot.capture.frames and not is_final:
            return
        finding = snapshot.verdict
        title = f"Verdict: {TONE_TITLES[tone(finding)]}"
        if title != self._title:
            # Setting it draws the whole panel anew.
            self._title = title
            self.border_title = Content(title)
        # Where there is little room, the bars below say what the summary would.
        is_brief = "-short" in self.screen.classes and self.screen.id == "live"
        told = headline_of(finding, snapshot, is_brief=is_brief)
        self.query_one("#headline", FactLine).say(told)
        self.query_one(ReasonList).draw(snapshot)
        self.query_one(HypothesisList).draw(snapshot)


def headline_of(finding: Finding, snapshot: Snapshot, *, is_brief: bool = False) -> Content:
    """Return the verdict in one sentence, and unless in brief its summary with the code."""
    style = TONE_STYLES[tone(finding)]
    told = headline(finding, candidates(finding, snapshot), snapshot.doors)
    code = "" if finding.fault == INSUFFICIENT else f" ({plain(finding.fault)})"
    doubt = doors_in_doubt(finding, snapshot)
    if is_brief:
        return Content.styled(plain(told), f"bold {style}")
    return Content.assemble(
        (plain(told), f"bold {style}"),
        "\n",
        plain(" ".join(part for part in (finding.summary, doubt) if part)),
        (code, FAINT),
    )
