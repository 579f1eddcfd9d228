"""One operation as a chain of links, from the finger on the button to the open door.

Each link says when it was, how that is known, and whether it is the one that broke.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from canlock.model.doors import door_name
from canlock.telling import clock, words
from canlock.telling.conclusion import capital
from canlock.telling.operation_words import asked, asked_alone, ordered, result

if TYPE_CHECKING:
    from canlock.model.operations import Operation, Response
    from canlock.model.snapshot import Snapshot

NAMED_DOORS: Final = 2
"""More doors that are known alike are counted and not named."""

MARK_REACH_S: Final = 3.0
"""A mark this far from a request may still be of it: people mark late, and now and then early."""

LinkName = Literal["press", "request", "command", "answer-back", "lock", "handle", "ajar"]
StepKind = Literal["seen", "said", "believed", "late", "failed", "note", "unseen"]


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain."""

    name: str
    kind: StepKind
    after_ms: float | None
    """From the beginning of the operation; None: it has no instant."""

    text: str
    """What there is to say of it besides."""

    link: LinkName
    doors: tuple[str, ...] = ()
    """Where it was; empty: nowhere in particular."""

    is_measured: bool = True
    """It is known of this door by itself, not believed or of a group."""

    @property
    def words(self) -> str:
        """Return when it was and what there is to say, as a table has it."""
        after = "" if self.after_ms is None else f"{self.after_ms:.0f} ms"
        return ", ".join(part for part in (after, self.text) if part)


@dataclass(frozen=True, slots=True)
class Chain:
    """One operation."""

    title: str
    steps: tuple[Step, ...]
    """From the request on, a step for each door that was to answer."""

    ordered_ms: float
    """When the order came, or the operation began: from then on answers were awaited."""

    press: Step | None = None
    """What a person marked, where somebody did."""

    motor_ms: tuple[float, float] | None = None
    """While the motors are driven; None: nobody knows of an order."""

    due_ms: float | None = None
    """When a healthy lock has answered at the latest; None as above."""

    def at(self, link: LinkName, door: str | None = None) -> tuple[Step, ...]:
        """Return the steps of one link, of one door where one is given."""
        return tuple(
            step
            for step in self.steps
            if step.link == link and (door is None or door in step.doors)
        )

    @property
    def span_ms(self) -> float:
        """When the last lock had answered, or was due; what doors did later is not reckoned."""
        every = [*self.steps, *([self.press] if self.press else [])]
        known = [
            step.after_ms
            for step in every
            if step.after_ms is not None and step.link not in ("handle", "ajar")
        ]
        return max([0.0, self.due_ms or 0.0, *known])


def chain_of(operation: Operation, snapshot: Snapshot) -> Chain:
    """Return the chain of an operation.

    Args:
        operation: One of the snapshot's.
        snapshot: Tells what else happened meanwhile, and the vehicle's times.
    """
    start_s = operation.at_s
    if operation.request is not None:
        start_s = min(start_s, operation.request.at_s)
    command = operation.command
    when = clock.instant(operation.at_s, snapshot.first_s)
    title = f"{asked_alone(operation)}: {result(operation)}"
    ordered_ms = _ms(operation.at_s if command is None else command.at_s, start_s)
    timing = snapshot.timing
    return Chain(
        f"{when}, {title}" if when else capital(title),
        (
            _request(operation, start_s),
            _command(operation, start_s, snapshot),
            _answer_back(operation, start_s),
            *(_answer(each, start_s) for each in operation.responses),
            *_accesses(operation, start_s, snapshot),
        ),
        ordered_ms,
        _press(operation, start_s, snapshot),
        None if command is None else (ordered_ms, ordered_ms + 1000 * timing.command_pulse),
        None if command is None else ordered_ms + 1000 * timing.command_to_status,
    )


