"""One frame in full: its payload, and every signal that it carries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from canlock.decoding.signal_book import BookSignal, SignalBook
from canlock.pipeline.frame_window import NO_LENGTH
from canlock.tui.phrases import plain
from canlock.tui.trace_text import FrameCells, clock_words, is_changed

BYTES_A_LINE: Final = 16
CHANGED: Final = "bold underline"


class TraceDetail(VerticalScroll):
    """The panel below the list."""

    DEFAULT_CSS = """
    TraceDetail {
        height: 9;
        border-top: heavy $primary;
        padding: 0 1;
        display: none;
        &:focus { border-top: double $accent; }
        &.-open { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="frame")
        self.border_title = "Frame"

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Static(id="cells", markup=False)

    def show(self, cells: FrameCells | None, book: SignalBook) -> None:
        """Show a frame."""
        lines = [Content("No frame.")] if cells is None else [*frame_lines(cells, book)]
        self.query_one("#cells", Static).update(Content("\n").join(lines))


def frame_lines(cells: FrameCells, book: SignalBook) -> Iterator[Content]:
    """Yield a frame in full, a line each."""
    ident = cells.ident
    message = book.message(ident.key) if ident.kind == "data" else None
    words = [f"0x{ident.hexadecimal}", f"({ident.arbitration_id})"]
    if ident.kind != "data":
        words.append(f"{ident.kind} frame")
    if message is not None:
        words.append(plain(message.name))
        if message.sender:
            words.append(f"from {plain(message.sender)}")
    if ident.channel:
        words.append(f"on {plain(ident.channel)}")
    yield Content(" ".join(words)).stylize("bold")
    after = (
        "the first of its id"
        if cells.previous_length == NO_LENGTH
        else f"{cells.step_s:.6f} s after the last of its id"
    )
    yield Content(f"{clock_words(cells.at_s)}, {after}, {cells.length} bytes")
    for start in range(0, len(cells.payload), BYTES_A_LINE):
        yield _bytes_line(cells, start)
    if message is None:
        if ident.kind == "data":
            yield Content("No database tells what it means.")
        return
    for signal in message.signals:
        yield _signal_line(cells, signal)


def _bytes_line(cells: FrameCells, start: int) -> Content:
    parts = []
    for place in range(start, min(start + BYTES_A_LINE, len(cells.payload))):
        style = CHANGED if cells.has_changed(place) else ""
        parts.append(Content.styled(f"{cells.payload[place]:02X}", style))
    return Content(" ").join(parts)


def _signal_line(cells: FrameCells, signal: BookSignal) -> Content:
    name = plain(signal.name)
    raw = signal.read(cells.payload)
    if raw is None:
        return Content(f"  {name}: not in this frame").stylize("$foreground-muted")
    has_changed = is_changed(cells, signal)
    value = plain(signal.name_value(raw))
    spelt = "" if value == str(raw) else f"  (raw {raw})"
    roles = f"  {', '.join(signal.roles)}" if signal.roles else ""
    return Content("* " if has_changed else "  ").append(
        Content.assemble(
            (f"{name} = {value}", CHANGED if has_changed else ""),
            spelt,
            (roles, "$foreground-muted"),
        )
    )
