"""From what happened to a verdict: the one entry of this room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.detection.detector import Detected
from canlock.diagnosis.asking import as_shown
from canlock.diagnosis.catalogue import models_by_code
from canlock.diagnosis.further import find_further
from canlock.diagnosis.gates import (
    BY_DESIGN,
    CLEAR_OF_SOUND,
    COMPLETE_COMMANDS,
    LARGEST_GROUP,
    LEAST_SYMPTOMS,
    MAY_BE_SOUND,
    complete_commands,
    count_symptoms,
    has_complaint,
    has_failed,
    has_refusal,
    has_unanswered_press,
    has_unexplained_mark,
)
from canlock.diagnosis.hypotheses import Ranking, explain, rank
from canlock.diagnosis.likelihoods import Likelihoods
from canlock.diagnosis.next_tests import SHOWN, complained_door
from canlock.diagnosis.observation import group_observations
from canlock.diagnosis.observing.everything import observe
from canlock.diagnosis.posterior import Weighed
from canlock.diagnosis.reasoning import Question, Reasoner
from canlock.diagnosis.tier import missing_roles, seen_roles, tier_of, unseen_roles
from canlock.diagnosis.wording import place
from canlock.model.faults import INSUFFICIENT, LAYER_OF, NO_FAULT
from canlock.model.vehicle import Vehicle
from canlock.model.verdict import Advice, Finding, Hypothesis, NextTest

LISTENED_S: Final = 1.0
"""A car that is awake sends the messages that tell its state oftener than this."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the reasoning concludes."""

    tier: str
    findings: tuple[Finding, ...]
    hypotheses: tuple[Hypothesis, ...]
    next_tests: tuple[NextTest, ...]
    further_tests: tuple[NextTest, ...]
    missing_roles: tuple[str, ...]
    notes: tuple[str, ...]


def diagnose(detected: Detected, vehicle: Vehicle, likelihoods: Likelihoods) -> Diagnosis:
    """Return the verdict on what happened so far."""
    return diagnose_with(Reasoner(vehicle, likelihoods), detected)


def diagnose_with(reasoner: Reasoner, detected: Detected) -> Diagnosis:
    """Return the verdict on what happened so far, of a car that is asked about again and again."""
    detected, vehicle = as_shown(detected, reasoner.vehicle)
    roles = seen_roles(detected, vehicle)
    tier = tier_of(roles, detected, vehicle)
    groups = tuple(group_observations(observe(detected, vehicle)))
    may_be_by_design = (
        has_complaint(groups) or has_refusal(detected, groups) or has_unanswered_press(detected)
    )
    reasoned = reasoner.reason(
        Question(
            groups, tier, may_be_by_design, complained_door(detected.marks), unseen_roles(roles)
        )
    )
    weighed, ranking, tests = reasoned.weighed, reasoned.ranking, reasoned.tests
    complete = complete_commands(detected, vehicle)
    finding = _conclude(ranking, weighed, detected, complete, has_reason=may_be_by_design)
    # Who has a sound car is told of no test, and may ask for one all the same.
    shown = 0 if finding.fault == NO_FAULT else SHOWN
    return Diagnosis(
        tier=tier,
        findings=(finding, *_further(weighed, finding)),
        hypotheses=ranking.hypotheses,
        next_tests=tests[:shown],
        further_tests=tests[shown:],
        missing_roles=missing_roles(roles, vehicle),
        notes=tuple(_notes(detected, vehicle)),
    )


def _conclude(
    ranking: Ranking, weighed: Weighed, detected: Detected, complete: int, *, has_reason: bool
) -> Finding:
    """Return the verdict.

    Args:
        ranking: All hypotheses.
        weighed: What they come from.
        detected: What happened.
        complete: Commands with every observable link complete.
        has_reason: Somebody complained, or the BCM was seen to refuse: what is by design may be
            the verdict.
    """
    leader = ranking.leader()
    symptoms = count_symptoms(weighed.groups)
    is_marked = has_unexplained_mark(weighed.groups) or has_unanswered_press(detected)
    why = _why_not_sure(complete, symptoms, is_marked=is_marked)
    if leader.fault == INSUFFICIENT:
        return _insufficient(ranking, weighed, why)
    if LAYER_OF[leader.fault] in ("none", "by-design"):
        design = ranking.leader_of("by-design") if has_reason else None
        if design is not None and design.probability >= ranking.probability(NO_FAULT):
            return _fault(ranking, weighed, design)
        is_sound = not is_marked and not has_failed(weighed.groups, complete)
        if is_sound and complete >= COMPLETE_COMMANDS:
            return _no_fault(ranking, weighed, complete, _unseen_doors(detected))
        return _insufficient(ranking, weighed, why)
    if symptoms < LEAST_SYMPTOMS:
        return _insufficient(ranking, weighed, why)
    group = ranking.group()
    soundness = ranking.soundness()
    is_unclear = soundness > MAY_BE_SOUND or leader.probability < CLEAR_OF_SOUND * soundness
    is_doubtful = len(group) > LARGEST_GROUP or is_unclear
    if is_doubtful and not ranking.is_confident():
        return _insufficient(ranking, weighed, "too many causes would look the same")
    return _fault(ranking, weighed, leader)


