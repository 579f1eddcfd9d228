"""The bus itself is disturbed: a loose wire or plug, and frames are lost in bursts."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Lose most of what is sent, again and again for a moment."""
    case.choose_door()
    draw = case.draw
    bus = case.world.bus
    bus.burst_every_s = draw.between((2.5, 6.0), (2.0, 8.0))
    bus.burst_s = (0.3, draw.between((1.0, 2.0), (0.8, 2.5)))
    bus.burst_lost_share = draw.between((0.8, 0.97), (0.7, 0.99))
    if draw.happens(0.6):
        bus.burst_error_hz = draw.between((20.0, 60.0), (10.0, 80.0))
    case.record(
        "can-comm-degraded",
        (),
        {"every_s": bus.burst_every_s, "lost_share": bus.burst_lost_share},
    )
