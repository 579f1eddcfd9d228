"""The battery is flat, or a terminal of it is bad: everything is slow, and may drop out."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Lower the voltage and raise the source's resistance."""
    case.choose_door()
    draw = case.draw
    supply = case.world.supply
    # Above where the BCM refuses by design, most of the time: the pulses pull it below.
    supply.rest_v = draw.between((8.9, 10.2), (8.5, 10.5))
    supply.source_ohm = draw.between((0.06, 0.2), (0.05, 0.28))
    case.record(
        "supply-undervoltage", (), {"rest_v": supply.rest_v, "source_ohm": supply.source_ohm}
    )
