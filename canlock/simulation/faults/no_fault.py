"""Nothing is wrong: a car in order, with all that looks odd and is not."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Leave the car as it is; it may stand locked or not."""
    case.locked_at_start = case.draw.happens(0.6)
    case.record("no-fault", (), {"locked_at_start": case.locked_at_start})
