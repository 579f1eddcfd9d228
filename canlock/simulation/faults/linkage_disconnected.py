"""The rod or cable between a handle and its latch has come off: all electric parts are well."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Uncouple the outer handle of a door, now and then the inner one too."""
    door = case.choose_door()
    latch = case.world.doors[door].latch
    latch.outer_is_connected = False
    takes_inner = case.draw.happens(0.1)
    if takes_inner:
        latch.inner_is_connected = False
    case.record("linkage-disconnected", (door,), {"inner_too": takes_inner})
