"""What to read from which frame: a vehicle and its databases, compiled to plain frozen data.

Nothing of cantools is kept, so a layout can be pickled, handed to another process or stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from canlock.decoding.fields import Field, SignalLookup, compile_field
from canlock.decoding.words import WordTable, compile_words
from canlock.errors import VehicleFileError
from canlock.model.roles import COUNT_ROLES, MEASURE_ROLES, NUMBER_ROLES, idle_value
from canlock.model.vehicle import SignalMap, Vehicle

LONGEST_SIGNAL = 64
"""Bits: wider signals (J1939 texts and the like) are no role's."""

LONGEST_COUNTER = 32
"""Bits: a wider rolling counter is none that rolls."""


@dataclass(frozen=True, slots=True)
class MessageLayout:
    """One message: how to find its frames and how its presence is judged."""

    name: str
    key: int
    """Frame key, see `frames.frame_key`."""

    length: int
    """Bytes that the database gives it."""

    period_s: float | None
    """Declared cycle time; None: to be learnt."""

    fields: tuple[Field, ...]
    """Every signal of it that some entry reads, once each; counters too."""

    counter: Field | None = None
    """Its rolling counter, where an `[[alive]]` entry names one that can be read."""

    is_eventful: bool = False
    """It is sent only when something happens, and then perhaps again and again: no cycle."""


@dataclass(frozen=True, slots=True)
class EntryLayout:
    """What to compute for one `[[signal]]` entry."""

    source: int
    """Index into `Vehicle.signals`."""

    role: str
    doors: tuple[str, ...]
    kind: Literal["state", "event", "measure"]
    """`measure`: every frame's number counts, see `roles.MEASURE_ROLES`."""

    fields: tuple[Field, ...]
    """One for each signal."""

    messages: tuple[int, ...]
    """For each field: index into `Layout.messages`."""

    counter: Field | None
    """In the same message as the fields."""

    words: WordTable | None
    """None for a role of numbers."""

    idle: str | None
    """The word that means nothing is asked or done; None for a role of numbers."""

    first_is_event: bool
    feedback: str | None

    @property
    def inputs(self) -> tuple[Field, ...]:
        """Return all that is read: the fields and, last, the counter where there is one."""
        return self.fields if self.counter is None else (*self.fields, self.counter)

    @property
    def heeds_pauses(self) -> bool:
        """Tell whether the same value after a pause is a new event."""
        return self.kind == "event" and self.first_is_event and self.counter is None

    @property
    def is_joint(self) -> bool:
        """Tell whether its signals come in different frames: messages, or multiplexed pages."""
        pages = {field.selectors for field in self.fields}
        return len(set(self.messages)) > 1 or len(pages) > 1


@dataclass(frozen=True, slots=True)
class Layout:
    """A vehicle, compiled."""

    messages: tuple[MessageLayout, ...]
    entries: tuple[EntryLayout, ...]


def compile_layout(vehicle: Vehicle, signal_of: SignalLookup) -> Layout:
    """Return what a decoder needs to know of a vehicle.

    Args:
        vehicle: A checked vehicle file.
        signal_of: `Message.Signal` -> the signal as cantools read it.

    Raises:
        VehicleFileError: An entry asks for what cannot be read; its text names file and line.
    """
    index = {facts.name: number for number, facts in enumerate(vehicle.messages)}
    fields: dict[str, Field] = {}

    def field_of(entry: SignalMap, name: str) -> Field:
        message = name.partition(".")[0]
        if message not in index:
            raise _refuse(vehicle, entry, f"message `{message}` is not among the vehicle's")
        if name not in fields:
            fields[name] = compile_field(name, signal_of)
            if fields[name].bits.length > LONGEST_SIGNAL:
                raise _refuse(vehicle, entry, f"`{name}` is longer than {LONGEST_SIGNAL} bits")
        return fields[name]

    entries = []
    for source, entry in enumerate(vehicle.signals):
        _check(vehicle, entry)
        counter = None if entry.counter is None else field_of(entry, entry.counter)
        if counter is not None and counter.bits.is_float:
            raise _refuse(vehicle, entry, f"counter `{counter.name}` is not an integer")
        is_number = entry.role in NUMBER_ROLES
        entries.append(
            EntryLayout(
                source=source,
                role=entry.role,
                doors=entry.doors,
                kind="measure" if entry.role in MEASURE_ROLES else entry.kind,
                fields=tuple(field_of(entry, name) for name in entry.signals),
                messages=tuple(index[name.partition(".")[0]] for name in entry.signals),
                counter=counter,
                words=None if is_number else compile_words(entry),
                idle=idle_value(entry.role),
                first_is_event=entry.first_is_event,
                feedback=entry.feedback,
            )
        )
    eventful = {entry.message for entry in vehicle.signals if entry.first_is_event}
    messages = tuple(
        MessageLayout(
            name=facts.name,
            key=facts.key,
            length=facts.length,
            period_s=facts.period_s,
            fields=tuple(
                field for name, field in fields.items() if name.partition(".")[0] == facts.name
            ),
            counter=_find_counter(vehicle, facts.name, signal_of),
            is_eventful=facts.name in eventful,
        )
        for facts in vehicle.messages
    )
    return Layout(messages, tuple(entries))


def _find_counter(vehicle: Vehicle, message: str, signal_of: SignalLookup) -> Field | None:
    for node in vehicle.alive:
        if node.message == message and node.counter is not None:
            field = compile_field(node.counter, signal_of)
            is_whole = not field.bits.is_float and field.bits.length <= LONGEST_COUNTER
            return field if is_whole else None
    return None


def _check(vehicle: Vehicle, entry: SignalMap) -> None:
    """Refuse what the vehicle file's own check has let through and no decoder can do."""
    if entry.role in COUNT_ROLES + MEASURE_ROLES and len(entry.signals) != 1:
        raise _refuse(vehicle, entry, f"`{entry.role}` is a number and needs exactly one signal")
    if entry.combine is not None and not entry.values:
        raise _refuse(vehicle, entry, "`combine` needs `values` that name two words")
    messages = {name.partition(".")[0] for name in (*entry.signals, entry.counter) if name}
    if entry.counter is not None and len(messages) != 1:
        raise _refuse(vehicle, entry, f"counter `{entry.counter}` must be in the signal's message")


def _refuse(vehicle: Vehicle, entry: SignalMap, text: str) -> VehicleFileError:
    return VehicleFileError(f"{vehicle.path or vehicle.id}:{entry.line}: {text}")
