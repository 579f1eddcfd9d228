"""Rules of belonging: whether a step is part of an operation or opens the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from canlock.detection.draft import (
    COMMAND_LEADS_S,
    ECHO_S,
    Draft,
    agree,
    direction,
    earliest_s,
)
from canlock.detection.marked import MARK_LATE_S
from canlock.detection.responses import NO_RESPONSE_S
from canlock.model.operations import Command, Request
from canlock.model.samples import RoleSample
from canlock.model.vehicle import Vehicle

MARK_EARLY_S: Final = 0.5
"""A press that is received so soon after a mark is the marked one: a mark comes after its press
(contract), but frames may be late, and clocks of marks and frames a little apart."""

MARKED_ANSWER_S: Final = 1.5
"""What begins later than this after a press that was only marked is not its answer: the mark itself
is late, and a second press is the likelier reason (DOMAIN 2.1, t_req->cmd)."""

SAME_PRESS_S: Final = 0.05
"""Two sources that show one press do so within this."""

JOIN_DOORS_S: Final = 0.3
"""Commands to different doors within this are one command."""

ESCALATION_S: Final = 1.5
"""A deadlock this soon after a lock is the second step of one command. Judgement."""


def is_of(draft: Draft, request: Request) -> bool:
    """Say whether a seen request belongs to a draft rather than opening the next."""
    before = draft.request
    if before is None:
        command = draft.command
        if command is None:
            # The lamps have frames of their own, which may be the first.
            early_s = ECHO_S if draft.flashes else COMMAND_LEADS_S
            is_next = request.at_s - draft.at_s <= early_s
            return is_next and (not draft.edges or _has_turned(draft, request))
        is_next = request.at_s - command.at_s <= COMMAND_LEADS_S
        return is_next and agree(command.action, request.action)
    if before.is_seen:
        is_same = before.role == request.role and agree(before.action, request.action)
        return is_same and request.at_s - before.at_s <= SAME_PRESS_S
    is_soon = request.at_s - before.at_s <= MARK_EARLY_S
    return is_soon and before.role == request.role and agree(before.action, request.action)


def _has_turned(draft: Draft, request: Request) -> bool:
    """Say whether all that moved is the lock whose cylinder a key is seen to turn."""
    return request.role == "request.cylinder" and all(
        edge.role == "lock.status"
        and (edge.feedback != "measured" or edge.doors == (request.door or "driver",))
        and direction(str(edge.value)) == direction(request.action)
        for edge in draft.edges
    )


def joins(draft: Draft, command: Command, vehicle: Vehicle, *, has_count: bool) -> bool:
    """Say whether a command belongs to the open draft, and join it to its command if so."""
    before = draft.command
    if before is None:
        # What moved long before an order with nobody asking, a hand has moved.
        is_soon = command.at_s - draft.last_step_s <= ECHO_S
        is_asked = draft.request is not None or is_soon
        return is_asked and not _is_answered(draft, command)
    after_s = command.at_s - before.at_s
    if direction(before.action) != direction(command.action):
        return False
    if command.action == before.action and after_s <= JOIN_DOORS_S:
        if not set(command.doors) <= set(before.doors):
            both = set(before.doors) | set(command.doors)
            doors = tuple(door for door in vehicle.doors if door in both)
            draft.command = replace(before, doors=doors)
            return True
        if after_s <= SAME_PRESS_S:
            return True
    if command.action != before.action and after_s <= ESCALATION_S:
        draft.command = replace(before, action=command.action)
        return True
    last_s = draft.last_command_s or before.at_s
    is_same = not has_count and set(command.doors) <= set(before.doors)
    if is_same and command.at_s - last_s <= vehicle.timing.retry:
        draft.command = replace(before, repeats=before.repeats + 1)
        return True
    return False


def _is_answered(draft: Draft, command: Command) -> bool:
    """Say whether a draft had its answer before an order: that is the next one's.

    An order that the vehicle file has no word for, of one door in many cars, is an answer. So are
    the lamps where a press that was only marked left the locks as they were: an order of the other
    way that comes at once means that the wrong button was marked, a later one is the next.
    """
    unnamed_s = draft.unnamed_order_s
    if unnamed_s is not None and command.at_s - unnamed_s > ECHO_S:
        return True
    request = draft.request
    if request is None or request.is_seen:
        return False
    is_late = command.at_s - request.at_s > MARKED_ANSWER_S
    if agree(request.action, command.action):
        # A button that says no direction would take whatever somebody else asked for.
        return is_late and direction(request.action) is None
    has_flashed = bool(draft.flashes) and command.at_s - draft.flashes[0] > ECHO_S
    return has_flashed or is_late


def split_early(draft: Draft, at_s: float, way: str | None, *, within_s: float) -> list[RoleSample]:
    """Return and forget the moves of a draft that a later step explains better.

    The lamps may flash after the lock has moved, and a mark is late: what turned back just before
    such a step is the answer to that, and no bouncing lock.

    Args:
        draft: The operation before.
        at_s: The step that opens the next.
        way: The direction of that step; None: not known.
        within_s: So long before it.
    """
    before = direction(draft.action) or _first_way(draft)
    if before is None or way == before:
        return []
    moves = [edge for edge in draft.edges if edge.role == "lock.status"]
    early = [edge for edge in moves if edge.at_s >= at_s - within_s]
    turned = [e for e in early if direction(str(e.value)) not in (None, before)]
    draft.edges = [edge for edge in draft.edges if edge not in turned]
    return turned


def split_ordered(
    draft: Draft, command: Command, *, within_s: float
) -> tuple[list[RoleSample], list[float]]:
    """Return and forget the moves and flashes of a draft that answer the order after it.

    Each message comes in its own time: lamps and locks may show an order before its own frame does.

    Args:
        draft: The operation before.
        command: The order that opens the next.
        within_s: So long before its frame it may have been given.
    """
    since_s = command.at_s - within_s
    way = direction(command.action)
    turned = split_early(draft, command.at_s, way, within_s=within_s)
    if draft.unnamed_order_s is not None:
        # That was of one door, as a rule: the others move with the order that names them.
        begun_s = max(since_s, draft.unnamed_order_s + ECHO_S)
        moves = [edge for edge in draft.edges if edge.role == "lock.status"]
        turned += [e for e in moves if e.at_s >= begun_s and direction(str(e.value)) == way]
        draft.edges = [edge for edge in draft.edges if edge not in turned]
    flashes = [at_s for at_s in draft.flashes if at_s >= since_s]
    if not draft.has_more_flashes_than_own or len(flashes) > 1:
        return turned, []
    draft.flashes = [at_s for at_s in draft.flashes if at_s < since_s]
    return turned, flashes


def take_turned(draft: Draft, turned: Request) -> list[RoleSample]:
    """Return and forget the move of the lock whose cylinder a marked key has just turned.

    Whoever the fob has failed takes the key: that lock is not slow to obey the fob.
    """
    if turned.role != "request.cylinder":
        return []
    ordered_s = draft.at_s if draft.command is None else draft.command.at_s
    moves = [
        edge
        for edge in draft.edges
        if edge.role == "lock.status"
        and edge.feedback == "measured"
        and edge.doors == (turned.door or "driver",)
        and direction(str(edge.value)) == direction(turned.action)
        and turned.at_s - edge.at_s <= MARK_LATE_S
        and earliest_s(edge) - ordered_s > NO_RESPONSE_S
    ]
    draft.edges = [edge for edge in draft.edges if edge not in moves]
    return moves


def _first_way(draft: Draft) -> str | None:
    ways = (direction(str(edge.value)) for edge in draft.edges if edge.role == "lock.status")
    return next((way for way in ways if way is not None), None)
