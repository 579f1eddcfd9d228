"""Judging a draft: what was ordered, who answered, what could not be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from canlock.detection.causes import cause_of
from canlock.detection.draft import (
    COMMAND_LEADS_S,
    HAZARD_FLASHES,
    OWN_FLASHES,
    Draft,
    direction,
)
from canlock.detection.measures import Measures
from canlock.detection.presence import Presence
from canlock.detection.requests import asked_way
from canlock.detection.responses import Window, door_of, is_opened_inside, responses_to
from canlock.model.operations import Circumstance, Command, Operation, Outcome, Request, Response
from canlock.model.samples import RoleSample
from canlock.model.vehicle import SignalMap, Vehicle

COMMAND_ABSENT_S: Final = 1.5
"""No command for this long after a request is none (DOMAIN 2.1, t_req->cmd)."""

MARKED_ABSENT_S: Final = 0.8
"""Nor so long after the mark of a press, which is 0.2 s late at least: four healthy delays."""

REQUEST_EARLY_S: Final = 1.5
REQUEST_LATE_S: Final = 1.0
"""A marked press was received between this long before and after its mark (DOMAIN 2.1)."""

WAKING_S: Final = 1.0
"""The first frames of a bus that wakes are often lost (DOMAIN 2.1): for so long. Judgement."""

ANSWER_BACK_ROLES: Final = ("request.fob", "request.handle", "request.remote")
"""Requests from outside the car, which the BCM answers with its lamps (DOMAIN 0.4)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What judging needs besides the draft itself."""

    vehicle: Vehicle
    presence: Presence
    measures: Measures
    now_s: float
    """Time up to which everything has been taken in."""


def judge_all(
    drafts: Sequence[Draft], around: Surroundings, *, done: int, before: Draft | None = None
) -> list[Operation]:
    """Return the operations that drafts amount to.

    Args:
        drafts: In time order.
        around: What judging needs besides.
        done: So many of them are judged; the later ones only tell what was wanted next.
        before: The draft before the first of them, if there was one.
    """
    earlier = (before, *drafts)
    judged = (judge(drafts[n], earlier[n], drafts[n + 1 :], around) for n in range(done))
    return [operation for operation in judged if operation is not None]


def judge(
    draft: Draft, before: Draft | None, later: Sequence[Draft], around: Surroundings
) -> Operation | None:
    """Return the operation that a draft amounts to, or None where it is none.

    None are: hazard lamps, and doors that were opened from inside.
    """
    vehicle, presence = around.vehicle, around.presence
    window_s = vehicle.timing.operation_window
    end_s = draft.end_s(window_s)
    is_closed = end_s <= around.now_s
    until_s = min(end_s, around.now_s)
    flashes = len(draft.flashes) if len(draft.flashes) < HAZARD_FLASHES else 0
    moves = _own_moves(draft, vehicle)
    if draft.request is None and draft.command is None and not flashes and not moves:
        return None
    command = draft.command or _infer_command(draft, before, moves, flashes, vehicle)
    request = draft.request
    is_asked = request is not None or draft.command is not None or bool(moves)
    responses: tuple[Response, ...] = ()
    # Lamps alone order nothing for certain: the hazard switch makes two flashes as well.
    if command is not None and is_asked:
        watched_s = min(_wanted_until_s(draft, later, window_s), around.now_s)
        window = Window(command, until_s, watched_s, draft)
        responses = responses_to(window, vehicle, presence)
    can_see_command = _can_see_command(draft, until_s, around)
    inhibit = str(draft.inhibits[-1].value) if draft.inhibits else None
    cause = None
    if request is None and command is not None:
        cause = cause_of(command, draft, vehicle, around.measures)
    return Operation(
        at_s=draft.at_s,
        until_s=until_s,
        outcome=_outcome(
            command, request, responses, inhibit, flashes, can_see_command=can_see_command
        ),
        request=request,
        command=command,
        responses=responses,
        circumstance=_circumstance(draft, until_s, around.measures),
        inhibit=inhibit,
        flashes=flashes,
        flashes_s=tuple(draft.flashes) if flashes else (),
        is_closed=is_closed,
        is_gapped=presence.is_gapped(draft.at_s, until_s),
        is_waking=request is None and not presence.is_awake(draft.at_s - WAKING_S),
        can_see_request=request is not None and can_see_request(request, around),
        can_see_command=can_see_command,
        unnamed_order_s=draft.unnamed_order_s,
        cause=cause,
    )


def _wanted_until_s(draft: Draft, later: Sequence[Draft], window_s: float) -> float:
    """Return until when nobody wanted the other way.

    Whoever finds the door still shut presses again at once, before the lock's time is over.
    """
    until_s = draft.end_s(window_s)
    for following in later:
        if following.way is None or following.way != draft.way:
            break
        until_s = following.end_s(window_s)
    return until_s


def _own_moves(draft: Draft, vehicle: Vehicle) -> list[RoleSample]:
    """Return the changes of lock status that are not a door being opened from inside."""
    moves = []
    for edge in draft.edges:
        if edge.role != "lock.status" or direction(str(edge.value)) is None:
            continue
        doors = edge.doors or vehicle.doors
        if not any(is_opened_inside(edge, door, draft) for door in doors):
            moves.append(edge)
    return moves


def _infer_command(
    draft: Draft, before: Draft | None, moves: list[RoleSample], flashes: int, vehicle: Vehicle
) -> Command | None:
    """Return the command that its echo tells of.

    Where commands are on the bus, only doors that moved as somebody asked prove one that was not
    seen: its frame was lost, or it carried a word that the vehicle file does not know. One lock
    that moves by itself proves none: a hand on its knob does the same, or a key in its cylinder.
    """
    if flashes and _is_told_by_lamps(draft, vehicle):
        return _repeat_held(draft, vehicle)
    asked, moved = _understand(draft, moves, flashes)
    if "command.lock" in vehicle.roles():
        flashes = 0
        if draft.request is None and draft.unnamed_order_s is None:
            return None
    if draft.request is None and not flashes and not _is_order(moves, vehicle):
        return None
    if asked is not None:
        action = asked
    elif moved:
        action = str(direction(str(moved[0].value)))
    else:
        action = "lock" if flashes == 1 else "unlock"
    times = [edge.at_s for edge in moved[:1]] + (draft.flashes[:1] if flashes else [])
    if times and draft.unnamed_order_s is not None:
        times.append(draft.unnamed_order_s)
    if not times:
        return None
    sure: tuple[str, ...] = vehicle.doors
    unsure: tuple[str, ...] = ()
    if action == "unlock" and not _is_for_all(draft, before, min(times), vehicle):
        sure, unsure = _unlocked_doors(draft, moved, vehicle)
    return Command(min(times), action, sure, draft.overheard, is_inferred=True, unsure_doors=unsure)


def _repeat_held(draft: Draft, vehicle: Vehicle) -> Command:
    """Return the order that only the lamps tell of: the wanted state is what it was."""
    ordered = {door for n in draft.wanted for door in vehicle.signals[n].doors or vehicle.doors}
    doors = tuple(door for door in vehicle.doors if door in ordered)
    action = next(iter(draft.wanted.values()))
    return Command(draft.flashes[0], action, doors, draft.overheard, is_inferred=True)


def _understand(
    draft: Draft, moves: list[RoleSample], flashes: int
) -> tuple[str | None, list[RoleSample]]:
    """Return which way was asked for, as far as it is known, and the moves that answered."""
    asked = direction(draft.request.action) if draft.request is not None else None
    moved = [edge for edge in moves if asked in (None, direction(str(edge.value)))]
    if moves and not moved and draft.request is not None and not draft.request.is_seen:
        asked, moved = None, moves  # Marks are now and then wrong: the locks know better.
    if _is_wrong_button(draft, moves, flashes):
        asked = None
    if draft.request is not None and draft.request.role == "request.cylinder":
        moved = [edge for edge in moved if not _may_be_turned(edge, draft.request)]
    return asked, moved


def _is_wrong_button(draft: Draft, moves: list[RoleSample], flashes: int) -> bool:
    """Say whether the lamps answered an unlock, where a press of lock was only marked.

    Not the other way round: of two flashes one may be lost.
    """
    request = draft.request
    is_marked = request is not None and not request.is_seen and request.action == "lock"
    return is_marked and not moves and flashes == OWN_FLASHES["unlock"]


def _may_be_turned(edge: RoleSample, request: Request) -> bool:
    """Say whether a change may be of the lock whose cylinder the key turned: no motor did that."""
    if edge.feedback == "belief":
        return False
    return edge.feedback != "measured" or edge.doors == (request.door or "driver",)


def _is_order(moves: list[RoleSample], vehicle: Vehicle) -> bool:
    """Say whether changes of lock status that nobody asked for tell of an order."""
    if any(edge.feedback != "measured" for edge in moves):
        return True
    return len({door for edge in moves for door in edge.doors or vehicle.doors}) > 1


def _unlocked_doors(
    draft: Draft, moved: list[RoleSample], vehicle: Vehicle
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the doors that an inferred unlock was surely for, and those that nobody knows of.

    Many cars unlock only the driver's door at first, so the others count only where one of them
    moved. What the BCM believes moves exactly when it orders. A word that is said of the driver's
    door and others does not say which door moved.
    """
    others = tuple(door for door in vehicle.doors if door != "driver")
    if "driver" not in vehicle.doors:
        return vehicle.doors, ()
    told = [edge for edge in moved if tells_apart(vehicle.signals[edge.source], vehicle)]
    if any(door_of(edge, door) for edge in told for door in others):
        return vehicle.doors, ()
    known = {door for source, door in draft.words if tells_apart(vehicle.signals[source], vehicle)}
    return ("driver",), tuple(door for door in others if door not in known)


