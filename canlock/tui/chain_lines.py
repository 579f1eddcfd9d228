"""One operation as a line of time a door, in letters: pure, from a chain to lines of a width.

A sign tells how a link is known, the words behind the line say the same: `●` seen on the bus, `○`
as a person said, `◇` known from an echo or believed, `✘` did not come, `?` could not be seen; `░`
is while the motors are driven, `H` a pulled handle, `O` a door that opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from textual.content import Content

from canlock.telling import words
from canlock.tui.phrases import FAINT, STEP_STYLES, plain, shortened

if TYPE_CHECKING:
    from canlock.telling.chain import Chain, Step, StepKind

LEGEND: Final = "● seen ○ said ◇ believed ✘ broken ? unseen ░ motor H handle O open"

SIGNS: Final[dict[StepKind, str]] = {
    "seen": "●",
    "said": "○",
    "believed": "◇",
    "late": "●",
    "failed": "✘",
    "note": "-",
    "unseen": "?",
}

LEAST_SPAN_MS: Final = 500.0
LONGEST_SPAN_MS: Final = 3000.0
"""What came later stands at the right edge, as a handle does: the locks need the room."""

MARGIN: Final = 1.05
TICKS_MS: Final = (50, 100, 200, 250, 500, 1000, 2000)
LEAST_TICKS: Final = 2
ROOMY_AXIS: Final = 12
"""Columns from which on two figures do not meet, the first with its unit."""

TICK_COLUMNS: Final = 6
"""Least columns between two figures under the line."""

NAME_COLUMNS: Final = 11
BRIEF_NAME_COLUMNS: Final = 10
"""The longest name of a door has room: `rear right`."""

LEAST_WORDS: Final = 17
"""Such as `120 ms unlock all`."""

MOST_WORDS: Final = 60
WORDS_SHARE: Final = 0.42
ROOMY: Final = 30
"""With fewer columns for words they are cut down."""

BRIEF_WITHOUT: Final = (", known from its echo", " on this bus", "pressed ", " on the fob", "fob: ")
"""What is left out then: the title says it, or a sign."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where an instant stands on the line."""

    span_ms: float
    columns: int
    """The last of them is for all that came later."""

    def column(self, after_ms: float) -> int:
        """Return the column of an instant."""
        if after_ms > self.span_ms:
            return self.columns - 1
        last = max(self.columns - 2, 0)
        return min(max(round(after_ms / self.span_ms * last), 0), last)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, what stands on it, and what is to be said."""

    name: str
    kind: StepKind
    """That of its worst link: it is marked before the name."""

    steps: tuple[tuple[Step, str], ...]
    """Steps with their signs."""

    text: str
    is_door: bool = False
    is_driven: bool = False
    """The order was for this door: its motor ran, or should have."""


def chain_lines(chain: Chain, doors: tuple[str, ...], width: int) -> Iterator[Content]:
    """Yield the lines of a chain, the axis last.

    Args:
        chain: One operation.
        doors: All doors of the car, each of which gets a line.
        width: Columns that there are.
    """
    told = min(max(round(width * WORDS_SHARE), LEAST_WORDS), MOST_WORDS)
    is_brief = told < ROOMY
    if is_brief:
        names = min(BRIEF_NAME_COLUMNS, max(width // 3, 1))
    else:
        names = max(NAME_COLUMNS, *(len(words.door_short(door)) for door in doors), 0)
        names = min(names, max(width // 4, 1))
    columns = max(width - names - told - 4, 1)
    span_ms = min(max(chain.span_ms * MARGIN, LEAST_SPAN_MS), LONGEST_SPAN_MS)
    scale = Scale(span_ms, columns)
    for line in _lines(chain, doors, is_brief=is_brief):
        yield _drawn(line, chain, scale, names, told)
    yield Content(" " * (names + 3)) + _axis(scale)


def _lines(chain: Chain, doors: tuple[str, ...], *, is_brief: bool) -> Iterator[Line]:
    if chain.press is not None:
        yield _common("press", chain.press, is_brief=is_brief)
    (request,) = chain.at("request")
    if request.kind == "said":
        # The person's word stands in the line above; what the bus shows of it is none.
        text = "not seen" if request.text.endswith("not seen") else "not visible on this bus"
        request = replace(request, kind="unseen", after_ms=None, text=text)
    yield _common("request", request, is_brief=is_brief)
    (command,) = chain.at("command")
    yield _common("BCM order", command, is_brief=is_brief)
    (flash,) = chain.at("answer-back")
    yield _common("lamps" if is_brief else "answer-back", flash, is_brief=is_brief)
    for door in doors:
        yield _door_line(chain, door, command, is_brief=is_brief)


def _common(name: str, step: Step, *, is_brief: bool) -> Line:
    told = _brief_common(step) if is_brief else step.words
    return Line(name, step.kind, ((step, SIGNS[step.kind]),), told)


def _brief_common(step: Step) -> str:
    """Return what is to be said of a link in few letters; its sign tells how it is known."""
    text = step.text
    for needless in BRIEF_WITHOUT:
        text = text.replace(needless, "")
    if step.link == "command" and len(step.doors) == 1:
        text = f"{words.door_short(step.doors[0])} only"
    return text if step.after_ms is None else f"{step.after_ms:.0f} ms {text}"


def _door_line(chain: Chain, door: str, command: Step, *, is_brief: bool) -> Line:
    locks = chain.at("lock", door)
    handles, openings = chain.at("handle", door), chain.at("ajar", door)
    every = (*locks, *handles, *openings)
    told = [_brief(lock) if is_brief else lock.words for lock in locks]
    barred = next((step for step in handles if step.kind == "failed"), None)
    if is_brief and barred is not None and not any(lock.kind == "failed" for lock in locks):
        # The handle is what went wrong, and there is room for one thing only.
        told = [barred.text.removesuffix(", as marked")]
    if not locks:
        is_spared = command.doors and door not in command.doors
        told.append("not ordered" if is_spared else "lock not visible")
    if not is_brief:
        told += [f"handle {step.words}" for step in handles]
        told += [f"open {step.after_ms:.0f} ms" for step in openings if step.after_ms is not None]
    kinds = [step.kind for step in every]
    worst: StepKind = "seen"
    for kind in ("failed", "late", "unseen"):
        if kind in kinds:
            worst = kind
            break
    else:
        worst = kinds[0] if kinds else ("note" if told[0] == "not ordered" else "unseen")
    return Line(
        words.door_short(door),
        worst,
        (
            *((step, SIGNS[step.kind]) for step in locks),
            *((step, "H") for step in handles),
            *((step, "O") for step in openings),
        ),
        "; ".join(told),
        is_door=True,
        is_driven=door in command.doors and bool(locks),
    )


def _brief(lock: Step) -> str:
    """Return what a lock did in few letters; `~`: believed, or known of a group only."""
    text = lock.text.split(" (")[0].replace("could not be seen", "not seen")
    text = text if lock.is_measured else f"~{text}"
    return text if lock.after_ms is None else f"{lock.after_ms:.0f} ms {text}"


def _drawn(line: Line, chain: Chain, scale: Scale, names: int, told: int) -> Content:
    style = STEP_STYLES[line.kind]
    sign = {"failed": "✘", "late": "!", "unseen": "?"}.get(line.kind, " ")
    return Content.assemble(
        (f"{sign} ", style),
        (shortened(plain(line.name), names).ljust(names), "bold" if sign == "✘" else ""),
        " ",
        _track(line, chain, scale),
        " ",
        (shortened(plain(line.text), told), style if line.kind in ("failed", "late") else ""),
    )


def _track(line: Line, chain: Chain, scale: Scale) -> Content:
    """Return the line of time itself."""
    cells = [("·", FAINT)] * scale.columns
    if line.is_door and line.is_driven and chain.motor_ms is not None:
        first, last = (scale.column(each) for each in chain.motor_ms)
        for column in range(first, last + 1):
            cells[column] = ("░", FAINT)
    if line.kind == "unseen" and not line.steps:
        cells = [(" ", FAINT)] * scale.columns
        cells[scale.columns // 2] = (SIGNS["unseen"], FAINT)
    for step, sign in line.steps:
        _put(cells, step, sign, chain, scale)
    return runs(cells)


def runs(cells: Iterable[tuple[str, str]]) -> Content:
    """Return letters with their styles as content of as few pieces as there are runs of a style."""
    return Content.assemble(
        *(("".join(letter for letter, _ in run), style) for style, run in groupby(cells, _style))
    )


def _style(cell: tuple[str, str]) -> str:
    return cell[1]


def _put(cells: list[tuple[str, str]], step: Step, sign: str, chain: Chain, scale: Scale) -> None:
    style = STEP_STYLES[step.kind]
    if step.after_ms is not None:
        at = scale.column(step.after_ms)
        if step.kind == "late":
            for column in range(scale.column(chain.ordered_ms) + 1, at):
                cells[column] = ("─", style)
        cells[at] = (sign, style)
    elif step.kind == "failed":
        # It was waited for from the order on, in vain.
        start = scale.column(chain.ordered_ms)
        end = scale.column(chain.due_ms) if chain.due_ms is not None else scale.columns - 1
        for column in range(start, end):
            cells[column] = ("╌", style)
        cells[end] = (sign, style)
    elif step.kind == "unseen":
        cells[:] = [(" ", FAINT) if letter == "·" else (letter, kept) for letter, kept in cells]
        cells[scale.columns // 2] = (sign, style)


def _axis(scale: Scale) -> Content:
    """Return the figures under the line."""
    most = max(scale.columns // TICK_COLUMNS, LEAST_TICKS)
    step = next((each for each in TICKS_MS if scale.span_ms / each < most), TICKS_MS[-1])
    letters = [" "] * (scale.columns + 8)
    last = int(scale.span_ms // step)
    # Where there is little room the unit stands behind the last figure, where nothing follows.
    unit_at = 0 if scale.columns >= ROOMY_AXIS else last
    for number in range(last + 1):
        text = f"{number * step}" + (" ms" if number == unit_at else "")
        at = scale.column(number * step)
        letters[at : at + len(text)] = list(text)
    return Content.styled("".join(letters)[: scale.columns + 6].rstrip(), FAINT)
