"""The next test: the one that is expected to tell most a minute.

A test shows one kind of observation at one door. Its worth is the mutual information between its
outcome and the hypotheses as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

from canlock.diagnosis.likelihoods import Likelihoods
from canlock.diagnosis.observation import HEALTHY, Group
from canlock.diagnosis.polya import predict
from canlock.diagnosis.posterior import Candidate, Weighed
from canlock.diagnosis.wording import place
from canlock.model.stream import Mark
from canlock.model.verdict import NextTest


@dataclass(frozen=True, slots=True)
class CheapTest:
    """One entry of the catalogue (DOMAIN 4.5)."""

    id: str
    instruction: str
    minutes: float
    kind: str
    """What its outcome is observed as."""

    is_per_door: bool = True
    direction: str | None = None


CATALOGUE: Final = (
    CheapTest(
        "window-switch",
        "Press the window switch of the {door} and mark whether the window moved.",
        1.0,
        "window",
    ),
    CheapTest(
        "listen",
        "Put an ear to the {door}, press unlock once, and mark silence, click, hum or whirr.",
        1.0,
        "sound",
    ),
    CheapTest(
        "knob",
        "Move the inside knob of the {door} by hand and mark whether it is free or stiff.",
        1.0,
        "knob",
    ),
    CheapTest(
        "inside-handle",
        "Unlock, pull the inside handle of the {door} once, and mark whether it opened.",
        1.0,
        "inner.ordered",
    ),
    CheapTest(
        "outside-handle",
        "Unlock, pull the outside handle of the {door} once, gently, and mark whether it opened.",
        1.0,
        "outer.deaf",
    ),
    CheapTest(
        "press-near",
        "Hold the fob at the driver's window, mark that you are near, and press unlock once.",
        1.0,
        "reaction.near",
        is_per_door=False,
    ),
    CheapTest(
        "press-far",
        "Walk ten paces away, mark that you are far, and press unlock once.",
        1.0,
        "reaction",
        is_per_door=False,
    ),
    CheapTest(
        "spare-fob",
        "Press unlock on the spare fob and mark it.",
        2.0,
        "reaction.spare",
        is_per_door=False,
    ),
    CheapTest(
        "move-car",
        "Move the car 50 m or more, mark that you did, and press unlock there.",
        5.0,
        "reaction.away",
        is_per_door=False,
    ),
    CheapTest(
        "interior-switch",
        "Press lock and then unlock on the button inside, and mark both.",
        1.0,
        "reaction.interior",
        is_per_door=False,
    ),
    CheapTest(
        "measure-supply",
        "Measure the battery at rest, or let the engine run, and lock and unlock again.",
        5.0,
        "supply",
        is_per_door=False,
    ),
    CheapTest(
        "press-again",
        "Close every door, press lock and then unlock, six seconds apart, three times.",
        1.0,
        "response",
    ),
    CheapTest(
        "gaiter",
        "Open the {door}, flex its rubber gaiter slowly, and press lock and unlock in turn, "
        "two seconds apart.",
        3.0,
        "response.moved",
    ),
)

SHOWN: Final = 3
"""So many are told to everybody."""

LEAST_BITS_A_MINUTE: Final = 0.01
"""Less is worth nobody's time in the cold. Judgement."""

COMPLAINTS: Final = frozenset({"not-opened", "window-dead", "note"})
"""Marks that speak of a door because something is wrong with it."""

FAVOUR: Final = 0.2
"""Where somebody complains, tests there come first at this share of the highest suspicion: what
comes and goes need not have shown itself yet. Judgement."""


def next_tests(weighed: Weighed, favoured: str | None = None) -> tuple[NextTest, ...]:
    """Return the tests that tell anything, those that are worth most a minute now first.

    Args:
        weighed: The hypotheses as they stand.
        favoured: The door that somebody complained of; None: none is known.
    """
    probabilities = weighed.probabilities()
    doors = _suspect_doors(weighed, probabilities, favoured)
    done = {(group.kind, group.door) for group in weighed.groups if group.is_marked}
    found = []
    for test in CATALOGUE:
        for door in doors if test.is_per_door else (None,):
            if (test.kind, door) in done:
                continue
            bits = information(test, door, weighed, probabilities)
            if bits >= LEAST_BITS_A_MINUTE * test.minutes:
                text = test.instruction.format(door=place(door))
                found.append(NextTest(test.id, text, test.minutes, bits, door))
    found.sort(key=lambda test: (-test.information_bits / test.minutes, test.id, test.instruction))
    return tuple(found)


def complained_door(marks: Sequence[Mark]) -> str | None:
    """Return the door that somebody last complained of, or noted something about; None: none."""
    doors = (mark.door for mark in reversed(marks) if mark.action in COMPLAINTS)
    return next((door for door in doors if door is not None), None)


def _suspect_doors(
    weighed: Weighed, probabilities: Sequence[float], favoured: str | None
) -> tuple[str, ...]:
    """Return the door that is most suspect; one action at a time.

    The favoured door stands first where no other is far more suspect.
    """
    sums: dict[str, float] = {}
    for candidate, probability in zip(weighed.candidates, probabilities, strict=True):
        for door in candidate.doors:
            sums[door] = sums.get(door, 0.0) + probability / len(candidate.doors)
    if not sums:
        return ()
    if favoured is not None and sums.get(favoured, 0.0) >= FAVOUR * max(sums.values()):
        return (favoured,)
    return (max(sums, key=lambda door: (sums[door], door == "driver")),)


def information(
    test: CheapTest, door: str | None, weighed: Weighed, probabilities: Sequence[float]
) -> float:
    """Return the expected drop of entropy over the hypotheses, in bits."""
    probe = Group(test.kind, next(iter(HEALTHY[test.kind])), door, test.direction, (), 0, True)
    alike = [group for group in weighed.groups if group.kind == test.kind]
    rows = [
        _predict(candidate, probe, alike, weighed.likelihoods) for candidate in weighed.candidates
    ]
    marginal = [
        sum(p * row[k] for p, row in zip(probabilities, rows, strict=True))
        for k in range(len(HEALTHY[test.kind]))
    ]
    bits = 0.0
    for probability, row in zip(probabilities, rows, strict=True):
        for share, total in zip(row, marginal, strict=True):
            if share > 0.0 and total > 0.0:
                bits += probability * share * log2(share / total)
    return max(bits, 0.0)


def _predict(
    candidate: Candidate, probe: Group, alike: Sequence[Group], likelihoods: Likelihoods
) -> tuple[float, ...]:
    """Return how probable each outcome of one more observation is under a hypothesis.

    Args:
        candidate: The hypothesis.
        probe: The observation.
        alike: What was seen of its kind.
        likelihoods: What each fault shows how often.
    """
    run = candidate.run_of(probe, likelihoods)
    counts = dict.fromkeys(HEALTHY[probe.kind], 0)
    for group in alike:
        if candidate.run_of(group, likelihoods) == run:
            counts[group.outcome] += group.count
    weights = likelihoods.of(candidate.model, run[0], run[1], candidate.mode)
    return predict(weights, tuple(counts.values()))
