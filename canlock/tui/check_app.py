"""The guided check as a program of its own: its screen, fed with snapshots."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType

from canlock.model.snapshot import Snapshot
from canlock.pipeline.guided_prompt import LEAVE, Ending
from canlock.pipeline.guided_session import Guide
from canlock.tui.check_screen import CheckScreen
from canlock.tui.colorless import be_patient
from canlock.tui.feed import SnapshotFeed
from canlock.tui.messages import Failed, SnapshotArrived
from canlock.tui.session import Session
from canlock.tui.themes import DARK, THEMES


class CheckApp(App[None]):
    """Shows a check until it is over.

    Attributes:
        feed: The thread that takes the steps.
        failure: What ended the steps, where that was an error; for the caller to raise again.
    """

    TITLE = "canlock check"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("f2", "next_theme", "Colours", tooltip="Dark, light, high contrast"),
        Binding("ctrl+c", "leave", "Leave", show=False, system=True, priority=True),
    ]

    def __init__(self, guide: Guide, steps: Generator[Snapshot]) -> None:
        """Prepare it.

        Args:
            guide: What is led through.
            steps: Snapshots; iterated in a thread of its own.
        """
        super().__init__()
        be_patient(self._filters)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name
        self.failure: BaseException | None = None
        self.feed = SnapshotFeed(lambda: Session(steps), self)
        self._screen = CheckScreen(guide, self._end)

    def get_default_screen(self) -> CheckScreen:
        """Return the only screen."""
        return self._screen

    def on_ready(self) -> None:
        """Begin to take steps."""
        self.feed.start()

    def on_unmount(self) -> None:
        """Let the thread end."""
        self.feed.stop()

    @on(SnapshotArrived)
    def take_snapshot(self, message: SnapshotArrived) -> None:
        """Hand a snapshot to the screen."""
        if self.is_running:
            self._screen.draw(message.snapshot)

    @on(Failed)
    def fail(self, message: Failed) -> None:
        """End: there is nothing more to be led through."""
        self.failure = message.error
        self.exit()

    async def action_leave(self) -> None:
        """Leave the check; it can be taken up again."""
        await self._screen.action_answer(LEAVE.key)

    def action_help(self) -> None:
        """List the keys of the check, and what is to know of them."""
        from canlock.tui.help_sections import show_help

        show_help(self, self.BINDINGS, most=2)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the help once."""
        if action == "help":
            return self.screen is self._screen
        return super().check_action(action, parameters)

    def action_next_theme(self) -> None:
        """Change from dark to light to high contrast."""
        names = [theme.name for theme in THEMES]
        place = names.index(self.theme) + 1 if self.theme in names else 0
        self.theme = names[place % len(names)]

    def _end(self, ending: Ending) -> None:  # noqa: ARG002 - The guide keeps it.
        self.exit()
