"""Why a lock moved with nobody asking: what the car does by itself, by design."""

from __future__ import annotations

from typing import Final

from canlock.detection.draft import Draft, direction
from canlock.detection.measures import Measures
from canlock.model.operations import Command
from canlock.model.vehicle import Vehicle

RELOCK_DELAYS_S: Final = (30.0, 60.0, 120.0, 300.0)
"""Relock timers of cars whose own is not known (DOMAIN 2.1, t_relock)."""

RELOCK_TOLERANCE_S: Final = 2.0
"""A relock comes within this of its timer (DOMAIN 2.1)."""

SPEED_LOCK_KMH: Final = 5.0
"""Above this a lock without a request is the speed lock. DOMAIN 1.1 gives 24 km/h for Nissan;
other makes lock as soon as the car rolls."""

POWER_UNLOCK_S: Final = 3.0
"""An unlock this soon after the ignition went off is the ignition-off unlock. Judgement."""

STATED: Final = ("auto-relock", "auto-lock", "auto-unlock", "crash", "diagnostics")
"""Requestors that are reasons of the car's own."""

REPULSION_S: Final = 2.5
"""An opposite command this soon after the last takes it back (DOMAIN 2.1, t_opp)."""


def cause_of(command: Command, draft: Draft, vehicle: Vehicle, measures: Measures) -> str | None:
    """Return why the car ordered something by itself, or None where nothing explains it."""
    if command.requestor in STATED:
        return command.requestor
    if command.names_requestor:
        return None
    if direction(command.action) == "lock":
        if _is_speed_lock(command, draft, vehicle, measures):
            return "auto-lock"
        if is_relock(command.at_s, draft.last_unlock_s, vehicle.timing.auto_relock):
            return "auto-relock"
    elif draft.last_power_s is not None:
        after_s = command.at_s - draft.last_power_s
        if draft.power in ("off", "acc") and after_s <= POWER_UNLOCK_S:
            return "auto-unlock"
    # Where a press is not seen, somebody may have pressed the other button.
    is_own = vehicle.shows_asking and takes_back(command, draft.previous_command)
    return "repulsion" if is_own else None


def _is_speed_lock(command: Command, draft: Draft, vehicle: Vehicle, measures: Measures) -> bool:
    """Say whether a lock that nobody asked for comes from the car's beginning to roll.

    Where its speed is not on this bus, that is the only lock left to a car with its ignition on and
    its doors shut whose inside button was not pressed: the lamps would have answered the fob.
    """
    roles = vehicle.roles()
    if "vehicle.speed" in roles:
        speed = measures.before("vehicle.speed", command.at_s, within_s=3.0)
        return speed is not None and speed >= SPEED_LOCK_KMH
    is_alone = {"request.interior", "ack.flasher"} <= roles and not draft.flashes
    is_shut = bool(draft.ajar) and "open" not in draft.ajar.values()
    return is_alone and is_shut and draft.power in ("on", "start")


def takes_back(command: Command, previous: Command | None) -> bool:
    """Say whether an order undoes the one just before it."""
    if previous is None or command.at_s - previous.at_s > REPULSION_S:
        return False
    return direction(command.action) != direction(previous.action)


def is_relock(at_s: float, unlock_s: float | None, timer_s: float | None) -> bool:
    """Say whether a lock comes a relock timer after an unlock after which no door was opened."""
    if unlock_s is None:
        return False
    delays = (timer_s,) if timer_s is not None else RELOCK_DELAYS_S
    return any(abs(at_s - unlock_s - delay_s) <= RELOCK_TOLERANCE_S for delay_s in delays)
