"""What a guided check shows at one moment: all that a screen or a voice needs to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

PromptKind = Literal["act", "question", "number", "wait", "over"]
EndKind = Literal["sure", "exhausted", "finished", "left", "stopped"]

DONE_KEY: Final = "enter"


@dataclass(frozen=True, slots=True)
class Choice:
    """A key and what it says or does."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What there is to do or to answer now."""

    kind: PromptKind
    """`act`: do it and say so at once; `wait`: nothing is to be done."""

    title: str
    text: str
    """Lines of plain text."""

    why: str = ""
    """What the test tells apart."""

    choices: tuple[Choice, ...] = ()
    """Keys that answer."""

    commands: tuple[Choice, ...] = ()
    """Keys that do something else."""

    wait_s: float | None = None
    """What is left of a countdown, by the capture's clock."""

    place: str = ""
    """`test 2, step 3 of 7`; empty in the opening."""

    notice: str = ""
    """Something about the last answer, the car or the bus that should be read first."""

    unit: str = ""
    """Of the number that is asked for."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a check came to its end."""

    kind: EndKind
    text: str


CANNOT: Final = Choice("k", "it cannot be done: leave it out")
UNDO: Final = Choice("u", "take the last answer back")
REPORT: Final = Choice("r", "finish now with a report")
LEAVE: Final = Choice("q", "leave; it can be taken up again")
BURNT: Final = Choice("b", "it smells burnt: stop")

BURNT_WORDS: Final = (
    "Stopped. Press nothing more, switch the ignition off, and let the smell go. If it stays, "
    "take the battery's minus pole off and keep away from the car. Have the wires looked at "
    "before anybody presses a lock button again."
)
LEFT_WORDS: Final = "Left. All answers are kept."
FINISHED_WORDS: Final = "Finished before canlock was sure."
SURE_WORDS: Final = "Finished: canlock is sure enough."
EXHAUSTED_WORDS: Final = "Finished: no test that is left would tell much more."
