"""The BCM takes requests in and does nothing about them, though nothing speaks against it."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Let requests come to nothing, always or often."""
    case.choose_door()
    draw = case.draw
    share = 1.0 if draw.happens(0.4) else draw.between((0.65, 0.95), (0.55, 0.95))
    case.world.bcm.drops_request = share
    case.record("bcm-no-command", (), {"share": share})
