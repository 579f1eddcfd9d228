"""What a report to print or to hand on contains: two sheets, the verdict first, the method last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Final

import canlock
from canlock.model.faults import INSUFFICIENT, NO_FAULT, NOT_FAULTS
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Finding, Hypothesis
from canlock.reports.advice import advice_title, effort, is_empty
from canlock.reports.car_picture import car_picture
from canlock.reports.chain import deciding_chains
from canlock.reports.chain_picture import chain_picture
from canlock.reports.document import Block, Document, Item, Items, Picture, Section, Table, Text
from canlock.reports.masking import mask
from canlock.reports.recording import describe_damage, describe_recording
from canlock.telling import clock, words
from canlock.telling.chain import Chain
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
from canlock.telling.door_facts import HEALTH_WORDS, DoorFacts, list_door_facts
from canlock.telling.reasons import Reason, Reasons, list_reasons, weight

CAUSES_SHOWN: Final = 5
TIMES_SHOWN: Final = 2
TESTS_SHOWN: Final = 3
ROLES_SHOWN: Final = 8
NOTES_SHOWN: Final = 5
DAMAGE_SHOWN: Final = 3
CODES_SHOWN: Final = 6
"""So many fit on two sheets; the json report has all."""

METHOD: Final = (
    "canlock joins what was asked, what the BCM ordered and what each door answered, and weighs "
    "every observation for and against each fault it knows. A weight of +1 doubles the odds, -1 "
    "halves them; the weights and the odds before anything was seen add up to the probability. "
    "What could not be seen is never counted as evidence. canlock only listens to the car."
)

CAR_NOTE: Final = (
    "As it stood at the end, drawn with the steering wheel on the left. A hatched door has or may "
    "have the fault, a dashed one was not seen open or shut."
)

CHAIN_NOTE: Final = (
    "Full dot: seen on the bus. Hollow dot: marked by a person, who is often late. Diamond: known "
    "from an echo only. Cross: did not come. Dotted line: could not be seen."
)


def report_document(
    snapshot: Snapshot, *, is_masked: bool = True, version: str = canlock.__version__
) -> Document:
    """Return the report.

    Args:
        snapshot: What to report.
        is_masked: Hide VINs, fob ids, folders and what was noted beside marks.
        version: Of canlock, named at the end.
    """
    if is_masked:
        snapshot = mask(snapshot)
    path = snapshot.capture.path
    about = (snapshot.vehicle_name, PurePath(path).name, f"tier {snapshot.tier}")
    return Document(
        about=tuple(each for each in about if each),
        sections=(
            Section("verdict", "Verdict", tuple(_verdict(snapshot))),
            Section("doors", "The car", (_car(snapshot),)),
            Section("chains", "The operations that decided", tuple(_chains(snapshot))),
            Section("why", "Why", tuple(_why(snapshot))),
            Section("advice", "What to do", tuple(_advice(snapshot))),
            Section("unseen", "What could not be seen", tuple(_unseen(snapshot))),
            Section("method", "Method", tuple(_method(snapshot, version, is_masked=is_masked))),
        ),
    )


def _verdict(snapshot: Snapshot) -> Iterator[Block]:
    for finding in snapshot.findings:
        causes = candidates(finding, snapshot)
        yield Text(headline(finding, causes, snapshot.doors), is_stressed=True)
        if causes:
            yield _causes(finding, causes, snapshot.doors)
        chain = ""
        if finding.is_confident and finding.fault not in NOT_FAULTS:
            chain = f"Where in the chain: {words.LAYERS[finding.layer]}."
        parts = (finding.summary, doors_in_doubt(finding, snapshot), chain)
        yield Text(" ".join(part for part in parts if part))


def _causes(finding: Finding, causes: Sequence[Hypothesis], doors: Sequence[str]) -> Table:
    shown = causes[:CAUSES_SHOWN]
    # Shares of what next to nothing is known of would look surer than they are.
    has_shares = finding.fault != INSUFFICIENT and all(cause.probability for cause in causes)
    rows = [
        (
            words.percent(cause.probability) if has_shares else "",
            words.FAULTS[cause.fault],
            cause_place(cause, doors),
        )
        for cause in shown
    ]
    rest = 1 - sum(cause.probability for cause in shown)
    if has_shares and rest >= LEAST_SHARE:
        rows.append((words.percent(rest), "something else", ""))
    title = "It may be, the likelier first" if finding.fault == INSUFFICIENT else ""
    heads = ("likely", "cause", "where")
    kept = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    return Table(
        tuple(heads[number] for number in kept),
        tuple(tuple(row[number] for number in kept) for row in rows),
        title,
    )


def _car(snapshot: Snapshot) -> Picture:
    facts = list_door_facts(snapshot)
    return Picture(car_picture(facts), _car_table(facts), CAR_NOTE)


def _car_table(facts: Iterable[DoorFacts]) -> Table:
    return Table(
        ("door", "health", "lock", "stands", "answers"),
        tuple(
            (
                words.door_short(each.door),
                HEALTH_WORDS[each.health],
                each.lock_words,
                each.ajar_words,
                each.answer_words,
            )
            for each in facts
        ),
    )


def _chains(snapshot: Snapshot) -> Iterator[Block]:
    chains = deciding_chains(snapshot)
    if not chains:
        yield Text("No lock or unlock operation was seen.")
        return
    for number, chain in enumerate(chains, 1):
        note = CHAIN_NOTE if number == len(chains) else ""
        yield Picture(chain_picture(chain), _chain_table(chain), note)
    total = len(snapshot.operations) + snapshot.dropped_operations
    if total > len(chains):
        yield Text(f"Shown: {len(chains)} of {total} operations.")


def _chain_table(chain: Chain) -> Table:
    rows = tuple(
        (step.name, "" if step.after_ms is None else f"{step.after_ms:.0f} ms", step.text)
        for step in chain.steps
    )
    return Table(("step", "after", "what"), rows, chain.title)


def _why(snapshot: Snapshot) -> Iterator[Block]:
    for finding in snapshot.findings:
        cause = likeliest(finding, snapshot)
        title = placed_name(finding, snapshot.doors) if len(snapshot.findings) > 1 else ""
        if cause.fault != finding.fault:
            title = f"On the likeliest single cause so far, {named_cause(cause, snapshot.doors)}"
        if title:
            yield Text(f"{title}:", is_stressed=True)
        reasons = list_reasons(finding.evidence, cause.fault, cause.doors, snapshot.doors)
        if not reasons:
            yield Text("No single observation speaks for or against it.")
        yield from _sides(reasons, snapshot.first_s)
        if reasons.besides:
            yield Text(" ".join(reasons.besides))
    codes = snapshot.codes[:CODES_SHOWN]
    if codes:
        named = ", ".join(f"{each.code} ({each.ecu.upper()})" for each in codes)
        yield Text(f"Trouble codes read: {named}.")


def _sides(reasons: Reasons, first_s: float | None) -> Iterator[Block]:
    for title, told, rest in (
        ("For it", reasons.pro, reasons.pro_rest),
        ("Against it", reasons.con, reasons.con_rest),
    ):
        items = [_reason(each, first_s) for each in told]
        if rest:
            items.append(Item(sentence(rest)))
        if items:
            yield Items(tuple(items), title)


def _reason(reason: Reason, first_s: float | None) -> Item:
    instants = [clock.instant(at_s, first_s) for at_s in reason.times_s[:TIMES_SHOWN]]
    times = ", ".join(text for text in instants if text)
    later = " and later" if times and len(reason.times_s) > TIMES_SHOWN else ""
    parts = (words.strength(reason.bits), f"weight {weight(reason.bits)}", f"{times}{later}")
    return Item(sentence(reason.text), "; ".join(part for part in parts if part))


def _advice(snapshot: Snapshot) -> Iterator[Block]:
    tests = tuple(
        Item(test.instruction, f"{_minutes(test.minutes)}, {words.use(test.information_bits)}")
        for test in snapshot.next_tests[:TESTS_SHOWN]
    )
    if tests:
        yield Items(tests, "To be surer, one at a time while canlock records", is_numbered=True)
    told: set[str] = set()
    is_alone = len(snapshot.findings) == 1
    advised = [each for each in snapshot.findings if not is_empty(each.advice)]
    for finding in advised:
        yield from _advice_on(finding, told, is_alone=is_alone)
    if not tests and not advised:
        is_done = snapshot.verdict.fault == NO_FAULT and snapshot.verdict.is_confident
        yield Text("Nothing." if is_done else "No test is known that would tell more.")


def _advice_on(finding: Finding, told: set[str], *, is_alone: bool) -> Iterator[Block]:
    """Yield the advice on one finding, without what was told before; `told` takes it up."""
    advice = finding.advice
    title = advice_title(finding, is_alone=is_alone)
    if advice.steps:
        yield Items(tuple(map(Item, advice.steps)), title, is_numbered=True)
    cost = effort(advice)
    if cost:
        yield Text(cost, is_stressed=True)
    for heading, rules, is_numbered in (
        ("Careful", advice.warnings, False),
        ("If you stand before the shut door", advice.locked_out, True),
        ("So that it does not come back", advice.prevention, False),
    ):
        new = tuple(Item(rule) for rule in rules if rule not in told)
        told.update(rules)
        if new:
            yield Items(new, heading, is_numbered=is_numbered)


def _minutes(minutes: float) -> str:
    whole = max(1, round(minutes))
    return f"about {whole} minute" + ("s" if whole > 1 else "")


def _unseen(snapshot: Snapshot) -> Iterator[Block]:
    if snapshot.capture.frames:
        yield Text(f"{words.TIERS[snapshot.tier]} (Tier {snapshot.tier}.)")
    else:
        yield Text("The recording holds no frames: nothing could be seen.")
    missing = snapshot.missing_roles
    if missing:
        named = "; ".join(words.role_words(role) for role in missing[:ROLES_SHOWN])
        more = _more(len(missing) - ROLES_SHOWN)
        yield Text(f"Not visible here, the most useful first: {named}{more}.")
    damage = describe_damage(snapshot.capture)
    if damage:
        yield Text(" ".join(damage))
    places = snapshot.capture.damage[:DAMAGE_SHOWN]
    if places:
        yield Items(tuple(Item(f"{each.place}: {each.text}") for each in places))
    notes = snapshot.notes[:NOTES_SHOWN]
    if notes:
        items = [Item(note) for note in notes]
        if len(snapshot.notes) > NOTES_SHOWN:
            items.append(Item(f"{len(snapshot.notes) - NOTES_SHOWN} more notes."))
        yield Items(tuple(items), "Notes")


def _more(count: int) -> str:
    return f"; and {count} more" if count > 0 else ""


def _method(snapshot: Snapshot, version: str, *, is_masked: bool) -> Iterator[Block]:
    yield Text(METHOD)
    rows = [
        ("canlock", version),
        ("vehicle file", snapshot.vehicle),
        ("recording", snapshot.capture.path),
        ("", describe_recording(snapshot.capture)),
    ]
    if is_masked:
        rows.append(("hidden", "VINs, fob ids, folders and notes beside marks"))
    yield Table(("", ""), tuple(rows))
