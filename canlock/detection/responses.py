"""What each door's lock did after a command.

A change lies between the last frame with the old value and the first with the new one, so a
latency is known as an interval, unless the new one was sent out of turn, because of the change. A
door is called slow only where even the lower bound is late, and silent only where its message went
on saying the old thing; a lost frame makes neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from canlock.detection.draft import COMMAND_LEADS_S, Draft, direction
from canlock.detection.presence import Presence
from canlock.detection.states import FEEDBACK_RANK
from canlock.model.operations import Command, Response, ResponseState
from canlock.model.samples import RoleSample
from canlock.model.vehicle import SignalMap, Vehicle

NO_RESPONSE_S: Final = 1.5
"""No change for this long, or for two command pulses, is no response (DOMAIN 2.1, t_cmd->stat)."""

CONFIRM_PERIODS: Final = 3.0
"""Frames with the old value must go on for this many periods after that (DOMAIN 2.1)."""

BOUNCE_S: Final = 3.0
"""A lock that falls back within this has bounced (DOMAIN 2.1, t_bounce)."""

INSIDE_S: Final = 1.0
"""A lock that unlocks within this of its door's opening was opened from inside. Judgement: the two
frames may be a few periods apart."""

EARLY: Final = 0.8
"""A frame that follows the one before it by less than this share of its period came out of turn.
Judgement: cyclic frames jitter by some percent."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of time in which a command's answers are looked for."""

    command: Command
    until_s: float
    watched_s: float
    """Until when the same was wanted, however often it was ordered: a lock that stands still so
    long has not answered."""

    draft: Draft


def responses_to(window: Window, vehicle: Vehicle, presence: Presence) -> tuple[Response, ...]:
    """Return one response for each ordered door that has a lock status, best source first."""
    command = window.command
    found: list[Response] = []
    for door in command.doors:
        candidates = [
            _respond(window, door, index, entry, vehicle, presence)
            for index, entry in enumerate(vehicle.signals)
            if entry.role == "lock.status" and door in (entry.doors or vehicle.doors)
        ]
        candidates.sort(
            key=lambda answer: (answer.state == "unseen", FEEDBACK_RANK.get(answer.feedback, 3))
        )
        found.extend(_believable(answer, presence) for answer in candidates[:1])
    return tuple(found)


def _believable(answer: Response, presence: Presence) -> Response:
    """Return an answer; unseen where others speak for a door whose own control unit never did."""
    if answer.feedback == "belief" or not presence.lacks_module(answer.door):
        return answer
    return replace(answer, state="unseen")


def _respond(
    window: Window,
    door: str,
    index: int,
    entry: SignalMap,
    vehicle: Vehicle,
    presence: Presence,
) -> Response:
    command, draft = window.command, window.draft
    feedback = entry.feedback or "belief"
    wanted = direction(command.action)
    edges = [edge for edge in draft.edges if edge.source == index and door_of(edge, door)]
    # An inferred command is dated by its first echo, which may be this very edge.
    early_s = INSIDE_S if command.is_inferred else max(COMMAND_LEADS_S, draft.order_doubt_s)
    earlier = [edge for edge in edges if edge.at_s <= command.at_s - early_s]
    before = _value_before(draft, index, door, edges)
    if earlier and isinstance(earlier[-1].value, str):
        before = earlier[-1].value  # An order of its own came before this one.
    answer = None
    for edge in edges:
        if edge.at_s > command.at_s - early_s and direction(str(edge.value)) == wanted:
            answer = edge
            break
    if answer is None:
        failure, value = _no_answer(window, door, index, entry, before, presence, vehicle)
        return Response(door, failure, feedback, value)
    if answer is not edges[0] and edges[0].at_s > command.at_s and _was_so(edges[0], wanted):
        # It stood as ordered, and somebody moved it to and fro by hand afterwards.
        return Response(door, "already", feedback, str(edges[0].previous))
    latency_s = max(answer.at_s - command.at_s, 0.0)
    floor_s = max(_earliest_s(answer, command, entry, presence) - command.at_s, 0.0)
    state: ResponseState = "answered"
    if _is_summary(entry) and not _is_conclusive(entry, str(answer.value)):
        state = "unseen"
    elif _falls_back(edges, answer, door, draft):
        state = "bounced"
    elif floor_s > vehicle.timing.command_to_status and not _is_summary(entry):
        state = "slow"  # A summary moves with the last of its doors, whichever that is.
    return Response(door, state, feedback, str(answer.value), answer.at_s, latency_s, floor_s)


def _was_so(edge: RoleSample, wanted: str | None) -> bool:
    return edge.previous is not None and direction(str(edge.previous)) == wanted


