"""One half of one of the BCM's output stages does not switch: one direction of one group is dead.

See the table of DOMAIN 2.3.
"""

from __future__ import annotations

from canlock.simulation.case import Case
from canlock.simulation.outputs import Level, Line

STAGES: tuple[tuple[Line, Level], ...] = (
    ("common", "high"),
    ("common", "low"),
    ("driver", "high"),
    ("driver", "low"),
    ("others", "high"),
    ("others", "low"),
)


def inject(case: Case) -> None:
    """Kill one half of a half-bridge whose door is asked for, or any."""
    traits = case.traits
    stages = [stage for stage in STAGES if stage[0] != "others" or traits.others]
    if case.wanted_door is not None:
        own: Line = "driver" if case.wanted_door == traits.driver else "others"
        stages = [stage for stage in stages if stage[0] == own]
    line, level = case.draw.chance.choice(stages)
    doors = {"common": traits.doors, "driver": (traits.driver,), "others": traits.others}[line]
    case.choose_door(doors)
    case.world.outputs.dead.add((line, level))
    case.record("bcm-output-driver-fault", doors, {"line": line, "level": level})
