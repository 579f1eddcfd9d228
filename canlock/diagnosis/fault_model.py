"""What one fault predicts: the noun that each module of `faults` fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from canlock.diagnosis.observation import HEALTHY, Group, Table
from canlock.model.verdict import Advice

TablesByKind = Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class FaultModel:
    """A fault's predictions; what it does not name, it leaves as in a healthy car."""

    code: str
    scope: Literal["door", "car"]
    prior: float
    """Weight before anything was seen; weights need not add up to 1 (DOMAIN 4.2)."""

    summary: str
    """One sentence for a person; `{door}` stands for the door."""

    own: TablesByKind
    """Kind (or `kind.direction`) -> how often each outcome, for the faulty door, or for the whole
    car where `scope` is `car`."""

    others: TablesByKind = field(default_factory=dict)
    """The same for the other doors, where `scope` is `door`."""

    spares: tuple[str, ...] = ()
    """Doors of which it says nothing, where `scope` is `car`."""

    advice: Advice = field(default_factory=Advice)

    def table(self, door: str | None, kind: str, at_door: str | None, way: str | None) -> Table:
        """Return the outcomes that the fault at `door` predicts for a kind seen at `at_door`."""
        if at_door is not None and at_door in self.spares:
            return HEALTHY[kind]
        is_own = self.scope == "car" or at_door is None or at_door == door
        tables = self.own if is_own else self.others
        return tables.get(f"{kind}.{way}") or tables.get(kind) or HEALTHY[kind]

    def probability(self, door: str | None, group: Group) -> float:
        """Return how probable one observation of a group is if the fault sits at `door`."""
        table = self.table(door, group.kind, group.door, group.direction)
        return max(table.get(group.outcome, 0.0), SMALLEST)


SMALLEST = 0.005
"""Nothing is impossible: people mark wrongly, frames get lost (DOMAIN 4.2, leak)."""