def join_alike(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return steps with the locks that are not measured and known alike as one."""
    joined: dict[object, list[Step]] = {}
    for number, step in enumerate(steps):
        is_alone = step.link != "lock" or step.is_measured
        key = number if is_alone else (step.kind, step.after_ms, step.text)
        joined.setdefault(key, []).append(step)
    # Locks that are measured come before those that are not, as they did one by one.
    ranked = sorted(joined.values(), key=lambda each: _rank(each[0]))
    return tuple(_joined(each) for each in ranked)


def _rank(step: Step) -> int:
    if step.link == "lock":
        return 1 if step.is_measured else 2
    return 3 if step.link in ("handle", "ajar") else 0


def _joined(steps: list[Step]) -> Step:
    first = steps[0]
    if len(steps) == 1:
        return first
    doors = tuple(door for step in steps for door in step.doors)
    names = [words.door_short(door) for door in doors]
    who = f"{len(names)} other doors" if len(names) > NAMED_DOORS else words.join_words(names)
    return Step(
        f"Locks: {who}", first.kind, first.after_ms, first.text, "lock", doors, is_measured=False
    )


def _ms(at_s: float, start_s: float) -> float:
    return round((at_s - start_s) * 1000) + 0.0


def _press(operation: Operation, start_s: float, snapshot: Snapshot) -> Step | None:
    request = operation.request
    if request is None or not request.is_marked:
        return None
    marks = [
        mark
        for mark in snapshot.marks
        if mark.action == request.mark_action and abs(mark.at_s - request.at_s) <= MARK_REACH_S
    ]
    nearest = min(marks, key=lambda mark: abs(mark.at_s - request.at_s), default=None)
    at_s = request.at_s if nearest is None else nearest.at_s
    said = words.MARKS.get(request.mark_action or "", "as you said")
    return Step("Press", "said", _ms(at_s, start_s), said, "press")


def _request(operation: Operation, start_s: float) -> Step:
    request = operation.request
    who = asked(operation).removesuffix(" (marked)")
    if request is None:
        return Step("Request", "unseen", None, who, "request")
    after_ms = _ms(request.at_s, start_s)
    if request.is_seen:
        return Step("Request", "seen", after_ms, who, "request")
    if operation.can_see_request and operation.command is None:
        return Step("Request", "failed", after_ms, f"{who}: NOT RECEIVED", "request")
    unseen = ", not seen" if operation.can_see_request else ""
    return Step("Request", "said", after_ms, f"{who}, as marked{unseen}", "request")


def _command(operation: Operation, start_s: float, snapshot: Snapshot) -> Step:
    command = operation.command
    name = "Order of the BCM"
    if command is not None:
        text = ordered(operation, snapshot.doors).removesuffix(" ~")
        if NAMED_DOORS < len(command.doors) < len(snapshot.doors):
            count = f"{len(command.doors)} of {len(snapshot.doors)} doors"
            text = f"{words.ACTIONS[command.action]} {count}"
        kind: StepKind = "believed" if command.is_inferred else "seen"
        echo = ", known from its echo" if command.is_inferred else ""
        return Step(name, kind, _ms(command.at_s, start_s), text + echo, "command", command.doors)
    if operation.outcome == "refused":
        why = words.INHIBITS.get(operation.inhibit or "yes", operation.inhibit or "")
        return Step(name, "failed", None, f"REFUSED: {why}", "command")
    if operation.outcome == "no-command":
        return Step(name, "failed", None, "NO ORDER", "command")
    if operation.can_see_command:
        return Step(name, "unseen", None, "none seen", "command")
    return Step(name, "unseen", None, "not visible", "command")


def _answer_back(operation: Operation, start_s: float) -> Step:
    """Return the flash of the indicators."""
    times = {0: "no flash seen", 1: "one flash"}.get(
        operation.flashes, f"{operation.flashes} flashes"
    )
    if operation.flashes_s:
        at_ms = _ms(operation.flashes_s[0], start_s)
        return Step("Answer-back", "seen", at_ms, times, "answer-back")
    kind: StepKind = "note" if operation.flashes else "unseen"
    return Step("Answer-back", kind, None, times, "answer-back")


def _answer(response: Response, start_s: float) -> Step:
    state = response.state
    is_measured = response.feedback == "measured"
    after_ms = None if response.at_s is None else _ms(response.at_s, start_s)
    value = response.value or "moved"
    by = {"measured": "", "belief": " (the BCM believes)"}.get(
        response.feedback, " (known of a group)"
    )
    if state == "unseen":
        by = ""  # Nobody knows anything of it.
    kind, text = _answer_words(state, value, is_measured=is_measured)
    return Step(
        f"Lock: {door_name(response.door)}",
        kind,
        None if state in ("already", "unseen") else after_ms,
        f"{text}{by}",
        "lock",
        (response.door,),
        is_measured,
    )


def _answer_words(state: str, value: str, *, is_measured: bool) -> tuple[StepKind, str]:
    if state == "answered":
        return ("seen" if is_measured else "believed"), value
    if state == "slow":
        return "late", f"SLOW: {value}"
    if state == "already":
        return "note", f"was {value} before"
    if state == "unseen":
        return "unseen", "could not be seen"
    return "failed", words.RESPONSES[state]


def _accesses(operation: Operation, start_s: float, snapshot: Snapshot) -> Iterator[Step]:
    """Yield what was pulled and what opened, until the next operation begins."""
    after = [each.at_s for each in snapshot.operations if each.at_s > operation.at_s]
    until_s = min([operation.until_s, *after])
    found: list[tuple[float, Step]] = []
    for access in snapshot.accesses:
        if operation.at_s <= access.at_s < until_s:
            name = f"{capital(words.HANDLES[access.handle])}: {door_name(access.door)}"
            text = words.ACCESS_RESULTS[access.result].replace("the door ", "")
            kind: StepKind = "failed" if access.result == "not-opened" else "seen"
            if access.is_marked and kind == "seen":
                kind = "said"
            said = ", as marked" if access.is_marked else ""
            at_ms = _ms(access.at_s, start_s)
            step = Step(name, kind, at_ms, text + said, "handle", (access.door,))
            found.append((access.at_s, step))
    for event in snapshot.events:
        is_opening = event.role == "door.ajar" and event.value == "open" and event.door
        if is_opening and operation.at_s <= event.at_s < until_s:
            door = event.door or ""
            at_ms = _ms(event.at_s, start_s)
            step = Step(f"Ajar: {door_name(door)}", "seen", at_ms, "open", "ajar", (door,))
            found.append((event.at_s, step))
    found.sort(key=lambda each: each[0])
    yield from (step for _, step in found)
