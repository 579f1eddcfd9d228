"""The ignition is on, so the car does not heed the fob, and somebody has overlooked it."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.stories.inhibits import leave_ignition_on
from canlock.simulation.world import World


def inject(case: Case) -> None:
    """Configure the car so, and let the person leave the ignition on."""
    case.choose_door()
    case.configure(lambda world: setattr(world.bcm, "refuses_fob_when_on", True), _heed_fob)
    case.story = leave_ignition_on
    case.record("inhibit-power-state", (), {})


def _heed_fob(world: World) -> None:
    """Heed the fob whatever the ignition and its key are."""
    world.bcm.refuses_fob_when_on = False
    world.bcm.key_inside = "ignores"
