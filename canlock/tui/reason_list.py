"""Why the verdict is what it is, what to do about it, and what else there is to know."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from canlock.model.snapshot import Snapshot
from canlock.model.stream import TroubleCode
from canlock.model.verdict import Evidence, Finding
from canlock.tui.phrases import FAINT, MOST_CODES, chance, doors, instant, plain
from canlock.tui.rows import Row, RowList


class ReasonList(RowList):
    """The evidence, what speaks for the verdict first; advice, other findings, notes."""

    def __init__(self) -> None:
        super().__init__(id="reasons")

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return (
            snapshot.findings,
            snapshot.notes,
            snapshot.codes,
            snapshot.missing_roles,
            snapshot.first_s,
        )

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:  # noqa: ARG002 - wraps alike.
        """Yield the rows, the most telling first."""
        verdict, *others = snapshot.findings
        yield from evidence_rows(verdict, snapshot)
        if len(verdict.group) > MOST_CODES:
            yield _note("Group", " / ".join(verdict.group))
        yield from advice_rows(verdict)
        for finding in others:
            where = doors(finding.doors, snapshot.doors)
            yield _note("Also", f"{finding.fault} ({where}, {chance(finding.probability)})")
            yield _note("", finding.summary)
            yield from evidence_rows(finding, snapshot)
            yield from advice_rows(finding)
        for note in snapshot.notes:
            yield _note("Note", note)
        for code in snapshot.codes:
            yield _note("Code", _code_words(code))
        if snapshot.missing_roles:
            yield _note("Not shown", "by this bus: " + ", ".join(snapshot.missing_roles))


def evidence_rows(finding: Finding, snapshot: Snapshot) -> Iterator[Row]:
    """Yield one row for each piece of evidence: when, how much for (+) or against (-), what."""
    pieces = sorted(finding.evidence, key=lambda piece: -piece.bits)
    times = [instant(piece.at_s, snapshot) for piece in pieces]
    bits = [f"{piece.bits + 0.0:+.1f} bits" for piece in pieces]
    time_width = max(map(len, times), default=0)
    bits_width = max(map(len, bits), default=0)
    for piece, time, weight in zip(pieces, times, bits, strict=True):
        prefix = Content.assemble(
            (time.rjust(time_width), FAINT),
            "  ",
            (weight.rjust(bits_width), _weight_style(piece)),
            "  ",
        )
        yield Row(Content(plain(piece.text)), prefix)


def advice_rows(finding: Finding) -> Iterator[Row]:
    """Yield what to beware of and what to do, a row each."""
    for warning in finding.advice.warnings:
        yield _note("Beware", warning)
    for step in finding.advice.steps:
        yield _note("To do", step)


def _weight_style(piece: Evidence) -> str:
    return "$text-success" if piece.bits > 0 else "$text-warning"


def _code_words(code: TroubleCode) -> str:
    failure_type = f"-{code.failure_type}" if code.failure_type else ""
    status = f", status {code.status}" if code.status else ""
    return f"{code.code}{failure_type} from {code.ecu}{status}"


def _note(label: str, text: str) -> Row:
    return Row(Content(plain(text)), Content.styled(label.ljust(10), "bold"))
