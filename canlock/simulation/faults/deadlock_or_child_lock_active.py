"""A door does not open from inside because it is deadlocked, or its child lock is on."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.stories.surprises import be_left_inside, sit_behind_a_child_lock
from canlock.simulation.world import World


def inject(case: Case) -> None:
    """Let the car deadlock with somebody in it, or somebody sit behind a child lock."""
    traits = case.traits
    if traits.can_deadlock and case.draw.happens(0.5):
        sides = tuple(door for door in traits.doors if door != "tailgate")
        case.choose_door(sides or None)
        case.configure(
            lambda world: _open_from_inside(world, deadlocks=True),
            lambda world: _open_from_inside(world, deadlocks=False),
        )
        case.story = be_left_inside
        case.record("deadlock-or-child-lock-active", (case.door,), {"kind": "deadlock"})
        return
    rear = tuple(door for door in traits.others if "rear" in door) or traits.others or traits.doors
    case.choose_door(rear)
    for door in rear:
        case.world.doors[door].latch.child_lock = True
    case.story = sit_behind_a_child_lock
    case.record("deadlock-or-child-lock-active", (case.door,), {"kind": "child-lock"})


def _open_from_inside(world: World, *, deadlocks: bool) -> None:
    """Let the inner handle unlock, so that only a deadlock keeps it from opening the door."""
    world.bcm.deadlocks = deadlocks
    for parameters in world.doors.values():
        parameters.latch.inner_unlocks = True
