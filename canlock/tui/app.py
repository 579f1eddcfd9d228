"""The live view: draws the last Snapshot and holds no facts of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Final

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.timer import Timer

from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark
from canlock.tui.colorless import be_patient
from canlock.tui.feed import SnapshotFeed
from canlock.tui.live_screen import LiveScreen
from canlock.tui.mark_dialog import MarkDialog
from canlock.tui.messages import Ended, Failed, SnapshotArrived
from canlock.tui.phrases import instant
from canlock.tui.status_line import error_words

REDRAW_S: Final = 0.1
"""Least time between two drawings: no eye follows more, and the reasoning needs the processor."""

MARKED_S: Final = 2.0
"""How long the word that a mark was taken stands over the lists."""

WIDTHS: Final = [(0, "-narrow"), (100, "-wide")]
HEIGHTS: Final = [(0, "-short"), (32, "-tall")]
"""Least columns and rows of the screen -> class that the style sheet knows."""

OnMark = Callable[[Mark], None]


class LiveApp(App[None]):
    """Takes messages and hands them to the screen; only its handlers change widgets.

    Attributes:
        feed: The thread that takes the steps.
        failure: What ended the steps, where that was an error; for the caller to raise again.
    """

    CSS_PATH = "live.tcss"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit"),
        Binding("ctrl+c", "quit", "Quit", show=False, system=True),
        Binding("m", "mark", "Mark"),
        Binding("d", "toggle_dark", "Dark/light"),
    ]

    def __init__(
        self,
        steps: Iterable[Snapshot],
        *,
        title: str,
        on_mark: OnMark | None = None,
    ) -> None:
        """Prepare the view.

        Args:
            steps: Snapshots; iterated in a thread of its own, so it may block. A generator is
                closed by that thread.
            title: What is being shown, for the top line.
            on_mark: Takes each mark that the person makes; must not block. Without it none can be
                made.
        """
        super().__init__()
        be_patient(self._filters)
        self.title = title
        self.failure: BaseException | None = None
        self.feed = SnapshotFeed(steps, self)
        self._on_mark = on_mark
        self._live = LiveScreen(title)
        self._snapshot: Snapshot | None = None
        self._is_drawn = True
        self._is_over = False
        self._rest: Timer | None = None

    def get_default_screen(self) -> LiveScreen:
        """Return the only screen that is always there."""
        return self._live

    @on(LiveScreen.Shown)
    def start_feed(self) -> None:
        """Begin to take steps."""
        self.feed.start()

    def on_unmount(self) -> None:
        """Let the thread end."""
        self.feed.stop()

    @on(SnapshotArrived)
    def take_snapshot(self, message: SnapshotArrived) -> None:
        """Draw a snapshot, or keep it until the last drawing is `REDRAW_S` ago."""
        self._snapshot = message.snapshot
        self._is_drawn = False
        if self._rest is None:
            self._draw()

    def _draw(self) -> None:
        self._rest = None
        # While the app shuts down, messages still come but the widgets are gone.
        if self._is_drawn or self._snapshot is None or not self.is_running:
            return
        self._is_drawn = True
        self._live.draw(self._snapshot, is_final=self._is_over)
        self._rest = self.set_timer(REDRAW_S, self._draw)

    @on(Ended)
    def end(self) -> None:
        """Draw what came last and say that it was the last."""
        if self._finish():
            self._live.end()

    @on(Failed)
    def fail(self, message: Failed) -> None:
        """Draw what came last and say in one line why no more will come."""
        if self._finish():
            self.failure = message.error
            self._live.fail(message.error)

    def _finish(self) -> bool:
        self._is_over = True
        self._is_drawn = False
        self._draw()
        self.refresh_bindings()
        return self.is_running

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer marks only where somebody takes them, and grey them out after the end."""
        if action == "mark" and self._on_mark is None:
            return False
        if action == "mark" and self._is_over:
            return None
        return super().check_action(action, parameters)

    def action_mark(self) -> None:
        """Ask what the person did, at this moment of the capture."""
        snapshot = self._snapshot
        if snapshot is None or snapshot.now_s is None:
            self.notify("Nothing has come yet, so there is no time to put a mark at.")
            return
        words = instant(snapshot.now_s, snapshot, digits=1)
        self.push_screen(MarkDialog(snapshot.now_s, words, snapshot.doors), self._hand_over)

    def _hand_over(self, mark: Mark | None) -> None:
        if mark is None or self._on_mark is None:
            return
        try:
            self._on_mark(mark)
        except Exception as error:  # The view goes on without the mark; the caller gets the error.
            self.failure = self.failure or error
            words = f"The mark was not taken: {error_words(error)}"
            self.notify(words, severity="error", markup=False)
        else:
            words = mark.action.replace("-", " ")
            self.notify(f"Marked: {words}", timeout=MARKED_S, markup=False)


def run_live_view(steps: Iterable[Snapshot], *, title: str, on_mark: OnMark | None = None) -> int:
    """Show the live view until the person quits.

    Args:
        steps: Snapshots, the last of which is shown; may block, but a step that takes longer than
            `feed.PATIENCE_S` is abandoned on a daemon thread when the person quits.
        title: What is being shown, for the top line.
        on_mark: Takes each mark that the person makes, with `at_s` on the capture's clock.

    Returns:
        The exit status: 0 when the person quit.

    Raises:
        CanlockError: What ended the steps, after the person has read it and quit. Any other error
            of `steps` or `on_mark` comes out in the same way.
    """
    app = LiveApp(steps, title=title, on_mark=on_mark)
    app.run()
    app.feed.wait()
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
