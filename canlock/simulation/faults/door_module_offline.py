"""The control unit in a door falls silent: its lock, window and switches with it."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Let the unit of a door fail for good or for a while.

    A car whose file tells of door modules has them in those doors. On another one the door's lock
    hangs on a unit that is not on this bus and as quick as the other doors' lines: only that it
    fails shows.
    """
    modules = tuple(door for door in case.traits.doors if door in case.traits.module_doors)
    door = case.choose_door(modules or None)
    draw = case.draw
    parameters = case.world.doors[door]
    if not parameters.has_module:
        parameters.has_module = True
        parameters.module_latency_s = 0.0
    module = parameters.module
    module.dies_after_s = draw.between((0.5, 20.0), (0.5, 25.0))
    if draw.happens(0.5):
        module.silent_s = draw.between((6.0, 15.0), (4.0, 20.0))
        module.works_s = draw.between((6.0, 15.0), (5.0, 20.0))
    case.record(
        "door-module-offline",
        (door,),
        {"dies_after_s": module.dies_after_s, "silent_s": module.silent_s or 0.0},
    )
