"""Why: what speaks for the verdict and against it in bits, what to do, and what else was noted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from canlock.telling import clock, words
from canlock.telling.conclusion import likeliest, named_cause, placed_name
from canlock.telling.happenings import told_code
from canlock.tui.phrases import FAINT, plain
from canlock.tui.rows import Row, RowList

if TYPE_CHECKING:
    from canlock.model.snapshot import Snapshot
    from canlock.model.verdict import Finding
    from canlock.telling.reasons import Reason


class ReasonList(RowList):
    """The evidence on both sides, the strongest first; advice, other findings, notes."""

    def __init__(self) -> None:
        super().__init__(id="reasons")

    def shown(self, snapshot: Snapshot) -> object:
        """Return what the rows depend on."""
        return (
            snapshot.findings,
            snapshot.hypotheses,
            snapshot.notes,
            snapshot.codes,
            snapshot.missing_roles,
            snapshot.first_s,
            snapshot.doors,
        )

    def rows(self, snapshot: Snapshot, width: int) -> Iterator[Row]:  # noqa: ARG002 - wraps alike.
        """Yield the rows, the most telling first."""
        for number, finding in enumerate(snapshot.findings):
            if number:
                yield _note("Also", placed_name(finding, snapshot.doors))
            yield from evidence_rows(finding, snapshot)
            yield from advice_rows(finding)
        for note in snapshot.notes:
            yield _note("Note", note)
        for code in snapshot.codes:
            yield _note("Code", told_code(code)[1])
        if snapshot.missing_roles:
            roles = ", ".join(words.role_words(role) for role in snapshot.missing_roles)
            yield _note("Not shown", f"by this bus: {roles}")


def evidence_rows(finding: Finding, snapshot: Snapshot) -> Iterator[Row]:
    """Yield a row for each reason: how much for (+) or against (-) in bits, what, and when."""
    from canlock.telling.reasons import list_reasons  # What the engine knows loads slowly.

    cause = likeliest(finding, snapshot)
    reasons = list_reasons(finding.evidence, cause.fault, cause.doors, snapshot.doors)
    if cause.fault != finding.fault:
        yield _note("Likeliest", named_cause(cause, snapshot.doors))
    for title, side, rest in (
        ("For it", reasons.pro, reasons.pro_rest),
        ("Against", reasons.con, reasons.con_rest),
    ):
        if side or rest:
            yield Row(Content.styled(f"{title}, in bits (each doubles or halves the odds):", FAINT))
        yield from reason_rows(side, snapshot)
        if rest:
            yield Row(Content(plain(rest)), Content("      "))
    for besides in reasons.besides:
        yield Row(Content.styled(plain(besides), FAINT), Content("      "))


def reason_rows(reasons: Sequence[Reason], snapshot: Snapshot) -> Iterator[Row]:
    """Yield a row for each reason."""
    from canlock.telling.reasons import weight

    for reason in reasons:
        when = clock.instant(reason.times_s[0], snapshot.first_s) if reason.times_s else ""
        style = "$text-success" if reason.bits > 0 else "$text-warning"
        more = " and later" if len(reason.times_s) > 1 else ""
        yield Row(
            Content.assemble(plain(reason.text), (f"  {when}{more}" if when else "", FAINT)),
            Content.styled(f"{weight(reason.bits):>5} ", style),
        )


def advice_rows(finding: Finding) -> Iterator[Row]:
    """Yield what to beware of and what to do, a row each."""
    for warning in finding.advice.warnings:
        yield _note("Beware", warning)
    for step in finding.advice.steps:
        yield _note("To do", step)


def _note(label: str, text: str) -> Row:
    return Row(Content(plain(text)), Content.styled(label.ljust(10), "bold"))
