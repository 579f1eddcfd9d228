"""From a vehicle to what is to be listened to on its bus."""

from __future__ import annotations

from canlock.model.frames import frame_key
from canlock.model.roles import MEASURE_ROLES
from canlock.model.vehicle import Vehicle
from canlock.sources.elm327.acceptance import STANDARD_MASK
from canlock.sources.elm327.plan import Watched


def watched_messages(vehicle: Vehicle) -> tuple[Watched, ...]:
    """Return every message that the vehicle file uses, and the requests to its BCM.

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
    messages = tuple(
        Watched(
            facts.key,
            facts.length,
            periods.get(facts.name, facts.period_s),
            facts.name in essential,
        )
        for facts in vehicle.messages
        if facts.name not in polled
    )
    if vehicle.bcm is None:
        return messages
    # What another tester asks of the BCM explains what the locks do then.
    asked = frame_key(vehicle.bcm.request, is_extended=vehicle.bcm.request > STANDARD_MASK)
    return (*messages, Watched(asked, is_essential=False, is_optional=True))
