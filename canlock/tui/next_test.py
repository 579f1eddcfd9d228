"""The one thing to do that would make the verdict surer, and the keys that answer it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from textual.content import Content

from canlock.model.verdict import NextTest
from canlock.telling import words
from canlock.tui.fact_line import FactLine
from canlock.tui.phrases import FAINT, plain

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot

MOST_REPLIES: Final = 6


@dataclass(frozen=True, slots=True)
class Reply:
    """A mark that tells what a test showed."""

    action: str
    """One of `stream.MARK_ACTIONS`."""

    words: str


class NextTestLine(FactLine):
    """The first of the next tests, or nothing where there is none."""

    def __init__(self) -> None:
        super().__init__(id="next")
        self.display = False

    def draw(self, snapshot: Snapshot, *, is_final: bool = False) -> None:
        """Show a snapshot; where no other will come, nothing can be answered any more."""
        self.display = bool(snapshot.next_tests)
        if not snapshot.next_tests:
            return
        test = snapshot.next_tests[0]
        told = list(later_variants(test) if is_final else variants(test, replies(test.id)))
        self.say(next((each for each in told if self._has_room(each)), told[-1]))

    def _has_room(self, content: Content) -> bool:
        width, most = self.content_size.width, self.styles.max_height
        if not width:
            # It has not been laid out yet: the line is as wide as the screen but for its edges.
            width = self.app.size.width - 2
        rows = most.value if most is not None and most.is_cells else None
        return rows is None or len(content.wrap(max(width, 1))) <= rows


def variants(test: NextTest, known: tuple[Reply, ...]) -> Iterator[Content]:
    """Yield the test with its answers, in fewer and fewer words."""
    what = Content.assemble(("Next test: ", "bold"), plain(test.instruction))
    worth = f" ({test.minutes:g} min, {words.use(test.information_bits)})"
    yield Content.assemble(what, (worth, FAINT), *_told(known))
    yield Content.assemble(what, *_told(known))
    brief = [Reply(each.action, _brief(each.words)) for each in known]
    yield Content.assemble(what, *_told(brief))
    if len(known) > 1:
        keys = f"  1-{len(known)}: "
        yield Content.assemble(what, (keys, "bold $text-accent"), "its answers, see v")


def later_variants(test: NextTest) -> Iterator[Content]:
    """Yield the test as something for the next time, in fewer and fewer words."""
    what = plain(test.instruction)
    lead = "Nothing more comes. Next time at the car: ", "bold"
    worth = f" ({test.minutes:g} min, {words.use(test.information_bits)})"
    yield Content.assemble(lead, what, (worth, FAINT))
    yield Content.assemble(lead, what)
    yield Content.assemble(("Next time at the car: ", "bold"), what)


def _told(known: Sequence[Reply]) -> Iterator[tuple[str, str]]:
    for number, reply in enumerate(known, 1):
        yield f"  {number}: ", "bold $text-accent"
        yield reply.words, ""


def _brief(told: str) -> str:
    """Return an answer without what goes without saying at a car's door."""
    return told.removeprefix("pressed ").removeprefix("the ").removesuffix(" on the fob")


def reply_to(test: NextTest, number: int) -> Reply | None:
    """Return the answer that a digit stands for."""
    known = replies(test.id)
    return known[number - 1] if 0 < number <= len(known) else None


@lru_cache(maxsize=64)
def replies(test_id: str) -> tuple[Reply, ...]:
    """Return the marks that answer a test, in the order in which they come; none where unknown."""
    return tuple({each.action: each for each in _replies(test_id)}.values())[:MOST_REPLIES]


def _replies(test_id: str) -> Iterator[Reply]:
    from canlock.pipeline.guided_parts import Act, Question
    from canlock.pipeline.guided_procedures import PROCEDURES

    for procedure in PROCEDURES:
        if procedure.id != test_id:
            continue
        for part in procedure.parts:
            if isinstance(part, Act):
                yield from (Reply(each, words.MARKS[each]) for each in part.marks)
            elif isinstance(part, Question):
                for answer in part.answers:
                    yield from (Reply(each, answer.words) for each in answer.marks)
