"""The guided check on a screen: one thing to do at a time, its keys, and what is likely so far.

It holds no facts: it shows the prompt of a `Guide`, and hands keys to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from canlock.model.snapshot import Snapshot
from canlock.pipeline.guided_prompt import DONE_KEY, Ending, Prompt
from canlock.pipeline.guided_session import Guide
from canlock.tui.check_lines import ChoiceLine, countdown_words, last_words, verdict_words
from canlock.tui.key_line import KeyLine
from canlock.tui.phrases import FAINT, plain
from canlock.tui.snapshot_screen import SnapshotScreen

TICK_S: Final = 0.1
MOST_ANSWERS: Final = 9
LONGEST_NUMBER: Final = 8
NOTHING_YET: Final = "No lock or unlock yet."

OnOver = Callable[[Ending], None]


class CheckScreen(SnapshotScreen):
    """Leads through a check; everything is a single key, and each key is on the screen."""

    NEEDS_ALL = True
    DEFAULT_CSS = """
    CheckScreen { layout: vertical; }
    CheckScreen #check-title { padding: 0 1; background: $panel; text-style: bold; }
    CheckScreen #check-notice {
        padding: 0 1; background: $panel; color: $text-warning; display: none;
    }
    CheckScreen #check-notice.-shown { display: block; }
    CheckScreen #check-task { padding: 1 2 0 2; height: 1fr; }
    CheckScreen #check-text { text-style: bold; }
    CheckScreen #check-why { color: $foreground-muted; }
    CheckScreen #check-countdown { height: auto; }
    CheckScreen #check-choices { height: auto; padding: 1 0 0 0; }
    CheckScreen .choice:hover { background: $surface; }
    CheckScreen #check-last, CheckScreen #check-likely {
        height: auto; padding: 0 1; border-top: solid $primary; border-title-style: bold;
    }
    CheckScreen #check-last { max-height: 4; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(f"{number}", f"answer('{number}')", f"Answer {number}", show=False)
            for number in range(MOST_ANSWERS + 1)
        ),
        Binding("enter", f"answer('{DONE_KEY}')", "Done", show=False),
        Binding("k", "answer('k')", "Cannot be done", show=False),
        Binding("u", "answer('u')", "Take back", show=False),
        Binding("r", "answer('r')", "Finish with report", show=False),
        Binding("q", "answer('q')", "Leave", show=False),
        Binding("b", "answer('b')", "Smells burnt: stop", show=False),
        Binding("full_stop,comma", "type('.')", "Decimal point", show=False),
        Binding("backspace", "rub_out", "Rub out", show=False),
    ]

    def __init__(self, guide: Guide, on_over: OnOver) -> None:
        """Prepare the screen.

        Args:
            guide: What is led through; only this screen's thread calls it from now on.
            on_over: Is told once how it ended.
        """
        super().__init__(id="check")
        self.guide = guide
        self._on_over = on_over
        self._shown: Prompt | None = None
        self._typed = ""
        self._is_over = False

    def compose(self) -> ComposeResult:
        """Lay out the task, its keys, and what is likely so far."""
        yield Static(id="check-title", markup=False)
        yield Static(id="check-notice", markup=False)
        with VerticalScroll(id="check-task", can_focus=False):
            yield Static(id="check-text", markup=False)
            yield Static(id="check-countdown", markup=False)
            yield Static(id="check-why", markup=False)
            yield Vertical(id="check-choices")
        yield Static(NOTHING_YET, id="check-last", markup=False)
        yield Static(id="check-likely", markup=False)
        yield KeyLine()

    async def on_mount(self) -> None:
        """Show the first prompt, and let time go on."""
        self.query_one("#check-last").border_title = "The car, last"
        self.query_one("#check-likely").border_title = "Likely so far"
        if self.guide.snapshot is not None:
            self._draw_facts(self.guide.snapshot)
        await self._draw_prompt()
        self.set_interval(TICK_S, self._tick)

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:
        """Take in a snapshot."""
        if self._is_over:
            return
        self.guide.see(snapshot)
        self._draw_facts(snapshot)
        if is_final:
            likely = self.query_one("#check-likely", Static)
            likely.border_title = "Likely in the end: nothing more comes"
        self.call_later(self._draw_prompt)

    def _draw_facts(self, snapshot: Snapshot) -> None:
        self.query_one("#check-last", Static).update(Content(last_words(snapshot) or NOTHING_YET))
        self.query_one("#check-likely", Static).update(Content(verdict_words(snapshot)))

    async def _tick(self) -> None:
        if not self._is_over:
            self.guide.tick()
            await self._draw_prompt()

    async def _draw_prompt(self) -> None:
        """Show the prompt where it has changed, and say when it is over."""
        if self._is_over:
            return
        prompt = self.guide.prompt
        if self.guide.ending is not None:
            self._is_over = True
            self._on_over(self.guide.ending)
            return
        before, self._shown = self._shown, prompt
        if prompt == before:
            return
        if before is None or (before.text, before.place) != (prompt.text, prompt.place):
            self._typed = ""
        self._draw_words(prompt)
        if before is None or _keys_of(before) != _keys_of(prompt):
            await self._draw_choices(prompt)

    def _draw_words(self, prompt: Prompt) -> None:
        place = f"  ({prompt.place})" if prompt.place else ""
        self.query_one("#check-title", Static).update(
            Content.assemble(plain(prompt.title), (place, FAINT))
        )
        notice = self.query_one("#check-notice", Static)
        notice.update(Content(plain(prompt.notice)))
        notice.set_class(bool(prompt.notice), "-shown")
        text = "\n".join(map(plain, prompt.text.splitlines()))
        if prompt.kind == "number":
            text += f"\n\n{self._typed or '...'} {prompt.unit}   (type it, then Enter)"
        self.query_one("#check-text", Static).update(Content(text))
        self.query_one("#check-countdown", Static).update(Content(countdown_words(prompt)))
        self.query_one("#check-why", Static).update(Content(plain(prompt.why)))

    async def _draw_choices(self, prompt: Prompt) -> None:
        choices = self.query_one("#check-choices", Vertical)
        await choices.remove_children()
        lines = [ChoiceLine(choice, is_main=True) for choice in prompt.choices]
        lines.extend(ChoiceLine(command, is_main=False) for command in prompt.commands)
        await choices.mount(*lines)

    @on(ChoiceLine.Taken)
    async def take_choice(self, message: ChoiceLine.Taken) -> None:
        """Take what was clicked on."""
        message.stop()
        await self.action_answer(message.key)

    async def action_answer(self, key: str) -> None:
        """Hand a key to the guide, or a digit to the number that is being typed."""
        if self._is_over:
            return
        if self.guide.prompt.kind == "number" and key.isdecimal():
            self.action_type(key)
            return
        is_number = self.guide.prompt.kind == "number" and key == DONE_KEY
        self.guide.answer(self._typed if is_number else key)
        self._typed = ""
        await self._draw_prompt()

    def action_type(self, letter: str) -> None:
        """Type a digit or a decimal point of a number."""
        prompt = self.guide.prompt
        if prompt.kind == "number" and len(self._typed) < LONGEST_NUMBER:
            self._typed += letter
            self._draw_words(prompt)

    def action_rub_out(self) -> None:
        """Rub out the last digit."""
        self._typed = self._typed[:-1]
        self._draw_words(self.guide.prompt)


def _keys_of(prompt: Prompt) -> tuple[object, ...]:
    return prompt.choices, prompt.commands
