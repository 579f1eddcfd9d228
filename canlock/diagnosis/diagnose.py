"""From what happened to a verdict: the one entry of this room."""

from __future__ import annotations

from dataclasses import dataclass

from canlock.detection.detector import Detected
from canlock.diagnosis.catalogue import fault_models, models_by_code
from canlock.diagnosis.fault_model import FaultModel
from canlock.diagnosis.gates import (
    BY_DESIGN,
    COMPLETE_COMMANDS,
    LARGEST_GROUP,
    LEAST_SYMPTOMS,
    complete_commands,
    count_symptoms,
    has_complaint,
    has_failed,
    has_refusal,
    has_unanswered_press,
    has_unexplained_mark,
)
from canlock.diagnosis.hypotheses import Ranking, explain, rank
from canlock.diagnosis.next_tests import next_tests
from canlock.diagnosis.observation import group_observations
from canlock.diagnosis.observe import observe
from canlock.diagnosis.posterior import Weighed, place_candidates, weigh
from canlock.diagnosis.tier import missing_roles, seen_roles, tier_of
from canlock.diagnosis.wording import place
from canlock.model.faults import INSUFFICIENT, LAYER_OF, NO_FAULT, UNKNOWN_FAULT
from canlock.model.vehicle import Vehicle
from canlock.model.verdict import Advice, Finding, Hypothesis, NextTest

SUPPLY_CODES = ("supply-undervoltage", "inhibit-low-voltage")
"""All that tier T0 can tell of (DOMAIN 2.2)."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the reasoning concludes."""

    tier: str
    findings: tuple[Finding, ...]
    hypotheses: tuple[Hypothesis, ...]
    next_tests: tuple[NextTest, ...]
    missing_roles: tuple[str, ...]
    notes: tuple[str, ...]


def diagnose(detected: Detected, vehicle: Vehicle) -> Diagnosis:
    """Return the verdict on what happened so far."""
    roles = seen_roles(detected, vehicle)
    tier = tier_of(roles, detected, vehicle)
    groups = tuple(group_observations(observe(detected, vehicle)))
    may_be_by_design = has_complaint(groups) or has_refusal(detected, groups)
    models = [model for model in fault_models() if _is_open(model, tier, may_be_by_design)]
    candidates = place_candidates(models, vehicle.doors)
    weighed = weigh(candidates, groups, is_verified=vehicle.is_verified)
    ranking = rank(weighed)
    finding = _conclude(ranking, weighed, detected, complete_commands(detected, vehicle))
    is_settled = finding.fault == NO_FAULT
    return Diagnosis(
        tier=tier,
        findings=(finding,),
        hypotheses=ranking.hypotheses,
        next_tests=() if is_settled else next_tests(weighed),
        missing_roles=missing_roles(roles, vehicle),
        notes=tuple(_notes(detected, vehicle)),
    )


def _is_open(model: FaultModel, tier: str, may_be_by_design: bool) -> bool:
    """Say whether a fault can be a verdict at all here."""
    layer = LAYER_OF[model.code]
    if layer == "by-design":
        return may_be_by_design
    if tier == "T0" and layer != "none":
        return model.code in SUPPLY_CODES
    return True


def _conclude(ranking: Ranking, weighed: Weighed, detected: Detected, complete: int) -> Finding:
    top = ranking.hypotheses[0]
    group = ranking.group()
    symptoms = count_symptoms(weighed.groups)
    is_marked = has_unexplained_mark(weighed.groups) or has_unanswered_press(detected)
    why = _why_not_sure(complete, symptoms, is_marked=is_marked)
    if top.fault == NO_FAULT:
        is_sound = not is_marked and not has_failed(weighed.groups, complete)
        if complete >= COMPLETE_COMMANDS and is_sound:
            return _no_fault(ranking, weighed, top, complete, _unseen_doors(detected))
        return _insufficient(ranking, weighed, why)
    if top.fault in (INSUFFICIENT, UNKNOWN_FAULT) or symptoms < LEAST_SYMPTOMS:
        if top.fault == UNKNOWN_FAULT and symptoms >= LEAST_SYMPTOMS:
            return _fault(ranking, weighed, top, group)
        return _insufficient(ranking, weighed, why)
    # A healthy car does by design what somebody complains of: that is no contradiction.
    may_be_healthy = NO_FAULT in group and LAYER_OF[top.fault] != "by-design"
    if not ranking.is_confident() and (len(group) > LARGEST_GROUP or may_be_healthy):
        return _insufficient(ranking, weighed, "too many causes would look the same")
    return _fault(ranking, weighed, top, group)


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


def _fault(ranking: Ranking, weighed: Weighed, top: Hypothesis, group: tuple[str, ...]) -> Finding:
    model = models_by_code()[top.fault]
    is_confident = ranking.is_confident()
    door = top.doors[0] if top.doors else None
    summary = model.summary.format(door=place(door))
    if not is_confident:
        summary = f"Most likely: {summary}"
    return Finding(
        fault=top.fault,
        layer=LAYER_OF[top.fault],
        doors=top.doors,
        probability=top.probability,
        is_confident=is_confident,
        group=(top.fault,) if is_confident else group,
        summary=summary,
        evidence=explain(weighed, top, ranking.settled),
        advice=model.advice,
    )


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


def _no_fault(
    ranking: Ranking, weighed: Weighed, top: Hypothesis, complete: int, unseen: str
) -> Finding:
    is_confident = ranking.is_confident()
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
        evidence=explain(weighed, top, ranking.settled),
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
        evidence=explain(weighed, leader, ranking.settled) if weighed.groups else (),
        advice=Advice(),
    )


def _notes(detected: Detected, vehicle: Vehicle) -> list[str]:
    notes = []
    if detected.first_s is not None and not detected.lives:
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
