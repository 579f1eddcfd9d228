"""The locks were worked so often in a row that the car gives them a rest."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.stories.inhibits import play_with_fob


def inject(case: Case) -> None:
    """Let a child have the fob: the BCM counts, or the motors' PTCs open (DOMAIN 1.2, S14, S43)."""
    case.choose_door()
    draw = case.draw
    is_count = draw.happens(0.6)
    if is_count:
        case.configure(
            lambda world: setattr(world.bcm, "counts_operations", True),
            lambda world: setattr(world.bcm, "counts_operations", False),
        )
    else:
        case.world.bcm.counts_operations = False
        case.otherwise.append(lambda world: setattr(world.bcm, "counts_operations", False))
        for parameters in case.world.doors.values():
            # Motors that the day has warmed already; judgement.
            parameters.motor.ptc_a2s = draw.between((14.0, 24.0), (12.0, 28.0))
    case.story = play_with_fob
    case.record("inhibit-thermal-or-count", (), {"kind": "count" if is_count else "thermal"})
