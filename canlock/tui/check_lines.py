"""The lines of a guided check on the screen: choices that a click takes too, and the verdict."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from canlock.model.faults import INSUFFICIENT
from canlock.model.snapshot import Snapshot
from canlock.pipeline.guided_prompt import DONE_KEY, Choice, Prompt
from canlock.telling import clock, words
from canlock.telling.conclusion import capital, cause_place
from canlock.telling.operation_words import answers, asked_alone, result
from canlock.tui.phrases import FAINT, plain

LIKELY_SHOWN: Final = 3
LEAST_SHARE: Final = 0.01
BAR_COLUMNS: Final = 20
FULL_WAIT_S: Final = 10.0
"""A countdown of so long fills the bar."""


class ChoiceLine(Static):
    """One key and what it does; a click does it too."""

    class Taken(Message):
        """It was clicked on."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def __init__(self, choice: Choice, *, is_main: bool) -> None:
        name = "Enter" if choice.key == DONE_KEY else choice.key
        style = "bold $text-accent" if is_main else FAINT
        text = Content.assemble(
            (f"{name:>5} ", style), (plain(choice.words), "" if is_main else FAINT)
        )
        super().__init__(text, classes="choice", markup=False)
        self._key = choice.key

    def on_click(self, event: Click) -> None:
        """Take it."""
        event.stop()
        self.post_message(self.Taken(self._key))


def countdown_words(prompt: Prompt) -> str:
    """Return what is left of a countdown, as a bar and in seconds; empty where there is none."""
    if prompt.wait_s is None:
        return ""
    full = round(min(prompt.wait_s / FULL_WAIT_S, 1.0) * BAR_COLUMNS)
    return f"{'█' * full}{'░' * (BAR_COLUMNS - full)} {prompt.wait_s:.0f} s"


def last_words(snapshot: Snapshot) -> str:
    """Return what the car did with the last press; empty where there was none."""
    if not snapshot.operations:
        return ""
    operation = snapshot.operations[-1]
    when = clock.relative(operation.at_s, snapshot.first_s)
    did = answers(operation.responses)
    told = f"{asked_alone(operation)}: {result(operation)}"
    return plain(": ".join(part for part in (when, told) if part) + (f". {did}" if did else ""))


def verdict_words(snapshot: Snapshot | None) -> str:
    """Return what canlock holds for likely now, in a line for each cause."""
    if snapshot is None:
        return "Nothing has been heard yet."
    likely = [
        each
        for each in sorted(snapshot.hypotheses, key=lambda each: -each.probability)
        if each.fault != INSUFFICIENT and each.probability >= LEAST_SHARE
    ]
    lines = []
    for each in likely[:LIKELY_SHOWN]:
        place = cause_place(each, snapshot.doors)
        name = words.FAULTS[each.fault]
        told = capital(f"{place}: {name}" if place else name)
        lines.append(f"{words.percent(each.probability):>10}  {plain(told)}")
    return "\n".join(lines) if lines else "Too little was seen so far."
