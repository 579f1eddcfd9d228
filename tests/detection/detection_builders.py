"""A car on its bus, told as a story: what its parts do and when; the frames follow from that.

`Story` is a small bus of its own. It knows when each message comes and what it says then, and makes
of that what decoding would hand on: changes, liveness, silences. A healthy car is the default; a
test says only what differs. Times are seconds after the first frame, on a grid that floats hold
exactly, so that a story moved in time stays the same to the last bit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from canlock.detection.detector import Detected, Detector
from canlock.model.operations import Operation, Response
from canlock.model.roles import MEASURE_ROLES
from canlock.model.samples import (
    Breaks,
    Decoded,
    MeasureColumn,
    MessageLife,
    RoleSample,
    Silence,
    join_breaks,
)
from canlock.model.stream import Mark, SideItem
from canlock.model.vehicle import Alive, MessageFacts, SignalMap, Timing, Vehicle

START_S = 4096.0
HUSH_S = 0.05
"""Longer pauses without any frame are told."""

PERIOD_S = 0.125
DOORS = ("driver", "passenger", "rear-left", "rear-right")

RESTING: dict[str, str | float] = {
    "lock.status": "locked",
    "door.ajar": "closed",
    "latch.status": "closed",
    "handle.outer": "released",
    "handle.inner": "released",
    "window.switch": "none",
    "window.moving": "idle",
    "window.position": 0.0,
    "ack.flasher": "off",
    "power.state": "off",
    "key.inside": "no",
    "key.inserted": "no",
    "command.inhibit": "no",
    "command.requestor": "none",
    "command.lock": "lock",
    "lock.child": "off",
    "fob.count": 7.0,
    "fob.id": 1.0,
    "supply.voltage": 12.5,
    "vehicle.speed": 0.0,
    "ambient.temperature": 20.0,
}
"""What each signal says where a story does not: a locked car at rest in mild weather."""


def name_of(door: str) -> str:
    """The door module's message."""
    return "DOOR_" + door.upper().replace("-", "_")


def entry(role: str, message: str, *doors: str, **more: object) -> SignalMap:
    """One `[[signal]]` entry; the words it knows do not matter behind decoding."""
    return replace(
        SignalMap(role, (f"{message}.{role.replace('.', '_')}",), tuple(doors)),
        **more,  # type: ignore[arg-type]
    )


def facts(name: str, key: int, period_s: float | None, sender: str | None = "BCM") -> MessageFacts:
    return MessageFacts(name, key, 8, sender, period_s)


def a_vehicle(
    *,
    without: Iterable[str] = (),
    timing: Timing | None = None,
    is_verified: bool = True,
    extra: Sequence[SignalMap] = (),
) -> Vehicle:
    """A car of tier T3: requests, commands, a measured lock, handles and a window for each door."""
    left_out = set(without)
    signals = [
        entry("request.fob", "RKE", kind="event", first_is_event=True),
        entry("request.interior", "BODY", kind="event"),
        entry("command.requestor", "ORDERS"),
        entry("command.lock", "ORDERS", kind="event", first_is_event=True),
        entry("command.inhibit", "BODY"),
        entry("ack.flasher", "BODY"),
        entry("power.state", "BODY"),
        entry("key.inside", "BODY"),
        entry("supply.voltage", "POWER"),
        entry("vehicle.speed", "POWER"),
        entry("ambient.temperature", "POWER"),
    ]
    for door in DOORS:
        module = name_of(door)
        signals += [
            entry("lock.status", module, door, feedback="measured"),
            entry("door.ajar", "BODY", door),
            entry("handle.outer", module, door),
            entry("handle.inner", module, door),
            entry("window.switch", module, door),
            entry("window.moving", module, door),
        ]
    messages = [
        facts("RKE", 0x100, None),
        facts("ORDERS", 0x101, None),
        facts("BODY", 0x102, PERIOD_S),
        facts("POWER", 0x103, PERIOD_S, "ECM"),
        *(facts(name_of(d), 0x110 + n, PERIOD_S, name_of(d)) for n, d in enumerate(DOORS)),
    ]
    return Vehicle(
        id="story",
        name="Story",
        doors=DOORS,
        signals=(*(s for s in signals if s.role not in left_out), *extra),
        messages=tuple(messages),
        timing=timing or Timing(),
        alive=(Alive("bcm", "BODY", PERIOD_S),),
        is_verified=is_verified,
    )


