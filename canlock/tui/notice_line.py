"""What stands in the way of any verdict: a lost adapter, a sleeping bus, a tap behind a gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from canlock.tui.fact_line import FactLine
from canlock.tui.phrases import plain

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot


class NoticeLine(FactLine):
    """The gravest of these in words, with what to do; not there where all is well."""

    def __init__(self) -> None:
        super().__init__(id="notice")
        self.display = False

    def draw(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        words = notice_of(snapshot)
        self.display = bool(words)
        if words:
            self.say(Content(f"! {words}"))


def notice_of(snapshot: Snapshot) -> str:
    """Return what stands in the way; empty where nothing does."""
    for link in snapshot.links:
        if link.state in ("reconnecting", "lost"):
            why = f": {link.last_error}" if link.last_error else ""
            return plain(
                f"{link.name} is {link.state}{why}. It is opened again and again; "
                "what is shown was last seen before."
            )
    from canlock.pipeline.tap import ADVICE, WORDS

    if snapshot.tap not in (None, "sees-all", "sees-part"):
        return " ".join((WORDS[snapshot.tap], *ADVICE[snapshot.tap][:1]))
    silent = [link.name for link in snapshot.links if link.state == "silent"]
    if silent:
        return plain(
            f"{', '.join(silent)}: open, but no frame comes. Wake the car: open a door, or press "
            "unlock."
        )
    dropped = [link for link in snapshot.links if link.dropped]
    if dropped:
        count = sum(link.dropped for link in dropped)
        return f"{count:,} frames came faster than they could be taken, and were lost."
    return ""
