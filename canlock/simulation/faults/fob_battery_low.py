"""The fob's coin cell is nearly empty: it reaches as far as an arm, or not at all."""

from __future__ import annotations

from canlock.simulation.case import Case


def inject(case: Case) -> None:
    """Run down the cell of the fob in use; the spare one is well."""
    case.choose_door()
    case.world.fob.cell_v = case.draw.between((2.1, 2.3), (2.05, 2.35))
    case.record("fob-battery-low", (), {"cell_v": case.world.fob.cell_v})
