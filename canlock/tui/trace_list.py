"""The frames on the screen: only the rows in sight are ever read and written out."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from canlock.decoding.signal_book import SignalBook
from canlock.pipeline.frame_window import FrameWindow
from canlock.tui.trace_filter import TraceFilter
from canlock.tui.trace_idents import ident_lead, ident_title
from canlock.tui.trace_text import (
    DETAILS,
    TIME_STYLES,
    Detail,
    Palette,
    TimeStyle,
    TraceText,
    fit_columns,
    fit_time_column,
)
from canlock.tui.trace_view import TraceView

HEAD_LINES: Final = 1
CURSOR, CHOSEN, OTHER = "▶", "┃", " "
"""What stands before the row of the cursor, other rows of a chosen stretch, and all others."""


class TraceList(ScrollView, can_focus=True):
    """A list of frames with a cursor; it follows what comes until somebody looks back."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "trace--faint",
        "trace--title",
        "trace--name",
        "trace--alarm",
        "trace--cursor",
    }
    DEFAULT_CSS = """
    TraceList {
        height: 1fr;
        background: $background;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        & .trace--faint { color: $foreground-muted; }
        & .trace--title { color: $foreground; text-style: bold; background: $panel; }
        & .trace--name { color: $text-accent; }
        & .trace--alarm { color: $text-error; text-style: bold; }
        & .trace--cursor { background: $surface; }
        &:focus .trace--cursor { background: $primary-background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, tooltip="The frame above"),
        Binding("down", "move(1)", "Down", show=False, tooltip="The frame below"),
        Binding("pageup", "page(-1)", "Page up", show=False, tooltip="A page up"),
        Binding("pagedown", "page(1)", "Page down", show=False, tooltip="A page down"),
        Binding("home", "first", "First", show=False, tooltip="The first frame that is kept"),
        Binding("end", "last", "Last", show=False, tooltip="The last frame, and follow"),
        Binding("shift+up", "choose(-1)", "Choose up", show=False, tooltip="Choose several"),
        Binding("shift+down", "choose(1)", "Choose down", show=False, tooltip="Choose several"),
    ]

    class Moved(Message):
        """The cursor is at another frame, or the frames are others."""

    def __init__(self, window: FrameWindow) -> None:
        """Show a window, following what comes."""
        super().__init__(id="trace")
        self.view = TraceView(window)
        self.is_following = True
        self.time_style: TimeStyle = "start"
        self.detail: Detail = "both"
        self._book = SignalBook()
        self._strips: list[Strip] = []
        self._drawn_at: tuple[int, Size] | None = None
        self._is_own_scroll = False

    # --- What is shown ----------------------------------------------------------------------------

    def show(self, window: FrameWindow) -> None:
        """Show what there is now."""
        if window.beginnings != self.view.window.beginnings:
            self.is_following = True
        gone = self.view.show(window)
        if gone and not self.is_following:
            # The rows that somebody reads stay where they are on the screen.
            self._put_on_top(self.scroll_offset.y - gone)
        self._lay_out()

    def set_book(self, book: SignalBook) -> None:
        """Show what the frames mean."""
        self._book = book
        self.draw()

    def choose_rows(self, chosen: TraceFilter) -> None:
        """Show the rows that a filter lets through, and of them those about the cursor."""
        self.view.choose_rows(chosen)
        self._lay_out()
        if not self.is_following:
            self.move_to(self.view.place, is_centred=True)

    def set_by_ident(self, is_by_ident: bool) -> None:
        """Show one row an id, or one row a frame."""
        self.view.set_by_ident(is_by_ident)
        self._lay_out()
        if is_by_ident or not self.is_following:
            self.move_to(self.view.place, is_centred=True)

    def next_time_style(self) -> None:
        """Show the times in the next way."""
        self.time_style = TIME_STYLES[(TIME_STYLES.index(self.time_style) + 1) % len(TIME_STYLES)]
        self.draw()

    def next_detail(self) -> None:
        """Show raw bytes, signals or both."""
        self.detail = DETAILS[(DETAILS.index(self.detail) + 1) % len(DETAILS)]
        self.draw()

    @property
    def places_in_sight(self) -> tuple[int, int]:
        """Return the first place in sight and the one behind the last."""
        top = max(0, self.scroll_offset.y)
        return top, min(top + self._lines, self.view.count)

    # --- Going about ------------------------------------------------------------------------------

    def follow(self, is_following: bool) -> None:
        """Keep the newest row in sight, or let the rows stand still."""
        self.is_following = is_following
        if is_following:
            self.view.end_stretch()
        self._lay_out()
        self.post_message(self.Moved())

    def go_to_time(self, at_s: float) -> None:
        """Go to the first row at or after a time on the capture's clock."""
        self._stand_still()
        self.move_to(self.view.place_at(at_s), is_centred=True)

    def go_to_change(self, direction: int) -> bool:
        """Go to the next or the last row whose frame has changed; say whether there is one."""
        place = self.view.find_change(direction)
        if place is not None:
            self._stand_still()
            self.move_to(place, is_centred=True)
        return place is not None

    def action_move(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self.view.end_stretch()
        self._move(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by some pages."""
        self.view.end_stretch()
        self._move(pages * max(1, self._lines - 1))

    def action_choose(self, rows: int) -> None:
        """Choose a stretch of rows, from where the cursor was."""
        self._stand_still()
        self.view.begin_stretch()
        self._move(rows)

    def action_first(self) -> None:
        """Go to the first row."""
        self._stand_still()
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the last row and follow what comes."""
        self.follow(True)
        self.move_to(self.view.count - 1)

    def on_mouse_scroll_up(self) -> None:
        """Look back: what comes no longer moves the rows."""
        self._stand_still()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        place = self.scroll_offset.y + event.y - HEAD_LINES
        if event.y >= HEAD_LINES and place < self.view.count:
            self._stand_still()
            self.view.end_stretch()
            self.move_to(place)

    def on_resize(self) -> None:
        """Lay the rows out anew."""
        self._lay_out()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Stand still when somebody drags the bar away from the end."""
        super().watch_scroll_y(old_value, new_value)
        if new_value < self.max_scroll_y - 1 and not self._is_own_scroll:
            self._stand_still()

    def _stand_still(self) -> None:
        if self.is_following:
            self.is_following = False
            self.post_message(self.Moved())

    def _move(self, rows: int) -> None:
        if rows < 0:
            self._stand_still()
        self.move_to(self.view.place + rows)

    def move_to(self, place: int, *, is_centred: bool = False) -> None:
        """Put the cursor at a place, and that in sight; in the middle where it was not."""
        place = self.view.move_to(place)
        top = self.scroll_offset.y
        if is_centred and not top <= place < top + self._lines:
            top = place - self._lines // 2
        self._put_on_top(min(max(top, place - self._lines + 1), place))
        self.post_message(self.Moved())
        self.draw()

    def _put_on_top(self, place: int) -> None:
        self._is_own_scroll = True
        try:
            self.scroll_to(y=max(0, place), animate=False, force=True)
        finally:
            self._is_own_scroll = False

    # --- Drawing ----------------------------------------------------------------------------------

    @property
    def _lines(self) -> int:
        return max(1, self.size.height - HEAD_LINES)

    def _lay_out(self) -> None:
        count = self.view.count
        size = Size(self.size.width, count + HEAD_LINES)
        if size != self.virtual_size:
            # More rows change nothing about where widgets are: no layout ten times a second.
            self.set_reactive(Widget.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
            self._put_on_top(self.scroll_offset.y)
        if self.is_following and not self.view.is_by_ident:
            self.view.move_to(count - 1)
            self._put_on_top(count - self._lines)
        self.draw()

    def draw(self) -> None:
        """Draw the rows in sight anew."""
        self._drawn_at = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the strip of one line in sight."""
        at = self.scroll_offset.y, self.size
        if at != self._drawn_at:
            self._strips = self._page()
            self._drawn_at = at
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.rich_style)

    def _page(self) -> list[Strip]:
        """Return all lines in sight."""
        view, width, base = self.view, self.size.width, self.rich_style
        palette = self._palette(base)
        columns = fit_columns(view.window, self._book, self.detail, width)
        text = TraceText(self._book, palette)
        time = fit_time_column(view.window, self.time_style)
        title = ident_title() if view.is_by_ident else time.title
        strips = [_strip(text.head(columns, f" {title}"), width, base + palette.title)]
        top, end = self.places_in_sight
        above = view.cells(top - 1, top) if top else []
        above_s = above[0].at_s if above else float("nan")
        low, high = view.stretch
        cursor = view.place
        for place, cells in enumerate(view.cells(top, end), top):
            gutter = CURSOR if place == cursor else CHOSEN if low <= place <= high else OTHER
            if view.is_by_ident:
                lead = ident_lead(cells, view.window)
            else:
                lead = time.words(cells.at_s, cells.step_s, above_s)
            above_s = cells.at_s
            under = base if gutter == OTHER else palette.cursor
            segments = text.frame(cells, columns, f"{gutter}{lead}", width)
            strips.append(_strip(segments, width, under))
        if not view.count:
            strips.append(_strip([Segment(f" {self._emptiness()}", palette.faint)], width, base))
        return strips

    def _emptiness(self) -> str:
        kept = len(self.view.window)
        if kept:
            return f"None of {kept:,} frames is as `{self.view.selection.filter.text}` asks."
        return "No frame has come yet."

    def _palette(self, base: Style) -> Palette:
        def part(name: str) -> Style:
            return self.get_component_rich_style(f"trace--{name}", partial=True)

        return Palette(
            Style.null(),
            part("faint"),
            part("title"),
            part("name"),
            part("alarm"),
            base + part("cursor"),
        )


def _strip(segments: list[Segment], width: int, under: Style) -> Strip:
    return Strip(segments).crop(0, width).extend_cell_length(width).apply_style(under).simplify()
