"""The help: every key with what it does, made from the bindings themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from canlock.tui.chain_lines import LEGEND
from canlock.tui.key_line import KeyLine
from canlock.tui.rows import Row

Section = tuple[str, Sequence[BindingType]]
"""Where keys work, and the bindings."""

CAR_LEGEND = (
    "✘ fault or failed  ! suspected  ✓ works  ? not seen  ■ locked  □ unlocked  ▣ deadlocked  "
    "~ believed, not measured  ┃ shut  \u2571 open  ┊ not known"
)

KEY_COLUMNS = 13

KEY_NAMES = {
    "full_stop": ".",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "question_mark": "?",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "pageup": "page up",
    "pagedown": "page down",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
}


class HelpScreen(ModalScreen[None]):
    """Lists all keys; goes away with escape, `?` or `q`."""

    DEFAULT_CSS = """
    HelpScreen {
        background: $background;
        align: center middle;
        & #help {
            scrollbar-gutter: stable;
            scrollbar-size-vertical: 1;
            width: 90%;
            max-width: 100;
            height: 90%;
            border: double $accent;
            padding: 0 1;
            background: $surface;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back"),
        Binding("question_mark,f1,q", "dismiss", "Back", show=False),
    ]

    def __init__(self, sections: Iterable[Section]) -> None:
        super().__init__()
        self._sections = tuple(sections)

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with VerticalScroll(id="help"):
            yield HelpText([*self._rows()])
        yield KeyLine()

    def on_mount(self) -> None:
        """Let the arrows scroll at once."""
        box = self.query_one("#help")
        box.border_title = "Keys and signs"
        box.focus()

    def on_screen_resume(self) -> None:
        """Begin at the top, wherever it was left the last time."""
        if self.is_mounted:
            self.query_one("#help").scroll_home(animate=False)

    def _rows(self) -> Iterator[Row]:
        for title, bindings in self._sections:
            yield Row(Content.styled(title, "bold $text-accent"))
            for keys, what in key_lines(bindings):
                yield Row(Content(what), Content.styled(f"{keys.rjust(KEY_COLUMNS)}  ", "bold"))
            yield Row(Content(""))
        yield Row(Content.styled("Signs", "bold $text-accent"))
        for title, legend in (("Chain", LEGEND), ("Car", CAR_LEGEND)):
            lead = f"{title.rjust(KEY_COLUMNS)}  "
            yield Row(Content(legend), Content.styled(lead, "bold"))


class HelpText(Static):
    """Rows that wrap beside their keys."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(markup=False)
        self._rows = rows
        self._width = 0

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the size is asked for anew.
        """Wrap anew when the width changes."""
        width = self.content_size.width
        if width != self._width:
            self._width = width
            lines = [line for row in self._rows for line in row.lines(self._width)]
            self.update(Content("\n").join(lines))


def key_lines(bindings: Iterable[BindingType]) -> Iterator[tuple[str, str]]:
    """Yield the keys of each binding as they stand on the keyboard, and what they do."""
    for binding in bindings:
        if not isinstance(binding, Binding):
            binding = Binding(*binding)
        keys = " or ".join(key_name(key) for key in binding.key.split(","))
        yield keys, binding.tooltip or binding.description


def key_name(key: str) -> str:
    """Return a key as a person calls it."""
    return KEY_NAMES.get(key, key)
