"""The dialog that asks what the person did, and at which door."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from canlock.model.stream import MARK_ACTIONS, Mark
from canlock.tui.key_line import KeyLine
from canlock.tui.phrases import plain

AT_NO_DOOR: Final = frozenset(
    {
        "press-fob-lock",
        "press-fob-unlock",
        "press-spare-fob-lock",
        "press-spare-fob-unlock",
        "near-car",
        "far-from-car",
        "moved-car",
        "rested",
    }
)
"""Actions that concern no single door: they are not asked for one."""

NO_DOOR: Final = "no single door"


class MarkDialog(ModalScreen[Mark | None]):
    """Lists the actions, then the doors; gives the mark, or None where it was called off.

    The mark bears the time at which the dialog was opened, since choosing takes a while.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Back without a mark")]

    def __init__(self, at_s: float, at_words: str, doors: tuple[str, ...]) -> None:
        super().__init__()
        self._at_s = at_s
        self._at_words = at_words
        self._doors = doors
        self._action: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the question and the list of actions."""
        with Vertical(id="mark-dialog"):
            yield Static(
                Content(f"What did you do at {self._at_words}? (↑↓, Enter)"), id="question"
            )
            yield OptionList(*map(_spaced, MARK_ACTIONS), markup=False)
        yield KeyLine()

    @on(OptionList.OptionSelected)
    async def choose(self, event: OptionList.OptionSelected) -> None:
        """Take the action, then the door."""
        if self._action is not None:
            door = None if event.option_index == 0 else self._doors[event.option_index - 1]
            self._finish(door)
            return
        self._action = MARK_ACTIONS[event.option_index]
        question = self.query_one("#question", Static)
        if self._action == "note":
            question.update(Content("What is there to note?"))
            await event.option_list.remove()
            await self.query_one("#mark-dialog").mount(Input(placeholder="a line of text"))
            self.query_one(Input).focus()
        elif self._action in AT_NO_DOOR or not self._doors:
            self._finish(None)
        else:
            question.update(Content(f"{_spaced(self._action).capitalize()}: at which door?"))
            event.option_list.set_options([NO_DOOR, *map(plain, self._doors)])
            event.option_list.highlighted = 0

    @on(Input.Submitted)
    def take_note(self, event: Input.Submitted) -> None:
        """Take the text of a note."""
        self._finish(None, event.value.strip())

    def action_cancel(self) -> None:
        """Go back without a mark."""
        self.dismiss(None)

    def _finish(self, door: str | None, note: str = "") -> None:
        assert self._action is not None
        self.dismiss(Mark(self._at_s, self._action, door, note))


def _spaced(action: str) -> str:
    return action.replace("-", " ")
