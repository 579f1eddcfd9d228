"""The line at which a filter, a time or a file's name is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from canlock.errors import CanlockError
from canlock.tui.phrases import plain

Asked = Callable[[str], None]
"""Takes what was typed.

Raises:
    CanlockError: It cannot be used; the text says what was expected.
"""

FILTER_HINT: Final = (
    "id=60D,35x  name=BCM  Signal=value  data~01xx  is=changed  len>4  ch=can0  !not"
)
TIME_HINT: Final = "12.5 after the first frame, -5 before the last, or 14:03:22 by the clock (UTC)"
SAVE_HINT: Final = "a new file; its suffix tells the format: .log .asc .blf .csv .trc"


class TermSuggester(Suggester):
    """Completes the last word of a line."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._words = words

    async def get_suggestion(self, value: str) -> str | None:
        """Return the line with its last word completed; None where no word begins so."""
        last = value.rpartition(" ")[2]
        typed = last.lstrip("!").casefold()
        if not typed:
            return None
        for word in self._words:
            if word.casefold().startswith(typed) and len(word) > len(typed):
                return value + word[len(typed) :]
        return None


class TracePrompt(Vertical):
    """A line to type at, and below it what may be typed or what was wrong."""

    DEFAULT_CSS = """
    TracePrompt {
        height: auto;
        display: none;
        & Input { border: none; height: 1; padding: 0 1; background: $surface; }
        & Static { height: auto; max-height: 3; padding: 0 1; color: $foreground-muted; }
        & Static.-wrong { color: $text-error; text-style: bold; }
        &.-asking { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", priority=True),
    ]

    class Left(Message):
        """The line was left, with or without an answer."""

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self._asked: Asked | None = None
        self._hint = ""

    def compose(self) -> ComposeResult:
        """Lay out the line and the hint."""
        yield Input(compact=True, id="typed")
        yield Static(id="hint", markup=False)

    @property
    def is_asking(self) -> bool:
        """Return whether something is asked for."""
        return self._asked is not None

    def ask(self, asked: Asked, hint: str, begun: str = "", words: Sequence[str] = ()) -> None:
        """Let the person type.

        Args:
            asked: Takes what was typed, when they are done.
            hint: What may be typed.
            begun: What stands there already.
            words: What words are completed to.
        """
        self._asked = asked
        self._hint = hint
        line = self.query_one(Input)
        line.suggester = TermSuggester(words)
        line.value = begun
        line.cursor_position = len(begun)
        self._tell(hint, is_wrong=False)
        self.add_class("-asking")
        line.focus()

    @on(Input.Changed)
    def forgive(self) -> None:
        """Show again what may be typed."""
        self._tell(self._hint, is_wrong=False)

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Hand over what was typed; say what is wrong with it, or leave."""
        event.stop()
        if self._asked is None:
            return
        try:
            self._asked(event.value.strip())
        except CanlockError as error:
            self._tell(str(error), is_wrong=True)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Leave the line."""
        self._asked = None
        self.remove_class("-asking")
        self.post_message(self.Left())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let escape through to the screen while nothing is asked."""
        return self.is_asking if action == "leave" else super().check_action(action, parameters)

    def _tell(self, words: str, *, is_wrong: bool) -> None:
        hint = self.query_one("#hint", Static)
        hint.update(plain(words))
        hint.set_class(is_wrong, "-wrong")
