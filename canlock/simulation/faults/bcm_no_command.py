"""The BCM takes requests in and does nothing about them, though nothing speaks against it."""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.stories.complaint import press_twice


def inject(case: Case) -> None:
    """Let requests come to nothing, always or often."""
    case.choose_door()
    draw = case.draw
    if draw.happens(0.2):
        # The first press after sleep is missed and the second obeyed (DOMAIN 1.2, S41).
        case.world.bcm.deaf_after_s = draw.between((4.0, 6.0), (3.5, 7.0))
        case.story = press_twice
        case.record("bcm-no-command", (), {"deaf_after_s": case.world.bcm.deaf_after_s})
        return
    share = 1.0 if draw.happens(0.4) else draw.between((0.65, 0.95), (0.55, 0.95))
    case.world.bcm.drops_request = share
    case.record("bcm-no-command", (), {"share": share})
