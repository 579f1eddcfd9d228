"""Asking the adapter and hearing its answer: one command, its lines, its prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.sources.elm327.lines import LineCutter, Word
from canlock.sources.elm327.port import STOP, AdapterPort

ANSWER_S: Final = 2.0
"""An AT command is answered within some 20 ms; Bluetooth and clones take their time, and a link or
a computer that is busy may hang for a second."""

QUIET_S: Final = 0.15
"""After so long without a byte the adapter has nothing more to say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came between a command and the prompt."""

    lines: tuple[str, ...]
    """Without the echo."""

    is_complete: bool
    """The prompt came."""

    delay_s: float = 0.0
    """From the command to the prompt."""

    @property
    def is_ok(self) -> bool:
        """The adapter did what it was told."""
        return self.is_complete and Word.OK.value.decode() in self.lines

    @property
    def is_unknown(self) -> bool:
        """The adapter does not know the command."""
        return any(line.endswith("?") for line in self.lines)

    @property
    def text(self) -> str:
        """The last line; "" where there is none."""
        return self.lines[-1] if self.lines else ""


def ask(port: AdapterPort, command: str, timeout_s: float = ANSWER_S) -> Answer:
    """Send a command and return its answer.

    Raises:
        AdapterGoneError: The port failed.
    """
    cutter = LineCutter()
    lines: list[str] = []
    asked_at = port.tick()
    port.write(command.encode("ascii") + b"\r")
    while (left_s := asked_at + timeout_s - port.tick()) > 0:
        for line in cutter.feed(port.read(left_s)):
            if line.is_prompt:
                return Answer(tuple(lines), True, port.tick() - asked_at)
            text = line.text.decode("ascii", errors="replace").strip()
            if text.replace(" ", "") != command.replace(" ", "") and text:
                lines.append(text)
    if held := cutter.held.decode("ascii", errors="replace").strip():
        lines.append(held)
    return Answer(tuple(lines), False, port.tick() - asked_at)


def ask_twice(port: AdapterPort, command: str) -> Answer:
    """Return the answer to a command, which is given again where none came.

    A byte of it may be lost, or its answer; and a Bluetooth link now and then holds back all of it
    for a second.

    Raises:
        AdapterGoneError: The port failed.
    """
    answer = ask(port, command)
    if answer.is_complete and answer.lines:
        return answer
    return _ask_again(port, command)


def ensure(port: AdapterPort, command: str) -> bool:
    """Give a command that the adapter is known to know; say whether it did as it was told.

    Where it does not say OK it is told once more: what else it says comes of a damaged line.

    Raises:
        AdapterGoneError: The port failed.
    """
    return ask(port, command).is_ok or _ask_again(port, command).is_ok


def _ask_again(port: AdapterPort, command: str) -> Answer:
    """Give a command once more; whatever still comes of the first time is not left over."""
    interrupt(port)
    answer = ask(port, command)
    deadline = port.tick() + ANSWER_S
    while port.tick() < deadline and port.read(QUIET_S):
        pass  # Else it would be taken for the answer to the next command.
    return answer


def interrupt(port: AdapterPort, timeout_s: float = ANSWER_S) -> bytes:
    """Stop whatever the adapter does; return what it still printed, its prompt included.

    Raises:
        AdapterGoneError: The port failed.
    """
    port.write(STOP)
    deadline = port.tick() + timeout_s
    heard = bytearray()
    while (left_s := deadline - port.tick()) > 0:
        chunk = port.read(min(left_s, QUIET_S))
        heard += chunk
        # A chip that waited for a command says nothing to a space.
        if not chunk or heard.endswith(b">"):
            break
    return bytes(heard)
