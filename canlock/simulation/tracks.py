"""What each signal of the bus says, as step functions of raw values over time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from canlock.decoding.encoder import SignalShape, scale_to_raw
from canlock.model.roles import COUNT_ROLES, MEASURE_ROLES, NUMBER_ROLES
from canlock.model.vehicle import SignalMap, Vehicle
from canlock.simulation.meaning import SOME, Wish, settle, tie_signals
from canlock.simulation.recorder import START_S, Place, Recorder, Value, resting_value
from canlock.simulation.traits import Traits

AT_ONCE_S = 1e-6
"""Records that are nearer to each other are of one and the same instant."""


@dataclass(slots=True)
class Track:
    """A step function: `raw[i]` holds from `at_s[i]` on."""

    at_s: list[float] = field(default_factory=list)
    raw: list[int] = field(default_factory=list)

    def add(self, at_s: float, raw: int) -> None:
        """Let a value hold from a time on, later than all before."""
        if not self.raw or self.raw[-1] != raw:
            self.at_s.append(at_s)
            self.raw.append(raw)

    def sample(self, times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Return shape (n,): what held at each of some times."""
        rows = np.searchsorted(np.array(self.at_s), times_s, side="right") - 1
        return np.array(self.raw, np.int64)[np.maximum(rows, 0)]


@dataclass(slots=True)
class Measure:
    """A number that is measured anew for each frame."""

    role: str
    at_s: list[float]
    value: list[float]


@dataclass(slots=True)
class Tracks:
    """Everything that the mapped signals of a vehicle say in one session."""

    tracks: dict[str, Track] = field(default_factory=dict)
    """`Message.Signal` -> raw values."""

    measures: dict[str, Measure] = field(default_factory=dict)
    changes_s: dict[str, list[float]] = field(default_factory=dict)
    """Message -> times at which something in it changed, or happened once more."""

    busy_s: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """Message -> (from, until) of each event that lasted, such as a button held."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change of what an entry should say."""

    at_s: float
    value: Value
    is_event: bool
    """Something new has happened, even where the value is the same."""


