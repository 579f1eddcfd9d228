"""What one fault predicts: the noun that each module of `faults` fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from canlock.diagnosis.observation import Table
from canlock.model.verdict import Advice

TablesByKind = Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class FaultModel:
    """A fault's predictions; what it does not name, it leaves as in a healthy car."""

    code: str
    scope: Literal["door", "car", "channel"]
    """What it sits at: one door, the whole car, or one direction of doors that share an output of
    the BCM (DOMAIN 2.3)."""

    prior: float
    """Weight before anything was seen; weights need not add up to 1 (DOMAIN 4.2)."""

    summary: str
    """One sentence for a person; `{door}` stands for the door."""

    own: TablesByKind
    """Kind (or `kind.direction`) -> how often each outcome, for the faulty door, or for the whole
    car where `scope` is `car`, or for the doors of a channel in its direction."""

    others: TablesByKind = field(default_factory=dict)
    """The same for the other doors, where `scope` is `door`."""

    others_alike: bool = False
    """What it does to the other doors, it does to all of them at once, as a blown fuse does."""

    varied: tuple[str, ...] = ()
    """Kinds (up to their dot) that are all or nothing from car to car, by how bad it is.

    They are judged alone and never fitted, so that no simulator's idea of how bad it is decides
    between two causes."""

    told_by: tuple[str, ...] = ()
    """Roles of which any shows why a car refuses, where that is what it does. Where none is on the
    bus, what is judged holds: the cars that likelihoods are fitted on show it."""

    spares: tuple[str, ...] = ()
    """Doors of which it says nothing, where `scope` is `car`."""

    advice: Advice = field(default_factory=Advice)

    shows: str = ""
    """How it shows: a few plain sentences for a driver; `{door}` as in `summary`."""

    like: tuple[str, ...] = ()
    """Codes of faults that look the same, the most alike first."""

    separates: str = ""
    """What tells it from those."""

    warns: str = ""
    """Early signs, before anything fails; empty where there are none."""

    sources: str = ""
    """Where numbers and advice come from."""
