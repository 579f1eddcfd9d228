"""The line of keys at the bottom: it stays the same whatever has the focus, and can be clicked.

Textual's own footer is built anew each time that the focus moves, which a key would have to wait
for.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static


class TraceKeyLine(Static):
    """Keys with what they do, as many as there is room for."""

    DEFAULT_CSS = """
    TraceKeyLine {
        height: 1;
        dock: bottom;
        padding: 0 1;
        background: $footer-background;
        color: $footer-foreground;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        link-color: $footer-foreground;
        link-style: none;
    }
    """

    def __init__(self, bindings: Iterable[BindingType]) -> None:
        """Show the bindings that are meant to be shown, in their order."""
        super().__init__(id="keys", markup=False)
        self._shown = [one for one in bindings if isinstance(one, Binding) and one.show]

    def on_mount(self) -> None:
        """Write the line."""
        self.update(Content("  ").join(self._word(one) for one in self._shown))

    def _word(self, binding: Binding) -> Content:
        key = binding.key.partition(",")[0]
        shown = self.app.get_key_display(binding)
        words = Content.assemble((shown, "bold $footer-key-foreground"), f" {binding.description}")
        return words.stylize(f"@click=press('{key}')")

    def action_press(self, key: str) -> None:
        """Do what a key does."""
        self.app.simulate_key(key)
