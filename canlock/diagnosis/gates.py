"""What may be said at all: the rules that stand above the numbers (contract, section 5)."""

from __future__ import annotations

from typing import Final

from canlock.detection.detector import Detected
from canlock.diagnosis.observation import HEALTHY, Group
from canlock.model.operations import Operation

COMPLETE_COMMANDS: Final = 3
"""`no-fault` needs this many commands with every observable link complete."""

SYMPTOM_SHARE: Final = 0.10
"""An outcome that a healthy car shows less often than this is a symptom."""

LEAST_SYMPTOMS: Final = 2
"""One failure may be a slip: a fault needs two (DOMAIN 2.5, insufficient-evidence)."""

LARGEST_GROUP: Final = 4
"""More codes than this that cannot be told apart are no answer (DOMAIN 4.2)."""

COMPLAINTS: Final = ("denied", "outer.ordered", "outer.measured", "outer.deaf", "inner.measured")


def is_complete(operation: Operation) -> bool:
    """Say whether every link of an operation that could be seen is complete."""
    if operation.command is None or not operation.is_closed:
        return False
    request = operation.request
    is_unheard = request is not None and request.is_marked and not request.is_seen
    if is_unheard and operation.can_see_request:
        return False
    told = [answer for answer in operation.responses if answer.feedback != "belief"]
    if any(answer.state not in ("answered", "already", "unseen") for answer in told):
        return False
    return any(answer.state == "answered" for answer in operation.responses)


def complete_commands(detected: Detected) -> int:
    """Return how many commands had every observable link complete."""
    return sum(is_complete(operation) for operation in detected.operations)


def is_symptom(group: Group) -> bool:
    """Say whether a healthy car rarely shows this."""
    return HEALTHY[group.kind][group.outcome] < SYMPTOM_SHARE


def count_symptoms(groups: tuple[Group, ...]) -> int:
    """Return how many single observations are symptoms."""
    return sum(group.count for group in groups if is_symptom(group))


def has_complaint(groups: tuple[Group, ...]) -> bool:
    """Say whether somebody marked that a door stayed shut."""
    return any(
        group.is_marked and group.outcome == "stuck" and group.kind in COMPLAINTS
        for group in groups
    )


def has_refusal(detected: Detected, groups: tuple[Group, ...]) -> bool:
    """Say whether the BCM was seen to refuse."""
    if any(operation.outcome == "refused" for operation in detected.operations):
        return True
    return any(group.kind == "command.barred" and group.outcome == "absent" for group in groups)
