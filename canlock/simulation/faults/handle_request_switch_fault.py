"""The button on a door's outer handle is dead, or no handle finds the fob any more."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.stories.buttons import use_handle_button


def inject(case: Case) -> None:
    """Kill one door's request switch, or the antennas that look for the fob at all of them."""
    draw = case.draw
    door = case.choose_door(case.traits.handle_doors)
    switches = case.world.switches
    takes_all = draw.happens(0.25)
    if takes_all:
        switches.antennas_work = False
    else:
        switches.dead_handles.add(door)
        switches.handle_fails = 1.0 if draw.happens(0.6) else draw.between((0.7, 0.95), (0.6, 0.97))
    case.story = use_handle_button
    case.record(
        "handle-request-switch-fault",
        () if takes_all else (door,),
        {"antennas": takes_all, "fails": switches.handle_fails},
    )