def _earliest_s(
    answer: RoleSample, command: Command, entry: SignalMap, presence: Presence
) -> float:
    """Return after when a change came: after the last frame with the old value, as a rule.

    A frame that comes before its message is due was sent because of the change, and at once.
    """
    since_s = command.at_s if answer.since_s is None else answer.since_s
    life = presence.lives.get(entry.message)
    period_s = life.period_s if life is not None else None
    if period_s is None or answer.at_s - since_s >= EARLY * period_s:
        return since_s
    is_watched = presence.can_see_event(entry.message, command.at_s, answer.at_s)
    return answer.at_s if is_watched else since_s


def door_of(sample: RoleSample, door: str) -> bool:
    """Say whether a sample speaks of a door (samples without doors speak of all)."""
    return not sample.doors or door in sample.doors


def _value_before(draft: Draft, index: int, door: str, edges: list[RoleSample]) -> str | None:
    """Return what the same source said before: another's word may be stale or about less."""
    if edges and isinstance(edges[0].previous, str):
        return edges[0].previous
    return draft.words.get((index, door))


def _no_answer(
    window: Window,
    door: str,
    index: int,
    entry: SignalMap,
    before: str | None,
    presence: Presence,
    vehicle: Vehicle,
) -> tuple[ResponseState, str | None]:
    """Judge a door whose lock status did not change to what was ordered."""
    if before is None or direction(before) is None:
        return "unseen", before
    at_s = window.command.at_s
    limit_s = at_s + max(NO_RESPONSE_S, 2 * vehicle.timing.command_pulse)
    life = presence.lives.get(entry.message)
    period_s = vehicle.timing.status_period or (life.period_s if life is not None else None)
    confirm_s = limit_s + CONFIRM_PERIODS * (period_s or 0.0)
    is_old = direction(before) != direction(window.command.action)
    if not is_old:
        is_known = not _is_summary(entry) or _is_conclusive(entry, before)
        is_known = is_known and presence.is_current(entry.message, at_s)
        return ("already" if is_known else "unseen"), before
    if window.watched_s < limit_s or not presence.can_confirm(entry.message, limit_s, confirm_s):
        return "unseen", before
    if _came_unseen(window, index, door, limit_s):
        return "unseen", before
    if _is_summary(entry) and not _is_conclusive(entry, before):
        # It was right to stay where some of its doors were left out of the order.
        is_for_all = set(entry.doors or vehicle.doors) <= set(window.command.doors)
        return ("some-silent" if is_for_all else "unseen"), before
    return "silent", before


def _came_unseen(window: Window, index: int, door: str, limit_s: float) -> bool:
    """Say whether the change may have come in time, its first frames lost.

    So it is where the next word of the source is the new state, with no frame between that still
    said the old one when the time was over.
    """
    wanted = direction(window.command.action)
    for edge in window.draft.late_edges:
        if edge.source == index and door_of(edge, door):
            is_new = direction(str(edge.value)) == wanted
            return is_new and (edge.since_s or 0.0) < limit_s
    return False


def _is_summary(entry: SignalMap) -> bool:
    return entry.feedback in ("any-locked", "all-locked")


def _is_conclusive(entry: SignalMap, value: str) -> bool:
    """Say whether a summary's present value speaks of each of its doors.

    `any-locked` that says unlocked, or `all-locked` that says locked, does; the other two words
    only say that at least one door stayed behind.
    """
    if len(entry.doors) == 1:
        return True
    return direction(value) == ("unlock" if entry.feedback == "any-locked" else "lock")


def _falls_back(edges: list[RoleSample], answer: RoleSample, door: str, draft: Draft) -> bool:
    for edge in edges:
        is_after = answer.at_s < edge.at_s <= answer.at_s + BOUNCE_S
        is_back = direction(str(edge.value)) not in (None, direction(str(answer.value)))
        if is_after and is_back and not is_opened_inside(edge, door, draft):
            return True
    return False


def is_opened_inside(edge: RoleSample, door: str, draft: Draft) -> bool:
    """Say whether a lock unlocked because its door was opened from inside."""
    if direction(str(edge.value)) != "unlock":
        return False
    if draft.ajar.get(door) == "open":
        return True
    for other in draft.edges:
        if not door_of(other, door) or abs(other.at_s - edge.at_s) > INSIDE_S:
            continue
        if other.role == "door.ajar" and other.value == "open":
            return True
        if other.role == "latch.status" and other.value in ("open", "ajar"):
            return True
        if other.role == "handle.inner" and other.value == "pulled":
            return True
    return False
