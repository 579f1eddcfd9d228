"""What happens on a live bus, for programs: one JSON object a line, `canlock.live/1`.

Each line has `schema`, `type` and `time` (seconds on the capture's clock; null before the first
frame), and what it is about under the name of its type: `event`, `operation`, `bus`; a `verdict`
has `findings`, `hypotheses` and `tier`. The objects are those of the report.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from canlock.model.link import LinkStatus
from canlock.model.operations import LogEvent
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Finding, Hypothesis
from canlock.reports.json_report import (
    Json,
    event_object,
    finding_object,
    operation_object,
    shares,
)

SCHEMA: Final = "canlock.live/1"

OPEN_S: Final = 130.0
"""What is older does not change any more (a minute, and the windows about it)."""

NEWS: Final = 0.05
"""A probability that has changed by less is no news."""

Key = tuple[float, str, str | None, str, str]


class LiveLines:
    """Says each thing once, and an operation or a verdict again where it has changed."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._events: set[Key] = set()
        self._operations: dict[float, dict[str, Json]] = {}
        self._finding: Finding | None = None
        self._notes: set[str] = set()
        self._buses: dict[str, tuple[object, ...]] = {}

    def events(self, events: Sequence[LogEvent]) -> Iterator[str]:
        """Yield a line for each event that has not been said."""
        if not events:
            return
        since_s = max(event.at_s for event in events) - OPEN_S
        is_first = not self._events
        now = {_key(event): event for event in events if is_first or event.at_s >= since_s}
        for key, event in now.items():
            if key not in self._events:
                yield _line("event", event.at_s, event=event_object(event))
        self._events = set(now)

    def look(self, snapshot: Snapshot, *, is_last: bool = False) -> Iterator[str]:
        """Yield lines for what a Snapshot tells anew.

        Args:
            snapshot: What is known now.
            is_last: Operations that are still open are told too, and the verdict in any case.
        """
        yield from self.buses(snapshot.links, snapshot.now_s)
        about_links = tuple(f"{link.name}: " for link in snapshot.links)
        notes = [note for note in snapshot.notes if not note.startswith(about_links)]
        for note in notes:
            if note not in self._notes:
                yield note_line(note, snapshot.now_s)
        self._notes = set(notes)
        yield from self.events(snapshot.events)
        yield from self._operation_lines(snapshot, is_last=is_last)
        finding = snapshot.verdict
        if is_last or _is_news(self._finding, finding):
            self._finding = finding
            yield _line(
                "verdict",
                snapshot.now_s,
                findings=[finding_object(each) for each in snapshot.findings],
                hypotheses=_hypotheses(snapshot.hypotheses),
                tier=snapshot.tier,
                vehicle=snapshot.vehicle,
                notes=list(snapshot.notes) if is_last else [],
            )

    def buses(self, links: Sequence[LinkStatus], at_s: float | None) -> Iterator[str]:
        """Yield a line for each bus whose state has changed."""
        for link in links:
            known = (
                link.state,
                link.dropped,
                link.errors,
                link.reopened,
                link.silence,
                link.notes,
            )
            if self._buses.get(link.name) != known:
                self._buses[link.name] = known
                yield _line("bus", at_s, bus=_bus(link))

    def _operation_lines(self, snapshot: Snapshot, *, is_last: bool) -> Iterator[str]:
        since_s = -float("inf")
        if self._operations and snapshot.now_s is not None:
            since_s = snapshot.now_s - OPEN_S
        told: dict[float, dict[str, Json]] = {}
        for operation in snapshot.operations:
            if operation.at_s < since_s or not (operation.is_closed or is_last):
                continue
            said = operation_object(operation)
            if self._operations.get(operation.at_s) != said:
                yield _line("operation", operation.at_s, operation=said)
            told[operation.at_s] = said
        if told or not self._operations:
            self._operations = {
                at_s: said for at_s, said in self._operations.items() if at_s >= since_s
            } | told


def note_line(text: str, at_s: float | None) -> str:
    """Return a line about the session itself, as a bus line without a bus's name."""
    return _line("bus", at_s, bus={"name": None, "note": text})


def _key(event: LogEvent) -> Key:
    return event.at_s, event.role, event.door, event.value, event.text


def _hypotheses(hypotheses: Sequence[Hypothesis]) -> list[Json]:
    ranked = sorted(hypotheses, key=lambda each: -each.probability)
    return [
        {"fault": each.fault, "doors": list(each.doors), "probability": share}
        for each, share in zip(ranked, shares([e.probability for e in ranked]), strict=True)
    ]


def _is_news(said: Finding | None, finding: Finding) -> bool:
    if said is None:
        return True
    return (said.fault, said.doors, said.is_confident) != (
        finding.fault,
        finding.doors,
        finding.is_confident,
    ) or abs(said.probability - finding.probability) >= NEWS


def _bus(link: LinkStatus) -> dict[str, Json]:
    return {
        "name": link.name,
        "state": link.state,
        "frames": link.frames,
        "dropped": link.dropped,
        "errors": link.errors,
        "error_frames": link.error_frames,
        "reopened": link.reopened,
        "last_error": link.last_error,
        "silent": link.silence.is_confirmed,
        "silence": link.silence.words,
        "filtered": link.is_filtered,
        "notes": list(link.notes),
    }


def _line(kind: str, at_s: float | None, **more: Json) -> str:
    time_s = None if at_s is None else round(at_s, 6)
    line: dict[str, Json] = {"schema": SCHEMA, "type": kind, "time": time_s, **more}
    return json.dumps(line, separators=(",", ":"), allow_nan=False)
