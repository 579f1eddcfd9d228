"""The battery is so low that the BCM does not drive the locks at all, as it is made to."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Bring the battery below the BCM's threshold, and leave terminals and cables well."""
    case.choose_door()
    below_v = case.draw.between((0.2, 0.9), (0.15, 1.2))
    case.world.supply.rest_v = case.world.bcm.low_voltage_v - below_v
    case.record("inhibit-low-voltage", (), {"rest_v": case.world.supply.rest_v})
