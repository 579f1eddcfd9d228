"""The operations that decided the verdict, each as a chain from the request to the open door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from canlock.model.operations import Operation
from canlock.model.snapshot import Snapshot
from canlock.model.verdict import Evidence
from canlock.telling.chain import Chain, chain_of, join_alike

CHAINS_SHOWN: Final = 3
ACCESSES_SHOWN: Final = 4
"""Tugs at handles and doors that opened, in one operation."""

LEAST_BITS: Final = 0.5
"""Weaker evidence decides nothing."""

UNTELLING: Final = ("answered", "unseen")
"""Outcomes of operations that show no failure."""


def deciding_chains(snapshot: Snapshot) -> tuple[Chain, ...]:
    """Return the chains of the operations that decided, in the order of time."""
    chosen = sorted(_deciding(snapshot), key=lambda each: each.at_s)
    return tuple(_for_paper(chain_of(each, snapshot)) for each in chosen)


def _for_paper(chain: Chain) -> Chain:
    """Return a chain that takes few lines: locks known alike as one, not too many tugs."""
    steps = [step for step in chain.steps if step.link not in ("handle", "ajar")]
    tugs = [step for step in chain.steps if step.link in ("handle", "ajar")]
    return replace(chain, steps=(*join_alike(tuple(steps)), *tugs[:ACCESSES_SHOWN]))


def _deciding(snapshot: Snapshot) -> list[Operation]:
    """Return the operations that show the strongest evidence, then those that failed, or any.

    An operation that shows several pieces counts once, so that different things are shown.
    """
    pieces = [
        each
        for finding in snapshot.findings
        for each in finding.evidence
        if each.times_s and abs(each.bits) >= LEAST_BITS
    ]
    pieces.sort(key=lambda each: -abs(each.bits))
    chosen = [_shown_by(each, snapshot.operations) for each in pieces]
    chosen += [each for each in snapshot.operations if each.outcome not in UNTELLING]
    known = [each for each in chosen if each is not None] or list(snapshot.operations)
    # An operation can be long: two that are equal are told apart by being the same object.
    return list({id(each): each for each in known}.values())[:CHAINS_SHOWN]


def _shown_by(evidence: Evidence, operations: Iterable[Operation]) -> Operation | None:
    """Return the first operation in which a piece of evidence was seen."""
    first_s = evidence.times_s[0]
    within = (each for each in operations if each.at_s <= first_s <= each.until_s)
    # Windows overlap: the latest to begin is the one that it belongs to.
    return max(within, key=lambda each: each.at_s, default=None)
