"""The report for a person at the car: verdict, why, what to do next, what could not be seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from canlock.model.capture import CaptureInfo
from canlock.model.faults import INSUFFICIENT, NO_FAULT, NOT_FAULTS
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Finding, Hypothesis
from canlock.reports import history
from canlock.reports.advice import advice_title, effort, is_empty
from canlock.reports.page import Page, Style
from canlock.reports.recording import describe_damage, describe_recording
from canlock.telling import clock, words
from canlock.telling.conclusion import (
    LEAST_SHARE,
    candidates,
    cause_place,
    doors_in_doubt,
    headline,
    likeliest,
    named_cause,
    placed_name,
    sentence,
)
from canlock.telling.reasons import Reason, list_reasons, weight

TIMES_SHOWN: Final = 3
CAUSES_SHOWN: Final = 6
TESTS_SHOWN: Final = 3
ROLES_SHOWN: Final = 8
DAMAGE_SHOWN: Final = 5
NOTES_SHOWN: Final = 8


def render_text(
    snapshot: Snapshot, *, width: int = 80, color: bool = False, encoding: str = "ascii"
) -> str:
    """Return the report as plain text, without a line end at its end.

    Args:
        snapshot: What to report.
        width: Longest line, in columns.
        color: Stress with ANSI colours; nothing is said by colour alone.
        encoding: Python's name of what the terminal or file carries. The report's own words are
            ASCII; other letters in names and notes show as `?` where it has none for them.
    """
    page = Page(width, color=color, encoding=encoding)
    title = (snapshot.vehicle_name, PurePath(snapshot.capture.path).name)
    page.line(" - ".join(part for part in title if part))
    _verdict(page, snapshot)
    _why(page, snapshot)
    _next_steps(page, snapshot)
    _unseen(page, snapshot)
    _recording(page, snapshot)
    history.operations(page, snapshot)
    history.events(page, snapshot)
    _glossary(page)
    return page.text()


def _verdict(page: Page, snapshot: Snapshot) -> None:
    page.heading("VERDICT")
    is_alone = len(snapshot.findings) == 1
    indent = 1 if is_alone else 2
    for number, finding in enumerate(snapshot.findings, 1):
        causes = candidates(finding, snapshot)
        page.line(
            headline(finding, causes, snapshot.doors),
            indent=1,
            bullet="" if is_alone else f"{number}.",
            style=_style(finding),
        )
        _causes(page, finding, causes, snapshot.doors, indent)
        page.line(finding.summary, indent=indent)
        page.line(doors_in_doubt(finding, snapshot), indent=indent)
        if finding.is_confident and finding.fault not in NOT_FAULTS:
            page.line(f"Where in the chain: {words.LAYERS[finding.layer]}.", indent=indent)


def _style(finding: Finding) -> Style:
    if not finding.is_confident:
        return "doubt"
    return "good" if finding.fault in NOT_FAULTS else "bad"


def _causes(
    page: Page,
    finding: Finding,
    causes: Sequence[Hypothesis],
    doors: Sequence[str],
    indent: int,
) -> None:
    """List candidates, with the share of each where it is known and means something."""
    if not causes:
        return
    is_placed = all(cause.doors == finding.doors for cause in causes)
    shown = causes[:CAUSES_SHOWN]
    places = ["" if is_placed else cause_place(cause, doors) for cause in shown]
    names = [
        f"{words.FAULTS[cause.fault]} ({place})" if place else words.FAULTS[cause.fault]
        for cause, place in zip(shown, places, strict=True)
    ]
    is_vague = finding.fault == INSUFFICIENT
    if is_vague:
        page.line("It may be, the likelier first:", indent=indent)
    # Shares of what next to nothing is known of would look surer than they are.
    if is_vague or not all(cause.probability for cause in causes):
        for name in names:
            page.line(name, indent=indent + 1, bullet="-")
        page.more(len(causes) - CAUSES_SHOWN, indent=indent + 1)
        return
    shares = [words.percent(cause.probability) for cause in shown]
    rest = 1 - sum(cause.probability for cause in shown)
    if rest >= LEAST_SHARE:
        shares.append(words.percent(rest))
        names.append("something else")
    page.table(("", ""), list(zip(shares, names, strict=True)), indent=indent + 1)


def _why(page: Page, snapshot: Snapshot) -> None:
    page.heading("WHY")
    if not any(finding.evidence for finding in snapshot.findings):
        page.line("No single observation speaks for or against it.", indent=1)
        return
    is_alone = len(snapshot.findings) == 1
    indent = 1 if is_alone else 2
    for number, finding in enumerate(snapshot.findings, 1):
        if not is_alone:
            page.line(placed_name(finding, snapshot.doors), indent=1, bullet=f"{number}.")
        cause = likeliest(finding, snapshot)
        if cause.fault != finding.fault:
            single = named_cause(cause, snapshot.doors)
            page.line(f"On the likeliest single cause so far, {single}:", indent=indent)
        reasons = list_reasons(finding.evidence, cause.fault, cause.doors, snapshot.doors)
        if not reasons:
            page.line("No single observation speaks for or against it.", indent=indent)
        sides = (
            ("For it:", "+", reasons.pro, reasons.pro_rest),
            ("Against it:", "-", reasons.con, reasons.con_rest),
        )
        for title, bullet, told, rest in sides:
            _side(page, (title, bullet), told, rest, snapshot.first_s, indent)
        for line in reasons.besides:
            page.line(line, indent=indent)
    page.line("Weight: each +1 doubles the odds, each -1 halves them.", indent=1)


def _side(
    page: Page,
    heads: tuple[str, str],
    reasons: Sequence[Reason],
    rest: str,
    first_s: float | None,
    indent: int,
) -> None:
    """List the reasons of one side, each with its strength and its times, and the rest in a line.

    Args:
        page: Where to.
        heads: Title and bullet.
        reasons: The strongest first.
        rest: What is not told one by one; may be empty.
        first_s: Time of the first frame.
        indent: Steps of indentation.
    """
    title, bullet = heads
    if reasons or rest:
        page.line(title, indent=indent)
    for each in reasons:
        page.line(sentence(each.text), indent=indent + 1, bullet=bullet)
        page.line(
            f"{words.strength(each.bits)}{_times(each.times_s, first_s)}; "
            f"weight {weight(each.bits)}",
            indent=indent + 2,
        )
    if rest:
        page.line(sentence(rest), indent=indent + 1, bullet=bullet)


def _times(times_s: Sequence[float], first_s: float | None) -> str:
    """Return when it was seen."""
    instants = [clock.instant(at_s, first_s) for at_s in times_s[:TIMES_SHOWN]]
    known = [text for text in instants if text]
    if not known:
        return ""
    later = " and later" if len(times_s) > TIMES_SHOWN else ""
    return f", at {', '.join(known)}{later}"


def _next_steps(page: Page, snapshot: Snapshot) -> None:
    page.heading("WHAT TO DO NEXT")
    tests = snapshot.next_tests
    if tests:
        page.line("To be surer, one at a time while canlock records:", indent=1)
    for number, test in enumerate(tests[:TESTS_SHOWN], 1):
        page.line(test.instruction, indent=2, bullet=f"{number}.")
        minutes = f"({_minutes(test.minutes)}, {words.use(test.information_bits)})"
        page.line(minutes, indent=2, bullet=" " * len(f"{number}."))
    page.more(len(tests) - TESTS_SHOWN, indent=2)
    advised = [finding for finding in snapshot.findings if not is_empty(finding.advice)]
    told: set[str] = set()
    for finding in advised:
        _advice(page, finding, told, is_alone=len(snapshot.findings) == 1)
    if not tests and not advised:
        is_done = snapshot.verdict.fault == NO_FAULT and snapshot.verdict.is_confident
        page.line("Nothing." if is_done else "No test is known that would tell more.", indent=1)


def _minutes(minutes: float) -> str:
    whole = max(1, round(minutes))
    return f"about {whole} minute" + ("s" if whole > 1 else "")


def _advice(page: Page, finding: Finding, told: set[str], *, is_alone: bool) -> None:
    """Add the advice on one finding; what was told for another before is left out.

    Args:
        page: Where to.
        finding: What it is about.
        told: Rules that stand on the page already; those told here are added.
        is_alone: It is the only finding.
    """
    advice = finding.advice
    page.line(f"{advice_title(finding, is_alone=is_alone)}:", indent=1)
    for number, step in enumerate(advice.steps, 1):
        page.line(step, indent=2, bullet=f"{number}.")
    for warning in _new(advice.warnings, told):
        page.line(f"CAREFUL: {warning}", indent=2, style="bold")
    page.line(effort(advice), indent=2)
    for title, rules, is_numbered in (
        ("If you stand before the shut door:", _new(advice.locked_out, told), True),
        ("So that it does not come back:", _new(advice.prevention, told), False),
    ):
        if rules:
            page.line(title, indent=1)
        for number, rule in enumerate(rules, 1):
            page.line(rule, indent=2, bullet=f"{number}." if is_numbered else "-")


def _new(rules: Sequence[str], told: set[str]) -> list[str]:
    """Return the rules that were not told, and remember them."""
    new = [rule for rule in rules if rule not in told]
    told.update(new)
    return new


def _unseen(page: Page, snapshot: Snapshot) -> None:
    page.heading("WHAT COULD NOT BE SEEN")
    if snapshot.capture.frames:
        page.line(f"{words.TIERS[snapshot.tier]} (Tier {snapshot.tier}.)", indent=1)
    else:
        page.line("The recording holds no frames: nothing could be seen.", indent=1)
    missing = snapshot.missing_roles
    if missing:
        page.line("Not visible here, the most useful first:", indent=1)
        for role in missing[:ROLES_SHOWN]:
            page.line(words.role_words(role), indent=2, bullet="-")
        page.more(len(missing) - ROLES_SHOWN, indent=2)
    _damage(page, snapshot.capture)
    if snapshot.notes:
        page.line("Notes:", indent=1)
        for note in snapshot.notes[:NOTES_SHOWN]:
            page.line(note, indent=2, bullet="-")
        page.more(len(snapshot.notes) - NOTES_SHOWN, indent=2)


def _damage(page: Page, capture: CaptureInfo) -> None:
    """Say what was wrong with the capture itself, and where."""
    for line in describe_damage(capture):
        page.line(line, indent=1)
    for each in capture.damage[:DAMAGE_SHOWN]:
        page.line(f"{each.place}: {each.text}", indent=2, bullet="-")
    # A reader keeps only the first few places; the json report has no more of them.
    rest = max(capture.bad_lines, len(capture.damage)) - min(len(capture.damage), DAMAGE_SHOWN)
    if capture.damage and rest:
        page.line(f"... and {rest} more.", indent=2)


def _recording(page: Page, snapshot: Snapshot) -> None:
    capture = snapshot.capture
    page.heading("THE RECORDING")
    page.line(capture.path, indent=1)
    page.line(describe_recording(capture), indent=1)


def _glossary(page: Page) -> None:
    used = [word for word in words.GLOSSARY if page.speaks_of(word)]
    if used:
        page.heading("WORDS")
        for word in used:
            page.line(f"{word}: {words.GLOSSARY[word]}.", indent=1)
