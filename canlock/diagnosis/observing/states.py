"""What the car says of itself: supply, cold, the fob's cell, switches, complaints of a door."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from canlock.detection.detector import Detected
from canlock.diagnosis.observation import Observation
from canlock.diagnosis.observing.circumstances import DIP_V
from canlock.model.operations import LogEvent, Operation
from canlock.model.snapshot import RoleState
from canlock.model.vehicle import Vehicle

GOOD_SUPPLY_V: Final = 10.8
LOW_SUPPLY_V: Final = 9.8
"""At rest. Locks fail below 9-10 V (DOMAIN 2.5 D); a battery that is merely weak works them."""

FREEZING_C: Final = 2.5
COOL_C: Final = 10.0
"""Latches freeze below about 2 degC, and never above 10 (DOMAIN 2.5 F, 4.2)."""

HELD_S: Final = 10.0
"""A switch that is held longer than this is stuck (DOMAIN 2.5 B, S44, S45)."""

BURST: Final = 3
CHATTER_S: Final = 1.0
"""A door goes open, shut and open again, three changes, in no less than this. Judgement."""

FLICKER_S: Final = 0.35
"""A lock motor runs for 0.1 s at least, and a BCM pauses before it turns it (DOMAIN 1.3)."""


def observe_supply(operation: Operation) -> Iterator[Observation]:
    """Observe the supply at rest, and while the motors ran."""
    volts = operation.circumstance.supply_v
    if volts is not None:
        word = "good"
        if volts < LOW_SUPPLY_V:
            word = "very-low"
        elif volts < GOOD_SUPPLY_V:
            word = "low"
        yield Observation("supply", word, operation.at_s)
    lowest = operation.circumstance.supply_min_v
    if lowest is not None and operation.command is not None:
        yield Observation("dip", "deep" if lowest < DIP_V else "steady", operation.at_s)


def observe_air(detected: Detected) -> Iterator[Observation]:
    """Observe how cold it was at the first operation that knows; a session has one weather."""
    for operation in detected.operations:
        celsius = operation.circumstance.temperature_c
        if celsius is not None:
            word = "mild" if celsius > COOL_C else "cool"
            word = "freezing" if celsius <= FREEZING_C else word
            yield Observation("air", word, operation.at_s)
            return


def observe_states(detected: Detected, vehicle: Vehicle) -> Iterator[Observation]:
    """Observe what the car says of fob, inside button and locks, and door switches that chatter."""
    for state in detected.states:
        yield from _observe_state(state, detected)
    yield from _observe_chatter(detected, vehicle)
    yield from _observe_flicker(detected, vehicle)


def _observe_state(state: RoleState, detected: Detected) -> Iterator[Observation]:
    now_s = detected.now_s if detected.now_s is not None else state.since_s
    if state.role == "fob.battery" and state.value in ("ok", "low"):
        yield Observation("cell", str(state.value), state.since_s)
    elif state.role == "lock.defect" and state.value in ("ok", "defect"):
        yield Observation("defect", str(state.value), state.since_s, state.door)
    elif state.role == "request.interior":
        is_held = state.value in ("lock", "unlock") and now_s - state.since_s > HELD_S
        yield Observation("held", "held" if is_held else "free", state.since_s)


def _observe_chatter(detected: Detected, vehicle: Vehicle) -> Iterator[Observation]:
    for door in vehicle.doors:
        edges = [e for e in detected.events if e.role == "door.ajar" and e.door == door]
        last_s: float | None = None
        for number, edge in enumerate(edges):
            if edge.value != "open" or (last_s is not None and edge.at_s - last_s < CHATTER_S):
                continue  # One burst is told once.
            last_s = edge.at_s
            word = "chatters" if _is_burst(edges[number : number + BURST]) else "calm"
            yield Observation("chatter", word, edge.at_s, door)


def _observe_flicker(detected: Detected, vehicle: Vehicle) -> Iterator[Observation]:
    """Observe whether a lock is said to go there and back faster than any motor does."""
    for door in vehicle.doors:
        sources = [e for e in vehicle.signals if e.role == "lock.status" and e.doors == (door,)]
        if not sources or any(entry.feedback != "measured" for entry in sources):
            continue
        moves = [e for e in detected.events if e.role == "lock.status" and e.door == door]
        last_s: float | None = None
        for move, after in zip_longest(moves, moves[1:]):
            if last_s is not None and move.at_s - last_s < CHATTER_S:
                continue  # One burst is told once.
            last_s = move.at_s
            is_back = after is not None and after.at_s - move.at_s <= FLICKER_S
            yield Observation("flicker", "flickers" if is_back else "calm", move.at_s, door)


def _is_burst(edges: list[LogEvent]) -> bool:
    return len(edges) == BURST and edges[-1].at_s - edges[0].at_s < CHATTER_S
