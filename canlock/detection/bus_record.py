"""What was irregular on the bus, as columns, as far back as something may still be asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.model.samples import Breaks, Decoded, MessageLife, join_breaks, no_breaks
from canlock.model.stream import Gap
from canlock.model.vehicle import Vehicle

Times = npt.NDArray[np.float64]

SLEEP_S: Final = 2.0
SLEEP_PERIODS: Final = 5.0
"""Nothing at all for this long, and so many periods of the fastest message, is a sleeping bus.
Judgement: loggers stall for less, and cars sleep for longer."""

LATE_PERIODS: Final = 1.5
"""A message whose last frame is older than that is silent, as far as one can tell."""


@dataclass(frozen=True, slots=True)
class Member:
    """A cyclic message whose frames are counted."""

    index: int
    """Index into `Vehicle.messages`."""

    key: int
    sender: str | None
    pace_s: float
    first_s: float


@dataclass(frozen=True, slots=True)
class Silence:
    """A member that stayed away."""

    member: Member
    from_s: float
    until_s: float | None
    """None: not back yet, as far as was looked."""

    missing: int


class BusView:
    """The bus as it was known at one time, however much has been read since."""

    def __init__(
        self, members: tuple[Member, ...], last_s: dict[int, float], record: BusRecord, now_s: float
    ) -> None:
        self.now_s = now_s
        self.members = members
        self.of_index = {member.index: member for member in members}
        self.gaps = record.gaps
        breaks = record.breaks
        self.keys = record.keys
        self.paces_s = np.full(len(record.keys), np.nan)
        """Shape (number of mapped messages,): NaN for those that are not counted."""
        for member in members:
            self.paces_s[member.index] = member.pace_s
        is_counted = ~np.isnan(self.paces_s[breaks.message])
        self.breaks = breaks.take((breaks.shown_s <= now_s) & (is_counted | breaks.is_restart))
        self.errors_s = record.errors_s
        self.hushes_s = record.hushes_s
        fastest_s = min((member.pace_s for member in members), default=inf)
        self.fastest_s = fastest_s
        longest_s = max(SLEEP_S, SLEEP_PERIODS * fastest_s)
        is_sleep = self.hushes_s[:, 1] - self.hushes_s[:, 0] > longest_s
        self.sleeps = [(a, b) for a, b in self.hushes_s[is_sleep].tolist() if members]
        self._open = {m.index: self._silent_since(m, breaks, last_s) for m in members}

    def _silent_since(
        self, member: Member, breaks: Breaks, last_s: dict[int, float]
    ) -> float | None:
        covers = (breaks.message == member.index) & (breaks.from_s <= self.now_s)
        covers &= (breaks.until_s > self.now_s) & ~breaks.is_jump
        since_s = None
        if covers.any():
            since_s = float(breaks.from_s[covers].max())
        elif last_s[member.index] <= self.now_s:
            since_s = last_s[member.index]
        if since_s is None or self.now_s - since_s <= LATE_PERIODS * member.pace_s:
            return None
        return since_s

    def silences(self, member: Member, from_s: float, until_s: float) -> list[Silence]:
        """Return a member's silences that overlap a time, in order; gaps hide theirs."""
        breaks = self.breaks
        chosen = (breaks.message == member.index) & (breaks.until_s > from_s)
        chosen &= (breaks.from_s < until_s) & ~breaks.is_jump
        chosen &= breaks.until_s - breaks.from_s > LATE_PERIODS * member.pace_s
        found = [
            Silence(member, float(a), float(b), int(missing))
            for a, b, missing in zip(
                breaks.from_s[chosen], breaks.until_s[chosen], breaks.missing[chosen], strict=True
            )
        ]
        since_s = self._open[member.index]
        if since_s is not None and since_s < until_s:
            missing = int((self.now_s - since_s) / member.pace_s)
            found.append(Silence(member, since_s, None, missing))
        found = [s for s in found if not self.is_gapped(member.key, s.from_s, s.until_s)]
        return sorted(found, key=lambda silence: silence.from_s)

    def is_gapped(self, key: int, from_s: float, until_s: float | None) -> bool:
        """Say whether the recording has a gap for a message between two times."""
        end_s = self.now_s if until_s is None else until_s
        return any(
            gap.at_s <= end_s and gap.until_s >= from_s and (gap.keys is None or key in gap.keys)
            for gap in self.gaps
        )


class BusRecord:
    """Breaks, hushes, error frames and gaps; bounded by `forget_before`."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._facts = [(facts.name, facts.key, facts.sender) for facts in vehicle.messages]
        self.keys = tuple(facts.key for facts in vehicle.messages)
        """Frame key of each message."""

        self._lives: dict[str, MessageLife] = {}
        self._new: list[Decoded] = []
        self.breaks = no_breaks()
        self.hushes_s: Times = np.empty((0, 2))
        self.errors_s: Times = np.empty(0)
        self.gaps: list[Gap] = []
        self.first_s: float | None = None
        self.seen_s = -inf
        """Time of the last mapped frame."""

    def learn(self, decoded: Decoded) -> None:
        """Take in what one batch showed."""
        for life in decoded.lives:
            self._lives[life.message] = life
            self.seen_s = max(self.seen_s, life.last_s)
            if self.first_s is None or life.first_s < self.first_s:
                self.first_s = life.first_s
        if len(decoded.breaks):
            self.breaks = join_breaks([self.breaks, decoded.breaks])
        if len(decoded.hushes_s):
            self.hushes_s = np.concatenate([self.hushes_s, decoded.hushes_s])
        if len(decoded.errors_s):
            self.errors_s = np.concatenate([self.errors_s, decoded.errors_s])

    def add_gap(self, gap: Gap) -> None:
        """Remember that frames may be missing."""
        self.gaps.append(gap)

    def forget_before(self, at_s: float) -> None:
        """Drop what lies wholly before a time."""
        if len(self.breaks):
            self.breaks = self.breaks.take(self.breaks.until_s >= at_s)
        self.hushes_s = self.hushes_s[self.hushes_s[:, 1] >= at_s]
        self.errors_s = self.errors_s[self.errors_s >= at_s]
        self.gaps = [gap for gap in self.gaps if gap.until_s >= at_s]

    def view(self, now_s: float) -> BusView:
        """Return the bus as it was known at a time."""
        members = []
        last_s = {}
        for index, (name, key, sender) in enumerate(self._facts):
            life = self._lives.get(name)
            if life is None or life.pace_s is None or life.paced_since_s is None:
                continue
            if life.paced_since_s <= now_s:
                members.append(Member(index, key, sender, life.pace_s, life.first_s))
                last_s[index] = life.last_s
        return BusView(tuple(members), last_s, self, now_s)
