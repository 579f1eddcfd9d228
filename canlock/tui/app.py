"""The live view: draws the last Snapshot and holds no facts of its own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.screen import ModalScreen, Screen

from canlock.pipeline.guided_clock import CaptureClock
from canlock.tui.colorless import be_patient
from canlock.tui.drawing import Drawing
from canlock.tui.feed import SnapshotFeed
from canlock.tui.live_screen import LiveScreen
from canlock.tui.mark_book import MarkBook
from canlock.tui.mark_keys import mark_bindings
from canlock.tui.messages import Ended, Failed, Opened, SnapshotArrived
from canlock.tui.next_test import MOST_REPLIES, reply_to
from canlock.tui.operation_list import OperationList
from canlock.tui.player_keys import PLAYER_BINDINGS, operate
from canlock.tui.player_line import PlayerLine
from canlock.tui.session import OpenSession, Session
from canlock.tui.snapshot_screen import SnapshotScreen
from canlock.tui.status_line import error_words
from canlock.tui.themes import DARK, THEMES
from canlock.tui.turns import run_undisturbed

TOLD_S: Final = 2.0
"""How long a word on what was done stands over the lists."""

MARKING: Final = frozenset({"mark", "mark_now", "undo", "reply", "check"})
"""Actions that need somebody who takes marks."""

WIDTHS: Final = [(0, "-narrow"), (100, "-wide"), (140, "-broad")]
HEIGHTS: Final = [(0, "-short"), (32, "-tall")]
"""Least columns and rows of the screen -> class that the style sheet knows."""


if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot
    from canlock.model.stream import Mark
    from canlock.pipeline.guided_prompt import Ending
    from canlock.tui.check_screen import CheckScreen


class LiveApp(App[None]):
    """Takes messages and hands them to the screens; only its handlers change widgets.

    What the first screen does not need is imported where it is: the view must stand at once.

    Attributes:
        feed: The thread that opens the session and takes its steps.
        session: What is shown; None: it is still being opened.
        failure: What ended the steps, where that was an error; for the caller to raise again.
    """

    CSS_PATH = "live.tcss"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        *mark_bindings(),
        Binding("m", "mark", "Mark", tooltip="Mark anything that you did or noticed"),
        Binding("backspace", "undo", "Undo mark", show=False, tooltip="Take the last mark back"),
        *(
            Binding(
                f"{number}",
                f"reply({number})",
                f"Answer {number}",
                show=False,
                tooltip=f"Answer {number} to the next test",
            )
            for number in range(1, MOST_REPLIES + 1)
        ),
        *PLAYER_BINDINGS,
        Binding("t", "trace", "Trace", tooltip="All frames, raw and decoded"),
        Binding("p", "plots", "Plots", tooltip="Signals over time", show=False),
        Binding("c", "check", "Check", tooltip="Be led through the tests, one at a time"),
        Binding("f2", "next_theme", "Colours", show=False, tooltip="Dark, light, high contrast"),
        Binding("q", "quit", "Quit"),
        Binding("ctrl+c", "quit", "Quit", show=False, system=True),
    ]

    def __init__(self, open_session: OpenSession, *, title: str) -> None:
        """Prepare the view.

        Args:
            open_session: Opens what is shown, in the thread that takes the steps.
            title: What is being shown, for the top line.
        """
        super().__init__()
        be_patient(self._filters)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name
        self.title = title
        self.session: Session | None = None
        self.failure: BaseException | None = None
        self.feed = SnapshotFeed(open_session, self)
        self._live = LiveScreen(title)
        self._drawing = Drawing(self)
        self._is_over = False
        self._is_at_end = False
        self._marks = MarkBook()
        self._clock = CaptureClock()
        """Goes on while a bus sleeps; a replay has its own."""

    def get_default_screen(self) -> LiveScreen:
        """Return the only screen that is always there."""
        return self._live

    # While the app shuts down, messages still come but screens and widgets are gone: each taker of
    # them looks whether the app `is_running` before it touches one.

    @on(LiveScreen.Shown)
    def start_feed(self) -> None:
        """Open the session and begin to take steps."""
        self.feed.start()

    def on_unmount(self) -> None:
        """Let the thread end."""
        self.feed.stop()
        if self.session is not None and self.session.player is not None:
            self.session.player.stop()

    @on(Opened)
    def take_session(self, message: Opened) -> None:
        """Offer what can be done with the session."""
        self.session = message.session
        if not self.is_running:
            return
        self._live.wait()
        player = self.session.player
        if player is not None:
            player.ahead.start()
            self._live.query_one(PlayerLine).take(player)
        self.refresh_bindings()

    @on(SnapshotArrived)
    def take_snapshot(self, message: SnapshotArrived) -> None:
        """Draw a snapshot as soon as anything may be drawn."""
        self._clock.see(message.snapshot.now_s)
        self._drawing.take(message.snapshot)

    @on(SnapshotScreen.Uncovered)
    def draw_again(self) -> None:
        """Draw what came while a screen was covered."""
        self._drawing.draw_soon()

    async def on_event(self, event: Event) -> None:
        """Let a key be answered before anything else is drawn."""
        if isinstance(event, Key):
            self._drawing.put_off()
            self.feed.garbage.wait()
        await super().on_event(event)

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
        if self.session is None:
            # There is nothing to look at: the caller tells what is wrong.
            self.failure = message.error
            self.exit()

    @on(PlayerLine.Turned)
    def turn(self, message: PlayerLine.Turned) -> None:
        """Note that the replay has come to its end, from which it can be sent back, or left it."""
        self._is_at_end = message.is_at_end
        self._draw_end()
        if not self.is_running:
            return
        if message.is_at_end:
            self._live.end()
        else:
            self._live.go_on()
        self.refresh_bindings()

    def _finish(self) -> bool:
        self._is_over = True
        self._draw_end()
        if self.is_running:
            self.refresh_bindings()
        return self.is_running

    def _draw_end(self) -> None:
        self._drawing.is_final = self._is_over or self._is_at_end
        self._drawing.draw_now()

    @property
    def _snapshot(self) -> Snapshot | None:
        return self._drawing.snapshot

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer marks and the player only where there is somebody to take them."""
        if action in MARKING:
            if self.session is None or self.session.put is None or self._is_in_dialog:
                return False
            return None if self._is_over or self._is_at_end else True
        if action in ("trace", "plots"):
            return self.session is not None and self.session.frames is not None
        if action == "player":
            return not (
                self.session is None
                or self.session.player is None
                or self._is_over
                or self._is_in_dialog
            )
        if action == "help" and isinstance(self.screen, ModalScreen):
            return False
        return super().check_action(action, parameters)

    @property
    def _is_in_dialog(self) -> bool:
        """The keys belong to a dialog, or to the check, which makes marks by itself."""
        return isinstance(self.screen, ModalScreen) or self.screen.id == "check"

    def action_player(self, what: str) -> None:
        """Hold, step, hasten or move the replay."""
        player = None if self.session is None else self.session.player
        if player is None:
            return
        seen = () if self._snapshot is None else self._snapshot.operations
        self._tell(operate(player, what, seen))
        self._live.query_one(PlayerLine).redraw()

    @on(PlayerLine.Sought)
    def seek(self, message: PlayerLine.Sought) -> None:
        """Go to the place that was clicked on."""
        if self.session is not None and self.session.player is not None and not self._is_over:
            self.session.player.seek(message.after_s)
            self._tell(f"to +{message.after_s:.1f} s")

    def action_mark(self) -> None:
        """Ask what the person did, at this moment of the capture."""
        from canlock.tui.mark_dialog import MarkDialog

        at_s, snapshot = self._instant(), self._snapshot
        if at_s is None or snapshot is None:
            self.notify("Nothing has come yet, so there is no time to put a mark at.")
            return
        after_s = at_s - (snapshot.first_s or at_s)
        dialog = MarkDialog(at_s, f"{after_s:+.1f} s", snapshot.doors)
        self.push_screen(dialog, self._hand_over)

    def action_mark_now(self, action: str, has_door: bool = False) -> None:
        """Mark at once what the person did just now, at the chosen door where it has one."""
        from canlock.model.stream import Mark

        at_s = self._instant()
        if at_s is None:
            self.notify("Nothing has come yet, so there is no time to put a mark at.")
            return
        self._hand_over(Mark(at_s, action, self._live.door if has_door else None))

    def action_reply(self, number: int) -> None:
        """Mark what the next test showed."""
        from canlock.model.stream import Mark

        tests = () if self._snapshot is None else self._snapshot.next_tests
        reply = reply_to(tests[0], number) if tests else None
        at_s = self._instant()
        if reply is None or at_s is None:
            self._tell("The next test has no such answer.")
            return
        self._hand_over(Mark(at_s, reply.action, tests[0].door))

    def action_undo(self) -> None:
        """Take the last mark back that was made here."""
        if self.session is not None and self.session.put is not None:
            self._tell(self._marks.take_back(self.session.put))

    def _instant(self) -> float | None:
        """Return the time of this moment on the capture's clock; None: it is not known yet."""
        if self.session is None:
            return None
        player = self.session.player
        return self._clock.at_s if player is None else player.transport.at_s

    def _hand_over(self, mark: Mark | None) -> None:
        if mark is None or self.session is None or self.session.put is None:
            return
        try:
            self._tell(self._marks.make(mark, self.session.put))
        except Exception as error:  # The view goes on without the mark; the caller gets the error.
            self.failure = self.failure or error
            told = f"The mark was not taken: {error_words(error)}"
            self.notify(told, severity="error", markup=False)

    def _tell(self, told: str) -> None:
        if told:
            self.clear_notifications()
            self.notify(told, timeout=TOLD_S, markup=False)

    @on(OperationList.Opened)
    def open_operation(self, message: OperationList.Opened) -> None:
        """Show an operation in full."""
        from canlock.tui.operation_screen import OperationScreen

        if self._snapshot is not None:
            history = None if self.session is None else self.session.frames
            self.push_screen(OperationScreen(message.operation, self._snapshot, history))

    def action_trace(self) -> None:
        """Show all frames; those of the operation that is looked at, where there is one."""
        from canlock.tui.operation_screen import OperationScreen
        from canlock.tui.trace_screen import TraceScreen

        if self.session is not None and self.session.frames is not None:
            at_s = self.screen.at_s if isinstance(self.screen, OperationScreen) else None
            self.push_screen(TraceScreen(self.session.frames, at_s))

    def action_plots(self) -> None:
        """Show signals over time."""
        from canlock.tui.plot_screen import PlotScreen

        if self.session is not None and self.session.frames is not None:
            self.push_screen(PlotScreen(self.session.frames))

    def action_check(self) -> None:
        """Lead through the tests that tell most."""
        from canlock.pipeline.guided import GuidedCheck
        from canlock.pipeline.guided_session import Guide
        from canlock.tui.check_screen import CheckScreen

        if self.session is None or self.session.put is None:
            return
        player = self.session.player
        clock = CaptureClock() if player is None else CaptureClock(player.transport.speed)
        # Whoever sees frames has reached the socket already.
        guide = Guide(GuidedCheck(asks_socket=False), self.session.put, clock)
        if self._snapshot is not None:
            guide.see(self._snapshot)
        screen = CheckScreen(guide, lambda ending: self._leave_check(screen, ending))
        self.push_screen(screen)

    def _leave_check(self, screen: CheckScreen, ending: Ending) -> None:
        if self.screen is screen:
            self.pop_screen()
        self._tell(ending.text)

    def action_help(self) -> None:
        """List all keys."""
        from canlock.tui.help_sections import show_help

        show_help(self, self.BINDINGS)

    def action_next_theme(self) -> None:
        """Change from dark to light to high contrast."""
        names = [theme.name for theme in THEMES]
        place = names.index(self.theme) + 1 if self.theme in names else 0
        self.theme = names[place % len(names)]
        self._tell(f"Colours: {self.theme.removeprefix('canlock-').replace('-', ' ')}")

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield what the command palette offers: all that a key does, and the colours."""
        from canlock.tui.commands import offered_actions

        yield from super().get_system_commands(screen)
        for theme in THEMES:
            colours = theme.name.removeprefix("canlock-").replace("-", " ")
            wear = partial(setattr, self, "theme", theme.name)
            yield SystemCommand(f"Colours: {colours}", "Change the colours", wear)
        of_screen = LiveScreen.BINDINGS if screen is self._live else []
        for action, told, key in offered_actions(self.BINDINGS, of_screen):
            if self.check_action(action.removeprefix("screen.").partition("(")[0], ()):
                run = partial(self.call_later, self.run_action, action)
                yield SystemCommand(told, f"Key {key}", run)


def run_live_view(view: LiveApp) -> int:
    """Show a live view until the person quits.

    Returns:
        The exit status: 0 when the person quit.

    Raises:
        CanlockError: What kept the session from opening, or ended its steps after the person had
            read it and quit. Any other error of the session comes out in the same way.
    """
    run_undisturbed(view.run_async())
    view.feed.wait()
    if view.failure is not None:
        raise view.failure
    return view.return_code or 0
