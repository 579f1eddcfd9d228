"""The one thing to do that would make the verdict surer."""

from __future__ import annotations

from textual.content import Content

from canlock.model.snapshot import Snapshot
from canlock.tui.fact_line import FactLine
from canlock.tui.phrases import FAINT, plain


class NextTestLine(FactLine):
    """The first of the next tests, or nothing where there is none."""

    def __init__(self) -> None:
        super().__init__(id="next")
        self.display = False

    def draw(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self.display = bool(snapshot.next_tests)
        if not snapshot.next_tests:
            return
        test = snapshot.next_tests[0]
        cost = f" ({test.minutes:g} min, about {test.information_bits:.1f} bits)"
        self.say(Content.assemble(("Next test: ", "bold"), plain(test.instruction), (cost, FAINT)))
