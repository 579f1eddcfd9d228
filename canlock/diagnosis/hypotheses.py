"""Hypotheses as the report lists them: candidates, and the share that nothing has settled yet."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import Final

from canlock.diagnosis.posterior import Candidate, Weighed, independent_count, normalise
from canlock.diagnosis.wording import PRIOR, UNSEEN, sentence
from canlock.model.faults import INSUFFICIENT, LAYER_OF, NO_FAULT, NOT_FAULTS
from canlock.model.verdict import Evidence, Hypothesis

UNSETTLED: Final = 0.75
"""Each independent observation leaves this much of the share of `insufficient-evidence`.
Judgement: ten observations leave a twentieth."""

CONFIDENT: Final = 0.8
CLEAR: Final = 3.0
"""Confident: at least this probable and this many times the runner-up (contract, section 5)."""

PLACED: Final = 0.6
"""A door is named where it has this share of its code's probability. Judgement."""

GROUP_MASS: Final = 0.9
SHOWN_TIMES: Final = 12
LEAST_BITS: Final = 0.05
"""Evidence lighter than this is told as one sum."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """All hypotheses, the surest first."""

    hypotheses: tuple[Hypothesis, ...]
    settled: float
    """Share of the probability that is not `insufficient-evidence`."""

    may_be_by_design: bool = True
    """Otherwise what is by design is counted as no fault."""

    def by_code(self) -> list[tuple[str, float]]:
        """Return (code, probability) with the doors of a code summed, the surest first."""
        sums: dict[str, float] = {}
        for hypothesis in self.hypotheses:
            sums[hypothesis.fault] = sums.get(hypothesis.fault, 0.0) + hypothesis.probability
        return sorted(sums.items(), key=lambda item: (-item[1], item[0]))

    def group(self) -> tuple[str, ...]:
        """Return the smallest set of codes that holds 0.9."""
        chosen = []
        mass = 0.0
        for code, probability in self.by_code():
            chosen.append(code)
            mass += probability
            if mass >= GROUP_MASS:
                break
        return tuple(chosen)

    def leader(self) -> Hypothesis:
        """Return the likeliest code where it most probably sits; no door where that is open."""
        return self._place(*self.by_code()[0])

    def soundness(self) -> float:
        """Return how probable it is that no part of the car is broken."""
        return sum(p for code, p in self.by_code() if LAYER_OF[code] in ("none", "by-design"))

    def leader_of(self, layer: str) -> Hypothesis | None:
        """Return the likeliest code of a layer, placed alike; None where the layer has none."""
        codes = [entry for entry in self.by_code() if LAYER_OF[entry[0]] == layer]
        return self._place(*codes[0]) if codes else None

    def leader_of_faults(self) -> Hypothesis | None:
        """Return the likeliest code that accuses a part of the car, placed alike."""
        codes = [entry for entry in self.by_code() if entry[0] not in NOT_FAULTS]
        return self._place(*codes[0]) if codes else None

    def _place(self, code: str, total: float) -> Hypothesis:
        first = next(each for each in self.hypotheses if each.fault == code)
        is_placed = first.probability >= PLACED * total
        return first if is_placed else Hypothesis(code, (), total)

    def is_confident(self) -> bool:
        """Say whether the leader is probable enough, and clear of the runner-up."""
        first = self.leader()
        runner_up = next((p for code, p in self.by_code() if code != first.fault), 0.0)
        return first.probability >= CONFIDENT and first.probability >= CLEAR * runner_up

    def probability(self, code: str) -> float:
        """Return the share of a code, doors summed."""
        return dict(self.by_code()).get(code, 0.0)


def settled_share(weighed: Weighed) -> float:
    """Return how much of the probability the observations have settled, 0 to 1."""
    count = sum(independent_count(group) for group in weighed.groups)
    return float(1.0 - UNSETTLED**count)


def rank(weighed: Weighed, *, may_be_by_design: bool = True) -> Ranking:
    """Return every candidate as a hypothesis, `insufficient-evidence` among them.

    Args:
        weighed: Candidates and evidence.
        may_be_by_design: What is by design may be the verdict; otherwise a car that did such a
            thing is counted as one without a fault, which it is (contract, section 5).
    """
    settled = settled_share(weighed)
    shares: dict[tuple[str, tuple[str, ...]], float] = {}
    for candidate, probability in zip(weighed.candidates, weighed.probabilities(), strict=True):
        # Both ways of a channel are one, and so are the modes of a fault.
        place = candidate.model.code, candidate.doors
        if not may_be_by_design and _is_by_design(candidate):
            place = NO_FAULT, ()
        shares[place] = shares.get(place, 0.0) + probability
    found = [
        Hypothesis(code, doors, probability * settled)
        for (code, doors), probability in shares.items()
    ]
    found.append(Hypothesis(INSUFFICIENT, (), 1.0 - settled))
    found.sort(key=lambda hypothesis: (-hypothesis.probability, hypothesis.fault, hypothesis.doors))
    return Ranking(tuple(found), settled, may_be_by_design)


def _is_by_design(candidate: Candidate) -> bool:
    """Say whether a candidate is no fault, but what a car does that is made so."""
    return LAYER_OF[candidate.model.code] == "by-design"


def explain(weighed: Weighed, chosen: Hypothesis, ranking: Ranking) -> tuple[Evidence, ...]:
    """Return the evidence for a hypothesis; its bits add up to its log2 odds.

    Groups are taken in order of time; each gives the change of the log2 odds that it causes.
    """
    indices = [k for k, each in enumerate(weighed.candidates) if each.is_of(chosen)]
    if chosen.fault == NO_FAULT and not ranking.may_be_by_design:
        # What `rank` counts as one.
        indices += [k for k, each in enumerate(weighed.candidates) if _is_by_design(each)]

    def odds_of(logs: list[float]) -> float:
        shares = normalise(logs)
        return _log2_odds(sum(shares[k] for k in indices))

    logs = [candidate.log_prior for candidate in weighed.candidates]
    odds = odds_of(logs)
    start_s = weighed.groups[0].times_s[0] if weighed.groups else 0.0
    evidence = [Evidence(start_s, PRIOR, odds)]
    light = 0.0
    for column, group in enumerate(weighed.groups):
        added = [row[column] for row in weighed.log_likelihoods]
        logs = [value + more for value, more in zip(logs, added, strict=True)]
        after = odds_of(logs)
        bits, odds = after - odds, after
        if abs(bits) < LEAST_BITS:
            light += bits
            continue
        evidence.append(
            Evidence(group.times_s[0], sentence(group), bits, group.times_s[:SHOWN_TIMES])
        )
    final = _log2_odds(chosen.probability) if ranking.settled > 0.0 else odds
    evidence.append(Evidence(start_s, UNSEEN, final - odds + light))
    return tuple(evidence)


def _log2_odds(probability: float) -> float:
    """Return log2(p / (1 - p)), finite also where p has run into 0 or 1."""
    smallest = 1e-15
    p = min(max(probability, smallest), 1.0 - smallest)
    return log2(p / (1.0 - p))
