"""The report for a person at the car: verdict, why, what to do next, what could not be seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from canlock.model.capture import CaptureInfo
from canlock.model.faults import INSUFFICIENT, NO_FAULT, NOT_FAULTS
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Advice, Evidence, Finding, Hypothesis
from canlock.reports import clock, history, words
from canlock.reports.page import Page, Style

EVIDENCE_SHOWN: Final = 5
"""Pieces of evidence on each side, the strongest first."""

TIMES_SHOWN: Final = 3
CAUSES_SHOWN: Final = 6
LEAST_SHARE: Final = 0.01
"""A cause less likely than this is no candidate to a person."""

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
        if finding.is_confident and finding.fault not in NOT_FAULTS:
            page.line(f"Where in the chain: {words.LAYERS[finding.layer]}.", indent=indent)


def headline(finding: Finding, causes: Sequence[Hypothesis], doors: Sequence[str]) -> str:
    """Return the verdict in one sentence.

    Args:
        finding: What was found.
        causes: Between what the evidence cannot decide, see `candidates`.
        doors: All doors of the car.
    """
    if finding.fault == INSUFFICIENT:
        return "Too little was seen to say what is wrong."
    sure = f"({words.percent(finding.probability)} sure)"
    if finding.fault == NO_FAULT and finding.is_confident:
        return f"No fault found {sure}."
    # Where the door is in doubt too, the list names it and the headline must not.
    is_placed = finding.doors and all(cause.doors == finding.doors for cause in causes)
    place = f"{words.doors_name(finding.doors, doors)}: " if is_placed else ""
    if not finding.is_confident:
        return _capital(f"{place}not sure yet. The evidence cannot tell these apart:")
    verdict = f"{_capital(place + words.FAULTS[finding.fault])} {sure}."
    return f"Nothing is broken. {verdict}" if finding.layer == "by-design" else verdict


def candidates(finding: Finding, snapshot: Snapshot) -> list[Hypothesis]:
    """Return between what the evidence cannot decide, the likeliest first; none where it can.

    The hypotheses of a snapshot are those of its verdict. Of another finding only the names of the
    group are known: their probabilities are given as zero, which stands for not known.
    """
    if finding.is_confident:
        return []
    group = [code for code in finding.group if code != INSUFFICIENT]
    chosen = [
        each
        for each in snapshot.hypotheses
        if each.fault in group and finding is snapshot.verdict and each.probability >= LEAST_SHARE
    ]
    if not chosen:
        return [Hypothesis(code, finding.doors, 0.0) for code in group]
    return sorted(chosen, key=lambda each: -each.probability)


def _style(finding: Finding) -> Style:
    if not finding.is_confident:
        return "doubt"
    return "good" if finding.fault in NOT_FAULTS else "bad"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


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
    names = [
        words.FAULTS[cause.fault]
        if is_placed or not cause.doors
        else f"{words.FAULTS[cause.fault]} ({words.doors_name(cause.doors, doors)})"
        for cause in shown
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
    for number, finding in enumerate(snapshot.findings, 1):
        if not is_alone:
            place = f"{words.doors_name(finding.doors, snapshot.doors)}: " if finding.doors else ""
            page.line(
                f"{_capital(place + words.FAULTS[finding.fault])}", indent=1, bullet=f"{number}."
            )
        causes = candidates(finding, snapshot)
        if finding.fault == INSUFFICIENT and causes:
            page.line(f"On the likeliest cause so far, {words.FAULTS[causes[0].fault]}:", indent=1)
        sides: dict[str, list[Evidence]] = {"For it:": [], "Against it:": [], "Also seen:": []}
        for each in finding.evidence:
            sides[_side(each.bits)].append(each)
        for title, evidence in sides.items():
            _evidence(page, title, evidence, snapshot.first_s, 1 if is_alone else 2)
    page.line("Weight: each +1 doubles the odds, each -1 halves them.", indent=1)


def _side(bits: float) -> str:
    if abs(bits) < words.LEAST_BITS:
        return "Also seen:"
    return "For it:" if bits > 0 else "Against it:"


def _evidence(
    page: Page, title: str, evidence: Sequence[Evidence], first_s: float | None, indent: int
) -> None:
    """List evidence of one side, the strongest first, with its strength and its times."""
    if not evidence:
        return
    page.line(title, indent=indent)
    strongest = sorted(evidence, key=lambda each: -abs(each.bits))
    for each in strongest[:EVIDENCE_SHOWN]:
        page.line(_sentence(each.text), indent=indent + 1, bullet="-" if each.bits < 0 else "+")
        weight = f"weight {each.bits:+.1f}" if abs(each.bits) >= words.LEAST_BITS else "no weight"
        page.line(
            f"{words.strength(each.bits)}{_times(each, first_s)}; {weight}", indent=indent + 2
        )
    page.more(len(evidence) - EVIDENCE_SHOWN, indent=indent + 1)


def _sentence(text: str) -> str:
    """Return text with a capital and a full stop, whichever of them it lacks."""
    stripped = text.strip()
    return _capital(stripped if stripped.endswith((".", "!", "?")) else f"{stripped}.")


def _times(evidence: Evidence, first_s: float | None) -> str:
    """Return when it was seen; empty for what held before anything was seen."""
    instants = [clock.instant(at_s, first_s) for at_s in evidence.times_s[:TIMES_SHOWN]]
    known = [text for text in instants if text]
    if not known:
        return ""
    later = " and later" if len(evidence.times_s) > TIMES_SHOWN else ""
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
    advised = [finding for finding in snapshot.findings if _has_advice(finding.advice)]
    for finding in advised:
        _advice(page, finding, is_alone=len(snapshot.findings) == 1)
    if not tests and not advised:
        is_done = snapshot.verdict.fault == NO_FAULT and snapshot.verdict.is_confident
        page.line("Nothing." if is_done else "No test is known that would tell more.", indent=1)


def _minutes(minutes: float) -> str:
    whole = max(1, round(minutes))
    return f"about {whole} minute" + ("s" if whole > 1 else "")


def _has_advice(advice: Advice) -> bool:
    return bool(advice.steps or advice.warnings or advice.parts_cost_rub or advice.difficulty)


def _advice(page: Page, finding: Finding, *, is_alone: bool) -> None:
    name = words.FAULTS[finding.fault]
    if finding.fault in NOT_FAULTS:
        title = "Do this" if is_alone else f"Do this ({name})"
    elif finding.is_confident:
        title = "To repair it" if is_alone else f"To repair it ({name})"
    else:
        title = f"Only if tests confirm it ({name})"
    page.line(f"{title}:", indent=1)
    advice = finding.advice
    for number, step in enumerate(advice.steps, 1):
        page.line(step, indent=2, bullet=f"{number}.")
    for warning in advice.warnings:
        page.line(f"CAREFUL: {warning}", indent=2, style="bold")
    facts = []
    if advice.parts_cost_rub is not None:
        facts.append(f"Parts: {_cost(advice.parts_cost_rub)}.")
    if advice.difficulty:
        facts.append(f"Difficulty: {advice.difficulty}.")
    page.line(" ".join(facts), indent=2)


def _cost(rub: tuple[int, int]) -> str:
    least, most = rub
    return f"{least} RUB" if least == most else f"{least}-{most} RUB"


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
    counted = (
        (capture.out_of_order, "Frames with an earlier time than the frame before them"),
        (capture.clock_jumps, "Times at which the recorder's clock went back"),
        (capture.error_frames, "Error frames, which tell of trouble on the wires"),
    )
    for count, what in counted:
        if count:
            page.line(f"{what}: {count}.", indent=1)
    if capture.is_truncated:
        page.line("The recording stops in the middle of a line: its end is missing.", indent=1)
    if capture.bad_lines:
        page.line(f"Lines left out because they could not be read: {capture.bad_lines}.", indent=1)
    elif capture.damage:
        page.line("Damage to the recording:", indent=1)
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
    facts = [f"{capture.frames} frames"]
    if capture.first_s is not None and capture.last_s is not None:
        facts[0] += f" in {clock.duration(capture.last_s - capture.first_s)}"
        begin = clock.date_and_clock(capture.first_s)
        facts.append(
            f"begun {begin} UTC" if begin else "without a clock: times count from its start"
        )
    page.line(f"{', '.join(facts)} (format: {capture.format}).", indent=1)


def _glossary(page: Page) -> None:
    used = [word for word in words.GLOSSARY if page.speaks_of(word)]
    if used:
        page.heading("WORDS")
        for word in used:
            page.line(f"{word}: {words.GLOSSARY[word]}.", indent=1)
