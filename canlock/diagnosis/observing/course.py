"""When a door's lock answered and when it did not: failures have an order in time.

A blown fuse does not mend itself, a bad contact does, and a motor that was too hot answers again
after a rest. Where the door had just moved, its answer is told of the movement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from canlock.diagnosis.observation import Observation

KINDS: Final = ("response", "response.frequent")
FAILED: Final = ("silent", "bounced")


def observe_course(observations: Iterable[Observation]) -> Iterator[Observation]:
    """Observe the order of answers and failures of each door, each direction by itself.

    Args:
        observations: What was observed so far, in time order; others than answers do not matter.
    """
    answers: dict[tuple[str, str], list[Observation]] = {}
    for seen in observations:
        if seen.kind in KINDS and seen.door and seen.direction:
            answers.setdefault((seen.door, seen.direction), []).append(seen)
    for (door, way), told in answers.items():
        outcome = _course([seen.outcome in FAILED for seen in told])
        if outcome is not None:
            yield Observation("course", outcome, told[-1].at_s, door, way)


def _course(failed: Sequence[bool]) -> str | None:
    """Return how failures lie among answers; None: too few of one or the other to say."""
    if not any(failed) or all(failed):
        return None
    first, last = failed.index(True), len(failed) - 1 - failed[::-1].index(True)
    is_one_stretch = all(failed[first : last + 1])
    if not is_one_stretch or (first > 0 and last < len(failed) - 1):
        return "to-and-fro"
    if last == first:
        return None  # One failure at an end may be one of those that come and go.
    return "failed-since" if first > 0 else "failed-until"
