"""The plots: what roles and signals said over time."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from canlock.decoding.signal_book import SignalBook
from canlock.errors import CanlockError
from canlock.pipeline.frame_window import FrameWindow
from canlock.tui.key_line import KeyLine
from canlock.tui.phrases import plain
from canlock.tui.plot_choice import PlotChoice
from canlock.tui.plot_tracks import PlotTracks
from canlock.tui.plot_view import PlotView
from canlock.tui.trace_prompt import TIME_HINT, TracePrompt
from canlock.tui.trace_screen import TraceScreen
from canlock.tui.trace_source import FrameSource
from canlock.tui.trace_time import parse_time

LOOK_S: Final = 0.1
ALL: Final = 1.0


class PlotScreen(Screen[None]):
    """Summary, plots, the line to type at, keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="Leave the plots"),
        Binding("a", "choose", "Choose", tooltip="Choose what is plotted"),
        Binding("f", "follow", "Follow", tooltip="Keep the newest in sight, or stand still"),
        Binding("p", "pause", "Pause", tooltip="Take in nothing more, or go on"),
        Binding("g", "go", "Go to", tooltip="Go to a time"),
        Binding("enter", "frames", "Frames", tooltip="Show the frames at the cursor"),
        Binding("delete", "remove", "Remove", show=False, tooltip="Plot the selected no longer"),
    ]
    AUTO_FOCUS = "#plots"
    DEFAULT_CSS = """
    PlotScreen {
        layout: vertical;
        & #summary { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap;
                     text-overflow: ellipsis; }
    }
    """

    def __init__(self, source: FrameSource) -> None:
        """Plot what a source keeps."""
        super().__init__()
        self._source = source
        self._window = source.window()
        self._tracks: PlotTracks | None = None
        self._view = PlotView()
        self._chosen: tuple[str, ...] | None = None
        """None: nobody has chosen, so what matters most is plotted as it turns up."""

        self._read = 0.0
        self._is_paused = False

    def compose(self) -> ComposeResult:
        """Lay out the widgets from the top."""
        yield Static(id="summary", markup=False)
        yield self._view
        yield TracePrompt()
        yield KeyLine(first=("back", "choose", "follow", "pause"))

    def on_mount(self) -> None:
        """Read what the frames mean, then look at what comes."""
        self._tell()
        self._read_book()
        self.set_interval(LOOK_S, self._look)

    @work(thread=True, group="book")
    def _read_book(self) -> None:
        try:
            book = self._source.book()
        except CanlockError as error:
            self.app.call_from_thread(self.notify, str(error), severity="error", markup=False)
        else:
            self.app.call_from_thread(self._begin, book)

    def _begin(self, book: SignalBook) -> None:
        loaded = self._source.loaded
        vehicle, layout = (None, None) if loaded is None else (loaded.vehicle, loaded.layout)
        self._tracks = PlotTracks(vehicle, layout, book)
        self._look()

    def _look(self) -> None:
        if self._tracks is None or not self.is_current:
            return
        window = self._window if self._is_paused else self._source.window()
        is_new = (window.end, window.beginnings) != (self._window.end, self._window.beginnings)
        if is_new or self._read < ALL:
            self._show(window, self._tracks)

    def _show(self, window: FrameWindow, tracks: PlotTracks) -> None:
        self._window = window
        names = self._names(tracks)
        self._read = tracks.follow(window, names)
        if names != self._names(tracks):
            # What has just turned up is plotted too, so that has to be read as well.
            names = self._names(tracks)
            self._read = tracks.follow(window, names)
        self._view.show(tuple((name, tracks.series(name, window)) for name in names), window)
        self._tell()

    def _names(self, tracks: PlotTracks) -> tuple[str, ...]:
        return tracks.foremost if self._chosen is None else self._chosen

    @on(PlotView.Moved)
    def _tell(self) -> None:
        """Say what stretch of time is shown, and where the cursor is."""
        span = self._view.span
        words = ["PAUSED"] if self._is_paused else []
        if self._tracks is None:
            words.append("reading the databases")
        elif self._read < ALL and len(self._window):
            words.append(f"reading: {self._read:.0%}".replace("%", " %"))
        elif not self._tracks.names:
            words.append("no vehicle file tells what the frames mean")
        words.append("following" if span.is_following else "standing still")
        words.append(f"{span.width_s:.4g} s in sight")
        if span.cursor_s is not None:
            words.append(f"cursor at {span.cursor_s - span.zero_s:+.4f} s")
        words += [
            f"mark: {mark.action} {plain(mark.door or '')}".strip()
            for mark in self._view.marks_near_cursor()
        ]
        line = Content.assemble(("Plots", "bold"), " · " + " · ".join(words))
        self.query_one("#summary", Static).update(line, layout=False)

    def action_back(self) -> None:
        """Leave the plots."""
        self.dismiss()

    def action_choose(self) -> None:
        """Ask what to plot."""
        if self._tracks is not None:
            shown = [name for name, _ in self._view.lanes]
            self.app.push_screen(PlotChoice(self._tracks.names, shown), self._choose)

    def _choose(self, names: tuple[str, ...] | None) -> None:
        if names is not None and self._tracks is not None:
            self._chosen = names
            self._show(self._window, self._tracks)

    def action_remove(self) -> None:
        """Plot the selected lane no longer."""
        name = self._view.selected_name
        self._choose(tuple(one for one, _ in self._view.lanes if one != name))

    def action_follow(self) -> None:
        """Keep what comes in sight, or stand still."""
        self._view.set_following(is_following=not self._view.span.is_following)

    def action_pause(self) -> None:
        """Take in nothing more, or go on."""
        self._is_paused = not self._is_paused
        self._tell()

    def action_go(self) -> None:
        """Ask for a time to go to."""
        self.query_one(TracePrompt).ask(self._go, TIME_HINT)

    def _go(self, text: str) -> None:
        self._view.go_to(parse_time(text, self._window))

    @on(TracePrompt.Left)
    def _return(self) -> None:
        self._view.focus()

    def action_frames(self) -> None:
        """Show the frames at the cursor."""
        self.app.push_screen(TraceScreen(self._source, self._view.span.cursor_s))