def tells_apart(entry: SignalMap, vehicle: Vehicle) -> bool:
    """Say whether a lock status shows that only the driver's door was unlocked."""
    return "driver" not in (entry.doors or vehicle.doors)


def _is_for_all(draft: Draft, before: Draft | None, at_s: float, vehicle: Vehicle) -> bool:
    """Say whether an unlock is for all doors: asked for inside, or the second in a short time."""
    if draft.request is not None and draft.request.role == "request.interior":
        return True
    if before is None or before.way != "unlock" or before.first_answer_s is None:
        return False
    return draft.way == "unlock" and at_s - before.first_answer_s <= vehicle.timing.selective_unlock


def can_see_request(request: Request, around: Surroundings) -> bool:
    """Say whether the bus would have shown that the BCM received a request."""
    early_s = request.at_s - (REQUEST_EARLY_S if request.is_marked else 0.0)
    late_s = min(request.at_s + REQUEST_LATE_S, around.now_s)
    roles = {request.role, "fob.count"} if request.role == "request.fob" else {request.role}
    return any(
        around.presence.can_see_event(entry.message, early_s, late_s)
        for entry in around.vehicle.signals
        if entry.role in roles
        and (not entry.doors or request.door is None or request.door in entry.doors)
    )


def _can_see_command(draft: Draft, until_s: float, around: Surroundings) -> bool:
    """Say whether a command after the request, or its echo, would have been seen."""
    if draft.unnamed_order_s is not None:
        return False
    asked_s = draft.request.at_s if draft.request is not None else draft.at_s
    is_late = draft.request is not None and not draft.request.is_seen
    early_s = REQUEST_EARLY_S if is_late else COMMAND_LEADS_S
    from_s = min(draft.at_s, asked_s - early_s)
    absent_s = asked_s + (MARKED_ABSENT_S if is_late else COMMAND_ABSENT_S)
    if until_s < absent_s:
        return False
    if _is_told_by_lamps(draft, around.vehicle):
        role = "ack.flasher"
    elif "command.lock" in around.vehicle.roles():
        role = "command.lock"
    else:
        if draft.request is not None and draft.request.role not in ANSWER_BACK_ROLES:
            return _can_see_belief(draft, draft.request, (from_s, absent_s), around)
        if len(draft.flashes) >= HAZARD_FLASHES:
            return False  # Nobody sees an answer in lamps that flash anyway.
        role = "ack.flasher"
    return any(
        around.presence.can_see_event(entry.message, from_s, absent_s)
        for index, entry in enumerate(around.vehicle.signals)
        if entry.role == role and not _is_held(draft, index)
    )


