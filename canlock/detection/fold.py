"""The left fold over time-ordered items that cuts them into operations.

No look ahead: what needs the rest of a window is judged in `operations`, when the window is over.
So the cut does not depend on how items were batched.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final

from canlock.detection.access import AccessWatch
from canlock.detection.belonging import (
    JOIN_DOORS_S,
    MARKED_ANSWER_S,
    is_of,
    joins,
    split_early,
    split_ordered,
    take_turned,
)
from canlock.detection.draft import (
    COMMAND_LEADS_S,
    ECHO_S,
    FLASHES_APART_S,
    Draft,
    agree,
    direction,
    order_doubt_s,
)
from canlock.detection.last_orders import LastOrders
from canlock.detection.marked import MARK_LATE_S, find_pressed, give_over, put_before
from canlock.detection.requestors import Requestors
from canlock.detection.requests import NOT_FOR_LOCKS, request_from_mark, request_from_sample
from canlock.detection.states import States
from canlock.model.operations import Command, Request
from canlock.model.samples import RoleSample
from canlock.model.stream import Mark
from canlock.model.vehicle import Vehicle

SETTLED_S: Final = 10.0
"""An operation is handed out this long after its window: by then every mark about it has come."""

RATE_WINDOW_S: Final = 20.0
"""Operations are counted over this (DOMAIN 0.9)."""

ANSWERED_ORDERS: Final = 2
"""So many orders that the lamps have answered are a habit. Judgement."""


class Fold:
    """State of the cut at one instant; `copy` lets it go on speculatively."""

    def __init__(self, vehicle: Vehicle) -> None:
        self.vehicle = vehicle
        self.states = States(vehicle)
        self.access = AccessWatch(vehicle)
        self.drafts: list[Draft] = []
        """Operations not yet handed out; the last one may be open."""

        self.handed_out: Draft | None = None
        """The last one that was."""

        self.marks: list[Mark] = []
        self._roles = vehicle.roles()
        self._starts: deque[float] = deque()
        self._last = LastOrders()
        self._last_power_s: float | None = None
        self._requestors = Requestors(vehicle)
        self._answered_orders = 0
        """So many orders the lamps have answered."""

        self._shows_orders = False
        """Orders pass on this bus: one was seen. A vehicle file may map what the tap lacks."""

    def copy(self) -> Fold:
        """Return a copy that may go on by itself."""
        other = Fold(self.vehicle)
        other.states = self.states.copy()
        other.access = self.access.copy()
        other.drafts = [draft.copy() for draft in self.drafts]
        other.handed_out = self.handed_out
        other._starts = deque(self._starts)
        other._last = self._last.copy()
        other._last_power_s = self._last_power_s
        other._requestors = self._requestors.copy()
        other._answered_orders = self._answered_orders
        other._shows_orders = self._shows_orders
        return other

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is waiting to be handed out."""
        return not (self.drafts or self.marks or self.access.is_waiting)

    def take(self, item: RoleSample | Mark) -> None:
        """Take in the next item in time order."""
        if isinstance(item, Mark):
            self._take_mark(item)
        else:
            self._take_sample(item)

    def settled(self, before_s: float) -> int:
        """Return how many drafts, the first ones, nothing can change any more."""
        window_s = self.vehicle.timing.operation_window
        done = 0
        for draft in self.drafts:
            end_s = draft.end_s(window_s)
            if end_s + SETTLED_S > before_s:
                break
            draft.until_s = end_s
            done += 1
        return done

    def hand_out(self, done: int) -> None:
        """Forget the first drafts, but for the last of them."""
        self.handed_out = self.drafts[done - 1] if done else self.handed_out
        del self.drafts[:done]

    def _take_mark(self, mark: Mark) -> None:
        self.marks.append(mark)
        request = request_from_mark(mark)
        if request is None:
            self.access.see_mark(mark, self.states, self._last.of)
            return
        draft = find_pressed(self.drafts, request)
        if draft is None and self._part(request):
            return
        if draft is None:
            draft = self._open_turned(request)
        if draft is None:
            draft = self._open_late(mark.at_s, direction(request.action), within_s=MARK_LATE_S)
        seen = draft.request
        if seen is None:
            draft.request = request
        else:
            draft.request = replace(seen, is_marked=True, mark_action=mark.action)

    def _part(self, marked: Request) -> bool:
        """Make two of the open operation, if a marked press says that it was two."""
        draft = self._current(marked.at_s)
        earlier = None if draft is None else give_over(draft, marked) or put_before(draft, marked)
        if earlier is None:
            return False
        self.drafts.insert(-1, earlier)
        self._starts.append(marked.at_s)
        return True

    def _take_sample(self, sample: RoleSample) -> None:
        request = request_from_sample(sample, self._roles)
        if request is not None:
            self._take_request(request)
        role = sample.role
        if role == "command.lock":
            self._shows_orders = True
            self._take_command(sample)
        elif role == "command.requestor":
            self._requestors.take(sample, self._current(sample.at_s))
        elif role == "command.inhibit":
            self._take_inhibit(sample)
        elif role == "ack.flasher":
            self._take_flash(sample)
        elif role in ("lock.status", "door.ajar", "latch.status", "handle.inner", "lock.defect"):
            self._take_edge(sample)
        elif role == "power.state" and not sample.is_first:
            self._last_power_s = sample.at_s
        self.access.see_sample(sample, self.states, self._last.of)
        if sample.kind == "state":
            self.states.learn(sample)
        if role in ("door.ajar", "latch.status") and sample.value in ("open", "ajar"):
            self._last.unlock_s = None

    def _take_request(self, request: Request) -> None:
        if request.action in NOT_FOR_LOCKS:
            return
        draft = self._current(request.at_s)
        if draft is not None and is_of(draft, request):
            marked = draft.request
            if marked is not None:
                request = replace(
                    request,
                    action=request.action if request.action != "pressed" else marked.action,
                    door=request.door or marked.door,
                    is_marked=marked.is_marked,
                    mark_action=marked.mark_action,
                )
            draft.request = request
            draft.touch(request.at_s)
            return
        self._open(request.at_s).request = request

    def _take_command(self, sample: RoleSample) -> None:
        if sample.value is None and not (sample.kind == "state" and sample.is_first):
            self._take_unnamed_order(sample)
            return
        if sample.value in (None, "none") or (sample.kind == "state" and sample.previous is None):
            return
        doors = sample.doors or self.vehicle.doors
        command = Command(sample.at_s, str(sample.value), doors, self._requestors.of(sample))
        has_count = sample.source >= 0 and self.vehicle.signals[sample.source].counter is not None
        draft = self._current(sample.at_s)
        doubt_s = order_doubt_s(sample)
        if (
            draft is None
            or draft.is_hazard
            or not joins(draft, command, self.vehicle, has_count=has_count)
        ):
            draft = self._open_ordered(command, draft, doubt_s)
        elif draft.command is None:
            draft.command = command
            draft.order_doubt_s = doubt_s
            self._answered_orders += bool(draft.flashes)
        draft.last_command_s = sample.at_s
        draft.touch(sample.at_s)
        self._last.take(command)

    def _open_ordered(self, command: Command, before: Draft | None, doubt_s: float) -> Draft:
        """Start the operation of an order, with what showed it before its own frame."""
        edges: list[RoleSample] = []
        flashes: list[float] = []
        if before is not None and not before.is_hazard:
            within_s = max(COMMAND_LEADS_S, doubt_s)
            edges, flashes = split_ordered(before, command, within_s=within_s)
        draft = self._open(min([command.at_s, *flashes, *(edge.at_s for edge in edges)]))
        draft.edges.extend(edges)
        draft.flashes.extend(flashes)
        draft.command = command
        draft.order_doubt_s = doubt_s
        return draft

    def _take_unnamed_order(self, sample: RoleSample) -> None:
        """The BCM ordered something that the vehicle file has no word for."""
        draft = self._answering(sample.at_s)
        command = None if draft is None else draft.command
        # Within that time it may be what the word of an order changes through.
        is_next = command is not None and (
            sample.counter is not None or sample.at_s - command.at_s > ECHO_S
        )
        if draft is None or is_next:
            draft = self._open(sample.at_s)
        if draft.unnamed_order_s is None:
            draft.unnamed_order_s = sample.at_s
        draft.touch(sample.at_s)

    def _take_inhibit(self, sample: RoleSample) -> None:
        draft = self._current(sample.at_s)
        if sample.value in (None, "no") or draft is None:
            return
        # A first frame is old news, but not right after somebody asked.
        if sample.kind == "event" or not sample.is_first or draft.request is not None:
            draft.inhibits.append(sample)
            draft.touch(sample.at_s)

    def _take_flash(self, sample: RoleSample) -> None:
        if sample.value != "on" or (sample.kind == "state" and sample.is_first):
            return
        draft = self._answering(sample.at_s)
        if draft is None or self._answers_anew(draft, sample.at_s):
            draft = self._open_late(sample.at_s, None, within_s=ECHO_S)
        self._answered_orders += draft.command is not None and not draft.flashes
        draft.flashes.append(sample.at_s)
        draft.touch(sample.at_s)

    def _answers_anew(self, draft: Draft, at_s: float) -> bool:
        """Say whether a flash is the next answer-back: lamps that pause have answered."""
        if self._shows_orders:
            last_s = draft.flashes[-1] if draft.flashes else draft.last_command_s
            return last_s is not None and at_s - last_s > FLASHES_APART_S
        if draft.flashes:
            return at_s - draft.flashes[-1] > FLASHES_APART_S or draft.has_gone_back(at_s)
        return draft.request is None and at_s - draft.at_s > ECHO_S

    def _take_edge(self, sample: RoleSample) -> None:
        is_change = not sample.is_first and sample.previous is not None
        if not is_change or sample.value is None:
            return
        is_lock = sample.role == "lock.status"
        draft = self._answering(sample.at_s) if is_lock else self._current(sample.at_s)
        if is_lock:
            for closed in self.drafts:
                if closed.until_s is not None:
                    closed.late_edges.append(sample)
        is_move = is_lock and direction(str(sample.value)) is not None
        if draft is None or (is_move and draft.is_hazard):
            if not is_move:
                return
            draft = self._open(sample.at_s)
        elif is_move and not self._shows_orders and draft.is_followed_by(sample):
            draft = self._open_next(sample, draft)
        draft.edges.append(sample)
        if is_lock:
            draft.touch(min(sample.at_s, draft.at_s + self.vehicle.timing.operation_window))
            self._infer_order(sample, draft)

    def _open_next(self, sample: RoleSample, before: Draft) -> Draft:
        """Start the operation that a moving lock tells of, with what else belongs to it."""
        within_s = ECHO_S if sample.feedback == "measured" else JOIN_DOORS_S
        flashes = [before.flashes.pop()] if before.has_next_flash(sample) else []
        turned = before.split_off(sample, within_s=within_s)
        draft = self._open(min([sample.at_s, *flashes, *(edge.at_s for edge in turned)]))
        draft.flashes.extend(flashes)
        draft.edges.extend(turned)
        return draft

    def _infer_order(self, sample: RoleSample, draft: Draft) -> None:
        """A lock moved as asked, or the BCM believes so, with no order seen: there was one."""
        way = direction(str(sample.value))
        asked = draft.request is not None and agree(draft.request.action, way)
        is_echo = not self._shows_orders and sample.feedback != "measured"
        if draft.command is not None or not (asked or is_echo):
            return
        self._last.infer(way, sample.doors or self.vehicle.doors, sample.at_s)

    def _current(self, at_s: float) -> Draft | None:
        """Return the draft that a step at a time may belong to, closing it if it is over."""
        if not self.drafts:
            return None
        draft = self.drafts[-1]
        if draft.until_s is not None:
            return None
        end_s = draft.last_step_s + self.vehicle.timing.operation_window
        if at_s > end_s:
            draft.until_s = end_s
            return None
        return draft

    def _answering(self, at_s: float) -> Draft | None:
        """Return the draft that a command, flash or moving lock may answer, or None."""
        draft = self._current(at_s)
        if draft is None or draft.request is None or draft.request.is_seen:
            return draft
        if draft.command is not None:
            return draft
        if draft.flashes:
            has_moved = any(edge.role == "lock.status" for edge in draft.edges)
            return draft if has_moved or at_s - draft.flashes[-1] <= FLASHES_APART_S else None
        moves_s = [edge.at_s for edge in draft.edges if edge.role == "lock.status"]
        is_answering = bool(moves_s) and at_s - moves_s[-1] <= ECHO_S
        return draft if is_answering or at_s - draft.request.at_s <= MARKED_ANSWER_S else None

    def _open_late(self, at_s: float, way: str | None, *, within_s: float) -> Draft:
        """Start the next operation at a step that may come after its own first effect."""
        previous = self._current(at_s)
        if previous is None or self._shows_orders:
            return self._open(at_s)
        turned = split_early(previous, at_s, way, within_s=within_s)
        draft = self._open(min([at_s, *(edge.at_s for edge in turned)]))
        draft.edges.extend(turned)
        return draft

    def _open_turned(self, turned: Request) -> Draft | None:
        """Start the operation of a marked key with the move of its lock; None: it moved none."""
        previous = self._current(turned.at_s)
        moves = [] if previous is None else take_turned(previous, turned)
        if not moves:
            return None
        draft = self._open(moves[0].at_s)
        draft.edges.extend(moves)
        return draft

    def _open(self, at_s: float) -> Draft:
        """Start the next operation and close the one before."""
        previous = self._current(at_s)
        if previous is not None:
            previous.until_s = max(at_s, previous.at_s)  # A mark may come more than too late.
        while self._starts and self._starts[0] < at_s - RATE_WINDOW_S:
            self._starts.popleft()
        draft = Draft(
            at_s,
            at_s,
            locks=self.states.locks(),
            words=self.states.lock_words(),
            wanted=self.states.wanted(),
            lamps_answer=self._answered_orders >= ANSWERED_ORDERS,
            ajar=self.states.ajar(),
            power=self.states.value("power.state"),
            key_inside=self.states.value("key.inside"),
            key_inserted=self.states.value("key.inserted"),
            previous_command=self._last.command,
            recent_starts=len(self._starts),
            last_unlock_s=self._last.unlock_s,
            last_power_s=self._last_power_s,
            overheard=self._requestors.overheard,
        )
        self._starts.append(at_s)
        self.drafts.append(draft)
        return draft
