"""The trace: all frames, raw and decoded, as they come or as they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from canlock.decoding.signal_book import SignalBook
from canlock.errors import CanlockError
from canlock.model.frames import FrameBatch
from canlock.pipeline.frame_window import FrameWindow, RowNumbers
from canlock.sources.candump_writer import candump_lines
from canlock.sources.writer import write_capture
from canlock.tui.key_line import KeyLine
from canlock.tui.phrases import plain
from canlock.tui.trace_detail import TraceDetail
from canlock.tui.trace_filter import parse_filter
from canlock.tui.trace_list import TraceList
from canlock.tui.trace_prompt import FILTER_HINT, SAVE_HINT, TIME_HINT, TracePrompt
from canlock.tui.trace_source import FrameSource
from canlock.tui.trace_time import parse_time

LOOK_S: Final = 0.1
"""Time between two looks at what has come; no eye follows more."""

MOST_COPIED: Final = 10_000
"""Frames that are copied: a terminal takes no more than some hundred kilobytes."""

SAVED_AT_ONCE: Final = 1 << 16


class TraceScreen(Screen[None]):
    """Summary, list, one frame in full, the line to type at, keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="Close the frame, or leave the trace"),
        Binding(
            "slash", "filter", "Filter", key_display="/", tooltip="Show only frames that are so"
        ),
        Binding("enter", "frame", "Frame", tooltip="Show the frame in full, or no longer"),
        Binding("f", "follow", "Follow", tooltip="Keep the newest in sight, or stand still"),
        Binding("p", "pause", "Pause", tooltip="Take in nothing more, or go on"),
        Binding("o", "by_ident", "Ids", tooltip="One row an id, or one row a frame"),
        Binding("t", "times", "Times", tooltip="After the first, by the clock, after the last"),
        Binding("g", "go", "Go to", tooltip="Go to a time"),
        Binding("n", "change(1)", "Change", tooltip="Go to the next frame that has changed"),
        Binding("r", "details", "Raw", tooltip="Bytes and signals, only bytes, only signals"),
        Binding("x", "only", "Only id", tooltip="Show only this id"),
        Binding("y", "copy", "Copy", tooltip="Copy chosen frames, or those in sight"),
        Binding("w", "save", "Save", tooltip="Save chosen frames, or all that are shown"),
        Binding("c", "clear", "Clear", tooltip="Take the filter away"),
        Binding("X", "without", "Without this id", show=False, tooltip="Hide this id"),
        Binding(
            "N", "change(-1)", "Last change", show=False, tooltip="Go to the last that has changed"
        ),
    ]
    AUTO_FOCUS = "#trace"
    DEFAULT_CSS = """
    TraceScreen {
        layout: vertical;
        & #summary { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap;
                     text-overflow: ellipsis; }
    }
    """

    def __init__(self, source: FrameSource, at_s: float | None = None) -> None:
        """Show what a source keeps.

        Args:
            source: Where the frames come from.
            at_s: Where to begin, on the capture's clock; None: at the end, following what comes.
        """
        super().__init__()
        self._source = source
        self._book = SignalBook()
        self._list = TraceList(source.window())
        self._at_s = at_s
        self._is_paused = False

    def compose(self) -> ComposeResult:
        """Lay out the widgets from the top."""
        yield Static(id="summary", markup=False)
        yield self._list
        yield TraceDetail()
        yield TracePrompt()
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to look at what comes, and read meanwhile what it means."""
        self._tell()
        self._read_book()
        self.set_interval(LOOK_S, self._look)
        if self._at_s is not None:
            self.call_after_refresh(self._list.go_to_time, self._at_s)

    @work(thread=True, group="book")
    def _read_book(self) -> None:
        try:
            book = self._source.book()
        except CanlockError as error:
            self.app.call_from_thread(self.notify, str(error), severity="error", markup=False)
        else:
            self.app.call_from_thread(self._set_book, book)

    def _set_book(self, book: SignalBook) -> None:
        self._book = book
        self._list.set_book(book)
        self._tell()

    def _look(self) -> None:
        if not self.is_current or self._is_paused:
            return
        shown, window = self._list.view.window, self._source.window()
        if (window.end, window.beginnings) != (shown.end, shown.beginnings):
            self._list.show(window)
            self._tell()

    @on(TraceList.Moved)
    def _tell(self) -> None:
        """Say how much is shown, and how."""
        shown = self._list
        view, window = shown.view, shown.view.window
        words = []
        if self._is_paused:
            words.append("PAUSED")
        words.append(f"{view.count:,} ids" if view.is_by_ident else _count(view.count, len(window)))
        if not view.is_by_ident:
            words.append("following" if shown.is_following else f"row {view.place + 1:,}")
        if view.selection.filter.text:
            words.append(f"filter: {plain(view.selection.filter.text)}")
        low, high = view.stretch
        if view.has_stretch:
            words.append(f"{high - low + 1:,} chosen")
        if window.first:
            words.append(f"{window.first:,} older let go")
        line = Content.assemble(("Trace", "bold"), " · " + " · ".join(words))
        self.query_one("#summary", Static).update(line, layout=False)
        if self.query_one(TraceDetail).has_class("-open"):
            self.query_one(TraceDetail).show(view.cursor, self._book)

    # --- Keys -------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Close the panel of the frame, or leave the trace."""
        panel = self.query_one(TraceDetail)
        if panel.has_class("-open"):
            panel.remove_class("-open")
            self._list.focus()
        else:
            self.dismiss()

    def action_filter(self) -> None:
        """Ask for a filter."""
        words = [
            *(message.name for message in self._book.messages),
            *(f"{signal.name}=" for signal in self._book.signals),
            *("data~", "is=changed", "is=error", "name="),
        ]
        begun = self._list.view.selection.filter.text
        self.query_one(TracePrompt).ask(self._filter, FILTER_HINT, begun, words)

    def _filter(self, text: str) -> None:
        self._list.choose_rows(parse_filter(text, self._book))
        self._tell()

    def action_clear(self) -> None:
        """Show all frames."""
        self._filter("")

    def action_only(self) -> None:
        """Show only frames of the cursor's id."""
        self._add_term("id=")

    def action_without(self) -> None:
        """Show no frames of the cursor's id."""
        self._add_term("id!=")

    def _add_term(self, subject: str) -> None:
        cells = self._list.view.cursor
        if cells is None:
            return
        terms = self._list.view.selection.filter.text.split()
        term = f"{subject}{cells.ident.hexadecimal}"
        if subject == "id=":
            terms = [one for one in terms if not one.startswith("id")]
            self._list.set_by_ident(is_by_ident=False)
        self._filter(" ".join((*terms, term)))

    def action_follow(self) -> None:
        """Keep the newest frame in sight, or stand still."""
        self._list.follow(not self._list.is_following)

    def action_pause(self) -> None:
        """Take in nothing more, or go on."""
        self._is_paused = not self._is_paused
        self._tell()

    def action_by_ident(self) -> None:
        """Show one row an id, or one row a frame."""
        self._list.set_by_ident(not self._list.view.is_by_ident)
        self._tell()

    def action_times(self) -> None:
        """Show the times in the next way."""
        self._list.next_time_style()

    def action_details(self) -> None:
        """Show bytes and signals, bytes only, signals only."""
        self._list.next_detail()

    def action_change(self, direction: int) -> None:
        """Go to the next or the last frame that differs from the one before it."""
        if not self._list.go_to_change(direction):
            self._say("No change in that direction.")

    def action_frame(self) -> None:
        """Show the cursor's frame in full, or no longer."""
        panel = self.query_one(TraceDetail)
        panel.toggle_class("-open")
        if panel.has_class("-open"):
            panel.show(self._list.view.cursor, self._book)

    def action_go(self) -> None:
        """Ask for a time to go to."""
        self.query_one(TracePrompt).ask(self._go, TIME_HINT)

    def _go(self, text: str) -> None:
        self._list.go_to_time(parse_time(text, self._list.view.window))

    @on(TracePrompt.Left)
    def _return(self) -> None:
        self._list.focus()

    # --- Taking frames along ----------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the chosen frames, or those in sight, as candump lines."""
        start, stop = self._chosen()
        batch = self._list.view.batch(start, min(stop, start + MOST_COPIED))
        self.app.copy_to_clipboard(candump_lines(batch).decode("ascii"))
        left_out = f"; {stop - start - len(batch):,} more are too many" * (
            stop - start > len(batch)
        )
        self._say(f"Copied {len(batch):,} frames as candump lines{left_out}.")

    def _chosen(self) -> tuple[int, int]:
        """Return the first chosen place and the one behind the last."""
        view = self._list.view
        if not view.has_stretch:
            return self._list.places_in_sight
        low, high = view.stretch
        return low, high + 1

    def action_save(self) -> None:
        """Ask for a file in which to save the chosen frames, or all that are shown."""
        self.query_one(TracePrompt).ask(self._save, SAVE_HINT, "trace.log")

    def _save(self, text: str) -> None:
        path = Path(text).expanduser()
        if path.exists():
            raise CanlockError(f"{path}: there is such a file already; give another name")
        view = self._list.view
        low, high = view.stretch if view.has_stretch else (0, view.count - 1)
        self._write(path, view.window, np.sort(view.numbers(low, high + 1)))

    @work(thread=True)
    def _write(self, path: Path, window: FrameWindow, numbers: RowNumbers) -> None:
        try:
            write_capture(path, _batches(window, numbers))
        except CanlockError as error:
            words, severity = str(error), "error"
        else:
            words, severity = f"Saved {len(numbers):,} frames in {path}.", "information"
        self.app.call_from_thread(self.notify, words, severity=severity, markup=False)

    def _say(self, words: str) -> None:
        self.notify(words, timeout=2.0, markup=False)


def _batches(window: FrameWindow, numbers: RowNumbers) -> Iterator[FrameBatch]:
    for start in range(0, len(numbers), SAVED_AT_ONCE):
        yield window.batch(window.gather(numbers[start : start + SAVED_AT_ONCE]))


def _count(shown: int, kept: int) -> str:
    return f"{kept:,} frames" if shown == kept else f"{shown:,} of {kept:,} frames"
