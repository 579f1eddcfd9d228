"""What the lamps tell of who asked for an order."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from canlock.detection.detector import Detected
from canlock.detection.draft import ECHO_S, HAZARD_FLASHES, OWN_FLASHES, direction
from canlock.detection.operations import ANSWER_BACK_ROLES
from canlock.model.operations import Operation
from canlock.model.vehicle import Vehicle

LAMPS_LEAD_S: Final = 0.3
"""The lamps' frame may come so long before that of the order. Judgement: lamps that are told by a
slow cyclic frame were 0.2 s ahead."""

LIT_S: Final = 0.6
"""A lamp that has risen is busy for so long: it flashes 60 to 120 times a minute (UN R48)."""

ANSWERED_SHARE: Final = 0.75
LEAST_ANSWERED: Final = 2
"""Lamps that answered so many of the orders that were asked for from outside, and at least so many,
answer them all. Judgement."""


class Lamps:
    """What the lamps tell of who asked: they answer a press from outside, and nothing else."""

    def __init__(self, detected: Detected, vehicle: Vehicle) -> None:
        self._flashes_s = sorted(at_s for each in detected.operations for at_s in each.flashes_s)
        self._are_mapped = "ack.flasher" in vehicle.roles()
        asked = [
            bool(each.flashes)
            for each in detected.operations
            if each.command is not None
            and not each.command.is_inferred
            and each.request is not None
            and each.request.role in ANSWER_BACK_ROLES
        ]
        self._are_answering = sum(asked) >= max(LEAST_ANSWERED, ANSWERED_SHARE * len(asked))

    def stay_dark(self, operation: Operation, previous: Operation | None) -> bool:
        """Say whether no lamp answered an order, though it could have."""
        assert operation.command is not None
        at_s = operation.command.at_s
        if not self._are_mapped or operation.flashes or _is_busy(previous, at_s):
            return False
        place = bisect_left(self._flashes_s, at_s - LAMPS_LEAD_S)
        return place == len(self._flashes_s) or self._flashes_s[place] > at_s + ECHO_S

    def exclude_asking(self, operation: Operation, vehicle: Vehicle) -> bool:
        """Say whether a dark order was asked for by nobody: neither from outside nor from inside.

        A car whose ignition is on locks by itself as it rolls.
        """
        assert operation.command is not None
        is_shown = "request.interior" in vehicle.roles() and self._are_answering
        is_shown &= not operation.command.is_inferred
        return is_shown and operation.circumstance.power in ("off", "acc")


def _is_busy(previous: Operation | None, at_s: float) -> bool:
    """Say whether the lamps may still have been busy with the operation before."""
    if previous is None or previous.command is None or not previous.flashes_s:
        return False
    own = OWN_FLASHES.get(direction(previous.command.action) or "", HAZARD_FLASHES)
    return previous.flashes > own or at_s - previous.flashes_s[-1] <= LIT_S