def _why_not_sure(complete: int, symptoms: int, *, is_marked: bool) -> str:
    if symptoms == 1:
        return "something failed once, too little to tell a fault from a slip"
    if symptoms:
        return f"something failed {symptoms} times, and no cause stands out yet"
    if is_marked:
        return "you marked what a healthy car does not do, and nothing else shows why"
    if complete >= COMPLETE_COMMANDS:
        return f"{complete} complete commands, but each shows little on this bus"
    commands = {0: "no command", 1: "one command"}.get(complete, f"{complete} commands")
    return f"{commands} with a complete chain seen, {COMPLETE_COMMANDS} are needed"


def _further(weighed: Weighed, first: Finding) -> list[Finding]:
    """Return the faults beside the first, the surest first."""
    hypothesis = Hypothesis(first.fault, first.doors, first.probability)
    found = [_fault(rank(part), part, other) for other, part in find_further(weighed, hypothesis)]
    return sorted(found, key=lambda finding: -finding.probability)


def _fault(ranking: Ranking, weighed: Weighed, top: Hypothesis) -> Finding:
    model = models_by_code()[top.fault]
    is_confident = ranking.is_confident() and top == ranking.leader()
    group = ranking.group()
    door = top.doors[0] if top.doors else None
    # Which door it is may be open.
    where = "door" if door is None and model.scope == "door" else place(door)
    summary = model.summary.format(door=where)
    if not is_confident:
        summary = f"Most likely: {_begin_small(summary)}"
    return Finding(
        fault=top.fault,
        layer=LAYER_OF[top.fault],
        doors=top.doors,
        probability=top.probability,
        is_confident=is_confident,
        group=(top.fault,) if is_confident else group,
        summary=summary,
        evidence=explain(weighed, top, ranking),
        advice=model.advice,
    )


def _begin_small(sentence: str) -> str:
    """Return a sentence as it stands behind a colon; names such as BCM keep their letters."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


def _unseen_doors(detected: Detected) -> str:
    """Return which doors no answer was ever seen of, as a sentence behind a summary."""
    seen: dict[str, bool] = {}
    for operation in detected.operations:
        for answer in operation.responses:
            is_seen = answer.state != "unseen" and answer.feedback != "belief"
            seen[answer.door] = seen.get(answer.door, False) or is_seen
    unseen = [place(door) for door, was_seen in seen.items() if not was_seen]
    if not unseen:
        return ""
    if len(unseen) == len(seen):
        return " Of no door could the lock itself be seen."
    return f" The lock itself could not be seen of: {', '.join(unseen)}."


def _no_fault(ranking: Ranking, weighed: Weighed, complete: int, unseen: str) -> Finding:
    top = Hypothesis(NO_FAULT, (), ranking.probability(NO_FAULT))
    is_confident = ranking.is_confident() and ranking.leader().fault == NO_FAULT
    return Finding(
        fault=NO_FAULT,
        layer=LAYER_OF[NO_FAULT],
        doors=(),
        probability=top.probability,
        is_confident=is_confident,
        group=(NO_FAULT,) if is_confident else ranking.group(),
        summary=(
            f"No fault was seen in {complete} complete lock and unlock commands. "
            "A fault that comes and goes may not have shown." + _by_design(weighed) + unseen
        ),
        evidence=explain(weighed, top, ranking),
    )


def _by_design(weighed: Weighed) -> str:
    """Return what the car did by design, as sentences behind a summary; empty where nothing."""
    counts = {(group.kind, group.outcome): 0 for group in weighed.groups}
    for group in weighed.groups:
        counts[group.kind, group.outcome] += group.count
    told = [
        text + ("." if counts[key] == 1 else f" ({counts[key]} times).")
        for key, text in BY_DESIGN.items()
        if counts.get(key)
    ]
    return "".join(f" {sentence}" for sentence in told)


def _insufficient(ranking: Ranking, weighed: Weighed, why: str) -> Finding:
    leader = next(h for h in ranking.hypotheses if h.fault != INSUFFICIENT)
    return Finding(
        fault=INSUFFICIENT,
        layer=LAYER_OF[INSUFFICIENT],
        doors=(),
        probability=ranking.probability(INSUFFICIENT),
        is_confident=False,
        group=ranking.group(),
        summary=f"Not enough was seen for a verdict: {why}.",
        evidence=explain(weighed, leader, ranking) if weighed.groups else (),
        advice=Advice(),
    )


def _listened_s(detected: Detected) -> float:
    """Return how long frames came, of whatever vehicle."""
    if detected.first_s is None or detected.now_s is None:
        return 0.0
    return detected.now_s - detected.first_s


def _notes(detected: Detected, vehicle: Vehicle) -> list[str]:
    notes = []
    if _listened_s(detected) >= LISTENED_S and not detected.lives:
        notes.append(
            "Not one frame of this vehicle was seen: another vehicle, or another bus of it?"
        )
    if not vehicle.is_verified:
        notes.append(
            "Nobody has seen this vehicle file work on a car: what was not seen weighs little."
        )
    if detected.dropped_operations:
        notes.append(
            f"The first {detected.dropped_operations} operations are no longer listed or weighed."
        )
    return notes
