"""The operations that decided the verdict, each as a chain from the request to the open door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from canlock.model.doors import door_name
from canlock.model.operations import Operation, Response
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Evidence
from canlock.reports import clock, words
from canlock.reports.conclusion import capital
from canlock.reports.history import asked, ordered, result

CHAINS_SHOWN: Final = 3
ACCESSES_SHOWN: Final = 4
"""Tugs at handles and doors that opened, in one operation."""

LEAST_BITS: Final = 0.5
"""Weaker evidence decides nothing."""

UNTELLING: Final = ("answered", "unseen")
"""Outcomes of operations that show no failure."""

NAMED_DOORS: Final = 2
"""More doors that are known alike are counted and not named."""

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
    ordered_ms: float
    """When the order came, or the operation began: from then on answers were awaited."""


def deciding_chains(snapshot: Snapshot) -> tuple[Chain, ...]:
    """Return the chains of the operations that decided, in the order of time."""
    chosen = sorted(_deciding(snapshot), key=lambda each: each.at_s)
    return tuple(_chain(each, snapshot) for each in chosen)


def _deciding(snapshot: Snapshot) -> list[Operation]:
    """Return the operations that show the strongest evidence, then those that failed, or any.

    An operation that shows several pieces counts once, so that different things are shown.
    """
    pieces = [
        each
        for finding in snapshot.findings
        for each in finding.evidence
        if each.times_s and abs(each.bits) >= LEAST_BITS
    ]
    pieces.sort(key=lambda each: -abs(each.bits))
    chosen = [_shown_by(each, snapshot.operations) for each in pieces]
    chosen += [each for each in snapshot.operations if each.outcome not in UNTELLING]
    known = [each for each in chosen if each is not None] or list(snapshot.operations)
    # An operation can be long: two that are equal are told apart by being the same object.
    return list({id(each): each for each in known}.values())[:CHAINS_SHOWN]


def _shown_by(evidence: Evidence, operations: Iterable[Operation]) -> Operation | None:
    """Return the first operation in which a piece of evidence was seen."""
    first_s = evidence.times_s[0]
    within = (each for each in operations if each.at_s <= first_s <= each.until_s)
    # Windows overlap: the latest to begin is the one that it belongs to.
    return max(within, key=lambda each: each.at_s, default=None)


def _chain(operation: Operation, snapshot: Snapshot) -> Chain:
    moments = [operation.at_s]
    if operation.request is not None:
        moments.append(operation.request.at_s)
    start_s = min(moments)
    command = operation.command
    when = clock.instant(operation.at_s, snapshot.first_s)
    title = f"{_asked(operation)}: {result(operation)}"
    return Chain(
        f"{when}, {title}" if when else capital(title),
        (
            _request(operation, start_s),
            _command(operation, start_s, snapshot),
            _answer_back(operation),
            *_answers(operation, start_s),
            *_accesses(operation, start_s, snapshot),
        ),
        _ms(operation.at_s if command is None else command.at_s, start_s),
    )


def _asked(operation: Operation) -> str:
    """Return who asked for what, so that it says of itself what was not seen."""
    unseen = {"not visible": "request not visible", "nobody seen": "no request seen"}
    who = asked(operation)
    return unseen.get(who, who)


def _ms(at_s: float, start_s: float) -> float:
    return round((at_s - start_s) * 1000) + 0.0


def _request(operation: Operation, start_s: float) -> Step:
    request = operation.request
    who = asked(operation).removesuffix(" (marked)")
    if request is None:
        return Step("Request", "unseen", None, who)
    if request.is_seen:
        return Step("Request", "seen", _ms(request.at_s, start_s), who)
    if operation.can_see_request and operation.command is None:
        return Step("Request", "failed", _ms(request.at_s, start_s), f"{who}: NOT RECEIVED")
    unseen = ", not seen" if operation.can_see_request else ""
    return Step("Request", "said", _ms(request.at_s, start_s), f"{who}, as marked{unseen}")


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
        return Step(name, kind, _ms(command.at_s, start_s), text + echo)
    if operation.outcome == "refused":
        why = words.INHIBITS.get(operation.inhibit or "yes", operation.inhibit or "")
        return Step(name, "failed", None, f"REFUSED: {why}")
    if operation.outcome == "no-command":
        return Step(name, "failed", None, "NO ORDER")
    if operation.can_see_command:
        return Step(name, "unseen", None, "none seen")
    return Step(name, "unseen", None, "not visible")


def _answer_back(operation: Operation) -> Step:
    """Return the flash of the indicators; its instants are not kept, only how often."""
    times = {0: "no flash seen", 1: "one flash"}.get(
        operation.flashes, f"{operation.flashes} flashes"
    )
    return Step("Answer-back", "note" if operation.flashes else "unseen", None, times)


def _answers(operation: Operation, start_s: float) -> Iterator[Step]:
    """Yield a step for each lock that is measured, and one for those that are known alike."""
    alike: dict[tuple[str, str, float | None], list[Response]] = {}
    for response in operation.responses:
        if response.feedback == "measured":
            yield _answer(f"Lock: {door_name(response.door)}", response, start_s)
        else:
            key = response.feedback, response.state, response.at_s
            alike.setdefault(key, []).append(response)
    for responses in alike.values():
        names = [words.door_short(each.door) for each in responses]
        many = len(names) > NAMED_DOORS
        doors = f"{len(names)} other doors" if many else words.join_words(names)
        one = f"Lock: {door_name(responses[0].door)}"
        yield _answer(one if len(names) == 1 else f"Locks: {doors}", responses[0], start_s)


def _answer(name: str, response: Response, start_s: float) -> Step:
    state = response.state
    is_measured = response.feedback == "measured"
    after_ms = None if response.at_s is None else _ms(response.at_s, start_s)
    value = response.value or "moved"
    by = {"measured": "", "belief": " (the BCM believes)"}.get(
        response.feedback, " (known of a group)"
    )
    if state == "answered":
        return Step(name, "seen" if is_measured else "believed", after_ms, f"{value}{by}")
    if state == "slow":
        return Step(name, "late", after_ms, f"SLOW: {value}{by}")
    if state == "already":
        return Step(name, "note", None, f"was {value} before{by}")
    if state == "unseen":
        return Step(name, "unseen", None, f"could not be seen{by}")
    return Step(name, "failed", after_ms, f"{words.RESPONSES[state]}{by}")


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
            step = Step(name, kind, _ms(access.at_s, start_s), text + said)
            found.append((access.at_s, step))
    for event in snapshot.events:
        is_opening = event.role == "door.ajar" and event.value == "open" and event.door
        if is_opening and operation.at_s <= event.at_s < until_s:
            step = Step(
                f"Ajar: {door_name(event.door or '')}", "seen", _ms(event.at_s, start_s), "open"
            )
            found.append((event.at_s, step))
    found.sort(key=lambda each: each[0])
    yield from (step for _, step in found[:ACCESSES_SHOWN])
