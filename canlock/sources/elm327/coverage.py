"""Which ids were not listened to when: gaps, so that no absence in them is evidence.

Pure: told what happens, it says which gaps follow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from canlock.model.stream import Gap
from canlock.sources.elm327.plan import Plan, Window

SAMPLED: Final = "sampled: the adapter listened to other ids"
OVERFLOW: Final = "adapter overflow"
DAMAGED: Final = "adapter lines damaged on the way"
BUS_ERROR: Final = "the adapter could not read the bus"
RESTARTED: Final = "the adapter stopped listening"


def describe_gaps(gaps: Iterable[Gap]) -> str | None:
    """Return in a sentence what a reader of a report must know; None where that is nothing."""
    if not any(gap.reason == SAMPLED for gap in gaps):
        return None
    return (
        "Sampled: the adapter's line was too slow for all messages at once, so they were listened "
        "to in turn; what was not seen meanwhile counts for nothing."
    )


class Coverage:
    """Follows what the adapter listens to."""

    def __init__(self) -> None:
        self._gaps: list[Gap] = []
        self._heard_s: float | None = None
        self._begun_s = -math.inf
        self._lost_since: tuple[float, str] | None = None
        self._left_s: dict[int, float] = {}
        self._announced_s: dict[int, float] = {}

    def take(self) -> list[Gap]:
        """Return the gaps that have become known."""
        taken, self._gaps = self._gaps, []
        return taken

    def begin(self, at_s: float) -> None:
        """The adapter listens, from now on."""
        if self._heard_s is None:
            self._heard_s = at_s
        if self._lost_since is not None:
            since_s, why = self._lost_since
            self._gaps.append(Gap(since_s, max(since_s, at_s), why))
            self._lost_since = None
        self._begun_s = at_s
        self._heard_s = max(self._heard_s, at_s)

    def heard(self, at_s: float) -> None:
        """A whole line came."""
        if self._heard_s is not None:
            self._heard_s = max(self._heard_s, at_s)

    def lose(
        self, at_s: float, why: str, *, since_s: float | None = None, held_s: float = 0.0
    ) -> None:
        """Everything may be missing, from `since_s` until the adapter listens again.

        Without it, from the last whole line: what was lost was lost after that. Where lines waited
        in the adapter, the last one is up to `held_s` older than it seems.
        """
        if self._lost_since is not None:
            return
        if since_s is None:
            heard_s = at_s if self._heard_s is None else min(self._heard_s, at_s)
            since_s = max(heard_s - held_s, self._begun_s)
        self._lost_since = since_s, why
        # Told at once as far as it is known: whoever judges now must not miss it.
        self._gaps.append(Gap(since_s, max(since_s, at_s), why))

    def miss(self, at_s: float, why: str) -> None:
        """A line that may have been a frame was lost; listening goes on."""
        since_s = at_s if self._heard_s is None else min(self._heard_s, at_s)
        self._gaps.append(Gap(since_s, at_s, why))
        self.heard(at_s)

    def turn(self, at_s: float, plan: Plan, window: Window, away_s: float) -> None:
        """The adapter turns to a window; the other ids are out of sight for about `away_s`."""
        hidden = plan.keys - window.keys
        for key in hidden:
            self._left_s.setdefault(key, at_s)
        if hidden:
            until_s = at_s + away_s
            self._gaps.append(Gap(at_s, until_s, SAMPLED, hidden))
            self._announced_s.update(dict.fromkeys(hidden, until_s))

    def back(self, at_s: float, window: Window) -> None:
        """The adapter listens to a window: what its ids were promised is made true."""
        late: dict[float, set[int]] = {}
        for key in window.keys:
            left_s = self._left_s.pop(key, None)
            if left_s is not None and at_s > self._announced_s.pop(key, left_s):
                late.setdefault(left_s, set()).add(key)
        self._gaps.extend(
            Gap(left_s, at_s, SAMPLED, frozenset(keys)) for left_s, keys in late.items()
        )
