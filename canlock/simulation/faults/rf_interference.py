"""A strong transmitter nearby: both fobs are drowned at this place."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Raise the noise at this place."""
    case.choose_door()
    case.world.radio.noise_db = case.draw.between((18.0, 32.0), (15.0, 36.0))
    case.record("rf-interference", (), {"noise_db": case.world.radio.noise_db})
