"""What went before: questions about the past of an operation, answered by look-up.

An analysis may hold hundreds of operations, and each asks what happened just before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Final

from canlock.detection.detector import Detected

MOVEMENT_ROLES: Final = ("door.ajar", "latch.status")

BUSY_S: Final = 40.0
BUSY_ORDERS: Final = 6
"""So many orders in so short a time warm a motor until its PTC opens. Judgement, between the 20 to
70 s of DOMAIN 1.3 (S13) and the 6 in 20 s of DOMAIN 2.1."""

COUNTED_S: Final = 20.0
"""A BCM counts the operations of so long (DOMAIN 0.9)."""

NEARLY: Final = 0.75
"""From this share of the vehicle's limit on a BCM may rest: 6 to 8 operations are the borderline
(DOMAIN 2.1, op-count), and what the log missed counted too."""

AGAIN_S: Final = 8.0
"""Whoever presses in vain presses again within this. Judgement."""

PLACE_MARKS: Final = ("near-car", "far-from-car")
MOVED_MARK: Final = "moved-car"


@dataclass(frozen=True, slots=True)
class History:
    """Times in order, for look-up."""

    orders_s: tuple[float, ...]
    """When the BCM ordered something, or may have; what it left undone it does not count."""

    busy_s: tuple[float, ...]
    """When those were given with which there were enough to make motors hot."""

    given_s: tuple[float, ...]
    """When the BCM was seen to order something."""

    obeyed_s: tuple[float, ...]
    """When it ordered what somebody had asked for."""

    vain_s: tuple[float, ...]
    """When presses were received that nothing followed."""

    moves_s: dict[str, tuple[float, ...]]
    """Door -> when it opened, closed, or had its harness worked."""

    openings_s: tuple[float, ...]
    """When any door opened, as its switch showed or somebody said."""

    places: tuple[tuple[float, str], ...]
    """When somebody said to stand near the car or far from it."""

    away_s: float
    """Since when the car stands elsewhere, as somebody said; infinite: it was not moved."""

    def orders_since(self, since_s: float, until_s: float) -> int:
        """Return how many orders were given between two times, both included."""
        return count_between(self.orders_s, since_s, until_s)

    def was_busy(self, since_s: float, before_s: float) -> bool:
        """Say whether motors became hot, from a time on and before another."""
        first = bisect_left(self.busy_s, since_s)
        return first < len(self.busy_s) and self.busy_s[first] < before_s

    def last_order(self, before_s: float) -> float | None:
        """Return when the last order was given before a time."""
        place = bisect_left(self.given_s, before_s)
        return self.given_s[place - 1] if place else None

    def next_obeyed(self, after_s: float) -> float | None:
        """Return when somebody was next obeyed after a time."""
        place = bisect_right(self.obeyed_s, after_s)
        return self.obeyed_s[place] if place < len(self.obeyed_s) else None

    def was_in_vain(self, at_s: float) -> bool:
        """Say whether somebody pressed in vain at a time, and in vain once more beside that."""
        return count_between(self.vain_s, at_s - AGAIN_S, at_s + AGAIN_S) > 1

    def has_moved(self, door: str, since_s: float, until_s: float) -> bool:
        """Say whether a door moved between two times, both included."""
        times = self.moves_s.get(door, ())
        first = bisect_left(times, since_s)
        return first < len(times) and times[first] <= until_s

    def has_opened(self, since_s: float, until_s: float) -> bool:
        """Say whether any door opened between two times, both included."""
        first = bisect_left(self.openings_s, since_s)
        return first < len(self.openings_s) and self.openings_s[first] <= until_s

    def place(self, at_s: float) -> str | None:
        """Return where somebody last said to stand, at a time."""
        last = bisect_right(self.places, (at_s, "~")) - 1
        return self.places[last][1] if last >= 0 else None


def count_between(times_s: Sequence[float], since_s: float, until_s: float) -> int:
    """Return how many times lie between two others, both included; they are in order."""
    return bisect_right(times_s, until_s) - bisect_left(times_s, since_s)


def least_crowd(operation_limit: int) -> int:
    """Return from how many operations on a BCM may rest."""
    return ceil(NEARLY * operation_limit)


def read_history(detected: Detected) -> History:
    """Return what there is to look up."""
    moves: dict[str, list[float]] = {}
    openings = []
    for event in detected.events:
        is_move = event.role in MOVEMENT_ROLES or event.value == "flex-harness"
        if is_move and event.door is not None:
            moves.setdefault(event.door, []).append(event.at_s)
        if event.value in ("open", "opened", "ajar"):
            openings.append(event.at_s)
    orders_s = tuple(sorted(_order_times(detected)))
    given = [(each.request, each.command) for each in detected.operations if each.command]
    return History(
        orders_s=orders_s,
        busy_s=tuple(
            at_s for at_s in orders_s if count_between(orders_s, at_s - BUSY_S, at_s) >= BUSY_ORDERS
        ),
        given_s=tuple(sorted(order.at_s for _, order in given)),
        obeyed_s=tuple(sorted(order.at_s for asked, order in given if asked is not None)),
        vain_s=tuple(
            operation.at_s
            for operation in detected.operations
            if operation.outcome == "no-command"
            and operation.request is not None
            and operation.request.is_seen
            and not operation.flashes
        ),
        moves_s={door: tuple(sorted(times)) for door, times in moves.items()},
        openings_s=tuple(sorted(openings)),
        places=tuple(sorted((m.at_s, m.action) for m in detected.marks if m.action in PLACE_MARKS)),
        away_s=min((m.at_s for m in detected.marks if m.action == MOVED_MARK), default=inf),
    )


def _order_times(detected: Detected) -> Iterator[float]:
    for operation in detected.operations:
        request = operation.request
        if operation.command is not None:
            yield operation.command.at_s
        elif operation.outcome == "unseen" and request is not None and request.is_seen:
            # Heard, and nobody could see what came of it.
            yield operation.at_s
