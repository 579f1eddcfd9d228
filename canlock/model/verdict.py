"""What canlock concludes, how sure it is, why, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """An observation and what it says for one hypothesis."""

    at_s: float
    """The first of `times_s`."""

    text: str
    """One sentence for a person."""

    bits: float
    """By how much it raises (or lowers) the log2 odds of the hypothesis. All bits of a finding,
    its prior included, add up to its log2 odds."""

    times_s: tuple[float, ...] = ()
    """Times of the frames or marks that show it; the first few where there are many."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A fault and where it would sit."""

    fault: str
    doors: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about a fault: what does not apply, or is not known, is left out."""

    difficulty: str | None = None
    """`low`, `average` or `high`."""

    parts_cost_rub: tuple[int, int] | None = None
    """Least and most, in roubles."""

    steps: tuple[str, ...] = ()
    """Checks and repairs in order, one action each."""

    warnings: tuple[str, ...] = ()
    labour_cost_rub: tuple[int, int] | None = None
    """Least and most, in roubles, at a workshop."""

    hours: float | None = None
    """How long the work takes."""

    prevention: tuple[str, ...] = ()
    """What keeps it from coming, or from coming back."""

    locked_out: tuple[str, ...] = ()
    """What to do when standing before the shut door, in order."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One conclusion."""

    fault: str
    layer: str
    doors: tuple[str, ...]
    probability: float
    is_confident: bool
    group: tuple[str, ...]
    """Codes between which the evidence cannot decide; the fault alone when confident."""

    summary: str
    evidence: tuple[Evidence, ...] = ()
    advice: Advice = Advice()


@dataclass(frozen=True, slots=True)
class NextTest:
    """One thing to do that would make the verdict surer."""

    id: str
    instruction: str
    minutes: float
    information_bits: float
    """Expected drop of the entropy over the hypotheses."""

    door: str | None = None
    """Where it is to be done; None: no single door."""