def _can_see_belief(
    draft: Draft, request: Request, span: tuple[float, float], around: Surroundings
) -> bool:
    """Say whether the BCM's own word of the locks would have changed with an order."""
    asked = asked_way(request)
    # A key that turns in its cylinder moves the lock by itself, and orders nothing in many cars.
    is_order = asked is not None and request.role != "request.cylinder"
    return is_order and any(
        entry.role == "lock.status"
        and entry.feedback == "belief"
        and {direction(draft.words.get((index, door))) for door in entry.doors or ()}
        == {"unlock" if asked == "lock" else "lock"}
        and around.presence.can_see_event(entry.message, *span)
        for index, entry in enumerate(around.vehicle.signals)
    )


def _is_told_by_lamps(draft: Draft, vehicle: Vehicle) -> bool:
    """Say whether the lamps alone tell of an order: each wanted state is held as it was asked for.

    Only where they were seen to answer orders, and of a press from outside (DOMAIN 0.4).
    """
    request = draft.request
    is_answered = request is not None and request.role in ANSWER_BACK_ROLES and draft.lamps_answer
    sources = [n for n, entry in enumerate(vehicle.signals) if entry.role == "command.lock"]
    return is_answered and bool(sources) and all(_is_held(draft, source) for source in sources)


def _is_held(draft: Draft, source: int) -> bool:
    """Say whether a wanted state that is held was already what is asked for: it cannot change."""
    word = draft.wanted.get(source)
    asked = direction(draft.request.action) if draft.request is not None else None
    return word is not None and asked in (None, direction(word))


