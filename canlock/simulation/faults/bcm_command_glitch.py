"""The BCM commands at the wrong time: late, twice, the opposite, or with nobody asking."""

from __future__ import annotations

from canlock.simulation.case import Case, Severity


def inject(case: Case) -> None:
    """Let one of its programs go astray."""
    case.choose_door()
    draw = case.draw
    bcm = case.world.bcm
    kind = draw.chance.choice(("late", "doubled", "reversed", "spurious"))
    severity: Severity = {"kind": kind}
    if kind == "spurious":
        bcm.spurious_every_s = draw.between((6.0, 14.0), (5.0, 18.0))
        severity["every_s"] = bcm.spurious_every_s
    else:
        share = draw.between((0.5, 0.9), (0.4, 1.0))
        severity["share"] = share
        bcm.late_s = (1.1, draw.between((2.0, 3.0), (1.8, 3.5)))
        bcm.late_share = share if kind == "late" else 0.0
        bcm.doubled_share = share if kind == "doubled" else 0.0
        bcm.reversed_share = share if kind == "reversed" else 0.0
    case.record("bcm-command-glitch", (), severity)
