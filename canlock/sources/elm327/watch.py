"""From a vehicle to what is to be listened to on its bus."""

from __future__ import annotations

from canlock.model.roles import MEASURE_ROLES
from canlock.model.vehicle import Vehicle
from canlock.sources.elm327.plan import Watched


def watched_messages(vehicle: Vehicle) -> tuple[Watched, ...]:
    """Return every message that the vehicle file uses.

    Those that only carry measured circumstances (speed, voltage, temperature) are not essential.
    """
    essential = {entry.message for entry in vehicle.alive}
    for entry in vehicle.signals:
        if entry.role not in MEASURE_ROLES or entry.role == "bcm.uptime":
            essential.update(name.partition(".")[0] for name in entry.signals)
            if entry.counter is not None:
                essential.add(entry.counter.partition(".")[0])
    polled = {poll.message for poll in vehicle.polls}
    periods = {
        entry.message: entry.period_s for entry in vehicle.alive if entry.period_s is not None
    }
    return tuple(
        Watched(
            facts.key,
            facts.length,
            periods.get(facts.name, facts.period_s),
            facts.name in essential,
        )
        for facts in vehicle.messages
        if facts.name not in polled
    )
