"""One operation in a few words: who asked, what was ordered, how it ended, what each door did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from canlock.telling import words

if TYPE_CHECKING:
    from canlock.model.operations import Operation, Response

LEAST_LATENCY_S: Final = 0.005
"""Less than this would be shown as zero."""


def asked(operation: Operation) -> str:
    """Return who asked for what, as far as it is known."""
    request = operation.request
    if request is None:
        return _asked_unseen(operation)
    who = words.REQUESTS.get(request.role, request.role)
    if request.mark_action is not None and "spare" in request.mark_action:
        who = f"spare {who}"
    if request.door is not None:
        who += f" ({words.door_short(request.door)})"
    said = " (marked)" if request.is_marked and not request.is_seen else ""
    return f"{who}: {words.ACTIONS[request.action]}{said}"


def asked_alone(operation: Operation) -> str:
    """Return who asked for what, so that it says of itself what was not seen."""
    unseen = {"not visible": "request not visible", "nobody seen": "no request seen"}
    who = asked(operation)
    return unseen.get(who, who)


def _asked_unseen(operation: Operation) -> str:
    """Return who asked where no request was seen, from what the BCM says or does."""
    requestor = operation.command.requestor if operation.command else None
    known = operation.cause or requestor
    if known is None or known == "none":
        return "nobody seen" if operation.can_see_request else "not visible"
    return words.CAUSES.get(known, known.replace("-", " "))


def ordered(operation: Operation, doors: Sequence[str]) -> str:
    """Return what the BCM ordered, and how that is known where it is not seen itself.

    Args:
        operation: The operation.
        doors: All doors of the car.
    """
    command = operation.command
    if command is None:
        return "nothing" if operation.can_see_command else "not visible"
    scope = "all" if set(command.doors) >= set(doors) or not command.doors else ""
    scope = scope or ", ".join(words.door_short(door) for door in command.doors)
    text = f"{words.ACTIONS[command.action]} {scope}"
    if command.repeats:
        text += f", {command.repeats + 1} times"
    return f"{text} ~" if command.is_inferred else text


def result(operation: Operation) -> str:
    """Return how it ended, in a few words."""
    remarks = []
    if operation.inhibit is not None:
        remarks.append(words.INHIBITS.get(operation.inhibit, operation.inhibit))
    if operation.outcome == "answered" and any(r.state == "slow" for r in operation.responses):
        remarks.append("slow")
    if operation.is_gapped:
        remarks.append("frames are missing")
    if not operation.is_closed:
        remarks.append("not over yet")
    text = words.OUTCOMES[operation.outcome]
    if operation.outcome == "silent" and any(r.state == "answered" for r in operation.responses):
        text = words.SILENT_AS_MEASURED
    return f"{text} ({', '.join(remarks)})" if remarks else text


def answers(responses: Sequence[Response]) -> str:
    """Return what each door did, doors of one answer together, those that failed first.

    `NO ANSWER: driver. Answered: passenger 0.21, rear left 0.22`
    """
    groups: dict[str, list[str]] = {}
    for response in responses:
        name = words.door_short(response.door) + ("*" if response.feedback != "measured" else "")
        # What gave the order away came with it: zero is no time that a lock took.
        if response.latency_s is not None and response.latency_s >= LEAST_LATENCY_S:
            name += f" {response.latency_s:.2f}"
        groups.setdefault(response.state, []).append(name)
    return ". ".join(
        f"{words.RESPONSES[state]}: {', '.join(groups[state])}"
        for state in words.RESPONSES
        if state in groups
    )
