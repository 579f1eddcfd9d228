"""The BCM starts anew of itself, or whenever it drives the motors, with a good battery."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Let it reset at random, or at its own pulses."""
    case.choose_door()
    draw = case.draw
    bcm = case.world.bcm
    at_pulses = draw.happens(0.5)
    if at_pulses:
        bcm.resets_at_pulse = draw.between((0.4, 0.8), (0.3, 0.9))
    else:
        bcm.resets_every_s = draw.between((6.0, 14.0), (5.0, 18.0))
    case.record(
        "bcm-reset",
        (),
        {"at_pulses": at_pulses, "every_s": bcm.resets_every_s or 0.0},
    )
