"""Whether a lock fails with the movement of its door, as over a broken wire in the gaiter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from canlock.diagnosis.fisher import odds_ratio, p_value
from canlock.diagnosis.observation import Observation

LEAST_ORDERS: Final = 6
"""So many orders are needed where the door had just moved or stood open, and where it had not."""

TIED_BELOW: Final = 0.05
LEAST_RATIO: Final = 4.0
"""Failures are tied to movement below this probability of chance, and from this ratio of odds on
(DOMAIN 4.3). Which way does not matter: a broken wire parts in one position, or meets in one."""

MOVED: Final = "response.moved"
STILL: Final = ("response", "response.frequent")
FAILED: Final = ("silent", "bounced")


def observe_angle(observations: Iterable[Observation]) -> Iterator[Observation]:
    """Observe for each door with enough orders whether movement decides.

    Args:
        observations: What was observed so far, in time order; others than answers do not matter.
    """
    told: dict[str, list[Observation]] = {}
    for seen in observations:
        if seen.door is not None and (seen.kind == MOVED or seen.kind in STILL):
            told.setdefault(seen.door, []).append(seen)
    for door, answers in told.items():
        moved = [seen for seen in answers if seen.kind == MOVED]
        still = [seen for seen in answers if seen.kind != MOVED]
        if min(len(moved), len(still)) >= LEAST_ORDERS:
            outcome = "tied" if _are_tied(moved, still) else "loose"
            yield Observation("angle", outcome, answers[-1].at_s, door)


def _are_tied(moved: list[Observation], still: list[Observation]) -> bool:
    failed, failed_still = (sum(s.outcome in FAILED for s in lot) for lot in (moved, still))
    table = failed, len(moved) - failed, failed_still, len(still) - failed_still
    ratio = odds_ratio(*table)
    return p_value(*table) < TIED_BELOW and not 1.0 / LEAST_RATIO < ratio < LEAST_RATIO