def _outcome(
    command: Command | None,
    request: Request | None,
    responses: tuple[Response, ...],
    inhibit: str | None,
    flashes: int,
    *,
    can_see_command: bool,
) -> Outcome:
    if command is None:
        if inhibit is not None:
            return "refused"
        # Lamps that answer say that it was taken: the order has another word, or was lost.
        is_absent = request is not None and can_see_command and not flashes
        return "no-command" if is_absent else "unseen"
    told = [answer for answer in responses if answer.feedback != "belief"]
    failed = [a for a in told if a.state in ("silent", "bounced", "some-silent")]
    fine = [a for a in told if a.state in ("answered", "slow", "already")]
    if failed:
        return "partly" if fine else "silent"
    return "answered" if fine else "unseen"


def _circumstance(draft: Draft, until_s: float, measures: Measures) -> Circumstance:
    at_s = draft.at_s
    ajar = tuple(door for door, value in draft.ajar.items() if value == "open")
    return Circumstance(
        ajar_doors=ajar if draft.ajar else None,
        power=draft.power,
        speed_kmh=measures.before("vehicle.speed", at_s, within_s=3.0),
        is_key_inside=None if draft.key_inside is None else draft.key_inside == "yes",
        is_key_inserted=None if draft.key_inserted is None else draft.key_inserted == "yes",
        supply_v=measures.before("supply.voltage", at_s, within_s=10.0),
        supply_min_v=measures.lowest("supply.voltage", at_s, until_s),
        temperature_c=measures.before("ambient.temperature", at_s, within_s=300.0),
        operations_in_20_s=draft.recent_starts + 1,
        locks=tuple((door, lock[0]) for door, lock in draft.locks.items()),
    )
