"""A door switch sticks: the car thinks the door shut, or open, whatever it does."""

from __future__ import annotations

from typing import Literal

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Let the door switch of a door stick."""
    door = case.choose_door()
    stuck: Literal["closed", "open"] = "closed" if case.draw.happens(0.5) else "open"
    case.world.doors[door].sensors.ajar_stuck = stuck
    case.record("door-ajar-switch-fault", (door,), {"stuck": stuck})
