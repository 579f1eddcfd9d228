"""Advice as a json object and in words, wherever it is told."""

from __future__ import annotations

from canlock.model.faults import NOT_FAULTS
from canlock.model.verdict import Advice, Finding
from canlock.reports.json_value import Json
from canlock.telling import words


def advice_object(advice: Advice) -> dict[str, Json]:
    """Return the contract's four keys, and behind them those beyond it."""
    return {
        "difficulty": advice.difficulty,
        "parts_cost_rub": _pair(advice.parts_cost_rub),
        "steps": list(advice.steps),
        "warnings": list(advice.warnings),
        "labour_cost_rub": _pair(advice.labour_cost_rub),
        "hours": advice.hours,
        "prevention": list(advice.prevention),
        "locked_out": list(advice.locked_out),
    }


def advice_title(finding: Finding, *, is_alone: bool) -> str:
    """Return what stands above the steps of a finding's advice.

    Args:
        finding: What it is about.
        is_alone: It is the only finding: it need not be named.
    """
    name = words.FAULTS[finding.fault]
    if finding.fault not in NOT_FAULTS and not finding.is_confident:
        return f"Only if tests confirm it ({name})"
    title = "Do this" if finding.fault in NOT_FAULTS else "To repair it"
    return title if is_alone else f"{title} ({name})"


def effort(advice: Advice) -> str:
    """Return difficulty, cost and time as sentences; empty where none is known."""
    facts = []
    if advice.difficulty is not None:
        facts.append(f"Difficulty: {advice.difficulty}.")
    if advice.parts_cost_rub is not None:
        facts.append(f"Parts: {roubles(advice.parts_cost_rub)}.")
    if advice.labour_cost_rub is not None:
        facts.append(f"Work at a workshop: {roubles(advice.labour_cost_rub)}.")
    if advice.hours is not None:
        hours = "an hour" if advice.hours == 1 else f"{advice.hours:g} hours"
        facts.append(f"Time: about {hours}.")
    return " ".join(facts)


def is_empty(advice: Advice) -> bool:
    """Return whether there is nothing to advise."""
    return advice == Advice()


def roubles(cost: tuple[int, int]) -> str:
    """Return a range of cost: `1500-3000 RUB`."""
    least, most = cost
    return f"{least} RUB" if least == most else f"{least}-{most} RUB"


def _pair(cost: tuple[int, int] | None) -> Json:
    return None if cost is None else list(cost)
