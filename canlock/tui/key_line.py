"""The line of keys at the bottom: those that matter here, and always help and quit.

It is one line of text in place of a widget a key: it is laid out anew at each change of focus.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual.binding import ActiveBinding
from textual.content import Content
from textual.events import Click, Resize
from textual.screen import Screen
from textual.widgets import Static

from canlock.tui.phrases import FAINT

ALWAYS: Final = ("help", "quit", "command_palette")
"""Actions that stand at the right end and are never cut off."""

GAP: Final = 2


class KeyLine(Static):
    """Keys with what they do; a click on one presses it."""

    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        padding: 0 1;
        background: $footer-background;
        color: $footer-foreground;
        text-wrap: nowrap;
    }
    """
    ALLOW_SELECT = False

    def __init__(self, first: Iterable[str] = ()) -> None:
        """Prepare the line.

        Args:
            first: Actions whose keys stand at the left end; the others follow as they are bound,
                those of the list that has the focus before those of its screen.
        """
        super().__init__(id="keys", markup=False)
        self._first = tuple(first)
        self._places: list[tuple[range, str]] = []

    def on_mount(self) -> None:
        """Follow what the keys are."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the size is asked for anew.
        """Lay out anew."""
        self._lay_out()

    def on_click(self, event: Click) -> None:
        """Press the key that was clicked on."""
        at = event.get_content_offset(self)
        for columns, key in self._places:
            if at is not None and at.x in columns:
                self.app.simulate_key(key)

    def _follow(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        width = self.content_size.width
        if not width or not self.is_attached or self.screen is not self.app.screen:
            return
        here: list[tuple[str, Content]] = []
        always: dict[str, tuple[str, Content]] = {}
        active = sorted(self.screen.active_bindings.values(), key=self._rank)
        for _, binding, is_enabled, _ in active:
            is_always = binding.action in ALWAYS
            known = [key for key, _ in here]
            if not (binding.show or is_always) or binding.key in known:
                continue
            style = "bold $footer-key-foreground" if is_enabled else FAINT
            content = Content.assemble(
                (self.app.get_key_display(binding), style),
                " ",
                (binding.description, "" if is_enabled else FAINT),
            )
            if is_always:
                # Of several keys for one thing the plainest is told.
                known_key, _ = always.get(binding.action, (None, content))
                if known_key is None or len(binding.key) < len(known_key):
                    always[binding.action] = binding.key, content
            elif not any(content.plain == other.plain for _, other in here):
                here.append((binding.key, content))
        self._say(here, [always[action] for action in ALWAYS if action in always], width)

    def _rank(self, active: ActiveBinding) -> int:
        action = active.binding.action
        return self._first.index(action) if action in self._first else len(self._first)

    def _say(
        self, here: list[tuple[str, Content]], always: list[tuple[str, Content]], width: int
    ) -> None:
        right = sum(content.cell_length + GAP for _, content in always)
        self._places = []
        parts: list[Content] = []
        column = 0
        for key, content in here:
            if column + content.cell_length + right > width:
                break
            self._places.append((range(column, column + content.cell_length), key))
            parts += [content, Content(" " * GAP)]
            column += content.cell_length + GAP
        gap = max(width - column - right + GAP, 0)
        parts.append(Content(" " * gap))
        column += gap
        for key, content in always:
            self._places.append((range(column, column + content.cell_length), key))
            parts += [content, Content(" " * GAP)]
            column += content.cell_length + GAP
        self.update(Content("").join(parts).truncate(width), layout=False)
