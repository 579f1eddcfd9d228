"""Doors and windows that somebody tried: handle pulls, openings, window switches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from canlock.detection.presence import Presence
from canlock.detection.states import States, is_ajar
from canlock.model.operations import Access, Trial
from canlock.model.roles import ROLE_VALUES
from canlock.model.samples import RoleSample
from canlock.model.stream import Mark
from canlock.model.vehicle import Vehicle

Handle = Literal["outer", "inner", "unknown"]

OPENING_S: Final = 3.0
"""A pulled handle opens an unlocked door within this (DOMAIN 2.1, t_handle)."""

MARK_WAIT_S: Final = 8.0
"""A mark that tells how a pull ended comes within this. Judgement: marks are 0.2-1 s late and
people try twice."""

MARK_LATE_S: Final = 1.5
"""A mark may be this late."""

MARK_SOONEST_S: Final = 0.4
"""A pull takes a moment, and its mark 0.2 s at least. Judgement."""

WINDOW_S: Final = 1.5
"""A window starts to move within this after its switch. Judgement."""

HANDLE_ROLES: Final[dict[str, Handle]] = {"handle.outer": "outer", "handle.inner": "inner"}
HANDLE_MARKS: Final[dict[str, Handle]] = {
    "pull-outer-handle": "outer",
    "pull-inner-handle": "inner",
}
CHECK_EARLY_S: Final = 6.0
"""A mark that a door opened or closed is about what its switch showed within this before, or within
`MARK_LATE_S` after. Judgement: marks are late, and people mark several things in a row."""

SAID: Final = {"opened": "open", "closed": "closed"}
MOVEMENT_ROLES: Final = ("window.moving", "window.position")


@dataclass(slots=True)
class Pull:
    """An attempt whose end is awaited."""

    at_s: float
    door: str
    handle: Handle
    lock: str | None
    lock_feedback: str | None
    is_marked: bool
    result: Literal["opened", "not-opened", "unseen"] = "unseen"
    is_told: bool = False
    """A person said how it ended."""


@dataclass(slots=True)
class Press:
    """A window switch whose effect is awaited."""

    at_s: float
    door: str
    is_marked: bool
    may_be_idle: bool = False
    """A healthy window may stay where it is: pressed upwards it may be shut, and with the ignition
    off it has no current."""

    has_moved: bool = False
    is_dead: bool = False


@dataclass(slots=True)
class Check:
    """What somebody said of a door, which its switch should show."""

    at_s: float
    door: str
    word: str
    """`open` or `closed`."""

    is_shown: bool = False


class AccessWatch:
    """Joins handle pulls with openings, and window switches with movement."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._pulls: list[Pull] = []
        self._presses: list[Press] = []
        self._checks: list[Check] = []
        self._edges: dict[tuple[str, str], float] = {}

    @property
    def is_waiting(self) -> bool:
        """Say whether the end of some attempt is awaited."""
        return bool(self._pulls or self._presses or self._checks)

    def copy(self) -> AccessWatch:
        """Return a copy that may go on by itself."""
        other = AccessWatch(self._vehicle)
        other._pulls = [replace(pull) for pull in self._pulls]
        other._presses = [replace(press) for press in self._presses]
        other._checks = [replace(check) for check in self._checks]
        other._edges = dict(self._edges)
        return other

    def see_sample(
        self, sample: RoleSample, states: States, ordered: Callable[[str], str | None]
    ) -> None:
        """Take in a state sample, before `states` has learnt it.

        `ordered` tells what the last command for a door was (`locked`, `unlocked`, None).
        """
        for door in sample.doors:
            self._show(sample, door)
        if sample.kind == "state" and (sample.is_first or sample.previous is None):
            return
        for door in sample.doors:
            handle = HANDLE_ROLES.get(sample.role)
            if handle is not None and sample.value == "pulled":
                self._pull(sample.at_s, door, handle, states, ordered, is_marked=False)
            elif _opens(sample):
                self._open(sample.at_s, door, states, ordered, is_marked=False)
            elif sample.role == "window.switch" and sample.value != "none":
                is_on = states.value("power.state") in (None, "on", "start")
                may_be_idle = sample.value != "down" or not is_on
                self._press(sample.at_s, door, is_marked=False, may_be_idle=may_be_idle)
            elif sample.role in MOVEMENT_ROLES and sample.value != "idle":
                self._move(sample.at_s, door)

    def see_mark(self, mark: Mark, states: States, ordered: Callable[[str], str | None]) -> None:
        """Take in a mark about a door or a window."""
        if mark.door is None:
            return
        handle = HANDLE_MARKS.get(mark.action)
        if mark.action in SAID:
            self._say(mark.at_s, mark.door, SAID[mark.action])
        if handle is not None:
            self._pull(mark.at_s, mark.door, handle, states, ordered, is_marked=True)
        elif mark.action == "opened":
            self._open(mark.at_s, mark.door, states, ordered, is_marked=True)
        elif mark.action == "not-opened":
            self._fail(mark, states, ordered)
        elif mark.action == "press-window-switch":
            self._press(mark.at_s, mark.door, is_marked=True)
        elif mark.action in ("window-moved", "window-dead"):
            self._tell_window(mark)

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
            return
        self._pulls.append(Pull(at_s, door, handle, *_lock(states, door, ordered), is_marked))

    def _name_handle(self, at_s: float, door: str, handle: Handle) -> bool:
        """Say whether a mark tells by which handle a door was opened just before it."""
        for pull in reversed(self._pulls):
            is_nameless = pull.handle == "unknown" and pull.result == "opened"
            is_its = pull.door == door and 0.0 <= at_s - pull.at_s <= MARK_LATE_S
            if is_nameless and is_its and not pull.is_marked:
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
                is_same = pull.handle == last.handle and pull.lock == last.lock
                is_near = last.at_s - pull.at_s <= OPENING_S
                if is_same and is_near and pull.result == "unseen":
                    pull.result = "opened"
            return
        pull = Pull(at_s, door, "unknown", *_lock(states, door, ordered), is_marked)
        pull.result = "opened"
        self._pulls.append(pull)

    def _fail(self, mark: Mark, states: States, ordered: Callable[[str], str | None]) -> None:
        assert mark.door is not None
        recent = [
            pull
            for pull in reversed(self._pulls)
            if pull.door == mark.door and mark.at_s - pull.at_s <= MARK_WAIT_S
        ]
        # Who has only just pulled cannot have marked yet how it ended.
        told = [pull for pull in recent if mark.at_s - pull.at_s >= MARK_SOONEST_S]
        for pull in told[:1] or recent[:1]:
            if pull.result == "unseen":
                pull.result = "not-opened"
                pull.is_told = True
            return
        lock = _lock(states, mark.door, ordered)
        pull = Pull(mark.at_s, mark.door, "unknown", *lock, is_marked=True)
        pull.result = "not-opened"
        self._pulls.append(pull)

    def _press(self, at_s: float, door: str, *, is_marked: bool, may_be_idle: bool = False) -> None:
        for press in self._presses:
            if press.door == door and at_s - press.at_s <= MARK_LATE_S:
                return
        self._presses.append(Press(at_s, door, is_marked, may_be_idle))

    def _move(self, at_s: float, door: str) -> None:
        for press in self._presses:
            # The switch may be marked late: movement just before it counts too.
            early_s = MARK_LATE_S if press.is_marked else 0.0
            if press.door == door and -early_s <= at_s - press.at_s <= WINDOW_S:
                press.has_moved = True

    def _show(self, sample: RoleSample, door: str) -> None:
        """Remember when a door switch moved, and what it bears out."""
        word = "open" if _opens(sample) else "closed" if _closes(sample) else None
        if word is None:
            return
        self._edges[door, word] = sample.at_s
        for check in self._checks:
            is_soon = sample.at_s - check.at_s <= MARK_LATE_S
            if check.door == door and check.word == word and is_soon:
                check.is_shown = True

    def _say(self, at_s: float, door: str, word: str) -> None:
        last_s = self._edges.get((door, word))
        is_shown = last_s is not None and at_s - last_s <= CHECK_EARLY_S
        self._checks.append(Check(at_s, door, word, is_shown))

    def _tell_window(self, mark: Mark) -> None:
        assert mark.door is not None
        for press in reversed(self._presses):
            if press.door == mark.door and mark.at_s - press.at_s <= MARK_WAIT_S:
                break
        else:
            press = Press(mark.at_s, mark.door, is_marked=True)
            self._presses.append(press)
        press.is_marked = True
        if mark.action == "window-moved":
            press.has_moved = True
        elif not press.has_moved:
            press.is_dead = True

    def finish(self, before_s: float, presence: Presence) -> tuple[list[Access], list[Trial]]:
        """Return and forget the attempts that nothing can change any more."""
        done_pulls = [pull for pull in self._pulls if pull.at_s + MARK_WAIT_S < before_s]
        done_presses = [press for press in self._presses if press.at_s + MARK_WAIT_S < before_s]
        self._pulls = [pull for pull in self._pulls if pull.at_s + MARK_WAIT_S >= before_s]
        self._presses = [p for p in self._presses if p.at_s + MARK_WAIT_S >= before_s]
        accesses = [self._access(pull, presence, before_s) for pull in done_pulls]
        trials = [self._trial(press, presence, before_s) for press in done_presses]
        done_checks = [check for check in self._checks if check.at_s + MARK_WAIT_S < before_s]
        self._checks = [check for check in self._checks if check.at_s + MARK_WAIT_S >= before_s]
        trials.extend(self._check(check, presence, before_s) for check in done_checks)
        return accesses, trials

    def finish_now(self, now_s: float, presence: Presence) -> tuple[list[Access], list[Trial]]:
        """Return all attempts as far as they are known now."""
        accesses = [self._access(pull, presence, now_s) for pull in self._pulls]
        trials = [self._trial(press, presence, now_s) for press in self._presses]
        trials.extend(self._check(check, presence, now_s) for check in self._checks)
        return accesses, trials

    def _access(self, pull: Pull, presence: Presence, now_s: float) -> Access:
        result = pull.result
        if result == "unseen":
            until_s = pull.at_s + OPENING_S
            if self._is_watched(pull.door, pull.at_s, until_s, presence) and until_s <= now_s:
                result = "not-opened"
        return Access(
            pull.at_s,
            pull.door,
            pull.handle,
            result,
            pull.lock,
            pull.lock_feedback,
            pull.is_marked or pull.is_told,
        )

    def _is_watched(self, door: str, from_s: float, until_s: float, presence: Presence) -> bool:
        """Say whether a door that opens or closes between two times would have been seen."""
        return any(
            presence.can_see_event(entry.message, from_s, until_s)
            for entry in self._vehicle.signals
            if entry.role in ("door.ajar", "latch.status") and door in entry.doors
        )

    def _check(self, check: Check, presence: Presence, now_s: float) -> Trial:
        result: Literal["agrees", "contradicts", "unseen"] = "agrees"
        if not check.is_shown:
            from_s, until_s = check.at_s - CHECK_EARLY_S, check.at_s + MARK_LATE_S
            is_over = until_s <= now_s
            is_watched = is_over and self._is_watched(check.door, from_s, until_s, presence)
            result = "contradicts" if is_watched else "unseen"
        return Trial(check.at_s, check.door, result, is_marked=True, about="switch")

    def _trial(self, press: Press, presence: Presence, now_s: float) -> Trial:
        if press.has_moved:
            return Trial(press.at_s, press.door, "moved", press.is_marked)
        if press.is_dead:
            return Trial(press.at_s, press.door, "dead", press.is_marked)
        until_s = press.at_s + WINDOW_S
        sources = [
            entry.message
            for entry in self._vehicle.signals
            if entry.role in MOVEMENT_ROLES and press.door in entry.doors
        ]
        is_watched = any(presence.can_see_event(m, press.at_s, until_s) for m in sources)
        is_telling = is_watched and not press.may_be_idle and not press.is_marked
        is_dead = is_telling and until_s <= now_s
        return Trial(press.at_s, press.door, "dead" if is_dead else "unseen", press.is_marked)


def _opens(sample: RoleSample) -> bool:
    assert "open" in ROLE_VALUES["door.ajar"]
    if sample.role == "door.ajar":
        return sample.value == "open"
    return sample.role == "latch.status" and sample.value in ("open", "ajar")


def _closes(sample: RoleSample) -> bool:
    return sample.role in ("door.ajar", "latch.status") and sample.value == "closed"


def _lock(
    states: States, door: str, ordered: Callable[[str], str | None]
) -> tuple[str | None, str | None]:
    """Return what the lock is known to be and how that is known."""
    state = states.get("lock.status", door)
    if state is not None and isinstance(state.value, str) and state.feedback != "belief":
        # `any-locked` that says locked and `all-locked` that says unlocked speak of some door.
        of_some = (("any-locked", "locked"), ("all-locked", "unlocked"))
        if (state.feedback, state.value) not in of_some:
            return state.value, state.feedback
    word = ordered(door)
    if word is not None:
        return word, "command"
    if state is not None and isinstance(state.value, str) and state.feedback == "belief":
        return state.value, "belief"
    return None, None
