"""The operations, newest first, with a cursor: what was asked, how it ended, what each door did."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message

from canlock.telling import clock
from canlock.telling.operation_words import answers, asked_alone, ordered, result
from canlock.tui.operation_filter import OperationFilter
from canlock.tui.phrases import FAINT, OUTCOME_STYLES, plain
from canlock.tui.row_cache import RowCache
from canlock.tui.rows import Row, RowList

if TYPE_CHECKING:
    from canlock.model.operations import Operation
    from canlock.model.snapshot import Snapshot

MOST: Final = 200
"""Operations that are listed; a person at a car needs the last few."""

BRIEF_COLUMNS: Final = 60
"""In a narrower list an operation has one line only."""

CURSOR: Final = "▸"
NEWEST_FIRST: Final = "Operations, newest first"


class OperationList(RowList):
    """One row an operation, and where there is room another for the doors."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Newer operation", key_display="↑", show=False),
        Binding("down", "move(1)", "Older operation", key_display="↓", show=False),
        Binding("pageup", "move(-8)", "Eight newer", show=False),
        Binding("pagedown", "move(8)", "Eight older", show=False),
        Binding("home", "move(-1000000)", "To the newest", show=False),
        Binding("end", "move(1000000)", "To the oldest", show=False),
        Binding("enter", "open", "Open", tooltip="Its evidence and its frames"),
    ]

    class Moved(Message):
        """The cursor stands on another operation."""

    class Opened(Message):
        """An operation is to be shown in full."""

        def __init__(self, operation: Operation) -> None:
            self.operation = operation
            super().__init__()

    def __init__(self) -> None:
        super().__init__(id="operations")
        self.border_title = NEWEST_FIRST
        self._title = NEWEST_FIRST
        self.filter = OperationFilter()
        self._cache = RowCache()
        self._listed: list[Operation] = []
        self._chosen_s: float | None = None
        """Time of the operation under the cursor; None: the cursor follows the newest."""

    @property
    def selected(self) -> Operation | None:
        """Return the operation under the cursor."""
        if not self._listed:
            return None
        return self._listed[self._cursor]

    @property
    def _cursor(self) -> int:
        for number, operation in enumerate(self._listed):
            if operation.at_s == self._chosen_s:
                return number
        return 0

    def narrow(self, chosen: OperationFilter) -> None:
        """List what passes a filter only."""
        self.filter = chosen
        if self._snapshot is not None:
            self.draw(self._snapshot)

    def select(self, at_s: float) -> None:
        """Put the cursor on the operation of a time."""
        self._chosen_s = at_s
        self._settle()

    def draw(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        newest_first = reversed(snapshot.operations)
        self._listed = [each for each in newest_first if self.filter.passes(each, snapshot)]
        count = f"{len(self._listed)} of {len(snapshot.operations)} operations"
        title = f"{count}: {self.filter.words}" if self.filter else NEWEST_FIRST
        if title != self._title:
            self._title = title
            self.border_title = Content(plain(title))
        super().draw(snapshot)

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return (
            snapshot.operations,
            snapshot.dropped_operations,
            snapshot.first_s,
            snapshot.doors,
            self.filter,
            self._chosen_s,
        )

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:
        """Yield the rows, the latest operation first, and say what is not listed."""
        if not self._listed:
            words = "None of these." if self.filter and snapshot.operations else "None yet."
            yield Row(Content.styled(words, FAINT))
            return
        is_brief = "-short" in self.screen.classes or width < BRIEF_COLUMNS
        times = [clock.relative(each.at_s, snapshot.first_s) for each in self._listed[:MOST]]
        widest = max(map(len, times))
        cursor = self._cursor
        self._cache.turn()
        for number, operation in enumerate(self._listed[:MOST]):
            is_chosen = number == cursor
            by_clock = clock.clock(operation.at_s, snapshot.first_s)
            lead = f"{times[number].rjust(widest)} {by_clock}".rstrip()
            variant = lead, is_chosen, is_brief, snapshot.doors
            make = partial(_row, operation, snapshot, lead, is_chosen=is_chosen, is_brief=is_brief)
            yield self._cache.row(operation, variant, make)
        earlier = max(len(self._listed) - MOST, 0) + snapshot.dropped_operations
        if earlier:
            yield Row(Content.styled(f"{earlier:,} earlier ones are not listed.", FAINT))

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        if not self._listed:
            return
        place = min(max(self._cursor + by, 0), min(len(self._listed), MOST) - 1)
        # At the top it follows what comes.
        self._chosen_s = None if place == 0 else self._listed[place].at_s
        self._settle()

    def action_open(self) -> None:
        """Show the operation under the cursor in full."""
        if self.selected is not None:
            self.post_message(self.Opened(self.selected))

    def on_click(self, event: Click) -> None:
        """Put the cursor on what was clicked; a click on what is under it opens it."""
        at = event.get_content_offset(self)
        if at is None:
            return
        number = self.row_at(at.y + self.scroll_offset.y)
        if number is None or number >= len(self._listed):
            return
        if number == self._cursor:
            self.action_open()
            return
        self._chosen_s = None if number == 0 else self._listed[number].at_s
        self._settle()

    def _settle(self) -> None:
        if self._snapshot is not None:
            self.draw(self._snapshot)
        line = self.line_of(self._cursor)
        height = self.scrollable_content_region.height
        if line < self.scroll_offset.y or self._cursor == 0:
            self.scroll_to(y=line, animate=False)
        elif line + 1 >= self.scroll_offset.y + height:
            self.scroll_to(y=line + 2 - height, animate=False)
        self.post_message(self.Moved())


def _row(
    operation: Operation, snapshot: Snapshot, lead: str, *, is_chosen: bool, is_brief: bool
) -> Row:
    style = OUTCOME_STYLES[operation.outcome]
    outcome = result(operation)
    failing = _failing(operation)
    first = Content.assemble((plain(outcome), style), "  ", plain(asked_alone(operation)))
    sign = CURSOR if is_chosen else " "
    prefix = Content.styled(f"{sign} {lead} ", "bold reverse" if is_chosen else FAINT)
    if is_brief:
        going_on = "" if operation.is_closed else ", so far"
        brief = Content.assemble(
            (outcome.partition(" (")[0], style),
            going_on,
            f"  {plain(asked_alone(operation).removesuffix(' (marked)'))}",
            f" · {failing}" if failing else "",
        )
        return Row(brief, prefix, is_one_line=True)
    told = f"ordered: {plain(ordered(operation, snapshot.doors))}"
    told_answers = plain(answers(operation.responses))
    second = Content(f"{told}. {told_answers}" if told_answers else told)
    return Row(first + Content("\n") + second, prefix)


def _failing(operation: Operation) -> str:
    failed = [each for each in operation.responses if each.state in ("silent", "bounced", "slow")]
    return plain(answers(failed))
