"""Doors that somebody tried: handle pulls and openings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Final, Literal

from canlock.detection.marked import MARK_LATE_S
from canlock.detection.presence import Presence
from canlock.detection.states import State, States, is_ajar
from canlock.detection.trials import MARK_WAIT_S, TrialWatch, is_watched, opens
from canlock.model.operations import Access, Trial
from canlock.model.samples import RoleSample
from canlock.model.stream import Mark
from canlock.model.vehicle import Vehicle

Handle = Literal["outer", "inner", "unknown"]

OPENING_S: Final = 3.0
"""A pulled handle opens an unlocked door within this (DOMAIN 2.1, t_handle)."""

MARK_SOONEST_S: Final = 0.4
"""A pull takes a moment, and its mark 0.2 s at least. Judgement."""

HANDLE_ROLES: Final[dict[str, Handle]] = {"handle.outer": "outer", "handle.inner": "inner"}
HANDLE_MARKS: Final[dict[str, Handle]] = {
    "pull-outer-handle": "outer",
    "pull-inner-handle": "inner",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What was known of a door's lock."""

    lock: str | None
    feedback: str | None
    """How it is known; `command`: from the last order."""

    message: str | None = None
    """What said so; None: the last order."""

    ordered: str | None = None
    """What the last order makes of it; None: nobody knows."""

    def as_seen(self, at_s: float, presence: Presence) -> tuple[str | None, str | None]:
        """Return the lock and how it is known; the last word of a unit that fell silent is none."""
        if self.message is None or presence.is_current(self.message, at_s):
            return self.lock, self.feedback
        return self.ordered, None if self.ordered is None else "command"


@dataclass(slots=True)
class Pull:
    """An attempt whose end is awaited."""

    at_s: float
    door: str
    handle: Handle
    known: Known
    is_marked: bool
    result: Literal["opened", "not-opened", "unseen"] = "unseen"
    is_told: bool = False
    """A person said how it ended."""

    opened_s: float | None = None
    """When it opened the door, or that was said."""

    failed_s: float | None = None
    """When a person said that it did not open."""

    is_denied: bool = False
    """The door opened, and yet a person said that it did not: another handle did it."""

    is_doubtful: bool = False
    """Another door opened, and nobody marked a pull there: perhaps this was marked for that."""