def a_plain_vehicle(*, timing: Timing | None = None, without: Iterable[str] = ()) -> Vehicle:
    """A car of tier T1, as a Qashqai: no request and no command is on its bus.

    The driver's lock is measured, those of the others are believed; doors and lamps are shown.
    """
    others = DOORS[1:]
    signals = [
        entry("lock.status", "STATUS", "driver", feedback="measured"),
        entry("lock.status", "STATUS", *others, feedback="belief"),
        entry("ack.flasher", "BODY"),
        entry("power.state", "BODY"),
        *(entry("door.ajar", "BODY", door) for door in DOORS),
    ]
    left_out = set(without)
    return Vehicle(
        id="plain",
        name="Plain",
        doors=DOORS,
        signals=tuple(signal for signal in signals if signal.role not in left_out),
        messages=(facts("STATUS", 0x200, PERIOD_S), facts("BODY", 0x201, PERIOD_S)),
        timing=timing or Timing(status_period=PERIOD_S),
        alive=(Alive("bcm", "BODY", PERIOD_S),),
    )


def with_modules(vehicle: Vehicle) -> Vehicle:
    """The same car with a heartbeat of each door module."""
    beats = (Alive("door-module", name_of(door), PERIOD_S, (door,)) for door in vehicle.doors)
    return replace(vehicle, alive=(*vehicle.alive, *beats))


