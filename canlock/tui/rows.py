"""A scrolling list of rows that wraps by itself and draws only the lines in sight."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot


EMPTY: Final = Content("")
LEAST_WIDTH: Final = 6
"""Columns that a row's text gets at least, however narrow the terminal is."""


MOST_STRIPS: Final = 500
"""Lines that are kept as they were drawn: what is new moves the others, and leaves them as they
are."""


@dataclass(slots=True)
class Row:
    """A prefix that is never wrapped and a text that wraps beside it."""

    body: Content
    prefix: Content = EMPTY
    is_one_line: bool = False
    """It is cut where it does not fit, in place of being wrapped."""

    _wrapped: tuple[int, list[Content]] = (-1, [])

    def lines(self, width: int) -> list[Content]:
        """Return the row as lines of at most `width` columns."""
        if self._wrapped[0] != width:
            indent = self.prefix.cell_length
            room = max(width - indent, LEAST_WIDTH)
            if self.is_one_line:
                first, others = self.body.truncate(room, ellipsis=True), []
            else:
                first, *others = _wrap(self.body, room)
            blank = Content(" " * indent)
            self._wrapped = width, [self.prefix + first, *(blank + line for line in others)]
        return self._wrapped[1]


def _wrap(text: Content, columns: int) -> list[Content]:
    """Return a text as lines; one that fits as it is need not be taken apart into words."""
    lines = text.split("\n", allow_blank=True) if "\n" in text.plain else [text]
    wrapped: list[Content] = []
    for line in lines:
        wrapped += [line] if line.cell_length <= columns else line.wrap(columns)
    return wrapped


class RowList(ScrollView, can_focus=True, inherit_bindings=False):
    """The base of all lists of the view; a list says what it shows and in which rows.

    Lines are drawn one by one as they come into sight, which costs the same for ten rows as for ten
    thousand.
    """

    ALLOW_SELECT = False
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Up a line", show=False),
        Binding("down", "scroll_down", "Down a line", show=False),
        Binding("pageup", "page_up", "Up a page", show=False),
        Binding("pagedown", "page_down", "Down a page", show=False),
        Binding("home", "scroll_home", "To the top", show=False),
        Binding("end", "scroll_end", "To the bottom", show=False),
    ]
    # Left and right belong to the replay: nothing here is wider than the screen.
    IS_NEWEST_FIRST: ClassVar[bool] = False
    """What is new comes in above: the lines that somebody has scrolled to stay where they are."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it.
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._shown: object = None
        self._lines: list[Content] = []
        self._row_starts: list[int] = []
        self._width = 0
        self._strips: dict[int, tuple[Content, Strip]] = {}
        self._strips_for: object = None

    @abstractmethod
    def shown(self, snapshot: Snapshot) -> object:
        """Return all that the rows depend on: while it stays the same, nothing is drawn anew."""

    @abstractmethod
    def rows(self, snapshot: Snapshot, width: int) -> Iterable[Row]:
        """Return the rows for a snapshot, from the top."""

    def draw(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._snapshot = snapshot
        shown = self.shown(snapshot)
        if shown != self._shown:
            self._shown = shown
            self._lay_out()

    def on_resize(self, event: Resize) -> None:
        """Wrap anew when the width changes."""
        if event.size.width != self.virtual_size.width:
            self._lay_out()

    def _lay_out(self) -> None:
        if self._snapshot is None or not self.size.width:
            return
        width = self.scrollable_content_region.width
        lines: list[Content] = []
        self._row_starts = []
        for row in self.rows(self._snapshot, width):
            self._row_starts.append(len(lines))
            lines += row.lines(width)
        before, self._lines = self._lines, lines
        added = len(lines) - len(before)
        self._grow(Size(width, len(lines)))
        if self.IS_NEWEST_FIRST and self.scroll_y > 0 and added:
            self.scroll_to(y=self.scroll_y + added, animate=False)
        if added or width != self._width:
            self._width = width
            self.refresh()
            return
        top = self.scroll_offset.y
        for number in range(top, min(top + self.size.height, len(lines))):
            old, new = before[number], lines[number]
            if old is not new and not old.is_same(new):
                self.refresh_line(number)

    def _grow(self, size: Size) -> None:
        """Become longer or shorter; the screen is laid out anew only where others must move."""
        has_bar = size.height > self.container_size.height
        is_in_place = size.width == self.virtual_size.width and not self.styles.auto_dimensions
        if not is_in_place or has_bar != self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        self.set_reactive(Widget.virtual_size, size)
        if has_bar:
            self.vertical_scrollbar.window_virtual_size = size.height
        self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def row_at(self, line: int) -> int | None:
        """Return the number of the row that a line belongs to; None where there is none."""
        if not 0 <= line < len(self._lines):
            return None
        return bisect_right(self._row_starts, line) - 1

    def line_of(self, row: int) -> int:
        """Return the first line of a row; 0 where there is none."""
        return self._row_starts[row] if row < len(self._row_starts) else 0

    def render_line(self, y: int) -> Strip:
        """Return the strip for one line in sight."""
        index = y + self.scroll_offset.y
        line = self._lines[index] if index < len(self._lines) else EMPTY
        width, style = self.size.width, self.visual_style
        made_for = width, style, self.app.theme
        if made_for != self._strips_for or len(self._strips) > MOST_STRIPS:
            self._strips.clear()
            self._strips_for = made_for
        _, strip = self._strips.get(id(line), (None, None))
        if strip is None:
            strips = Visual.to_strips(self, line, width, 1, style, apply_selection=False, pad=True)
            strip = strips[0] if strips else Strip.blank(width)
            # The line is held too, so that its identity is not given to another.
            self._strips[id(line)] = line, strip
        return strip
