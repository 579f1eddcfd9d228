"""A lock switch sticks: the lever moves and the switch says that it does not."""

from __future__ import annotations

from typing import Literal

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Let the lock switch of a door stick, of one that the bus shows where there is such a door."""
    seen = tuple(door for door in case.traits.doors if door in case.traits.sensor_doors)
    door = case.choose_door(seen or None)
    stuck: Literal["locked", "unlocked"] = "locked" if case.draw.happens(0.5) else "unlocked"
    case.world.doors[door].sensors.lock_stuck = stuck
    case.record("lock-feedback-sensor-fault", (door,), {"stuck": stuck})
