"""The plots on the screen: lanes one above the other over one time axis, with a cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from canlock.model.stream import Mark
from canlock.pipeline.frame_window import FrameWindow
from canlock.tui.phrases import plain
from canlock.tui.plot_canvas import Span, draw_axis, draw_series
from canlock.tui.plot_series import Series
from canlock.tui.plot_span import PlotSpan

LABEL_WIDTH: Final = 13
AXIS_LINES: Final = 2
LEAST_ROWS, MOST_ROWS = 2, 6
"""Lines of a series of numbers."""

SELECTED, OTHER = "▶", " "
Lanes = tuple[tuple[str, Series], ...]


class PlotView(ScrollView, can_focus=True):
    """Series by name; one is selected, the cursor tells the value of each."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "plot--title",
        "plot--selected",
        "plot--line",
        "plot--faint",
        "plot--mark",
        "plot--cursor",
    }
    DEFAULT_CSS = """
    PlotView {
        height: 1fr;
        background: $background;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & .plot--title { color: $foreground; }
        & .plot--selected { color: $foreground; text-style: bold; }
        & .plot--line { color: $text-accent; }
        & .plot--faint { color: $foreground-muted; }
        & .plot--mark { color: $text-warning; text-style: bold; }
        & .plot--cursor { background: $primary-background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "pan(-0.1)", "Pan", key_display="←→", tooltip="Look earlier"),
        Binding("right", "pan(0.1)", "Later", show=False, tooltip="Look later"),
        Binding("plus,equals_sign", "zoom(0.5)", "Zoom", key_display="+-", tooltip="More detail"),
        Binding("minus", "zoom(2.0)", "Zoom out", show=False, tooltip="Less detail"),
        Binding("0", "all", "All", tooltip="All that is kept"),
        Binding("n", "change(1)", "Change", tooltip="The cursor to the next change"),
        Binding("N", "change(-1)", "Last change", show=False, tooltip="To the last change"),
        Binding("up", "select(-1)", "Select", key_display="↑↓", tooltip="Select the one above"),
        Binding("down", "select(1)", "Select next", show=False, tooltip="Select the one below"),
        Binding("shift+left", "step(-1)", "Cursor back", show=False, tooltip="By one column"),
        Binding("shift+right", "step(1)", "Cursor on", show=False, tooltip="By one column"),
        Binding("pageup", "pan(-0.9)", "Page back", show=False, tooltip="Look a page earlier"),
        Binding("pagedown", "pan(0.9)", "Page on", show=False, tooltip="Look a page later"),
        Binding("home", "first", "First", show=False, tooltip="Go to the beginning"),
        Binding("end", "last", "Last", show=False, tooltip="Go to the end, and follow"),
    ]

    class Moved(Message):
        """The cursor, the selected lane or the time in sight is another."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__(id="plots")
        self.lanes: Lanes = ()
        self.span = PlotSpan()
        self.selected = 0
        self._marks: tuple[Mark, ...] = ()
        self._strips: list[Strip] = []
        self._drawn_at: tuple[int, Size] | None = None
        self._tops: list[int] = []
        """First line of each lane, below the axis."""

    def show(self, lanes: Lanes, window: FrameWindow) -> None:
        """Show some series."""
        self.lanes = lanes
        self.selected = max(0, min(self.selected, len(lanes) - 1))
        self._marks = window.marks
        self.span.follow(window)
        self.draw()

    @property
    def selected_name(self) -> str | None:
        """Return the name of the selected lane."""
        return self.lanes[self.selected][0] if self.lanes else None

    @property
    def _columns(self) -> int:
        return max(1, self.size.width - LABEL_WIDTH - 1)

    @property
    def shown_span(self) -> Span:
        """Return the time in sight."""
        return Span(self.span.from_s, self.span.until_s, self._columns)

    # --- Going about ------------------------------------------------------------------------------

    def action_pan(self, share: float) -> None:
        """Go to what was before, or comes after, by a share of the time in sight."""
        self.span.pan(share)
        self._moved()

    def action_zoom(self, factor: float) -> None:
        """Show less time in more detail, or more."""
        self.span.zoom(factor, self.shown_span.column_s)
        self._moved()

    def action_all(self) -> None:
        """Show all that is kept."""
        self.span.show_all()
        self._moved()

    def action_first(self) -> None:
        """Go to the beginning."""
        self.span.go_to(self.span.first_s)
        self._moved()

    def action_last(self) -> None:
        """Go to the end and follow what comes."""
        self.set_following(is_following=True)

    def set_following(self, *, is_following: bool) -> None:
        """Keep what comes in sight, or stand still."""
        self.span.set_following(is_following=is_following)
        self._moved()

    def go_to(self, at_s: float) -> None:
        """Put the cursor at a time, in sight."""
        self.span.go_to(at_s)
        self._moved()

    def action_select(self, lanes: int) -> None:
        """Select another lane."""
        self.selected = max(0, min(self.selected + lanes, len(self.lanes) - 1))
        self._moved()
        if self.selected < len(self._tops):
            top = self._tops[self.selected]
            bottom = [*self._tops[1:], self.virtual_size.height - AXIS_LINES][self.selected]
            room = self.size.height - AXIS_LINES
            line = min(max(self.scroll_offset.y, bottom - room), top)
            self.scroll_to(y=max(0, line), animate=False, force=True)

    def action_step(self, columns: int) -> None:
        """Move the cursor by a column."""
        span = self.shown_span
        at_s = self.span.cursor_s
        column = (span.column(at_s) if at_s is not None else span.columns) + columns
        self.go_to(span.time(column))

    def action_change(self, direction: int) -> None:
        """Put the cursor at the next or last change of the selected lane."""
        if not self.lanes:
            return
        at_s = self.span.cursor_s
        if at_s is None:
            at_s = self.span.until_s if direction < 0 else self.span.from_s
        found_s = self.lanes[self.selected][1].next_change(at_s, direction)
        # Behind the last frame a series ends, which is no change.
        if found_s is not None and found_s <= self.span.now_s:
            self.go_to(found_s)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor, and select the lane, where the mouse is."""
        line = event.y + self.scroll_offset.y
        above = [number for number, top in enumerate(self._tops) if top <= line]
        if above and event.y < self.size.height - AXIS_LINES:
            self.selected = above[-1]
        if event.x >= LABEL_WIDTH:
            self.span.go_to(self.shown_span.time(event.x - LABEL_WIDTH))
        self._moved()

    def _moved(self) -> None:
        self.post_message(self.Moved())
        self.draw()

    # --- Drawing ----------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Draw anew."""
        self.draw()

    def draw(self) -> None:
        """Draw all lanes anew."""
        self._drawn_at = None
        lines = self._lay_out()
        size = Size(self.size.width, lines + AXIS_LINES)
        if size != self.virtual_size:
            self.virtual_size = size
        self.refresh()

    def _lay_out(self) -> int:
        """Draw the lanes; return how many lines they take."""
        self._strips = []
        self._tops = []
        span, rows = self.shown_span, self._number_rows()
        cursor_s = self.span.cursor_s
        column = None if cursor_s is None else span.column(cursor_s)
        for number, (name, series) in enumerate(self.lanes):
            self._tops.append(len(self._strips))
            self._strips.append(self._title(number, name, series, cursor_s))
            drawing = draw_series(series, span, rows)
            for label, line in zip(drawing.labels, drawing.lines, strict=True):
                self._strips.append(self._line(label, line, column, "line"))
        return len(self._strips)

    def _number_rows(self) -> int:
        """Return how many lines a series of numbers gets, by what the others leave."""
        numbers = sum(not series.names for _, series in self.lanes)
        room = self.size.height - AXIS_LINES - len(self.lanes)
        room -= 2 * (len(self.lanes) - numbers)
        return max(LEAST_ROWS, min(MOST_ROWS, room // max(1, numbers)))

    def _title(self, number: int, name: str, series: Series, cursor_s: float | None) -> Strip:
        is_selected = number == self.selected
        look = self._look("selected" if is_selected else "title")
        at_s = self.span.now_s if cursor_s is None else cursor_s
        words = f"{SELECTED if is_selected else OTHER}{plain(name)}"
        segments = [Segment(words, look)]
        segments += self._reading(series, at_s, look)
        return self._strip(segments)

    def _reading(self, series: Series, at_s: float, look: Style) -> Iterator[Segment]:
        """Yield what a series says at a time, and since when."""
        since_s = series.since(at_s)
        since = "" if since_s is None else f"{since_s - self.span.zero_s:+.3f} s"
        if series.is_event:
            last = "nothing yet" if since_s is None else plain(series.words(series.value_at(at_s)))
            yield Segment(f"  {last}{f' at {since}' if since else ''}", self._look("faint"))
            return
        yield Segment(f" = {plain(series.words(series.value_at(at_s)))}", look)
        if since and series.names:
            yield Segment(f"  since {since}", self._look("faint"))

    def _line(self, label: str, line: str, cursor: int | None, part: str) -> Strip:
        look = self._look(part)
        shown = plain(label)[: LABEL_WIDTH - 1]
        segments = [Segment(f"{shown:>{LABEL_WIDTH - 1}} ", self._look("faint"))]
        if cursor is None or not 0 <= cursor < len(line):
            segments.append(Segment(line, look))
        else:
            under = look + self._look("cursor")
            # A bare background tells nothing without colours: an empty place gets a line.
            at = line[cursor] if line[cursor] != " " else "┊"
            segments += [
                Segment(line[:cursor], look),
                Segment(at, under),
                Segment(line[cursor + 1 :], look),
            ]
        return self._strip(segments)

    def _axis(self) -> list[Strip]:
        span = self.shown_span
        axis, labels = draw_axis(span, self.span.zero_s)
        letters = [(mark.at_s, "▼") for mark in self._marks]
        if self.span.cursor_s is not None:
            letters.append((self.span.cursor_s, "▲"))
        for at_s, letter in letters:
            column = span.column(at_s)
            if 0 <= column < span.columns:
                axis = f"{axis[:column]}{letter}{axis[column + 1 :]}"
        return [self._line("", axis, None, "mark"), self._line("s", labels, None, "faint")]

    def marks_near_cursor(self) -> Iterator[Mark]:
        """Yield the marks in the cursor's column."""
        span, cursor_s = self.shown_span, self.span.cursor_s
        if cursor_s is not None:
            for mark in self._marks:
                if span.column(mark.at_s) == span.column(cursor_s):
                    yield mark

    def render_line(self, y: int) -> Strip:
        """Return the strip of one line in sight: the axis stays at the bottom."""
        room = self.size.height - AXIS_LINES
        if y >= room:
            return self._axis()[y - room]
        line = y + self.scroll_offset.y
        if line < len(self._strips):
            return self._strips[line]
        if not self.lanes and y == 0:
            words = " Nothing is plotted: press `a` to choose what is."
            return self._strip([Segment(words, self._look("faint"))])
        return Strip.blank(self.size.width, self.rich_style)

    def _look(self, part: str) -> Style:
        return self.get_component_rich_style(f"plot--{part}", partial=True)

    def _strip(self, segments: list[Segment]) -> Strip:
        width = self.size.width
        strip = Strip(segments).crop(0, width).extend_cell_length(width)
        return strip.apply_style(self.rich_style)
