"""Other cars than the few whose vehicle files ship: the same ones, of which the bus shows less.

Fitted on what four buses happen to show, the likelihoods would be those of four buses: where all of
them tell that the ignition is on, a press that is refused for it never looks like one unheard.
"""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Final

from canlock.decoding.vehicle_file import LoadedVehicle, load_vehicle
from canlock.model.vehicle import SignalMap, Vehicle

WHOLE_SHARE: Final = 0.7
"""So many sessions have all that the vehicle file maps."""

HIDDEN_SHARE: Final = 0.35
"""Of the others, so many lack each of `TOGETHER`. Judgement."""

BELIEVED: Final = "lock switches"
"""Hidden, the locks have no switch: the BCM only believes."""

TOGETHER: Final[dict[str, tuple[str, ...]]] = {
    "orders": ("command.lock", "command.requestor", "command.inhibit"),
    "fob": ("request.fob", "fob.id", "fob.count", "fob.battery"),
    "buttons": ("request.interior", "request.cylinder", "request.remote", "request.handle"),
    "lamps": ("ack.flasher", "ack.horn"),
    "ignition": ("power.state", "key.inserted", "key.inside"),
    "supply": ("supply.voltage",),
    "speed": ("vehicle.speed",),
    "handles": ("handle.outer", "handle.inner"),
    "windows": ("window.switch", "window.moving", "window.position", "mirror.moving"),
    "defects": ("lock.defect",),
    BELIEVED: (),
}
"""Roles that a bus shows or does not show together."""


def choose_hidden(chance: random.Random) -> tuple[str, ...]:
    """Return names of `TOGETHER`: what the bus of one session's car does not show."""
    is_whole = chance.random() < WHOLE_SHARE
    found = tuple(name for name in TOGETHER if chance.random() < HIDDEN_SHARE)
    return () if is_whole else found


@cache
def load_tapped(name: str, hidden: tuple[str, ...]) -> LoadedVehicle:
    """Return a vehicle of whose roles some are not on the bus.

    Raises:
        CanlockError: The vehicle cannot be loaded.
    """
    loaded = load_vehicle(name)
    return LoadedVehicle(_hide(loaded.vehicle, hidden), loaded.databases) if hidden else loaded


def _hide(vehicle: Vehicle, hidden: tuple[str, ...]) -> Vehicle:
    roles = {role for name in hidden for role in TOGETHER[name]}
    signals = [entry for entry in vehicle.signals if entry.role not in roles]
    if BELIEVED in hidden:
        signals = [_believe(entry) for entry in signals]
    names = {signal.partition(".")[0] for entry in signals for signal in entry.signals}
    names |= {counter.partition(".")[0] for entry in signals if (counter := entry.counter)}
    names |= {alive.message for alive in vehicle.alive} | {poll.message for poll in vehicle.polls}
    messages = tuple(facts for facts in vehicle.messages if facts.name in names)
    return replace(vehicle, signals=tuple(signals), messages=messages)


def _believe(entry: SignalMap) -> SignalMap:
    is_switch = entry.role == "lock.status" and entry.feedback == "measured"
    return replace(entry, feedback="belief") if is_switch else entry
