"""The operations, newest first: what was asked, what the BCM ordered, what each door did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from textual.content import Content

from canlock.model.operations import Operation
from canlock.model.snapshot import Snapshot
from canlock.tui.history_list import HistoryList
from canlock.tui.phrases import ALL_DOORS, OUTCOMES, answer, asked, doors, ordered
from canlock.tui.rows import Row

BRIEF_COLUMNS: Final = 50
"""Below this width doors that answered alike are counted; the door table names them all."""


class OperationList(HistoryList[Operation]):
    """Two rows an operation: time, outcome and request; then command and answers."""

    def __init__(self) -> None:
        super().__init__(id="operations")
        self.border_title = "Operations, newest first"

    def items(self, snapshot: Snapshot) -> Sequence[Operation]:
        """Return the operations."""
        return snapshot.operations

    def dropped(self, snapshot: Snapshot) -> int:
        """Return how many operations of long ago are counted only."""
        return snapshot.dropped_operations

    def item_rows(
        self, item: Operation, time: Content, snapshot: Snapshot, width: int
    ) -> list[Row]:
        """Return the two rows of one operation."""
        word, style = OUTCOMES[item.outcome]
        going_on = "" if item.is_closed else ", so far"
        pieces = [
            Content(ordered(item, snapshot.doors)),
            *answers(item, is_brief=width < BRIEF_COLUMNS),
        ]
        if item.is_gapped:
            pieces.append(Content.styled("frames may be missing", "$text-warning"))
        return [
            Row(Content.assemble((word, style), going_on, " ", asked(item)), time),
            Row(Content(" · ").join(pieces), Content("  ")),
        ]


def answers(operation: Operation, *, is_brief: bool) -> Iterator[Content]:
    """Yield what the doors answered; doors of one answer stand together, the worst first.

    Brief answers count the doors of which all is well in place of naming them.
    """
    by_answer: dict[tuple[str, str], list[str]] = {}
    for response in operation.responses:
        by_answer.setdefault(answer(response), []).append(response.door)
    everyone = tuple(response.door for response in operation.responses)
    # What is bold is what ought not to be: those doors are always named.
    ranked = sorted(by_answer.items(), key=lambda item: "bold" not in item[0][1])
    for (word, style), names in ranked:
        who = doors(names, everyone)
        if is_brief and len(names) > 1 and "bold" not in style and who != ALL_DOORS:
            who = f"{len(names)} doors"
        yield Content.assemble(f"{who} ", (word, style))
