"""The chain of one operation on the main screen: the last one, or the one under the cursor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from canlock.tui.chain_lines import LEGEND, chain_lines
from canlock.tui.phrases import FAINT, plain

if TYPE_CHECKING:
    from canlock.model.operations import Operation
    from canlock.model.snapshot import Snapshot

CLOCK: Final = re.compile(r" \([^()]* UTC\)")
TITLE_EDGES: Final = 6
"""Columns of a title's line that are not for its words."""

NONE_YET = Content.styled(
    "No lock or unlock yet.\nPress lock or unlock on the fob; say so with the key l or u.", FAINT
)


class ChainView(Static):
    """A line of time a door, from the press to the open door."""

    def __init__(self) -> None:
        super().__init__(NONE_YET, id="chain", markup=False)
        self.border_title = "Last operation"
        self._shown: tuple[Operation, Snapshot] | None = None

    def draw(self, operation: Operation | None, snapshot: Snapshot) -> None:
        """Show an operation; None: there is none."""
        if operation is None:
            if self._shown is not None:
                self._shown = None
                self.border_title = "Last operation"
                self.border_subtitle = ""
                self.update(NONE_YET)
            return
        before, self._shown = self._shown, (operation, snapshot)
        if before is None or _facts(*before) != _facts(operation, snapshot):
            self._lay_out()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the size is asked for anew.
        """Lay out anew."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.content_size.width
        if self._shown is None or not width:
            return
        from canlock.telling.chain import chain_of

        operation, snapshot = self._shown
        chain = chain_of(operation, snapshot)
        is_last = operation.at_s == snapshot.operations[-1].at_s
        what = "Last operation" if is_last else "Operation"
        title = plain(chain.title)
        if len(what) + len(title) + TITLE_EDGES > width:
            # Without the clock: the list of operations has it.
            title = CLOCK.sub("", title, count=1)
            what = "Last" if is_last else what
        self.border_title = Content(f"{what}: {title}")
        self.border_subtitle = LEGEND if len(LEGEND) + 4 < width else ""
        lines = chain_lines(chain, snapshot.doors, width)
        self.update(
            Content("\n").join(line.truncate(width, ellipsis=True) for line in lines), layout=False
        )


def _facts(operation: Operation, snapshot: Snapshot) -> object:
    """Return what the chain of an operation depends on."""
    is_last = operation.at_s == snapshot.operations[-1].at_s
    return (
        operation,
        is_last,
        snapshot.accesses,
        snapshot.events,
        snapshot.marks,
        snapshot.doors,
        snapshot.first_s,
    )
