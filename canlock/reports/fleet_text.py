"""Many captures for a person: a line for each, and a table of which cars have which faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import Final

from canlock.model.verdict import Finding
from canlock.pipeline.fleet.outcome import Outcome

LONGEST_NAME: Final = 48
"""Columns; a longer name pushes what is behind it to the right."""

_GAP: Final = "  "
_NAMED: Final = 3
"""Codes that a line names where the evidence cannot decide; the others are counted."""


class FleetLines:
    """A line for each capture, with the names in a column and without the folder of all."""

    def __init__(self, names: Sequence[str]) -> None:
        """Take the names of all captures."""
        # By characters: what is cut off ends with the last slash that all have.
        shared = commonprefix(names) if len(names) > 1 else ""  # noqa: RUF071
        self._cut = max(shared.rfind("/"), shared.rfind("\\")) + 1
        self._width = min(max((len(name) for name in names), default=0) - self._cut, LONGEST_NAME)

    def describe(self, outcome: Outcome) -> str:
        """Return one line: its car, its fault, and how sure that is."""
        name = _printable(outcome.job.shown)
        if outcome.error is not None:
            told = f"not read: {_printable(outcome.error).removeprefix(f'{name}: ')}"
        else:
            findings = "; ".join(map(_describe_finding, outcome.findings))
            told = _GAP.join((outcome.vehicle, outcome.tier, findings))
        return f"{name[self._cut :]:<{self._width}}{_GAP}{told}"


def _describe_finding(finding: Finding) -> str:
    where = f" ({', '.join(finding.doors)})" if finding.doors else ""
    share = _percent(finding.probability)
    if finding.is_confident:
        return f"{finding.fault}{where} {share}, sure"
    others = [code for code in finding.group if code != finding.fault]
    if not others:
        return f"{finding.fault}{where} {share}, not sure"
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return f"{finding.fault}{where} {share}, not sure: {', '.join(others[:_NAMED])}{more}"


@dataclass(slots=True)
class _Count:
    """How often one fault was found at one place of one kind of car."""

    captures: int = 0
    sure: int = 0
    probabilities: list[float] = field(default_factory=list)
    """The least and the greatest."""

    def take(self, finding: Finding) -> None:
        self.captures += 1
        self.sure += finding.is_confident
        seen = [*self.probabilities, finding.probability]
        self.probabilities = [min(seen), max(seen)]


class FleetSummary:
    """What all captures together say; its memory does not grow with their number."""

    def __init__(self) -> None:
        """Begin with none."""
        self.diagnosed = 0
        self.broken = 0
        self.passed_over = 0
        """Files in folders that are something else altogether."""

        self.frames = 0
        self._counts: dict[tuple[str, str, tuple[str, ...]], _Count] = {}

    @property
    def captures(self) -> int:
        """Return how many captures there were."""
        return self.diagnosed + self.broken

    def take(self, outcome: Outcome) -> None:
        """Count one more."""
        if not outcome.is_capture:
            self.passed_over += 1
            return
        if outcome.error is not None:
            self.broken += 1
            return
        self.diagnosed += 1
        self.frames += 0 if outcome.capture is None else outcome.capture.frames
        for finding in outcome.findings:
            place = (outcome.vehicle, finding.fault, finding.doors)
            self._counts.setdefault(place, _Count()).take(finding)

    def headline(self) -> str:
        """Return one line about how many captures there were."""
        parts = [f"{_count(self.captures, 'capture')}, {_count(self.frames, 'frame')}"]
        if self.broken:
            parts.append(f"{self.broken} not read")
        if self.passed_over:
            parts.append(f"{_count(self.passed_over, 'other file')} passed over")
        return "; ".join(parts)

    def render(self) -> str:
        """Return the table: which cars, which faults, how sure; the most frequent first."""
        ranked = sorted(
            self._counts.items(), key=lambda item: (item[0][0], -item[1].captures, item[0])
        )
        rows = [("vehicle", "fault", "doors", "captures", "sure", "probability")]
        rows += [
            (
                vehicle,
                fault,
                ", ".join(doors) or "-",
                str(count.captures),
                str(count.sure),
                _range(count.probabilities),
            )
            for (vehicle, fault, doors), count in ranked
        ]
        table = _table(rows, right={3, 4, 5}) if ranked else []
        return "\n".join([self.headline(), *([""] if table else []), *table])


def _range(ends: Sequence[float]) -> str:
    least, most = map(_percent, ends)
    return least if least == most else f"{least} - {most}"


def _percent(probability: float) -> str:
    return f"{100 * probability:.0f} %"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _table(rows: Sequence[Sequence[str]], right: set[int]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        _GAP.join(
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _printable(text: str) -> str:
    """Return a text as one line: a file's name may hold line ends and control characters."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
