"""The car does not take the fob's code for genuine: too far ahead, or never learnt."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Step the fob's code out of the window, or take the fob off the BCM's list."""
    case.choose_door()
    fob = case.world.fob
    if case.draw.happens(0.5):
        fob.code_lead = fob.code_window + case.draw.chance.randint(20, 400)
    else:
        fob.is_registered = False
    case.record(
        "fob-desync-or-unregistered",
        (),
        {"code_lead": float(fob.code_lead), "registered": fob.is_registered},
    )
