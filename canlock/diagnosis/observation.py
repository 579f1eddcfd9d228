"""Observations: what the operations, attempts and marks say, in a small fixed alphabet.

`HEALTHY` lists every kind, its outcomes and how often a healthy car shows each. A fault's file
lists only the kinds that it changes. What could not be seen gives no observation at all.

| kind | about | given |
|---|---|---|
| request | a marked press was received | requests of that kind are on the bus |
| request.near, request.spare | the same, held at the car; with the other fob | |
| reaction, reaction.near, reaction.spare | the car reacted to one | only echoes on the bus |
| command | the BCM ordered what was asked | a seen request, nothing that forbids it |
| command.barred | the same | a door stood open |
| cause | an order had a reason | nobody asked, and a request would have been seen |
| response | a door's lock did what was ordered | measured lock status |
| summary | a group of doors did | any-locked, all-locked |
| outer.measured, inner.measured | a handle opened its door | its lock measured as unlocked |
| outer.ordered, inner.ordered | the same | its unlocking ordered, not measured |
| outer.deaf | the same | unlocking ordered, lock measured as still locked |
| denied | somebody could not get in | unlocking was asked for, the door not ordered to unlock |
| window | a window of the door moved | its switch pressed |
| sound | what the door sounded like | an order to its lock |
| knob | how the inside knob moves by hand | |
| supply, dip | supply voltage at rest, and while the motors run | mapped |
| scope | an unlock was ordered for the driver's door only | |
| relock | the car locked itself by its timer | |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Table = Mapping[str, float]
"""Outcome -> probability; adds up to 1."""

RECEIVED: Final = {"received": 0.97, "unheard": 0.03}
REACTED: Final = {"reacted": 0.97, "none": 0.03}
OPENED: Final = {"opened": 0.97, "stuck": 0.03}

HEALTHY: Final[dict[str, Table]] = {
    "request": RECEIVED,
    "request.near": RECEIVED,
    "request.spare": RECEIVED,
    "reaction": REACTED,
    "reaction.near": REACTED,
    "reaction.spare": REACTED,
    "command": {"given": 0.97, "late": 0.01, "absent": 0.02},
    "command.barred": {"given": 0.95, "absent": 0.05},
    "cause": {"explained": 0.95, "unexplained": 0.05},
    "response": {"answered": 0.975, "slow": 0.01, "silent": 0.01, "bounced": 0.005},
    "summary": {"all": 0.98, "some": 0.02},
    "outer.measured": OPENED,
    "inner.measured": OPENED,
    "outer.ordered": OPENED,
    "inner.ordered": OPENED,
    "outer.deaf": {"opened": 0.50, "stuck": 0.50},
    "denied": {"stuck": 0.02, "none": 0.98},
    "window": {"moved": 0.97, "dead": 0.03},
    "sound": {"silence": 0.06, "click": 0.47, "hum": 0.06, "whirr": 0.41},
    "knob": {"free": 0.95, "stiff": 0.05},
    "supply": {"good": 0.95, "low": 0.04, "very-low": 0.01},
    "dip": {"steady": 0.98, "deep": 0.02},
    "scope": {"all": 0.90, "driver-only": 0.10},
    "relock": {"seen": 0.05, "none": 0.95},
}
"""How often a healthy car shows what. Judgement after DOMAIN 4.6, where "H" is 0.9 and "L" 0.05;
healthy cars are better than that."""

ABSENCES: Final = frozenset({"unheard", "none", "absent", "silent", "some", "stuck", "dead"})
"""Outcomes that say that something did not happen: they weigh less where the vehicle file was
never tried on a car."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was seen or said."""

    kind: str
    outcome: str
    at_s: float
    door: str | None = None
    direction: str | None = None
    """`lock` or `unlock`, where it matters."""

    is_marked: bool = False
    """A person said so: no frame shows it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Equal observations: repeated, so correlated, and told as one."""

    kind: str
    outcome: str
    door: str | None
    direction: str | None
    times_s: tuple[float, ...]
    trials: int
    """Observations of this kind, door and direction, whatever their outcome."""

    is_marked: bool
    has_mark: bool = False
    """At least one of them is a person's word."""

    @property
    def count(self) -> int:
        """Return how often it was observed."""
        return len(self.times_s)


def group_observations(observations: list[Observation]) -> list[Group]:
    """Return equal observations as one group each, in order of their first time."""
    found: dict[tuple[str, str, str | None, str | None], list[Observation]] = {}
    trials: dict[tuple[str, str | None, str | None], int] = {}
    for seen in observations:
        found.setdefault((seen.kind, seen.outcome, seen.door, seen.direction), []).append(seen)
        trial = (seen.kind, seen.door, seen.direction)
        trials[trial] = trials.get(trial, 0) + 1
    groups = [
        Group(
            kind,
            outcome,
            door,
            direction,
            tuple(sorted(seen.at_s for seen in members)),
            trials[kind, door, direction],
            all(seen.is_marked for seen in members),
            any(seen.is_marked for seen in members),
        )
        for (kind, outcome, door, direction), members in found.items()
    ]
    groups.sort(key=lambda g: (g.times_s[0], g.kind, g.outcome, g.door or "", g.direction or ""))
    return groups
