"""Observations: what the operations, attempts and marks say, in a small fixed alphabet.

`HEALTHY` lists every kind, its outcomes and how often a healthy car shows each, as judgement. A
fault's file lists only the kinds that it changes; `likelihoods.toml` holds what was fitted. What
could not be seen gives no observation at all.

| kind | about | given |
|---|---|---|
| request | a marked press of the fob was received | requests of that kind are on the bus |
| request.near, .spare, .away | the same, held at the car; with the other fob; elsewhere | |
| request.handle | the switch on a door's handle was received | its press was marked |
| request.interior | the button inside was received | its press was marked |
| reaction, .near, .spare, .away, .handle, .interior | the car reacted | only echoes on the bus |
| delay | the car answered a press that was marked, soon or late | only echoes on the bus |
| command | the BCM ordered what was asked | a request was seen, nothing allows a refusal |
| command.handle | the same, by the switch on a handle | that was received |
| refusal | a request was left undone, and what is known to allow that | a request |
| origin | why there was an order | a request would have been seen |
| repeat | the BCM ordered the same once more, soon and by itself | an order was seen |
| response | a door's lock did what was ordered | measured lock status |
| response.moved | the same | the door had just moved, or stood open |
| response.frequent | the same | so many orders, not long before, that motors may be hot |
| course | when a door's lock answered, and when not | both seen, the door not moved |
| angle | whether a lock fails with the movement of its door | six orders each way |
| pace | a door's lock is behind the others over its last orders | measured, three doors |
| summary | a group of doors did what was ordered | any-locked, all-locked |
| outer.measured, inner.measured | a handle opened its door | its lock measured as unlocked |
| outer.ordered, inner.ordered | the same | its unlocking ordered, not measured |
| outer.deaf | the same | unlocking ordered, lock measured as still locked |
| outer.astray | the same | locking ordered, lock measured as still unlocked |
| outer.locked | the same | locking ordered, not measured |
| outer.shut | the same | lock measured as locked, its unlocking not ordered |
| opening | what had been ordered of a door that opened | no handle marked, its lock not measured |
| inner.barred | the same, from inside | child lock or deadlock shown as on, or ordered |
| inner.rear | the same, of a rear door, whose child lock few buses show | unlocked |
| denied | why somebody could not get in | unlocking was asked for, or the car locked by itself |
| switch | the door switch showed what somebody said of it | a mark that fits no other door |
| chatter | a door switch that goes to and fro within a second | |
| flicker | the lock is said to go there and back at once | measured lock status |
| window | a window of the door moved | its switch pressed |
| sound | what the door sounded like | an order to its lock |
| knob | how the inside knob moves by hand | |
| defect | what the door's control unit says of its lock | mapped |
| supply, dip | supply voltage at rest, and while the motors run | mapped |
| air | how cold it is | mapped |
| cell | what the fob says of its cell | mapped |
| held | the button inside is held for longer than anybody holds it | mapped as a state |
| scope | an unlock was ordered for the driver's door only | |
| node | the BCM fell silent or began anew, each ten minutes | |
| module | a door's control unit did | |
| hush | whether a door stood still when its control unit fell silent | its door switch |
| traffic | frames were lost on the bus, or disturbed, each ten minutes | |
| code | what a trouble code speaks of | codes were read |
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
OBEYED: Final = {"given": 0.965, "late": 0.01, "absent": 0.02, "refused": 0.005}
ANSWERED: Final = {"answered": 0.975, "slow": 0.01, "silent": 0.01, "bounced": 0.005}

HEALTHY: Final[dict[str, Table]] = {
    "request": RECEIVED,
    "request.near": RECEIVED,
    "request.spare": RECEIVED,
    "request.away": RECEIVED,
    "request.handle": RECEIVED,
    "request.interior": RECEIVED,
    "reaction": REACTED,
    "reaction.near": REACTED,
    "reaction.spare": REACTED,
    "reaction.away": REACTED,
    "reaction.handle": REACTED,
    "reaction.interior": REACTED,
    "delay": {"prompt": 0.985, "late": 0.015},
    "command": OBEYED,
    "command.handle": {"given": 0.93, "late": 0.01, "absent": 0.055, "refused": 0.005},
    "refusal": {
        "none": 0.955,
        "door-open": 0.015,
        "key-inside": 0.005,
        "key-inserted": 0.005,
        "power": 0.01,
        "low-voltage": 0.003,
        "count": 0.003,
        "unsaid": 0.004,
    },
    "origin": {
        "asked": 0.90,
        "reversed": 0.005,
        "relock": 0.03,
        "automatic": 0.05,
        "taken-back": 0.005,
        "unexplained": 0.01,
    },
    "repeat": {"once": 0.97, "again": 0.03},
    "response": ANSWERED,
    "response.moved": ANSWERED,
    "response.frequent": {"answered": 0.95, "slow": 0.02, "silent": 0.02, "bounced": 0.01},
    "course": {"failed-since": 0.12, "failed-until": 0.12, "to-and-fro": 0.76},
    "angle": {"loose": 0.98, "tied": 0.02},
    "pace": {"even": 0.97, "slower": 0.03},
    "summary": {"all": 0.98, "some": 0.02},
    "outer.measured": OPENED,
    "inner.measured": OPENED,
    "outer.ordered": OPENED,
    "inner.ordered": OPENED,
    "outer.deaf": {"opened": 0.50, "stuck": 0.50},
    "outer.astray": {"opened": 0.50, "stuck": 0.50},
    "outer.locked": {"opened": 0.04, "stuck": 0.96},
    "outer.shut": {"opened": 0.03, "stuck": 0.97},
    "opening": {"ordered": 0.96, "astray": 0.04},
    "inner.rear": {"opened": 0.97, "stuck": 0.03},
    "inner.barred": {"opened": 0.80, "stuck": 0.20},
    "denied": {
        "none": 0.97,
        "driver-only": 0.007,
        "relocked": 0.006,
        "automatic": 0.006,
        "refused": 0.006,
        "unordered": 0.005,
    },
    "switch": {"agrees": 0.97, "contradicts": 0.03},
    "chatter": {"calm": 0.98, "chatters": 0.02},
    "flicker": {"calm": 0.99, "flickers": 0.01},
    "window": {"moved": 0.97, "dead": 0.03},
    "sound": {"silence": 0.06, "click": 0.47, "hum": 0.06, "whirr": 0.41},
    "knob": {"free": 0.95, "stiff": 0.05},
    "defect": {"ok": 0.99, "defect": 0.01},
    "supply": {"good": 0.95, "low": 0.04, "very-low": 0.01},
    "dip": {"steady": 0.98, "deep": 0.02},
    "air": {"freezing": 0.12, "cool": 0.18, "mild": 0.70},
    "cell": {"ok": 0.99, "low": 0.01},
    "held": {"free": 0.99, "held": 0.01},
    "scope": {"all": 0.90, "driver-only": 0.10},
    "node": {"steady": 0.99, "reset": 0.01},
    "module": {"steady": 0.99, "lost": 0.01},
    "hush": {"at-rest": 0.50, "moved": 0.50},
    "traffic": {"clean": 0.97, "holes": 0.02, "errors": 0.01},
    "code": {
        "short": 0.1,
        "open": 0.1,
        "intermittent": 0.1,
        "stuck": 0.1,
        "linkage": 0.1,
        "sensor": 0.1,
        "bus": 0.1,
        "reset": 0.1,
        "thermal": 0.1,
        "supply": 0.1,
    },
}
"""How often a healthy car shows what. Judgement after DOMAIN 4.6, where "H" is 0.9 and "L" 0.05;
healthy cars are better than that. Codes: DOMAIN 3.2's failure types, in groups."""

DIRECTED: Final = frozenset(
    {
        "command",
        "response",
        "response.moved",
        "response.frequent",
        "summary",
        "reaction",
        "reaction.near",
        "reaction.spare",
        "reaction.away",
        "reaction.handle",
    }
)
"""Kinds of which locking and unlocking are told apart."""

CAR_WIDE: Final = frozenset({"denied"})
"""Kinds that are told of a door and are what the car does to any."""

TOLD: Final = frozenset(
    {
        "request",
        "reaction",
        "delay",
        "outer",
        "inner",
        "denied",
        "switch",
        "window",
        "sound",
        "knob",
        "scope",
    }
)
"""Kinds (up to their dot) in which somebody's word or habit has a part."""

ABSENCES: Final = frozenset(
    {"unheard", "none", "absent", "silent", "some", "stuck", "dead", "unordered"}
)
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

    @property
    def way(self) -> str:
        """Return the kind with its direction, where that is told apart."""
        is_directed = self.direction is not None and self.kind in DIRECTED
        return f"{self.kind}.{self.direction}" if is_directed else self.kind


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
