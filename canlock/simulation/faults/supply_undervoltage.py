"""The battery is flat, or a terminal of it is bad: everything is slow, and may drop out."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Lower the voltage and raise the source's resistance."""
    case.choose_door()
    draw = case.draw
    supply = case.world.supply
    supply.rest_v = draw.between((8.0, 10.0), (7.6, 10.4))
    supply.source_ohm = draw.between((0.06, 0.2), (0.05, 0.28))
    case.record(
        "supply-undervoltage", (), {"rest_v": supply.rest_v, "source_ohm": supply.source_ohm}
    )
