"""The fuse, relay or ground of all lock motors is gone; the BCM itself is supplied."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Open the feed."""
    case.choose_door()
    case.world.supply.feed_is_open = True
    case.record("lock-power-feed-open", (), {})
