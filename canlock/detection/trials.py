"""Windows at their switches, and door switches against what somebody said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from canlock.detection.marked import MARK_LATE_S
from canlock.detection.presence import Presence
from canlock.detection.states import States
from canlock.model.operations import Trial
from canlock.model.roles import ROLE_VALUES
from canlock.model.samples import RoleSample
from canlock.model.stream import Mark
from canlock.model.vehicle import Vehicle

MARK_WAIT_S: Final = 8.0
"""A mark that tells how a pull ended comes within this. Judgement: marks are 0.2-1 s late and
people try twice."""

WINDOW_S: Final = 1.5
"""A window starts to move within this after its switch. Judgement."""

CHECK_EARLY_S: Final = 6.0
"""A mark that a door opened or closed is about what its switch showed within this before, or within
`MARK_LATE_S` after. Judgement: marks are late, and people mark several things in a row."""

LATCH_EARLY_S: Final = 1.2
"""A latch and the switch of its door tell of one opening within this, before or after. Judgement:
two units, each with its own period."""

SAID: Final = {"opened": "open", "closed": "closed"}
MOVEMENT_ROLES: Final = ("window.moving", "window.position")


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
    """What somebody said of a door, or its latch, which its switch should show."""

    at_s: float
    door: str
    word: str
    """`open` or `closed`."""

    early_s: float
    """The switch may have shown it so long before."""

    is_marked: bool
    is_shown: bool = False


class TrialWatch:
    """Joins window switches with movement, and words with door switches."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._presses: list[Press] = []
        self._checks: list[Check] = []
        self._edges: dict[tuple[str, str], float] = {}
        self._switched = frozenset(
            door for entry in vehicle.signals if entry.role == "door.ajar" for door in entry.doors
        )
        """Doors that have a switch: then their latch is another witness."""

    @property
    def is_waiting(self) -> bool:
        """Say whether the end of some trial is awaited."""
        return bool(self._presses or self._checks)

    def copy(self) -> TrialWatch:
        """Return a copy that may go on by itself."""
        other = TrialWatch(self._vehicle)
        other._presses = [replace(press) for press in self._presses]
        other._checks = [replace(check) for check in self._checks]
        other._edges = dict(self._edges)
        return other

    def see_sample(self, sample: RoleSample, states: States) -> None:
        """Take in a state sample, before `states` has learnt it."""
        for door in sample.doors:
            self._show(sample, door)
        if sample.kind == "state" and (sample.is_first or sample.previous is None):
            return
        if sample.role == "latch.status" and sample.value in SAID.values():
            for door in self._switched.intersection(sample.doors):
                self._expect(sample.at_s, door, str(sample.value), LATCH_EARLY_S, is_marked=False)
        for door in sample.doors:
            if sample.role == "window.switch" and sample.value != "none":
                is_on = states.value("power.state") in (None, "on", "start")
                may_be_idle = sample.value != "down" or not is_on
                self._press(sample.at_s, door, is_marked=False, may_be_idle=may_be_idle)
            elif sample.role in MOVEMENT_ROLES and sample.value != "idle":
                self._move(sample.at_s, door)

    def see_mark(self, mark: Mark) -> None:
        """Take in a mark about a door or a window."""
        if mark.door is None:
            return
        if mark.action in SAID:
            word = SAID[mark.action]
            self._expect(mark.at_s, mark.door, word, CHECK_EARLY_S, is_marked=True)
        elif mark.action == "press-window-switch":
            self._press(mark.at_s, mark.door, is_marked=True)
        elif mark.action in ("window-moved", "window-dead"):
            self._tell_window(mark)

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
        word = "open" if opens(sample) else "closed" if _closes(sample) else None
        if word is None or (door in self._switched and sample.role != "door.ajar"):
            return
        self._edges[door, word] = sample.at_s
        for check in self._checks:
            is_soon = sample.at_s - check.at_s <= MARK_LATE_S
            if check.door == door and check.word == word and is_soon:
                check.is_shown = True

    def _expect(
        self, at_s: float, door: str, word: str, early_s: float, *, is_marked: bool
    ) -> None:
        last_s = self._edges.get((door, word))
        is_shown = last_s is not None and at_s - last_s <= early_s
        self._checks.append(Check(at_s, door, word, early_s, is_marked, is_shown))

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

    def finish(self, before_s: float, presence: Presence) -> list[Trial]:
        """Return and forget the trials that nothing can change any more."""
        presses = [press for press in self._presses if press.at_s + MARK_WAIT_S < before_s]
        checks = [check for check in self._checks if check.at_s + MARK_WAIT_S < before_s]
        self._presses = [p for p in self._presses if p.at_s + MARK_WAIT_S >= before_s]
        self._checks = [check for check in self._checks if check.at_s + MARK_WAIT_S >= before_s]
        trials = [self._trial(press, presence, before_s) for press in presses]
        return trials + [self._check(check, presence, before_s) for check in checks]

    def finish_now(self, now_s: float, presence: Presence) -> list[Trial]:
        """Return all trials as far as they are known now."""
        trials = [self._trial(press, presence, now_s) for press in self._presses]
        return trials + [self._check(check, presence, now_s) for check in self._checks]

    def _check(self, check: Check, presence: Presence, now_s: float) -> Trial:
        result: Literal["agrees", "contradicts", "unseen"] = "agrees"
        if not check.is_shown:
            from_s, until_s = check.at_s - check.early_s, check.at_s + MARK_LATE_S
            role = "door.ajar" if check.door in self._switched else "latch.status"
            is_seen = is_watched(self._vehicle, check.door, from_s, until_s, presence, (role,))
            # The BCM has its word of a door from that door's control unit.
            is_seen = is_seen and presence.hears_module(check.door, from_s, until_s)
            result = "contradicts" if until_s <= now_s and is_seen else "unseen"
        return Trial(check.at_s, check.door, result, check.is_marked, about="switch")

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


def is_watched(
    vehicle: Vehicle,
    door: str,
    from_s: float,
    until_s: float,
    presence: Presence,
    roles: Sequence[str] = ("door.ajar", "latch.status"),
) -> bool:
    """Say whether a door that opens or closes between two times would have been seen."""
    if presence.lacks_module(door):
        return False
    return any(
        presence.can_see_event(entry.message, from_s, until_s)
        for entry in vehicle.signals
        if entry.role in roles and door in entry.doors
    )


def opens(sample: RoleSample) -> bool:
    """Say whether a sample shows a door that opens."""
    assert "open" in ROLE_VALUES["door.ajar"]
    if sample.role == "door.ajar":
        return sample.value == "open"
    return sample.role == "latch.status" and sample.value in ("open", "ajar")


def _closes(sample: RoleSample) -> bool:
    return sample.role in ("door.ajar", "latch.status") and sample.value == "closed"
