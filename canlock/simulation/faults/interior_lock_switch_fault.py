"""The lock button inside makes no contact, or is stuck and therefore ignored."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.stories.buttons import use_inside_button


def inject(case: Case) -> None:
    """Let the button be dead, or stand on lock or unlock for ever (DOMAIN 1.2, S44, S45)."""
    case.choose_door()
    switches = case.world.switches
    kind = case.draw.chance.choice(("dead", "dead", "lock", "unlock"))
    if kind == "dead":
        switches.interior_is_dead = True
    else:
        switches.interior_sticks = kind
    case.story = use_inside_button
    case.record("interior-lock-switch-fault", (), {"kind": kind})
