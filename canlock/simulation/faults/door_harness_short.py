"""The insulation of a door's wire is through: it touches the body and takes the locks' fuse.

Until it touches, all is well. Once it does while it carries voltage, the feed sags, the fuse of all
lock motors blows, and no door moves any more (DOMAIN 2.5 E).
"""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.faults.door_harness_open import choose_lock_line
from canlock.simulation.wiring import AJAR, LOCK_SENSOR, Break

SWITCH_WIRES = (AJAR, LOCK_SENSOR)
SWITCH_TOUCHES = 0.4
"""Probability that the wire of a switch beside it is chafed too; judgement."""


def inject(case: Case) -> None:
    """Chafe a wire of the lock motor of one door, and some of those beside it."""
    door = case.choose_door()
    draw = case.draw
    parameters = case.world.doors[door]
    lines = [choose_lock_line(case, door)]
    if not parameters.has_module:
        lines += [line for line in SWITCH_WIRES if draw.happens(SWITCH_TOUCHES)]
    for line in lines:
        parameters.harness.shorts[line] = Break(
            closed=draw.between((0.4, 0.8), (0.35, 0.9)),
            moving=draw.between((0.2, 0.5), (0.15, 0.6)),
            ajar=draw.between((0.2, 0.6), (0.1, 0.7)),
        )
    parameters.harness.short_ohm = draw.between((0.08, 0.2), (0.06, 0.25))
    case.record(
        "door-harness-short",
        (door,),
        {"wires": ", ".join(lines), "ohm": parameters.harness.short_ohm},
    )