class TrackBuilder:
    """Turns a recording into tracks."""

    def __init__(
        self,
        vehicle: Vehicle,
        traits: Traits,
        recorder: Recorder,
        shapes: dict[str, SignalShape],
        first_count: int,
    ) -> None:
        """Take what is needed.

        Args:
            vehicle: Its entries say which signal plays which role.
            traits: Tells which doors have a lock switch.
            recorder: The session.
            shapes: `Message.Signal` -> shape, of all mapped signals and counters.
            first_count: Where the counters stand when the session begins.
        """
        self._vehicle = vehicle
        self._traits = traits
        self._recorder = recorder
        self._shapes = shapes
        self._first_count = first_count
        self._built = Tracks()
        self._counted_s: dict[str, set[float]] = {}

    def build(self) -> Tracks:
        """Return the tracks of all mapped signals and counters."""
        entries = [entry for entry in self._vehicle.signals if self._is_known(entry)]
        worded = [entry for entry in entries if entry.role not in NUMBER_ROLES]
        for group in tie_signals(worded):
            if len(group) == 1 and is_lamp_pair(group[0]):
                self._light(group[0])
            else:
                self._settle_group(group)
        for entry in entries:
            if entry.role in NUMBER_ROLES:
                self._follow_number(entry)
        for counter, times_s in self._counted_s.items():
            self._count(counter, sorted(times_s))
        return self._built

    def _is_known(self, entry: SignalMap) -> bool:
        return all(signal in self._shapes for signal in entry.signals)

    def _settle_group(self, group: list[SignalMap]) -> None:
        signals = dict.fromkeys(signal for entry in group for signal in entry.signals)
        raws = {signal: self._shapes[signal].initial_raw for signal in signals}
        highest = {signal: self._shapes[signal].highest_raw for signal in signals}
        wishes = [Wish(entry, str(resting_value(entry.role))) for entry in group]
        followed = [list(self._steps(entry)) for entry in group]
        for entry, steps_of_entry in zip(group, followed, strict=True):
            self._note_events(entry, steps_of_entry)
        steps = sorted(
            ((step.at_s, index, step) for index, of in enumerate(followed) for step in of),
            key=lambda item: item[:2],
        )
        raws = settle(wishes, raws, highest)
        self._add(START_S, raws)
        for position, (at_s, index, step) in enumerate(steps):
            wishes[index] = Wish(group[index], str(step.value))
            follows = steps[position + 1][0] if position + 1 < len(steps) else np.inf
            if follows - at_s > AT_ONCE_S:
                raws = settle(wishes, raws, highest)
                self._add(at_s, raws)

    def _light(self, entry: SignalMap) -> None:
        """Follow two indicators that blink together for an answer, or each for a turn."""
        on = next(raw for (raw,), word in entry.values.items() if word == entry.true_value)
        off = next(raw for (raw,), word in entry.values.items() if word != entry.true_value)
        for signal, side in zip(entry.signals, ("lamp.left", "lamp.right"), strict=True):
            self._add(START_S, {signal: off})
            lit: dict[Place, bool] = {}
            roles = (entry.role, "lamp.hazard", side)
            places = [place for place in self._recorder.timelines if place[0] in roles]
            for at_s, group in _merge(self._recorder, places):
                lit.update((place, value == "on") for place, value, _ in group)
                self._add(at_s, {signal: on if any(lit.values()) else off})

    def _add(self, at_s: float, raws: dict[str, int]) -> None:
        for signal, raw in raws.items():
            track = self._built.tracks.setdefault(signal, Track())
            is_change = bool(track.raw) and track.raw[-1] != raw
            track.add(at_s, raw)
            if is_change:
                self._change(signal.partition(".")[0], at_s)

    def _change(self, message: str, at_s: float) -> None:
        # Signal after signal is followed, so that the times do not come in order.
        times_s = self._built.changes_s.setdefault(message, [])
        place = bisect_left(times_s, at_s)
        near = times_s[max(place - 1, 0) : place + 1]
        if all(abs(at_s - other_s) > AT_ONCE_S for other_s in near):
            times_s.insert(place, at_s)

    def _note_events(self, entry: SignalMap, steps: Sequence[Step]) -> None:
        """Count the events of an entry, and remember how long each lasts."""
        idle = resting_value(entry.role)
        ends_s = [later.at_s for later in steps if later.value == idle]
        for step in steps:
            if step.value == idle:
                continue
            if entry.kind == "event":
                until_s = next((at_s for at_s in ends_s if at_s > step.at_s), step.at_s)
                self._built.busy_s.setdefault(entry.message, []).append((step.at_s, until_s))
            if entry.counter is not None and step.is_event:
                self._counted_s.setdefault(entry.counter, set()).add(round(step.at_s, 6))

    def _count(self, counter: str, times_s: Sequence[float]) -> None:
        shape = self._shapes.get(counter)
        if shape is None:
            return
        span = shape.highest_raw - shape.lowest_raw + 1
        track = self._built.tracks.setdefault(counter, Track())
        for step, at_s in enumerate((START_S, *times_s)):
            track.add(at_s, shape.lowest_raw + (self._first_count + step) % span)
            if step:
                self._change(counter.partition(".")[0], at_s)

    def _follow_number(self, entry: SignalMap) -> None:
        signal = entry.signals[0]
        steps = list(self._steps(entry))
        at_s = [START_S, *(step.at_s for step in steps)]
        values = [float(resting_value(entry.role)), *(float(step.value) for step in steps)]
        if steps and steps[0].at_s <= START_S:
            at_s, values = at_s[1:], values[1:]
        if entry.role in MEASURE_ROLES:
            self._built.measures[signal] = Measure(entry.role, at_s, values)
            return
        shape = self._shapes[signal]
        if entry.role in COUNT_ROLES and entry.role != "window.position":
            # A count begins anew when its bits are full.
            full = (shape.highest_raw + 1) * (shape.scale or 1.0)
            values = [value % full for value in values]
        raws = scale_to_raw(shape, np.array(values))
        for since_s, raw in zip(at_s, raws.tolist(), strict=True):
            self._add(since_s, {signal: raw})

    def _steps(self, entry: SignalMap) -> Iterator[Step]:
        """Yield what an entry should say, doors taken together."""
        held: dict[Place, Value] = {}
        latest: Value | None = None
        for at_s, group in _merge(self._recorder, self._places(entry)):
            is_new = False
            for place, value, counts in group:
                held[place] = value
                is_new |= counts
            joined = join_doors(entry, list(held.values()))
            if joined != latest or (is_new and entry.kind == "event"):
                yield Step(at_s, joined, is_event=is_new)
            latest = joined

    def _places(self, entry: SignalMap) -> list[Place]:
        doors: tuple[str | None, ...] = (*(entry.doors or self._vehicle.doors), None)
        places = [(entry.role, self._provenance(entry, door), door) for door in doors]
        return [place for place in places if place in self._recorder.timelines]

    def _provenance(self, entry: SignalMap, door: str | None) -> str:
        if entry.role != "lock.status":
            return ""
        if entry.feedback in ("any-locked", "all-locked"):
            return "measured" if door in self._traits.sensor_doors else "belief"
        return entry.feedback or "measured"


def is_lamp_pair(entry: SignalMap) -> bool:
    """Tell whether an entry reads the answer off the left and the right indicator."""
    return entry.role == "ack.flasher" and entry.combine == "all" and len(entry.signals) == 2


def _merge(
    recorder: Recorder, places: Sequence[Place]
) -> list[tuple[float, list[tuple[Place, Value, bool]]]]:
    """Return the records of some places in time order, those of one instant together."""
    rows = [
        (at_s, place, value, is_new)
        for place in places
        for at_s, value, is_new in zip(
            recorder.timelines[place].at_s,
            recorder.timelines[place].values,
            recorder.timelines[place].is_new,
            strict=True,
        )
    ]
    rows.sort(key=lambda row: row[0])
    merged: list[tuple[float, list[tuple[Place, Value, bool]]]] = []
    for at_s, place, value, is_new in rows:
        if not merged or at_s - merged[-1][0] > AT_ONCE_S:
            merged.append((at_s, []))
        merged[-1][1].append((place, value, is_new))
    return merged


def join_doors(entry: SignalMap, values: Sequence[Value]) -> Value:
    """Return what one signal says of several doors, each with a value of its own.

    A signal for several doors tells of whichever is not at rest: a door open, a window moving, a
    lock not locked. `any-locked` turns that round.
    """
    rest = resting_value(entry.role)
    if entry.role in NUMBER_ROLES:
        return values[-1]
    stirring = [value for value in values if value != rest]
    if entry.role == "command.lock" and 0 < len(stirring) < len(values):
        return f"{SOME}{stirring[-1]}"
    if entry.role != "lock.status":
        return stirring[-1] if stirring else rest
    if entry.feedback == "any-locked":
        return next((value for value in values if value != "unlocked"), "unlocked")
    if "unlocked" in stirring:
        return "unlocked"
    return "deadlocked" if stirring and len(stirring) == len(values) else "locked"
