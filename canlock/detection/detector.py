"""The detector: takes in what decoding gives, in any cut, and tells what happened.

Items wait in time order for a minute before they are folded for good, so a mark that comes late or
is taken back still counts. A view folds the rest speculatively, on a copy.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from canlock.detection.fold import Fold
from canlock.detection.journal import event_from_code, event_from_mark, event_from_sample
from canlock.detection.measures import Measures
from canlock.detection.operations import Surroundings, judge_all
from canlock.detection.polled import PolledTrack
from canlock.detection.presence import Presence
from canlock.detection.traffic import BusWatch
from canlock.model.operations import Access, LogEvent, Operation, Outage, Traffic, Trial
from canlock.model.roles import MEASURE_ROLES
from canlock.model.samples import Decoded, MessageLife, RoleSample
from canlock.model.snapshot import RoleState
from canlock.model.stream import Gap, Mark, MarkUndone, Sample, SideItem, TroubleCode
from canlock.model.vehicle import Vehicle

OPEN_S: Final = 60.0
"""Operations stay open to revision for this long (DESIGN, bird's eye)."""

MEMORY_S: Final = 120.0
"""Presence and measures are kept this long: `OPEN_S`, a window, and the marks about it."""

FRESH_S: Final = 3.0
"""A speed that is older says nothing of now."""

KEPT_OPERATIONS: Final = 600
KEPT_EVENTS: Final = 1500
"""Histories are bounded; what is dropped is counted. All of it is judged anew whenever something
happens, which must not take long: a car does some twenty operations a day. Judgement."""

Item = RoleSample | Mark
Keyed = tuple[float, int, int, Item]


@dataclass(frozen=True, slots=True)
class Detected:
    """What happened so far."""

    first_s: float | None
    now_s: float | None
    operations: tuple[Operation, ...]
    accesses: tuple[Access, ...]
    trials: tuple[Trial, ...]
    marks: tuple[Mark, ...]
    codes: tuple[TroubleCode, ...]
    events: tuple[LogEvent, ...]
    states: tuple[RoleState, ...]
    lives: tuple[MessageLife, ...]
    supply_v: tuple[float, ...]
    """Supply voltages known now: newest only."""

    speed_kmh: float | None = None
    """How fast the car is, where it was told just now."""

    dropped_operations: int = 0
    outages: tuple[Outage, ...] = ()
    """By their beginnings; those of long ago are dropped."""

    traffic: tuple[Traffic, ...] = ()
    """In time order; the last stretch is still open. Those of long ago are dropped."""


class Detector:
    """Turns decoded batches and side items into operations, accesses and states."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._fold = Fold(vehicle)
        self._presence = Presence(vehicle)
        self._measures = Measures()
        self._bus = BusWatch(vehicle)
        self._polled = PolledTrack()
        self._open: list[Keyed] = []
        self._serial = 0
        self._first_s: float | None = None
        self._now_s: float | None = None
        self._last_mark_s: float | None = None
        self._operations: deque[Operation] = deque(maxlen=KEPT_OPERATIONS)
        self._accesses: deque[Access] = deque(maxlen=KEPT_OPERATIONS)
        self._trials: deque[Trial] = deque(maxlen=KEPT_OPERATIONS)
        self._marks: deque[Mark] = deque(maxlen=KEPT_EVENTS)
        self._events: deque[LogEvent] = deque(maxlen=KEPT_EVENTS)
        self._codes: deque[TroubleCode] = deque(maxlen=KEPT_EVENTS)
        self._code_events: deque[LogEvent] = deque(maxlen=KEPT_EVENTS)
        self._judged = 0

    def take_decoded(self, decoded: Decoded) -> None:
        """Take in one decoded batch."""
        self._presence.learn(decoded)
        self._bus.take(decoded)
        for column in decoded.measures:
            self._measures.add(column)
        for sample in decoded.samples:
            self._wait(sample, 0)
        if decoded.frames:
            self._advance(decoded.first_s, decoded.last_s)

    def take_side(self, item: SideItem) -> None:
        """Take in what frames cannot show."""
        if isinstance(item, Mark):
            # Only frames move time on for good: a file's marks are handed in ahead of its frames.
            self._wait(item, 1)
            self._last_mark_s = max(self._last_mark_s or item.at_s, item.at_s)
        elif isinstance(item, MarkUndone):
            self._open = [entry for entry in self._open if entry[3] != item.mark]
        elif isinstance(item, Gap):
            self._presence.add_gap(item)
            self._bus.add_gap(item)
        elif isinstance(item, Sample):
            self._take_polled(item)
        elif isinstance(item, TroubleCode):
            self._codes.append(item)
            self._code_events.append(event_from_code(item))

    def _take_polled(self, item: Sample) -> None:
        if item.role in MEASURE_ROLES and not isinstance(item.value, str):
            self._measures.add_one(item.role, item.at_s, float(item.value))
            return
        news = self._polled.follow(item)
        if news is not None:
            self._wait(news, 0)

    def _wait(self, item: Item, rank: int) -> None:
        self._serial += 1
        entry = (item.at_s, rank, self._serial, item)
        if not self._open or entry[:3] > self._open[-1][:3]:
            self._open.append(entry)
        else:
            insort(self._open, entry, key=lambda other: other[:3])

    def _advance(self, first_s: float, now_s: float) -> None:
        """Fold for good what is old enough, and forget what nothing refers to any more."""
        self._first_s = first_s if self._first_s is None else min(self._first_s, first_s)
        self._now_s = now_s if self._now_s is None else max(self._now_s, now_s)
        horizon_s = self._now_s - OPEN_S
        ready = 0
        for entry in self._open:
            if entry[0] >= horizon_s:
                break
            self._fold_in(entry[3])
            ready += 1
        del self._open[:ready]
        self._settle(self._fold, horizon_s)
        self._presence.forget_before(horizon_s - MEMORY_S)
        self._measures.forget_before(horizon_s - MEMORY_S)

    def _fold_in(self, item: Item) -> None:
        # Settled before each item, so that a long batch is judged as many short ones would be.
        self._settle(self._fold, item.at_s)
        self._events.extend(_events_of(item, self._fold))
        self._fold.take(item)

    def _settle(self, fold: Fold, before_s: float) -> None:
        if fold.is_idle:
            return
        operations, accesses, trials = self._judge(fold, before_s)
        self._judged += len(operations)
        self._operations.extend(operations)
        self._accesses.extend(accesses)
        self._trials.extend(trials)
        self._marks.extend(fold.marks)
        fold.marks.clear()

    def _judge(
        self, fold: Fold, before_s: float, now_s: float | None = None
    ) -> tuple[list[Operation], list[Access], list[Trial]]:
        end_s = before_s if now_s is None else now_s
        around = Surroundings(self._vehicle, self._presence, self._measures, end_s)
        done = fold.settled(before_s)
        operations = judge_all(fold.drafts, around, done=done, before=fold.handed_out)
        fold.hand_out(done)
        accesses, trials = fold.access.finish(before_s, self._presence)
        return operations, accesses, trials

    def view(self) -> Detected:
        """Return what happened so far; changes nothing."""
        fold = self._fold.copy()
        events: list[LogEvent] = []
        operations: list[Operation] = []
        accesses: list[Access] = []
        trials: list[Trial] = []
        for entry in self._open:
            events.extend(_events_of(entry[3], fold))
            fold.take(entry[3])
        times = [at_s for at_s in (self._now_s, self._last_mark_s) if at_s is not None]
        now_s = max(times, default=None)
        if now_s is not None:
            around = Surroundings(self._vehicle, self._presence, self._measures, now_s)
            drafts = fold.drafts
            operations = judge_all(drafts, around, done=len(drafts), before=fold.handed_out)
            accesses, trials = fold.access.finish_now(now_s, self._presence)
        outages, traffic = self._bus.view()
        all_events = [*self._events, *events, *self._code_events]
        all_events.sort(key=lambda event: event.at_s)
        return Detected(
            first_s=self._first_s if self._first_s is not None else now_s,
            now_s=now_s,
            operations=(*self._operations, *operations)[-KEPT_OPERATIONS:],
            accesses=(*self._accesses, *accesses),
            trials=(*self._trials, *trials),
            marks=(*self._marks, *fold.marks),
            codes=tuple(self._codes),
            events=tuple(all_events),
            states=tuple(self._states(fold, now_s)),
            lives=tuple(self._presence.lives.values()),
            supply_v=self._supply(now_s),
            speed_kmh=self._speed(now_s),
            dropped_operations=max(self._judged + len(operations) - KEPT_OPERATIONS, 0),
            outages=outages,
            traffic=traffic,
        )

    def _supply(self, now_s: float | None) -> tuple[float, ...]:
        if now_s is None:
            return ()
        volts = self._measures.before("supply.voltage", now_s, within_s=MEMORY_S)
        return () if volts is None else (volts,)

    def _speed(self, now_s: float | None) -> float | None:
        if now_s is None:
            return None
        return self._measures.before("vehicle.speed", now_s, within_s=FRESH_S)

    def _states(self, fold: Fold, now_s: float | None) -> Iterable[RoleState]:
        for role, door, state in fold.states.items():
            is_stale = False
            if now_s is not None and state.source >= 0:
                message = self._vehicle.signals[state.source].message
                is_stale = not self._presence.is_current(message, now_s)
            yield RoleState(role, door, state.value, state.at_s, state.feedback, is_stale)


def _events_of(item: Item, fold: Fold) -> Iterator[LogEvent]:
    """Yield what an item has to tell, before the fold takes it in.

    A second source that follows the first tells nothing new.
    """
    if isinstance(item, Mark):
        yield event_from_mark(item)
        return
    door = item.doors[0] if len(item.doors) == 1 else None
    if item.kind == "state" and fold.states.value(item.role, door) == item.value:
        return
    event = event_from_sample(item)
    if event is not None:
        yield event
