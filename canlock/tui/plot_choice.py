"""What is to be plotted: all roles and signals in a list that one can search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from canlock.tui.phrases import plain

CHOSEN: Final = "[x]"
LEFT: Final = "[ ]"


class PlotChoice(ModalScreen[tuple[str, ...] | None]):
    """Returns the chosen names, or None where the person changed their mind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "done", "Plot these", priority=True),
        Binding("escape", "leave", "Leave", priority=True),
        Binding("down", "to_list", "List", show=False),
        Binding("space", "choose", "Choose"),
    ]
    AUTO_FOCUS = "#wanted"
    DEFAULT_CSS = """
    PlotChoice {
        align: center middle;
        & > Vertical { width: 60; max-width: 95%; height: 80%; border: round $primary;
                       background: $surface; padding: 0 1; }
        & #choices { height: 1fr; border: none; padding: 0; }
        & #keys { color: $foreground-muted; height: 1; }
    }
    """

    def __init__(self, names: Sequence[str], chosen: Sequence[str]) -> None:
        """Offer some names, of which some are chosen already."""
        super().__init__()
        self._names = tuple(names)
        self._chosen = set(chosen)
        self._shown: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out what to search by, the list, and its keys."""
        with Vertical() as box:
            box.border_title = "Plot"
            yield Input(placeholder="part of a name", compact=True, id="wanted")
            yield OptionList(id="choices")
            yield Label("↓ list  space choose  enter plot these  esc leave", id="keys")

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill("")

    @on(Input.Changed)
    def search(self, event: Input.Changed) -> None:
        """Show the names that hold what was typed."""
        self._fill(event.value)

    def _fill(self, wanted: str) -> None:
        parts = wanted.casefold().split()
        self._shown = [
            name for name in self._names if all(part in name.casefold() for part in parts)
        ]
        choices = self.query_one("#choices", OptionList)
        choices.clear_options()
        choices.add_options(Option(self._prompt(name)) for name in self._shown)
        if not self._shown:
            choices.add_option(Option(f"No name holds `{plain(wanted)}`.", disabled=True))

    def _prompt(self, name: str) -> Content:
        return Content(f"{CHOSEN if name in self._chosen else LEFT} {plain(name)}")

    @on(OptionList.OptionSelected)
    def toggle_clicked(self, event: OptionList.OptionSelected) -> None:
        """Choose the name that was clicked, or no longer."""
        self._toggle(event.option_index)

    def action_choose(self) -> None:
        """Choose the name of the cursor, or no longer."""
        place = self.query_one("#choices", OptionList).highlighted
        if place is not None and place < len(self._shown):
            self._toggle(place)

    def _toggle(self, place: int) -> None:
        name = self._shown[place]
        self._chosen ^= {name}
        choices = self.query_one("#choices", OptionList)
        choices.replace_option_prompt_at_index(place, self._prompt(name))

    def action_to_list(self) -> None:
        """Go from the search to the list."""
        choices = self.query_one("#choices", OptionList)
        choices.focus()
        if choices.highlighted is None and self._shown:
            choices.highlighted = 0

    def action_done(self) -> None:
        """Plot what is chosen, in the order of the list."""
        self.dismiss(tuple(name for name in self._names if name in self._chosen))

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
