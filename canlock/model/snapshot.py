"""Everything that there is to show at one moment: the only thing that views and reports read."""

from __future__ import annotations

from dataclasses import dataclass, field

from canlock.model.capture import CaptureInfo
from canlock.model.link import BusRate, LinkStatus, TapState
from canlock.model.operations import Access, LogEvent, Operation
from canlock.model.samples import MessageLife
from canlock.model.stream import Mark, TroubleCode
from canlock.model.vehicle import Alive, Timing
from canlock.model.verdict import Finding, Hypothesis, NextTest


@dataclass(frozen=True, slots=True)
class RoleState:
    """What one role says now for one door or for the whole car."""

    role: str
    door: str | None
    value: str | float | None
    since_s: float
    feedback: str | None = None
    is_stale: bool = False
    """Its message has stopped coming."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One frozen view of an analysis."""

    vehicle: str
    """Id of the vehicle file."""

    vehicle_name: str
    doors: tuple[str, ...]
    tier: str
    """`T0` .. `T4`."""

    capture: CaptureInfo
    first_s: float | None
    """Time of the first frame or mark; instants are shown relative to it."""

    now_s: float | None
    """Time of the last frame or mark."""

    findings: tuple[Finding, ...]
    """Never empty; the first is the verdict."""

    hypotheses: tuple[Hypothesis, ...]
    operations: tuple[Operation, ...] = ()
    accesses: tuple[Access, ...] = ()
    events: tuple[LogEvent, ...] = ()
    states: tuple[RoleState, ...] = ()
    lives: tuple[MessageLife, ...] = ()
    marks: tuple[Mark, ...] = ()
    codes: tuple[TroubleCode, ...] = ()
    next_tests: tuple[NextTest, ...] = ()
    """The few that are worth most a minute, best first."""

    further_tests: tuple[NextTest, ...] = ()
    """Those that come after them, for whoever cannot do the first."""

    missing_roles: tuple[str, ...] = ()
    """Roles that would help and that this car's bus does not show, most useful first."""

    notes: tuple[str, ...] = ()
    """What a reader must know besides: damage, doubts, what was by design."""

    dropped_operations: int = 0
    """Operations of long ago that are counted but no longer listed."""

    links: tuple[LinkStatus, ...] = ()
    """The live buses, one each; empty for a recording."""

    timing: Timing = field(default_factory=Timing)
    """Times that the vehicle keeps when it is healthy."""

    nodes: tuple[Alive, ...] = ()
    """Messages by which the vehicle file tells that a node lives."""

    bus: BusRate | None = None
    """How busy the bus is just now; None where nobody measures it."""

    tap: TapState | None = None
    """What the tap was found to see; None: nobody has listened for long enough, or asked."""

    @property
    def verdict(self) -> Finding:
        """Return the first finding."""
        return self.findings[0]
