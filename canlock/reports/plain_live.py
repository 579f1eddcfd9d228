"""What happens on a live bus, line by line for a person: the plain twin of the live view.

One fact a line, good for a screen reader and for a log: press, request, order, each door's answer
in milliseconds, what opened, verdict with its probabilities, next test, state of the bus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import Final

from canlock.model.doors import door_name
from canlock.model.faults import INSUFFICIENT
from canlock.model.link import LinkStatus
from canlock.model.operations import Access, LogEvent, Operation, Response
from canlock.model.roles import REQUEST_ROLES
from canlock.model.snapshot import Snapshot
from canlock.model.stream import Mark
from canlock.model.verdict import Finding, Hypothesis, NextTest
from canlock.pipeline.guided_progress import PREFIX
from canlock.telling import clock, words
from canlock.telling.conclusion import capital, cause_place, headline
from canlock.telling.happenings import told_event
from canlock.telling.operation_words import LEAST_LATENCY_S, asked, ordered, result

OPEN_S: Final = 130.0
"""What is older does not change any more (a minute, and the windows about it)."""

NEWS: Final = 0.05
"""A probability that has changed by less is no news."""

CAUSES_SHOWN: Final = 3
LEAST_SHARE: Final = 0.01

TOLD_ELSEWHERE: Final = frozenset(
    {*REQUEST_ROLES, "command.lock", "command.inhibit", "lock.status", "mark"}
)
"""Events that are told as parts of an operation, or as marks."""

LATE_STATES: Final = {
    "answered": "",
    "slow": ", SLOW",
    "bounced": ", WENT BACK",
}

LINK_STATES: Final = {
    "connected": "frames come",
    "silent": "open, but no frame comes: the car sleeps, or the tap hears nothing",
    "reconnecting": "RECONNECTING, the adapter does not answer",
    "lost": "LOST, the adapter does not answer; it is tried on",
    "closed": "closed",
}

Fact = tuple[float | None, str]
"""When it was, and what there is to say; None: no instant."""


class PlainLines:
    """Says each fact once, and again where it has changed; depends on the Snapshots alone."""

    def __init__(self, *, is_led: bool = False) -> None:
        """Begin with nothing said.

        Args:
            is_led: A guided check says by itself what comes next, and keeps notes of its own.
        """
        self._is_led = is_led
        self._said: dict[object, str] = {}
        """What a fact is about -> what was said of it last."""

        self._times_s: dict[object, float] = {}
        self._marked: dict[tuple[str, Mark], float] = {}
        self._finding: Finding | None = None
        self._test: tuple[str, str | None] | None = None
        self._first_s: float | None = None
        self._settled_s = -inf
        """What was before is told, and has not changed since the last look."""

    def look(self, snapshot: Snapshot, *, is_last: bool = False) -> Iterator[str]:
        """Yield lines for what a Snapshot tells anew, in the order of time.

        Args:
            snapshot: What is known now.
            is_last: Operations that are still open are told as they stand, and the verdict in any
                case.
        """
        self._first_s = snapshot.first_s
        yield from self._lines(self._links(snapshot.links), snapshot.now_s)
        yield from self._lines(self._notes(snapshot), snapshot.now_s)
        facts = [*self._happenings(snapshot), *self._operations(snapshot, is_last=is_last)]
        # A fact without an instant is about the one before it.
        facts.sort(key=lambda fact: fact[0] or 0.0)
        yield from self._lines(facts, None)
        yield from self._lines(self._conclusions(snapshot, is_last=is_last), snapshot.now_s)
        self._forget(snapshot.now_s)

    def links(self, links: Sequence[LinkStatus]) -> Iterator[str]:
        """Yield lines for the state of buses of which nothing has come yet."""
        yield from self._lines(self._links(links), None)

    def _lines(self, facts: Iterable[Fact], at_s: float | None) -> Iterator[str]:
        for instant_s, text in facts:
            known_s = at_s if instant_s is None else instant_s
            when = "" if known_s is None else clock.instant(known_s, self._first_s)
            yield printable(f"{when}: {text}" if when else text)

    def _is_new(self, about: object, text: str, at_s: float | None = None) -> bool:
        if at_s is not None:
            self._times_s[about] = at_s
        if self._said.get(about) == text:
            return False
        self._said[about] = text
        return True

    def _forget(self, now_s: float | None) -> None:
        """Let go of what cannot change any more: memory does not grow with the session."""
        if now_s is None:
            return
        self._settled_s = now_s - OPEN_S
        old = [about for about, at_s in self._times_s.items() if at_s < now_s - 2 * OPEN_S]
        for about in old:
            del self._times_s[about]
            self._said.pop(about, None)

    def _links(self, links: Sequence[LinkStatus]) -> Iterator[Fact]:
        for link in links:
            parts = [f"bus {link.name}: {LINK_STATES[link.state]}"]
            if link.last_error and link.state in ("reconnecting", "lost"):
                parts.append(link.last_error)
            for count, name in (
                (link.dropped, "frames lost here"),
                (link.errors, "errors of the adapter"),
                (link.reopened, "times opened again"),
            ):
                if count:
                    parts.append(f"{count} {name}")
            if self._is_new(("link", link.name), ", ".join(parts)):
                yield None, ", ".join(parts)
            if self._is_new(("silence", link.name), link.silence.words):
                yield None, f"bus {link.name}: {link.silence.words}"

    def _notes(self, snapshot: Snapshot) -> Iterator[Fact]:
        about_links = tuple(f"{link.name}: " for link in snapshot.links)
        for note in snapshot.notes:
            if not note.startswith(about_links) and self._is_new(("note", note), note):
                yield None, f"note: {note}"

    def _happenings(self, snapshot: Snapshot) -> Iterator[Fact]:
        since_s = self._settled_s
        counts: dict[tuple[object, ...], int] = {}
        for event in snapshot.events:
            if event.at_s < since_s or event.role in TOLD_ELSEWHERE:
                continue
            key = "event", event.at_s, event.role, event.door, event.value, event.text
            counts[key] = counts.get(key, 0) + 1
            text = _event_words(event)
            if text and self._is_new((*key, counts[key]), text, event.at_s):
                yield event.at_s, text
        yield from self._marks(snapshot, since_s)
        for access in snapshot.accesses:
            if access.at_s < since_s or access.handle == "unknown" or access.result == "unseen":
                continue
            text = _access_words(access)
            about = "access", access.at_s, access.door, access.handle
            if self._is_new(about, text, access.at_s):
                yield access.at_s, text

    def _marks(self, snapshot: Snapshot, since_s: float) -> Iterator[Fact]:
        known = {("mark", mark) for mark in snapshot.marks if mark.at_s >= since_s}
        for about, at_s in self._marked.items():
            if about not in known and at_s >= since_s:
                mark = about[1]
                yield at_s, f"taken back: {words.mark_words(mark.action, mark.door, mark.note)}"
        self._marked = {about: about[1].at_s for about in known}
        for about in known:
            mark = about[1]
            if self._is_led and mark.note.startswith(PREFIX):
                continue
            text = f"you: {words.mark_words(mark.action, mark.door, mark.note)}"
            if self._is_new(about, text, mark.at_s):
                yield mark.at_s, text

    def _operations(self, snapshot: Snapshot, *, is_last: bool) -> Iterator[Fact]:
        since_s = self._settled_s
        for operation in snapshot.operations:
            if operation.at_s < since_s:
                continue
            for part, at_s, text in _operation_facts(operation, snapshot, is_last=is_last):
                if self._is_new(("operation", operation.at_s, part), text, operation.at_s):
                    yield at_s, text

    def _conclusions(self, snapshot: Snapshot, *, is_last: bool) -> Iterator[Fact]:
        if is_last and not self._is_led:
            yield from ((None, text) for text in _later_words(snapshot.next_tests))
        finding = snapshot.verdict
        if is_last or _is_news(self._finding, finding):
            self._finding = finding
            yield None, f"{'in the end, ' * is_last}verdict: {_verdict_words(snapshot)}"
            for number, other in enumerate(snapshot.findings[1:], 2):
                yield None, f"fault {number}: {headline(other, [], snapshot.doors)}"
        test = snapshot.next_tests[0] if snapshot.next_tests else None
        key = None if test is None else (test.id, test.door)
        if not self._is_led and not is_last and key != self._test:
            self._test = key
            yield None, _test_words(test)


def _operation_facts(
    operation: Operation, snapshot: Snapshot, *, is_last: bool
) -> Iterator[tuple[object, float, str]]:
    """Yield (part, instant, text) for each link of the chain that is known."""
    request, command = operation.request, operation.command
    if request is not None:
        # What the person marked is told as a mark; here it counts whether the car heard it.
        if request.is_seen:
            yield "request", request.at_s, f"request: {asked(operation)}, heard by the car"
        elif operation.can_see_request and operation.is_closed:
            yield "request", request.at_s, f"request: {asked(operation)}, NOT HEARD by the car"
    if command is not None:
        after = ""
        if request is not None and request.is_seen:
            # A mark is late by up to a second: it does not tell how long it took.
            after = f", {_ms(command.at_s - request.at_s)} after the request"
        told = ordered(operation, snapshot.doors).removesuffix(" ~")
        echo = " (known from its echo)" if command.is_inferred else ""
        yield "command", command.at_s, f"order: {told}{echo}{after}"
    elif operation.outcome == "refused":
        why = words.INHIBITS.get(operation.inhibit or "yes", operation.inhibit or "")
        yield "command", operation.at_s, f"order: REFUSED, {why}"
    for (text, at_s), doors in _alike(operation, is_last=is_last).items():
        names = words.join_words([door_name(door) for door in doors])
        yield ("response", *doors), at_s, f"{names}: {text}"
    if operation.is_closed or is_last:
        unseen = [each.door for each in operation.responses if each.state == "unseen"]
        hidden = ""
        if unseen and len(unseen) < len(operation.responses):
            names = words.join_words([words.door_short(door) for door in unseen])
            hidden = f"; could not be seen: {names}"
        yield (
            "result",
            operation.until_s,
            f"result, {asked(operation)}: {result(operation)}{hidden}",
        )


def _alike(operation: Operation, *, is_last: bool) -> dict[tuple[str, float], list[str]]:
    """Return what doors did and when -> the doors; no answer stands at the time of the order."""
    began_s = operation.at_s if operation.command is None else operation.command.at_s
    alike: dict[tuple[str, float], list[str]] = {}
    for response in operation.responses:
        text = _response_words(response, is_over=operation.is_closed or is_last)
        if text:
            at_s = began_s if response.at_s is None else response.at_s
            alike.setdefault((text, at_s), []).append(response.door)
    return alike


def _response_words(response: Response, *, is_over: bool) -> str:
    """Return what a door did; empty where that is not known yet or could not be seen."""
    known_by = "" if response.feedback == "measured" else f" ({words.FEEDBACKS[response.feedback]})"
    if response.state in LATE_STATES:
        # What gave the order away came with it: zero is no time that a lock took.
        latency_s = response.latency_s or 0.0
        after = f" after {_ms(latency_s)}" if latency_s >= LEAST_LATENCY_S else ""
        value = response.value or "moved"
        return f"{value}{after}{LATE_STATES[response.state]}{known_by}"
    if response.state in ("silent", "some-silent"):
        return f"{words.RESPONSES[response.state]}{known_by}" if is_over else ""
    if response.state == "already":
        return f"{response.value or 'so'} already{known_by}" if is_over else ""
    return ""


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _event_words(event: LogEvent) -> str:
    known = (event.role, event.value)
    if known in words.EVENTS and words.EVENTS[known] is None:
        return ""
    return told_event(event)[1]


def _access_words(access: Access) -> str:
    lock = f", lock {access.lock}" if access.lock else ""
    return (
        f"{door_name(access.door)}: {words.HANDLES[access.handle]} pulled, "
        f"{words.ACCESS_RESULTS[access.result]}{lock}"
    )


def _is_news(said: Finding | None, finding: Finding) -> bool:
    if said is None:
        return True
    return (said.fault, said.doors, said.is_confident) != (
        finding.fault,
        finding.doors,
        finding.is_confident,
    ) or abs(said.probability - finding.probability) >= NEWS


def _verdict_words(snapshot: Snapshot) -> str:
    """Return the verdict, and the likeliest causes with their probabilities."""
    finding = snapshot.verdict
    told = headline(finding, [], snapshot.doors)
    if finding.is_confident:
        return told
    likely = [
        each
        for each in sorted(snapshot.hypotheses, key=lambda each: -each.probability)
        if each.fault != INSUFFICIENT and each.probability >= LEAST_SHARE
    ]
    causes = "; ".join(_cause_words(each, snapshot) for each in likely[:CAUSES_SHOWN])
    opening = told if finding.fault == INSUFFICIENT else "Not sure yet."
    return f"{opening} Likeliest: {causes}" if causes else opening


def _cause_words(cause: Hypothesis, snapshot: Snapshot) -> str:
    place = cause_place(cause, snapshot.doors)
    name = capital(f"{place}: {words.FAULTS[cause.fault]}" if place else words.FAULTS[cause.fault])
    return f"{name} {words.percent(cause.probability)}"


def _test_words(test: NextTest | None) -> str:
    if test is None:
        return "next test: none is needed"
    return f"next test: {test.instruction} {_cost_words(test)}"


def _later_words(tests: Sequence[NextTest]) -> Iterator[str]:
    """Yield what is left to do when nothing more comes."""
    for test in tests[:1]:
        told = f"{test.instruction} {_cost_words(test)}"
        yield f"nothing more comes; the next time at the car: {told}"


def _cost_words(test: NextTest) -> str:
    minutes = "1 minute" if test.minutes == 1 else f"{test.minutes:g} minutes"
    return f"(about {minutes}, {words.use(test.information_bits)})"


def printable(text: str) -> str:
    """Return a text as one line: names come from captures and vehicle files of anybody's making."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
