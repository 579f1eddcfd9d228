"""Guards of ratios that a stall of the machine does not set off."""

from __future__ import annotations

from collections.abc import Callable

EXTRA_ROUNDS = 5
"""Rounds that a ratio may be looked at again; code that became slower stays slow in all of them."""

Seconds = tuple[float, float]
"""What ours and the peer's needed in one round."""


def stays_fallen(
    rounds: list[Seconds], again: Callable[[], Seconds], is_fallen: Callable[[float], bool]
) -> bool:
    """Return whether the ratio of theirs to ours is bad also after further rounds.

    Other work on the machine only ever adds time, so the least time of several runs is the nearest
    to what the code needs, for both sides.
    """
    seen = list(rounds)
    for _ in range(EXTRA_ROUNDS):
        if not is_fallen(_least_ratio(seen)):
            return False
        seen.append(again())
    return is_fallen(_least_ratio(seen))


def _least_ratio(rounds: list[Seconds]) -> float:
    return min(theirs for _, theirs in rounds) / min(ours for ours, _ in rounds)
