"""A guided check line by line: for plain terminals and screen readers, or where is no screen.

Nothing is drawn over and nothing moves: each line stays, and each answer is a line with Enter.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from canlock.cli.output import say
from canlock.pipeline.guided_prompt import DONE_KEY, LEAVE, Prompt
from canlock.pipeline.guided_session import Guide

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot

TICK_S: Final = 0.1
REPEAT: Final = "?"


class TypedLines:
    """What is typed, line by line; read straight from the descriptor.

    A thread that holds Python's own buffer cannot be left behind at exit.
    """

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._rest = b""
        self._lines: deque[bytes] = deque()

    def read(self) -> str | None:
        """Wait for the next line; None at the end of the input."""
        while not self._lines:
            try:
                piece = os.read(sys.stdin.fileno(), 4096)
            except (OSError, ValueError):
                piece = b""  # There is no input: as if it had ended.
            if not piece:
                return None
            *lines, self._rest = (self._rest + piece).split(b"\n")
            self._lines.extend(lines)
        return self._lines.popleft().decode(errors="replace").strip()

    def pass_on(self, news: queue.SimpleQueue[object]) -> None:
        """Put each line that is typed from now on into a queue, and None at the end."""

        def pump() -> None:
            line: str | None = ""
            while line is not None:
                line = self.read()
                news.put(line)

        threading.Thread(target=pump, name="typed-lines", daemon=True).start()


class Conversation:
    """Shows what a guide asks, once, and passes on what is typed."""

    def __init__(self, guide: Guide, tell: Callable[[str], None] = say) -> None:
        """Begin with nothing shown."""
        self.guide = guide
        self._tell = tell
        self._shown: Prompt | None = None
        self._title = ""
        self._notice = ""
        self._keys: tuple[object, ...] = ()

    def show(self, *, again: bool = False) -> None:
        """Show what there is to do, where that is not what was shown last."""
        prompt = self.guide.prompt
        lasting = replace(prompt, wait_s=None, commands=(), notice="")
        if prompt.notice and prompt.notice != self._notice:
            self._tell(prompt.notice)
        self._notice = prompt.notice
        if lasting == self._shown and not again:
            return
        self._shown = lasting
        if prompt.kind == "wait":
            wait = "" if prompt.wait_s is None else f" {prompt.wait_s:.0f} s."
            self._tell(f"  {prompt.text}{wait}")
        elif prompt.kind != "over":
            self._show_task(prompt, again=again)

    def _show_task(self, prompt: Prompt, *, again: bool) -> None:
        if prompt.title != self._title or again:
            self._title = prompt.title
            place = f" ({prompt.place})" if prompt.place else ""
            self._tell("")
            self._tell(f"{prompt.title}{place}")
            if prompt.why:
                self._tell(f"  {prompt.why}")
        for line in prompt.text.splitlines():
            self._tell(f"  {line}")
        for choice in prompt.choices:
            key = "Enter" if choice.key == DONE_KEY else choice.key
            self._tell(f"    {key}: {choice.words}")
        if prompt.unit:
            self._tell(f"    type a number ({prompt.unit}) and Enter")
        self._show_commands(prompt, again=again)

    def _show_commands(self, prompt: Prompt, *, again: bool) -> None:
        """Name the other keys once, and again where one is new or somebody asks."""
        keys = tuple(command.key for command in prompt.commands)
        if not again and set(keys) <= set(self._keys):
            return
        self._keys = keys
        for command in prompt.commands:
            self._tell(f"    {command.key}: {command.words}")
        if prompt.commands:
            self._tell(f"    {REPEAT}: say this again")

    def hear(self, line: str) -> None:
        """Take a typed line."""
        if line == REPEAT:
            self.show(again=True)
            return
        if not self.guide.answer(line) and line:
            self._tell(f"  `{line}` means nothing now; {REPEAT} says what does.")
        is_opening = self.guide.snapshot is None and self.guide.check.needs_bus
        if not is_opening:  # The bus is opened first.
            self.show()


def ask_first(talk: Conversation, typed: TypedLines) -> None:
    """Ask what comes before the bus is needed."""
    talk.show()
    while talk.guide.ending is None and not talk.guide.check.needs_bus:
        line = typed.read()
        talk.hear(LEAVE.key if line is None else line)


def converse(talk: Conversation, typed: TypedLines, steps: Generator[Snapshot]) -> None:
    """Lead through a check until it ends, telling meanwhile what the car does.

    Args:
        talk: The conversation so far.
        typed: What is typed.
        steps: The Snapshots; taken in a thread of their own.

    Raises:
        CanlockError: What ended the Snapshots.
    """
    from canlock.model.snapshot import Snapshot
    from canlock.reports.plain_live import PlainLines

    news: queue.SimpleQueue[object] = queue.SimpleQueue()
    typed.pass_on(news)
    facts = PlainLines(is_led=True)
    is_over = threading.Event()
    thread = threading.Thread(target=_pass_on, args=(steps, news, is_over), name="check")
    thread.start()
    try:
        while talk.guide.ending is None:
            talk.show()
            try:
                item = news.get(timeout=TICK_S)
            except queue.Empty:
                talk.guide.tick()
                continue
            if isinstance(item, Snapshot):
                for line in facts.look(item):
                    say(line)
                talk.guide.see(item)
            elif isinstance(item, BaseException):
                raise item
            else:
                talk.hear(LEAVE.key if item is None else str(item))
    finally:
        is_over.set()
        thread.join()


def _pass_on(
    steps: Generator[Snapshot], news: queue.SimpleQueue[object], is_over: threading.Event
) -> None:
    try:
        with closing(steps):
            for snapshot in steps:
                if is_over.is_set():
                    return
                news.put(snapshot)
    except BaseException as error:  # Whoever converses must hear of it.
        news.put(error)
