"""One simulated session and what the engine made of it: the truth beside the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from canlock.evaluation.isolation import Isolation
from canlock.model.faults import INSUFFICIENT, LAYER_OF, NOT_FAULTS

TOP: Final = 3
"""A technician who looks into the first three causes finds the fault among them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was wrong in a session, and what the engine said."""

    vehicle: str
    code: str
    """The code that was put in; `no-fault` is one too."""

    answers: tuple[str, ...]
    """Codes that are right: first the one that was put in, see `sessions.right_answers`."""

    seed: int
    doors: tuple[str, ...]
    """Doors that had it; empty: the whole car, or nothing."""

    is_visible: bool
    """Frames or marks of this session differ from those of the same car without it."""

    tier: str
    verdict: str
    verdict_doors: tuple[str, ...]
    probability: float
    """Of the verdict, as the report states it."""

    is_confident: bool
    group: tuple[str, ...]
    accused: tuple[str, ...]
    """Codes of all findings that accuse a part of the car."""

    ranking: tuple[tuple[str, float], ...]
    """(code, probability), the doors of a code summed, likeliest first. `insufficient-evidence` is
    left out, for it is no cause: so the sum may be less than 1."""

    first: str
    """Code of the likeliest single hypothesis, `insufficient-evidence` left out."""

    first_doors: tuple[str, ...]
    first_probability: float
    tests: tuple[str, ...] = ()
    """Ids of the next tests that the engine would have, best first."""

    isolation: Isolation | None = None
    """What came of doing such tests; None: nobody tried."""

    @property
    def layer(self) -> str:
        """Return the layer of the truth."""
        return LAYER_OF[self.code]

    @property
    def verdict_layer(self) -> str:
        """Return the layer of the verdict; `unknown` where the engine abstained."""
        return LAYER_OF[self.verdict]

    @property
    def is_fault(self) -> bool:
        """Say whether a part of the car was broken."""
        return self.code not in NOT_FAULTS

    @property
    def is_right(self) -> bool:
        """Say whether the verdict names a right code, whatever it says of doors."""
        return self.verdict in self.answers

    @property
    def is_placed_right(self) -> bool:
        """Say whether the verdict names a right code and accuses no door that is in order."""
        return self.is_right and _fits(self.verdict_doors, self.doors)

    @property
    def is_layer_right(self) -> bool:
        """Say whether the verdict names the layer of a right code."""
        return self.verdict_layer in [LAYER_OF[code] for code in self.answers]

    @property
    def has_abstained(self) -> bool:
        """Say whether the engine said that there was too little to go on."""
        return self.verdict == INSUFFICIENT

    @property
    def is_in_group(self) -> bool:
        """Say whether a right code is the verdict's or one of its ambiguity group."""
        return self.is_right or not set(self.answers).isdisjoint(self.group)

    @property
    def is_named(self) -> bool:
        """Say whether a right code is in the group of a verdict that is no abstention."""
        return self.is_in_group and not self.has_abstained

    @property
    def is_first(self) -> bool:
        """Say whether the likeliest code is right."""
        return bool(self.ranking) and self.ranking[0][0] in self.answers

    @property
    def is_in_top(self) -> bool:
        """Say whether a right code is among the likeliest few."""
        return any(code in self.answers for code, _ in self.ranking[:TOP])

    @property
    def is_first_placed_right(self) -> bool:
        """Say whether the likeliest hypothesis names a right code and no door that is in order."""
        return self.first in self.answers and _fits(self.first_doors, self.doors)

    @property
    def is_false_fault(self) -> bool:
        """Say whether a car in order had a part of it accused."""
        return not self.is_fault and bool(self.accused)

    @property
    def is_isolated(self) -> bool:
        """Say whether the engine was sure of a right code once its tests had been done."""
        return self.isolation is not None and self.isolation.verdict in self.answers

    @property
    def is_confident_and_wrong(self) -> bool:
        """Say whether the engine was sure of another code, or of a door that is in order."""
        return self.is_confident and not self.is_placed_right


def _fits(said: tuple[str, ...], doors: tuple[str, ...]) -> bool:
    """Say whether the doors that were named are among those concerned.

    Where either side names none, the whole car is meant and no single door is accused.
    """
    return not said or not doors or set(said) <= set(doors)
