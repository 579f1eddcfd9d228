"""What may be said at all: the rules that stand above the numbers (contract, section 5)."""

from __future__ import annotations

from math import inf
from typing import Final

from canlock.detection.detector import Detected
from canlock.diagnosis.observation import HEALTHY, Group
from canlock.diagnosis.observing.origins import is_unexplained
from canlock.model.operations import Operation
from canlock.model.vehicle import Vehicle

COMPLETE_COMMANDS: Final = 3
"""`no-fault` needs this many commands with every observable link complete."""

SYMPTOM_SHARE: Final = 0.10
"""An outcome that a healthy car shows less often than this is a symptom."""

LEAST_SYMPTOMS: Final = 2
"""One failure may be a slip: a fault needs two (DOMAIN 2.5, insufficient-evidence)."""

SETTLED_KINDS: Final = ("node", "module", "traffic", "cell", "defect", "code")
"""What control units say of themselves, or by falling silent, is no slip: once is enough."""

SAME_FAILURE_S: Final = 3.0
"""Doors that fail at one command, or tugs at one handle, are within this. Judgement."""

MAY_BE_SOUND: Final = 0.12
"""No part is accused while it is more probable than this that none is broken."""

CLEAR_OF_SOUND: Final = 2.0
"""Nor unless it is this many times as probable. Both are judgement, with false accusations of
simulated cars of the fitting worlds in view."""

LARGEST_GROUP: Final = 12
"""More codes than this that cannot be told apart are no answer (DOMAIN 4.2)."""

BY_DESIGN: Final = {
    ("origin", "relock"): "By design the car locked itself by its relock timer",
    ("origin", "automatic"): "By design the car moved its locks by itself",
    ("scope", "driver-only"): "By design the unlock was for the driver's door only",
    ("refusal", "door-open"): "By design it did not lock while a door was open",
    ("refusal", "key-inside"): "By design it did not lock with a key inside",
    ("refusal", "key-inserted"): "By design it did not heed the fob with the key in",
    ("refusal", "power"): "By design it did not heed the fob with the ignition on",
    ("refusal", "low-voltage"): "By design it did nothing while the supply was very low",
    ("refusal", "count"): "By design it let the locks rest after many operations",
}
"""What is no fault, and no verdict either where nobody complains (contract, section 5)."""

COMPLAINTS: Final = (
    "denied",
    "outer.ordered",
    "outer.measured",
    "outer.deaf",
    "inner.measured",
    "inner.rear",
    "inner.barred",
)


def is_complete(operation: Operation, vehicle: Vehicle) -> bool:
    """Say whether every link of an operation that could be seen is complete."""
    if operation.command is None or not operation.is_closed or is_unexplained(operation, vehicle):
        return False
    request = operation.request
    is_unheard = request is not None and request.is_marked and not request.is_seen
    if is_unheard and operation.can_see_request:
        return False
    told = [answer for answer in operation.responses if answer.feedback != "belief"]
    if any(answer.state not in ("answered", "already", "unseen") for answer in told):
        return False
    # A belief that gave the command away is not its answer as well; lamps are another's word.
    is_known = not operation.command.is_inferred or operation.flashes > 0
    shown = operation.responses if is_known else told
    return any(answer.state == "answered" for answer in shown)


def complete_commands(detected: Detected, vehicle: Vehicle) -> int:
    """Return how many commands had every observable link complete."""
    return sum(is_complete(operation, vehicle) for operation in detected.operations)


def has_failed(groups: tuple[Group, ...], complete: int) -> bool:
    """Say whether too much has failed for a car to be called healthy.

    What was by design is no failure, nor is a supply that was low now and then.
    """
    failures = count_symptoms(
        tuple(g for g in groups if g.count * 2 > g.trials or g.kind not in ("supply", "dip"))
    )
    return failures >= LEAST_SYMPTOMS and failures > SYMPTOM_SHARE * complete


def is_symptom(group: Group) -> bool:
    """Say whether a healthy car rarely shows this."""
    return HEALTHY[group.kind][group.outcome] < SYMPTOM_SHARE


def count_symptoms(groups: tuple[Group, ...]) -> int:
    """Return how many times something failed: what fails together, of one kind, failed once."""
    times: dict[str, list[float]] = {}
    for group in groups:
        if is_symptom(group) and not is_by_design(group):
            times.setdefault(_family(group.kind), []).extend(group.times_s)
    count = 0
    for family, found in times.items():
        last_s = -inf
        for at_s in sorted(found):
            if at_s - last_s > SAME_FAILURE_S:
                count += LEAST_SYMPTOMS if family in SETTLED_KINDS else 1
                last_s = at_s
    return count


def is_by_design(group: Group) -> bool:
    """Say whether a car that is made so does this, or somebody felt that it did."""
    key = group.kind, group.outcome
    # A rear door that does not open from inside is that of a car with children, mostly.
    return (
        key in BY_DESIGN
        or (group.kind == "denied" and group.outcome != "unordered")
        or group.kind == "inner.rear"
    )


def _family(kind: str) -> str:
    """Return the subject of a kind: a slow answer is also slower than the others."""
    return "response" if kind == "pace" else kind.partition(".")[0]


def has_complaint(groups: tuple[Group, ...]) -> bool:
    """Say whether somebody marked that a door stayed shut, or was seen to pull in vain."""
    return any(
        (group.has_mark or group.kind == "denied")
        and group.kind in COMPLAINTS
        and group.outcome not in ("opened", "none")
        for group in groups
    )


def has_unexplained_mark(groups: tuple[Group, ...]) -> bool:
    """Say whether somebody marked what a healthy car does not do."""
    return has_complaint(groups) or any(
        g.has_mark and is_symptom(g) and not is_by_design(g) for g in groups
    )


def has_unanswered_press(detected: Detected) -> bool:
    """Say whether somebody marked a press, whatever the button, and no order followed it.

    A door that stood open explains it (`refusal`).
    """
    return any(
        operation.outcome == "no-command"
        and operation.request is not None
        and operation.request.is_marked
        and operation.is_closed
        and not operation.is_gapped
        and not operation.circumstance.ajar_doors
        for operation in detected.operations
    )


def has_refusal(detected: Detected, groups: tuple[Group, ...]) -> bool:
    """Say whether the car was seen to refuse, in words or by what it left undone or took back.

    Locks that do not move after many operations may be resting (DOMAIN 2.5 A, count).
    """
    if any(operation.outcome == "refused" for operation in detected.operations):
        return True
    return any(
        (group.kind == "refusal" and group.outcome != "none")
        # A lock that is taken back at once: a key may lie in the car (DOMAIN 2.5 A).
        or (group.kind == "origin" and group.outcome in ("taken-back", "reversed"))
        or (group.kind == "response.frequent" and group.outcome == "silent")
        for group in groups
    )
