"""Marks and what they are about: a mark comes a moment after what it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from canlock.detection.draft import Draft, agree
from canlock.detection.operations import COMMAND_ABSENT_S
from canlock.model.operations import Request

MARK_LATE_S: Final = 1.5
"""A press or a pull may be marked this long after it happened (contract: 0.2-1 s, usually)."""


ANSWER_LEADS_S: Final = 0.35
LEADS_AT_MOST_S: Final = 1.0
"""A press is marked 0.2 to 1 s late (contract), its order takes about 0.25 s: so much earlier than
its mark the answer comes, in the middle and at most."""


def find_pressed(drafts: Sequence[Draft], marked: Request) -> Draft | None:
    """Return the operation that a marked press began, the oldest first."""
    recent = [draft for draft in drafts if 0.0 <= marked.at_s - _began_s(draft) <= MARK_LATE_S]
    free = [d for d in recent if d.request is None or not d.request.is_marked]
    same = [d for d in free if d.request is None or d.request.role == marked.role]
    for draft in same:
        if agree(draft.action, marked.action):
            return draft
    # A press that was received, or an order that nothing else explains, and a mark of the other
    # button just after it: a wrong mark.
    return next((d for d in same if _is_received(d) or _is_ordered(d, marked)), None)


def _began_s(draft: Draft) -> float:
    """Return when a press began it: what moved before the order, a hand may have moved."""
    return draft.at_s if draft.request is not None or draft.command is None else draft.command.at_s


def _is_received(draft: Draft) -> bool:
    return draft.request is not None and draft.request.is_seen


def _is_ordered(draft: Draft, marked: Request) -> bool:
    """Say whether a draft is an order that the marked press may have asked for, by its time."""
    command = draft.command
    if draft.request is not None or command is None or marked.role == "request.cylinder":
        return False
    is_its = command.requestor is None or marked.role.endswith(f".{command.requestor}")
    return is_its and marked.at_s - command.at_s <= LEADS_AT_MOST_S


def give_over(draft: Draft, marked: Request) -> Draft | None:
    """Let a marked press have the answer that an earlier marked press was given; return that one.

    What follows a mark, and comes just before or after the next one, is the answer to that: the
    first press was not heard, or is another door's. One that was received has a later answer taken
    from it only by a press of something else.

    Args:
        draft: An operation that a mark opened; it becomes the new press's.
        marked: The new press.

    Returns:
        The earlier press by itself; None: the answer stays where it is.
    """
    before = draft.request
    answer_s = draft.first_answer_s
    if before is None or answer_s is None or answer_s <= before.at_s:
        return None
    if before.is_seen and not _is_of_another(draft, before, marked, answer_s):
        return None
    # The answer is expected a little before its mark, and well before that of the press after it.
    own_s, other_s = marked.at_s - answer_s, before.at_s - answer_s
    is_nearer = abs(own_s - ANSWER_LEADS_S) < abs(other_s - ANSWER_LEADS_S)
    if not is_nearer or own_s > LEADS_AT_MOST_S or not agree(draft.answer_way, marked.action):
        return None
    earlier = _split_off(draft, before, answer_s)
    draft.edges = [edge for edge in draft.edges if edge.at_s >= answer_s]
    draft.at_s = min(marked.at_s, answer_s)
    draft.request = marked
    return earlier


def _is_of_another(draft: Draft, received: Request, marked: Request, answer_s: float) -> bool:
    """Say whether an answer came too late for a press that was received, and not in its name."""
    requestor = draft.command.requestor if draft.command is not None else None
    is_named = requestor is not None and received.role.endswith(f".{requestor}")
    is_late = answer_s - received.at_s > COMMAND_ABSENT_S
    return is_late and not is_named and marked.role != received.role


def put_before(draft: Draft, marked: Request) -> Draft | None:
    """Return a marked press as one before that which was received meanwhile and awaits its answer.

    Whoever has pressed one button in vain presses another, and marks the first late. None: it is
    no such press.
    """
    received = draft.request
    if received is None or not received.is_seen or draft.first_answer_s is not None:
        return None
    if marked.at_s - received.at_s > MARK_LATE_S:
        return None
    return _split_off(draft, marked, draft.at_s)


def _split_off(draft: Draft, request: Request, until_s: float) -> Draft:
    """Return a press before a draft, which ends, unanswered, when that begins."""
    earlier = draft.copy()
    earlier.request = request
    earlier.until_s = until_s
    earlier.edges = [edge for edge in draft.edges if edge.at_s < until_s]
    earlier.drop_answer()
    draft.recent_starts += 1
    return earlier