def slowed(vehicle: Vehicle) -> Vehicle:
    """The same car with four frames a second of each message, so that long stories stay cheap."""
    messages = tuple(
        replace(message, period_s=0.25 if message.period_s else None)
        for message in vehicle.messages
    )
    return replace(vehicle, messages=messages)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: when, of which message, which are the events in it (entry index -> value)."""

    at_s: float
    message: str
    events: tuple[tuple[int, str | float | None], ...] = ()


@dataclass
class Story:
    """What happened, and what the bus showed of it."""

    vehicle: Vehicle = field(default_factory=a_vehicle)
    until_s: float = 20.0
    start_s: float = START_S
    side: list[SideItem] = field(default_factory=list)
    changes: dict[int, list[tuple[float, str | float | None]]] = field(default_factory=dict)
    events: list[tuple[float, int, str | float | None]] = field(default_factory=list)
    lost: list[tuple[float, float, tuple[str, ...]]] = field(default_factory=list)
    restarts: list[tuple[float, str]] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)

    # What happens

    def say(self, at_s: float, role: str, value: str | float | None, *doors: str) -> Story:
        """From now on the signal of some doors (none: the car) says something; None: unknown."""
        for index in self._entries(role, doors):
            self.changes.setdefault(index, []).append((self.start_s + at_s, value))
        return self

    def happen(self, at_s: float, role: str, value: str | float | None, *doors: str) -> Story:
        """An event-kind signal tells of something (None: no word for it), in a frame of its own."""
        for index in self._entries(role, doors):
            self.events.append((self.start_s + at_s, index, value))
        return self

    def press(self, at_s: float, action: str) -> Story:
        """The BCM receives the fob."""
        return self.happen(at_s, "request.fob", action)

    def order(self, at_s: float, action: str, *doors: str) -> Story:
        """The BCM commands the locks (of some doors, where each has an entry of its own)."""
        return self.happen(at_s, "command.lock", action, *doors)

    def answer(self, at_s: float, value: str, *doors: str, lag_s: float = 0.0) -> Story:
        """The locks of some doors (none: of all) say something new."""
        for door in doors or self.vehicle.doors:
            self.say(at_s + lag_s, "lock.status", value, door)
        return self

    def cycle(self, at_s: float, action: str, *, dead: Sequence[str] = ()) -> Story:
        """A whole healthy chain from the fob to the locks, but for some dead doors."""
        value = "unlocked" if action == "unlock" else "locked"
        self.press(at_s, action).order(at_s + 0.0625, action)
        for door in self.vehicle.doors:
            if door not in dead:
                self.answer(at_s + 0.25, value, door)
        return self

    def flash(self, at_s: float, times: int = 1, apart_s: float = 0.75) -> Story:
        """The lamps answer."""
        for number in range(times):
            self.say(at_s + number * apart_s, "ack.flasher", "on")
            self.say(at_s + number * apart_s + apart_s / 2, "ack.flasher", "off")
        return self

    def open_door(self, at_s: float, door: str, *, for_s: float | None = None) -> Story:
        """A door opens, and shuts again after a while."""
        self.say(at_s, "door.ajar", "open", door)
        return self if for_s is None else self.say(at_s + for_s, "door.ajar", "closed", door)

    def pull(self, at_s: float, door: str, side: str = "outer") -> Story:
        """Somebody pulls a handle that the bus shows."""
        self.say(at_s, f"handle.{side}", "pulled", door)
        return self.say(at_s + 0.5, f"handle.{side}", "released", door)

    def mark(self, at_s: float, action: str, door: str | None = None) -> Story:
        self.side.append(Mark(self.start_s + at_s, action, door))
        return self

    def lose(self, from_s: float, until_s: float, *messages: str) -> Story:
        """Nobody sees the frames of some messages (none: of all) between two times."""
        self.lost.append((self.start_s + from_s, self.start_s + until_s, messages))
        return self

    def restart(self, at_s: float, message: str) -> Story:
        """The rolling counter of a message begins anew with its first frame from then on."""
        self.restarts.append((self.start_s + at_s, message))
        return self

    def disturb(self, at_s: float, count: int = 1) -> Story:
        """Error frames come."""
        self.errors += [self.start_s + at_s] * count
        return self

    def moved(self, by_s: float) -> Story:
        """The same story at another time."""
        return replace(
            self,
            start_s=self.start_s + by_s,
            side=[_moved_item(item, by_s) for item in self.side],
            changes={i: [(t + by_s, v) for t, v in c] for i, c in self.changes.items()},
            events=[(t + by_s, i, v) for t, i, v in self.events],
            lost=[(a + by_s, b + by_s, m) for a, b, m in self.lost],
            restarts=[(at_s + by_s, message) for at_s, message in self.restarts],
            errors=[at_s + by_s for at_s in self.errors],
        )

    def _entries(self, role: str, doors: Sequence[str]) -> Iterator[int]:
        for index, signal in enumerate(self.vehicle.signals):
            if signal.role == role and (not doors or set(doors) & set(signal.doors or doors)):
                yield index

    # What the bus shows

    def frames(self) -> list[Frame]:
        """Return all frames that were recorded, in time order."""
        found = [
            Frame(at_s, self.vehicle.signals[index].message, ((index, value),))
            for at_s, index, value in self.events
        ]
        for number, message in enumerate(self.vehicle.messages):
            if message.period_s is not None:
                count = int((self.until_s - number / 256) / message.period_s) + 1
                times = self.start_s + number / 256 + message.period_s * np.arange(count)
                found += [Frame(at_s, message.name) for at_s in times.tolist()]
        found = [frame for frame in found if not self._is_lost(frame)]
        return sorted(found, key=lambda frame: frame.at_s)

    def _is_lost(self, frame: Frame) -> bool:
        return any(
            from_s <= frame.at_s < until_s and (not messages or frame.message in messages)
            for from_s, until_s, messages in self.lost
        )

    def decoded(self, cuts: Sequence[int] = ()) -> list[Decoded]:
        """Return the batches that decoding would give; `cuts`: numbers of frames to cut before."""
        frames = self.frames()
        reader = _Reader(self)
        edges = sorted({0, *(cut for cut in cuts if 0 < cut < len(frames)), len(frames)})
        return [reader.read(frames[first:last]) for first, last in pairwise(edges) if last > first]

    def detect(self, cuts: Sequence[int] = (), *, marks_late_s: float | None = None) -> Detected:
        """Return what happened, as detection tells it.

        Args:
            cuts: Numbers of frames before which a batch ends.
            marks_late_s: Side items are handed in so long after their time; None: ahead.
        """
        detector = Detector(self.vehicle)
        waiting = sorted(self.side, key=lambda item: item.at_s)
        if marks_late_s is not None:
            times = [frame.at_s for frame in self.frames()]
            handed = [bisect_left(times, item.at_s + marks_late_s) for item in waiting]
            cuts = (*cuts, *handed)
        for batch in self.decoded(cuts):
            until_s = batch.last_s if marks_late_s is None else batch.first_s - marks_late_s
            while waiting and waiting[0].at_s <= until_s:
                detector.take_side(waiting.pop(0))
            detector.take_decoded(batch)
        for item in waiting:
            detector.take_side(item)
        return detector.view()

    def operations(self) -> tuple[Operation, ...]:
        return self.detect().operations

    def operation(self) -> Operation:
        """Return the only operation that there is."""
        (only,) = self.operations()
        return only


class _Reader:
    """A plain decoder: one frame after another, one entry after another."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._vehicle = story.vehicle
        self._unnamed: set[int] = set()
        """Signals whose last word nobody named."""

        self._says: dict[int, tuple[str | float | None, float]] = {}
        self._second: dict[int, int] = {}
        self._lives: dict[str, MessageLife] = {}
        self._names = [facts.name for facts in story.vehicle.messages]
        self._restarts = sorted(story.restarts)
        self._errors = sorted(story.errors)
        self._last_s: float | None = None
        self._periods = {facts.name: facts.period_s for facts in story.vehicle.messages}
        self._plans = {
            index: sorted(plan, key=lambda change: change[0])
            for index, plan in story.changes.items()
        }
        self._of_message: dict[str, list[int]] = {}
        for index, signal in enumerate(self._vehicle.signals):
            self._of_message.setdefault(signal.message, []).append(index)

    def read(self, frames: Sequence[Frame]) -> Decoded:
        samples: list[RoleSample] = []
        silences: list[Silence] = []
        measures: dict[str, list[tuple[float, float]]] = {}
        hushes: list[tuple[float, float]] = []
        breaks: list[Breaks] = []
        for frame in frames:
            if self._last_s is not None and frame.at_s - self._last_s > HUSH_S:
                hushes.append((self._last_s, frame.at_s))
            self._last_s = frame.at_s
            breaks += self._break(frame)
            silences += self._live(frame)
            for index in self._of_message.get(frame.message, ()):
                signal = self._vehicle.signals[index]
                if self._second.get(index) == int(frame.at_s) and index not in self._plans:
                    continue  # A measured value that stands is told once a second.
                if index in self._says and not (index in self._plans or frame.events):
                    continue  # It says what it said before.
                if signal.role in MEASURE_ROLES:
                    value = self._planned(index, frame.at_s)
                    if isinstance(value, float):
                        self._second[index] = int(frame.at_s)
                        measures.setdefault(signal.role, []).append((frame.at_s, value))
                elif signal.kind == "event":
                    samples += self._event(index, frame)
                else:
                    samples += self._state(index, frame)
        return Decoded(
            first_s=frames[0].at_s,
            last_s=frames[-1].at_s,
            frames=len(frames),
            samples=tuple(samples),
            measures=tuple(
                MeasureColumn(role, *(np.array(column) for column in zip(*rows, strict=True)))
                for role, rows in measures.items()
            ),
            silences=tuple(silences),
            lives=tuple(self._lives.values()),
            breaks=join_breaks(breaks),
            hushes_s=np.array(hushes).reshape(-1, 2),
            errors_s=np.array(self._take_errors(frames[-1].at_s)),
        )

    def _take_errors(self, until_s: float) -> list[float]:
        taken = [at_s for at_s in self._errors if at_s <= until_s]
        self._errors = self._errors[len(taken) :]
        return taken

    def _break(self, frame: Frame) -> Iterator[Breaks]:
        """Yield what is irregular about a frame of a message that comes in a cycle."""
        life, period_s = self._lives.get(frame.message), self._periods[frame.message]
        if life is None or period_s is None:
            return
        apart_s = frame.at_s - life.last_s
        due = [r for r in self._restarts if r[1] == frame.message and r[0] <= frame.at_s]
        self._restarts = [restart for restart in self._restarts if restart not in due]
        if apart_s > 1.5 * period_s or due:
            yield Breaks(
                np.array([self._names.index(frame.message)], np.int16),
                np.array([life.last_s]),
                np.array([frame.at_s]),
                np.array([round(apart_s / period_s) - 1], np.int32),
                np.array([False]),
                np.array([bool(due)]),
                np.array([frame.at_s]),
            )

    def _live(self, frame: Frame) -> Iterator[Silence]:
        period_s = self._periods[frame.message]
        life = self._lives.get(frame.message)
        if life is None:
            paced_s = None if period_s is None else frame.at_s
            life = MessageLife(
                frame.message, 0, frame.at_s, frame.at_s, period_s, 0, period_s, paced_s
            )
        elif period_s is not None and frame.at_s - life.last_s > max(5 * period_s, 0.5):
            yield Silence(frame.message, life.last_s, frame.at_s)
        self._lives[frame.message] = replace(life, count=life.count + 1, last_s=frame.at_s)

    def _planned(self, index: int, at_s: float) -> str | float | None:
        value: str | float | None = RESTING[self._vehicle.signals[index].role]
        for when_s, then in self._plans.get(index, ()):
            if when_s <= at_s:
                value = then
        return value

    def _event(self, index: int, frame: Frame) -> Iterator[RoleSample]:
        signal = self._vehicle.signals[index]
        for which, value in frame.events:
            if which == index:
                yield RoleSample(
                    frame.at_s,
                    signal.role,
                    signal.doors,
                    value,
                    kind="event",
                    is_first=index not in self._says,
                    source=index,
                )
                self._says[index] = value, frame.at_s

    def _state(self, index: int, frame: Frame) -> Iterator[RoleSample]:
        signal = self._vehicle.signals[index]
        value: str | float | None = self._planned(index, frame.at_s)
        value = dict(frame.events).get(index, value)
        before = self._says.get(index)
        is_unnamed, was_unnamed = value is None, index in self._unnamed
        (self._unnamed.add if is_unnamed else self._unnamed.discard)(index)
        is_order = signal.role == "command.lock"
        if value is None:
            if is_order and not was_unnamed and before is not None:
                yield RoleSample(frame.at_s, signal.role, signal.doors, None, source=index)
            return
        self._says[index] = value, frame.at_s
        is_again = is_order and was_unnamed and value != "none"
        if before is not None and before[0] == value and not is_again:
            return
        yield RoleSample(
            frame.at_s,
            signal.role,
            signal.doors,
            value,
            previous=None if before is None else before[0],
            since_s=None if before is None else before[1],
            is_first=before is None,
            feedback=signal.feedback,
            source=index,
        )


def _moved_item(item: SideItem, by_s: float) -> SideItem:
    moved = replace(item, at_s=item.at_s + by_s)
    until_s = getattr(item, "until_s", None)
    return moved if until_s is None else replace(moved, until_s=until_s + by_s)


def states(operation: Operation) -> dict[str, str]:
    """Return door -> what its lock did."""
    return {response.door: response.state for response in operation.responses}


def response_of(operation: Operation, door: str) -> Response:
    (found,) = [response for response in operation.responses if response.door == door]
    return found
