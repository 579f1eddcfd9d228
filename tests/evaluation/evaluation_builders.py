"""Outcomes of sessions: right and sure of itself, of which each test changes what it is about."""

from __future__ import annotations

from typing import Final

from canlock.evaluation.outcomes import Outcome

VEHICLE: Final = "bmw-e9x"


def an_outcome(  # noqa: PLR0913
    code: str = "latch-jammed",
    verdict: str | None = None,
    *,
    answers: tuple[str, ...] | None = None,
    probability: float = 0.95,
    confident: bool = True,
    doors: tuple[str, ...] = (),
    verdict_doors: tuple[str, ...] = (),
    group: tuple[str, ...] | None = None,
    accused: tuple[str, ...] | None = None,
    ranking: tuple[tuple[str, float], ...] | None = None,
    visible: bool = True,
    tier: str = "T3",
    vehicle: str = VEHICLE,
    seed: int = 1,
) -> Outcome:
    """Return an outcome; without a verdict the engine was right."""
    said = code if verdict is None else verdict
    unbroken = ("no-fault", "insufficient-evidence", "selective-unlock")
    ranked = ((said, probability),) if ranking is None else ranking
    return Outcome(
        vehicle=vehicle,
        code=code,
        answers=(code,) if answers is None else answers,
        seed=seed,
        doors=doors,
        is_visible=visible,
        tier=tier,
        verdict=said,
        verdict_doors=verdict_doors,
        probability=probability,
        is_confident=confident,
        group=(said,) if group is None else group,
        accused=(() if said in unbroken else (said,)) if accused is None else accused,
        ranking=ranked,
        first=ranked[0][0] if ranked else "",
        first_doors=verdict_doors,
        first_probability=ranked[0][1] if ranked else 0.0,
    )


def an_abstention(code: str = "latch-jammed", *, group: tuple[str, ...] = ()) -> Outcome:
    """Return an outcome in which the engine said that there was too little to go on."""
    return an_outcome(
        code,
        "insufficient-evidence",
        confident=False,
        probability=0.4,
        group=group,
        ranking=(("no-fault", 0.3), (code, 0.2), ("latch-frozen", 0.1)),
    )
