"""The rivals: every hypothesis of weight with its probability as number and bar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from textual.content import Content

from canlock.model.faults import INSUFFICIENT
from canlock.telling import words
from canlock.tui.phrases import FAINT, plain
from canlock.tui.rows import Row, RowList

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot

BAR_COLUMNS: Final = 10
LEAST_SHARE: Final = 0.005
"""Hypotheses below this would read "under 1 %" one after the other."""

ALIKE: Final = "≈"
"""Stands before what the evidence cannot tell apart."""


class HypothesisList(RowList):
    """The hypotheses, likeliest first."""

    def __init__(self) -> None:
        super().__init__(id="hypotheses")

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return snapshot.hypotheses, snapshot.verdict.group, snapshot.verdict.is_confident

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:  # noqa: ARG002 - wraps alike.
        """Yield one row for each hypothesis of weight, and say which are alike."""
        weighty = [one for one in snapshot.hypotheses if one.probability >= LEAST_SHARE]
        shares = [short_percent(one.probability) for one in weighty]
        widest = max(map(len, shares), default=0)
        verdict = snapshot.verdict
        if verdict.fault == INSUFFICIENT:
            # Shares of what next to nothing is known of would look surer than they are.
            yield Row(Content.styled("Too little was seen for shares. It may be:", FAINT))
        group = () if verdict.is_confident else verdict.group
        for hypothesis, share in zip(weighty, shares, strict=True):
            filled = round(hypothesis.probability * BAR_COLUMNS)
            bar = "█" * filled + "░" * (BAR_COLUMNS - filled)
            sign = ALIKE if hypothesis.fault in group else " "
            place = ""
            if hypothesis.doors:
                names = (words.door_short(door) for door in hypothesis.doors)
                place = f" · {words.join_words(names)}"
            name = words.FAULTS.get(hypothesis.fault, hypothesis.fault)
            lead = f"{sign} {share.rjust(widest)} {bar} "
            if verdict.fault == INSUFFICIENT:
                lead = "? "
            yield Row(Content(plain(name + place)), Content(lead))
        if len(group) > 1 and verdict.fault != INSUFFICIENT:
            yield Row(Content.styled(f"{ALIKE} the evidence cannot tell these apart", FAINT))


def short_percent(probability: float) -> str:
    """Return a probability as whole per cent, in few letters, never as certainty."""
    return words.percent(probability).replace("over ", ">").replace("under ", "<")