class AccessWatch:
    """Joins handle pulls with openings."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._pulls: list[Pull] = []
        self._trials = TrialWatch(vehicle)

    @property
    def is_waiting(self) -> bool:
        """Say whether the end of some attempt is awaited."""
        return bool(self._pulls) or self._trials.is_waiting

    def copy(self) -> AccessWatch:
        """Return a copy that may go on by itself."""
        other = AccessWatch(self._vehicle)
        other._pulls = [replace(pull) for pull in self._pulls]
        other._trials = self._trials.copy()
        return other

    def see_sample(
        self, sample: RoleSample, states: States, ordered: Callable[[str], str | None]
    ) -> None:
        """Take in a state sample, before `states` has learnt it.

        `ordered` tells what the last command for a door was (`locked`, `unlocked`, None).
        """
        self._trials.see_sample(sample, states)
        if sample.kind == "state" and (sample.is_first or sample.previous is None):
            return
        for door in sample.doors:
            handle = HANDLE_ROLES.get(sample.role)
            if handle is not None and sample.value == "pulled":
                self._pull(sample.at_s, door, handle, states, ordered, is_marked=False)
            elif opens(sample):
                self._open(sample.at_s, door, states, ordered, is_marked=False)

    def see_mark(self, mark: Mark, states: States, ordered: Callable[[str], str | None]) -> None:
        """Take in a mark about a door or a window."""
        if mark.door is None:
            return
        self._trials.see_mark(mark)
        handle = HANDLE_MARKS.get(mark.action)
        if handle is not None:
            self._pull(mark.at_s, mark.door, handle, states, ordered, is_marked=True)
        elif mark.action == "opened":
            self._open(mark.at_s, mark.door, states, ordered, is_marked=True)
        elif mark.action == "not-opened":
            self._fail(mark, states, ordered)

    def _pull(
        self,
        at_s: float,
        door: str,
        handle: Handle,
        states: States,
        ordered: Callable[[str], str | None],
        *,
        is_marked: bool,
    ) -> None:
        for pull in self._pulls:
            is_same = pull.door == door and pull.handle == handle
            if is_same and is_marked != pull.is_marked and at_s - pull.at_s <= MARK_LATE_S:
                return  # The mark tells of the pull that the bus showed.
        if is_marked and self._name_handle(at_s, door, handle):
            return
        if is_ajar(states, door) == "open":
            if is_marked:
                self._credit(at_s, door, handle)
            return
        pull = Pull(at_s, door, handle, self._lock(states, door, ordered), is_marked)
        pull.is_doubtful = is_marked and any(
            other.door != door
            and at_s - other.at_s <= MARK_LATE_S
            and (_is_nameless(other) or (other.handle == handle and not other.is_marked))
            for other in self._pulls
        )
        self._pulls.append(pull)

    def _credit(self, at_s: float, door: str, handle: Handle) -> None:
        """Give an opening to the handle that was marked just after it, not to another before it.

        Who pulls the one handle in vain pulls the other at once, and marks both late.
        """
        from_s = at_s - MARK_LATE_S
        credited = [p for p in self._pulls if p.door == door and (p.opened_s or -inf) >= from_s]
        others = [p for p in credited if p.handle not in (handle, "unknown")]
        if len(others) < len(credited) or not others:
            return
        for pull in others:
            if pull.is_denied:
                pull.result = "not-opened"
                pull.is_told = True
            else:
                self._pulls.remove(pull)  # Nobody knows what it would have done.
        last = others[-1]
        open_s = last.opened_s or at_s
        opened = Pull(open_s, door, handle, last.known, is_marked=True)
        opened.result, opened.opened_s = "opened", open_s
        self._pulls.append(opened)

    def _name_handle(self, at_s: float, door: str, handle: Handle) -> bool:
        """Say whether a mark tells by which handle a door was opened just before it."""
        for pull in reversed(self._pulls):
            is_its = pull.door == door and 0.0 <= at_s - pull.at_s <= MARK_LATE_S
            if is_its and _is_nameless(pull):
                pull.handle = handle
                return True
        return False

    def _open(
        self,
        at_s: float,
        door: str,
        states: States,
        ordered: Callable[[str], str | None],
        *,
        is_marked: bool,
    ) -> None:
        wait_s = MARK_WAIT_S if is_marked else OPENING_S
        recent = [p for p in self._pulls if p.door == door and at_s - p.at_s <= wait_s]
        if recent and recent[-1].result != "not-opened":
            # Several tugs at one handle are one attempt, unless the lock moved in between.
            last = recent[-1]
            for pull in recent:
                is_same = pull.handle == last.handle and pull.known.lock == last.known.lock
                is_near = last.at_s - pull.at_s <= OPENING_S
                if is_same and is_near and pull.result == "unseen":
                    pull.result, pull.opened_s = "opened", at_s
            return
        for other in self._pulls:
            if other.is_marked and other.door != door and at_s - other.at_s <= OPENING_S:
                other.is_doubtful = True
        pull = Pull(at_s, door, "unknown", self._lock(states, door, ordered), is_marked)
        pull.result, pull.opened_s = "opened", at_s
        self._pulls.append(pull)

    def _fail(self, mark: Mark, states: States, ordered: Callable[[str], str | None]) -> None:
        assert mark.door is not None
        recent = [
            pull
            for pull in reversed(self._pulls)
            if pull.door == mark.door
            and mark.at_s - pull.at_s <= MARK_WAIT_S
            # One that was told of is over; this is the next, whose pull nobody marked.
            and (pull.failed_s is None or mark.at_s - pull.failed_s <= MARK_LATE_S)
        ]
        # Who has only just pulled cannot have marked yet how it ended.
        told = [pull for pull in recent if mark.at_s - pull.at_s >= MARK_SOONEST_S]
        for pull in told[:1] or recent[:1]:
            if pull.result == "unseen":
                pull.result, pull.failed_s = "not-opened", mark.at_s
                pull.is_told = True
            elif pull.result == "opened":
                pull.is_denied = True
            return
        for other in self._pulls:
            # Marked at the wrong door, perhaps: that one's end is not known.
            is_late = mark.at_s - other.at_s <= MARK_LATE_S
            other.is_doubtful |= other.is_marked and other.door != mark.door and is_late
        known = self._lock(states, mark.door, ordered)
        pull = Pull(mark.at_s, mark.door, "unknown", known, is_marked=True)
        pull.result, pull.failed_s = "not-opened", mark.at_s
        self._pulls.append(pull)

    def finish(self, before_s: float, presence: Presence) -> tuple[list[Access], list[Trial]]:
        """Return and forget the attempts that nothing can change any more."""
        done = [pull for pull in self._pulls if pull.at_s + MARK_WAIT_S < before_s]
        self._pulls = [pull for pull in self._pulls if pull.at_s + MARK_WAIT_S >= before_s]
        accesses = [self._access(pull, presence, before_s) for pull in done]
        return accesses, self._trials.finish(before_s, presence)

    def finish_now(self, now_s: float, presence: Presence) -> tuple[list[Access], list[Trial]]:
        """Return all attempts as far as they are known now."""
        accesses = [self._access(pull, presence, now_s) for pull in self._pulls]
        return accesses, self._trials.finish_now(now_s, presence)

    def _access(self, pull: Pull, presence: Presence, now_s: float) -> Access:
        result = pull.result
        if result == "unseen" and not pull.is_doubtful:
            until_s = pull.at_s + OPENING_S
            if (
                is_watched(self._vehicle, pull.door, pull.at_s, until_s, presence)
                and until_s <= now_s
            ):
                result = "not-opened"
        lock, feedback = pull.known.as_seen(pull.at_s, presence)
        is_marked = pull.is_marked or pull.is_told
        return Access(pull.at_s, pull.door, pull.handle, result, lock, feedback, is_marked)

    def _lock(self, states: States, door: str, ordered: Callable[[str], str | None]) -> Known:
        """Return what the lock is known to be and how that is known."""
        word = ordered(door)
        state = states.get("lock.status", door)
        if state is not None and isinstance(state.value, str):
            feedback = state.feedback or "belief"
            is_better = feedback != "belief" or word is None
            if is_better and not self._is_of_some(state, door):
                source = state.source
                message = None if source < 0 else self._vehicle.signals[source].message
                return Known(state.value, feedback, message, word)
        return Known(word, None if word is None else "command")

    def _is_of_some(self, state: State, door: str) -> bool:
        """Say whether what a source says is true of some door of several, nobody knows which.

        `any-locked` that says locked, `all-locked` that says unlocked, and what the BCM believes of
        the driver's door and others together: it may have unlocked the driver's alone.
        """
        if state.feedback == "belief":
            doors = self._vehicle.signals[state.source].doors or self._vehicle.doors
            return state.value == "unlocked" and door != "driver" and "driver" in doors
        return (state.feedback, state.value) in (
            ("any-locked", "locked"),
            ("all-locked", "unlocked"),
        )


def _is_nameless(pull: Pull) -> bool:
    """Say whether the bus showed a door that opened, and nothing tells by which handle."""
    return pull.handle == "unknown" and pull.result == "opened" and not pull.is_marked
