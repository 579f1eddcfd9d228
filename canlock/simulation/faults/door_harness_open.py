"""Wires of a door are broken through where the rubber gaiter bends.

A lock wire is among them; the bundle breaks as a whole, so others often are too: window, handle
switch, lock switch. With the door shut the ends never touch; moving the door may bring them
together for a moment (DOMAIN 2.5 E).
"""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.wiring import (
    AJAR,
    HANDLE_SWITCH,
    LOCK_COMMON,
    LOCK_DRIVE,
    LOCK_SENSOR,
    MIRROR_MOTOR,
    MODULE,
    MOTOR_FEED,
    REQUEST_SWITCH,
    WINDOW_MOTOR,
    WINDOW_SWITCH,
    Break,
)

NEIGHBOURS = (
    WINDOW_MOTOR,
    WINDOW_SWITCH,
    HANDLE_SWITCH,
    LOCK_SENSOR,
    AJAR,
    MIRROR_MOTOR,
    REQUEST_SWITCH,
)
NEIGHBOUR_BREAKS = 0.5
"""Probability that a wire beside the lock's is broken too; judgement: windows are often dead."""


def inject(case: Case) -> None:
    """Break wires of one door for good."""
    door = case.choose_door()
    draw = case.draw
    lines = [choose_lock_line(case, door)]
    if not case.world.doors[door].has_module:
        lines += [line for line in NEIGHBOURS if draw.happens(NEIGHBOUR_BREAKS)]
    touches = draw.happens(0.6)
    for line in lines:
        start_deg = draw.between((10.0, 30.0), (8.0, 40.0))
        case.world.doors[door].harness.breaks[line] = Break(
            moving=draw.between((0.1, 0.4), (0.05, 0.5)) if touches else 0.0,
            angles=(start_deg, start_deg + 15.0) if touches and draw.happens(0.4) else None,
        )
    case.record("door-harness-open", (door,), {"wires": ", ".join(lines), "touches": touches})


def choose_lock_line(case: Case, door: str) -> str:
    """Return one wire without which the door's lock motor is dead."""
    choices = (
        (MODULE, MOTOR_FEED) if case.world.doors[door].has_module else (LOCK_COMMON, LOCK_DRIVE)
    )
    return case.draw.chance.choice(choices)
