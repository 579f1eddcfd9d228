"""How well the mapped messages came through, in stretches of ten seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from canlock.detection.bus_record import BusRecord, BusView, Member
from canlock.detection.outages import Found, OutageWatch, list_nodes
from canlock.model.operations import Outage, Traffic
from canlock.model.samples import Breaks, Decoded
from canlock.model.stream import Gap
from canlock.model.vehicle import Vehicle

STRETCH_S: Final = 10.0
"""Length of a stretch; shorter where the bus falls asleep."""

WAKE_S: Final = 1.0
"""What comes in the first second of an awake bus does not count (DOMAIN 2.1 d)."""

WAIT_S: Final = 60.0
"""A stretch is closed so long after its end: by then its silences have ended or will not."""

HOLE_PERIODS: Final = 2.5
"""A message that stays away for longer has a hole (DOMAIN 2.1, cyclic timeout: healthy to 2.5)."""

HOLE_FRAMES: Final = 2
"""So many missing frames by the rolling counter are a hole too."""

BUNCH: Final = 3
"""So many frames of one message that are missing in a row are no chance. Judgement: of frames lost
one by one, one in ten, a hundredth."""

OFF_S: Final = 3.0
OFF_PERIODS: Final = 10.0
"""Whoever stays away for longer than both is switched off or lost: no bus does that to one message.
Judgement: powertrain units sleep with the ignition off."""

DUE_WITHIN: Final = 1.2
"""The missing frames lie in a hush if it reaches to within so many periods of the frames around."""

PATCHY_S: Final = 0.3
"""Two hushes no further apart than this are a patchy one: a logger that stalls loses all at once.
Judgement."""

SLOWED_STEPS: Final = 4
SLOWED_ALIKE: Final = 1.3
"""A message of which so many breaks follow each other, alike to within this factor, has slowed
down: what is lost by chance is not lost evenly. Judgement."""

ALONE_SHARE: Final = 0.4
WELL_SHARE: Final = 0.1
"""A message that lacks more than the first share of its frames in a stretch in which the rest lacks
no more than the second is sent otherwise than was learnt: no bus singles one out. Judgement."""

CHRONIC_SHARE: Final = 0.85
CHRONIC_S: Final = 5.0
"""Where frames are missing in so many of the seconds, of at least so many, the logger drops them
all the time: a bus that bad carries nothing. Judgement, from serial captures of a healthy car."""

KEPT: Final = 1000
"""Histories are bounded."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Calm:
    """How many whole seconds there were so far, and how many had frames missing."""

    seconds: int = 0
    troubled: int = 0

    @property
    def is_chronic(self) -> bool:
        return self.seconds >= CHRONIC_S and self.troubled >= CHRONIC_SHARE * self.seconds


class BusWatch:
    """Follows the bus stretch by stretch: outages and traffic."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._record = BusRecord(vehicle)
        self._walk = _Walk(OutageWatch(list_nodes(vehicle)))
        self._outages: deque[Outage] = deque(maxlen=KEPT)
        self._traffic: deque[Traffic] = deque(maxlen=KEPT)

    def take(self, decoded: Decoded) -> None:
        """Take in one decoded batch."""
        record = self._record
        record.learn(decoded)
        if record.first_s is None:
            return
        self._walk.begin(record.first_s)
        while self._walk.at_s + STRETCH_S + WAIT_S <= record.seen_s:
            view = record.view(self._walk.at_s + STRETCH_S + WAIT_S)
            outages, traffic = self._walk.step(view)
            self._outages.extend(outages)
            self._traffic.extend(traffic)
        record.forget_before(self._walk.at_s - WAIT_S)

    def add_gap(self, gap: Gap) -> None:
        """Remember that frames may be missing."""
        self._record.add_gap(gap)

    def view(self) -> tuple[tuple[Outage, ...], tuple[Traffic, ...]]:
        """Return all outages and stretches so far; changes nothing."""
        outages, traffic = list(self._outages), list(self._traffic)
        if self._record.first_s is not None:
            walk = self._walk.copy()
            view = self._record.view(self._record.seen_s)
            while walk.at_s < view.now_s:
                more, stretches = walk.step(view)
                outages += more
                traffic += stretches
            outages += [item.outage for item in walk.watch.open]
        outages.sort(key=lambda outage: (outage.from_s, outage.node, outage.doors))
        return tuple(outages[-KEPT:]), tuple(traffic[-KEPT:])


class _Walk:
    """Goes from stretch to stretch."""

    def __init__(self, watch: OutageWatch) -> None:
        self.watch = watch
        self.at_s = 0.0
        """Where the next stretch begins."""

        self._awake_s: float | None = None
        self._calm = _Calm()

    def copy(self) -> _Walk:
        """Return a copy that may go on by itself."""
        other = _Walk(self.watch.copy())
        other.at_s, other._awake_s, other._calm = self.at_s, self._awake_s, self._calm
        return other

    def begin(self, first_s: float) -> None:
        """Begin with the first frame; nothing where it has begun."""
        if self._awake_s is None:
            self.at_s = self._awake_s = first_s + WAKE_S

    def step(self, view: BusView) -> tuple[list[Outage], list[Traffic]]:
        """Take the next stretch, or step over a sleep."""
        assert self._awake_s is not None
        until_s = min(self.at_s + STRETCH_S, view.now_s)
        for sleep_s, wake_s in view.sleeps:
            if wake_s <= self.at_s - WAKE_S or sleep_s >= until_s:
                continue
            if sleep_s <= self.at_s:
                self.at_s = self._awake_s = wake_s + WAKE_S
                return [], []
            until_s = sleep_s
            break
        span = (self.at_s, until_s)
        seconds, troubled = _count_troubled(view, span, self._awake_s)
        self._calm = _Calm(self._calm.seconds + seconds, self._calm.troubled + troubled)
        is_chronic = self._calm.is_chronic
        touching, ended = self.watch.look(view, span, self._awake_s, is_chronic=is_chronic)
        count = _Count(view, span, self._awake_s, touching)
        self.at_s = until_s
        return ended, [count.traffic(is_chronic=is_chronic)] if count.expected else []


class _Count:
    """What was due and what is missing in one stretch."""

    def __init__(
        self, view: BusView, span: tuple[float, float], awake_s: float, outages: Sequence[Found]
    ) -> None:
        self._view = view
        self._span = span
        breaks = _breaks_within(view, span, awake_s)
        breaks = breaks.take(~self._is_hidden(breaks, outages))
        pace_s = view.paces_s[breaks.message]
        apart_s = breaks.until_s - breaks.from_s
        is_off = apart_s > np.maximum(OFF_S, OFF_PERIODS * pace_s)
        breaks = breaks.take(~is_off)
        due = {member.index: self._due_of(member, outages) for member in view.members}
        alone = _find_alone(breaks, due)
        self._breaks = breaks.take(~breaks.are_of(alone))
        self._pace_s = view.paces_s[self._breaks.message]
        self._due = sum(frames for index, frames in due.items() if index not in alone)

    @property
    def expected(self) -> int:
        """Return how many frames were due."""
        return round(self._due)

    def traffic(self, *, is_chronic: bool) -> Traffic:
        """Return the stretch."""
        from_s, until_s = self._span
        breaks = self._breaks
        apart_s = breaks.until_s - breaks.from_s
        is_hole = apart_s > HOLE_PERIODS * self._pace_s
        is_hole |= (breaks.missing >= HOLE_FRAMES) & ~breaks.is_jump
        is_hole &= breaks.missing > 0
        is_stall = self._are_together()
        holes = _count_spans(breaks.take(is_hole & ~is_stall))
        errors_s = self._view.errors_s
        errors = int(np.count_nonzero((errors_s >= from_s) & (errors_s < until_s)))
        jumps = int(np.count_nonzero(breaks.is_jump))
        is_clean = not (errors or holes or jumps)
        has_stalled = bool((is_hole & is_stall).any()) or self._is_gapped()
        is_logger = (is_clean and has_stalled) or (is_chronic and not errors)
        counted = breaks.missing if is_logger else breaks.missing[~(is_hole & is_stall)]
        missing = int(counted.sum())
        bunched = int(counted[counted >= BUNCH].sum())
        expected = max(self.expected, missing)
        return Traffic(from_s, until_s, errors, holes, jumps, is_logger, expected, missing, bunched)

    def _is_hidden(self, breaks: Breaks, outages: Sequence[Found]) -> Mask:
        """Return which breaks an outage explains or a gap hides."""
        hidden = np.zeros(len(breaks), np.bool_)
        for item in outages:
            is_own = breaks.are_of(item.node.messages)
            end_s = np.inf if item.outage.until_s is None else item.outage.until_s
            hidden |= is_own & (breaks.from_s <= end_s) & (breaks.until_s >= item.outage.from_s)
        for gap in self._view.gaps:
            own = [m.index for m in self._view.members if gap.keys is None or m.key in gap.keys]
            overlaps = (breaks.from_s <= gap.until_s) & (breaks.until_s >= gap.at_s)
            hidden |= overlaps & breaks.are_of(own)
        return hidden

    def _due_of(self, member: Member, outages: Sequence[Found]) -> float:
        """Return how many frames of a message were due: not while it was off, lost or gapped."""
        from_s, until_s = self._span
        from_s = max(from_s, member.first_s)
        if from_s >= until_s:
            return 0.0
        away = []
        for silence in self._view.silences(member, from_s, until_s):
            end_s = until_s if silence.until_s is None else silence.until_s
            last_s = self._view.now_s if silence.until_s is None else silence.until_s
            is_off = last_s - silence.from_s > max(OFF_S, OFF_PERIODS * member.pace_s)
            # A break is counted in the stretch in which it ends, its missing frames due there.
            if is_off or silence.until_s is None:
                away.append((silence.from_s, end_s))
        for item in outages:
            if member.index in item.node.messages:
                end_s = until_s if item.outage.until_s is None else item.outage.until_s
                away.append((item.outage.from_s, end_s))
        away.extend(
            (gap.at_s, gap.until_s)
            for gap in self._view.gaps
            if gap.keys is None or member.key in gap.keys
        )
        return max(until_s - from_s - _length_of(away, from_s, until_s), 0.0) / member.pace_s

    def _are_together(self) -> Mask:
        """Return which breaks lie in a clean hush: nothing came from anybody, and all at once."""
        breaks, hushes_s = self._breaks, self._view.hushes_s
        if not len(hushes_s) or not len(breaks):
            return np.zeros(len(breaks), np.bool_)
        first_due_s = breaks.from_s + DUE_WITHIN * self._pace_s
        last_due_s = breaks.until_s - DUE_WITHIN * self._pace_s
        row = np.searchsorted(hushes_s[:, 0], first_due_s, side="right") - 1
        inside = (row >= 0) & (hushes_s[row, 1] >= last_due_s)
        fastest_s = self._view.fastest_s
        is_long = hushes_s[:, 1] - hushes_s[:, 0] > HOLE_PERIODS * fastest_s
        long_s = hushes_s[is_long]
        apart_s = max(PATCHY_S, HOLE_PERIODS * fastest_s)
        is_near = long_s[1:, 0] - long_s[:-1, 1] < apart_s
        patchy = np.zeros(len(long_s), np.bool_)
        patchy[1:] |= is_near
        patchy[:-1] |= is_near
        is_patchy = np.zeros(len(hushes_s), np.bool_)
        is_patchy[is_long.nonzero()[0]] = patchy
        together: Mask = inside & ~is_patchy[row]
        return together

    def _is_gapped(self) -> bool:
        from_s, until_s = self._span
        return any(gap.at_s < until_s and gap.until_s >= from_s for gap in self._view.gaps)


def _find_alone(breaks: Breaks, due: dict[int, float]) -> list[int]:
    """Return the messages that lack much while all the rest comes through: theirs is no cycle."""
    missing = {
        index: int(breaks.missing[breaks.message == index].sum())
        for index in dict.fromkeys(breaks.message.tolist())
    }
    found = []
    for index, count in missing.items():
        rest_due = sum(due.values()) - due[index]
        rest_missing = sum(missing.values()) - count
        is_rest_well = rest_due > 0 and rest_missing <= WELL_SHARE * rest_due
        if count > ALONE_SHARE * due[index] and is_rest_well:
            found.append(index)
    return found


def _breaks_within(view: BusView, span: tuple[float, float], awake_s: float) -> Breaks:
    """Return the breaks of counted messages that end in a stretch, all of them awake."""
    breaks = view.breaks
    within = (breaks.until_s >= span[0]) & (breaks.until_s < span[1])
    within &= (breaks.from_s >= awake_s) & ~np.isnan(view.paces_s[breaks.message])
    breaks = breaks.take(within)
    return breaks.take(~_are_slowed(breaks))


def _are_slowed(breaks: Breaks) -> Mask:
    """Return which breaks are the steps of a message that comes in another, even pace for now."""
    slowed = np.zeros(len(breaks), np.bool_)
    if len(breaks) < SLOWED_STEPS:
        return slowed
    order = np.lexsort((breaks.until_s, breaks.message))
    breaks = breaks.take(order)
    apart_s = breaks.until_s - breaks.from_s
    follows = (breaks.message[1:] == breaks.message[:-1]) & (
        breaks.from_s[1:] == breaks.until_s[:-1]
    )
    ratio = apart_s[1:] / np.maximum(apart_s[:-1], 1e-9)
    follows &= (ratio < SLOWED_ALIKE) & (ratio > 1 / SLOWED_ALIKE)
    starts = np.concatenate(([0], (~follows).nonzero()[0] + 1))
    lengths = np.diff(np.concatenate((starts, [len(breaks)])))
    slowed[order] = np.repeat(lengths >= SLOWED_STEPS, lengths)
    return slowed


def _count_troubled(view: BusView, span: tuple[float, float], awake_s: float) -> tuple[int, int]:
    """Return how many whole seconds a stretch has, and in how many of them frames are missing."""
    seconds = int(span[1] - span[0])
    breaks = _breaks_within(view, span, awake_s)
    pace_s = view.paces_s[breaks.message]
    apart_s = breaks.until_s - breaks.from_s
    is_off = apart_s > np.maximum(OFF_S, OFF_PERIODS * pace_s)
    breaks = breaks.take((breaks.missing > 0) & ~is_off)
    if not len(breaks) or not seconds:
        return seconds, 0
    first = np.floor(breaks.from_s - span[0]).astype(np.int64)
    last = np.floor(breaks.until_s - span[0]).astype(np.int64)
    edges = np.zeros(seconds + 1, np.int64)
    np.add.at(edges, np.clip(first, 0, seconds), 1)
    np.add.at(edges, np.clip(last + 1, 0, seconds), -1)
    return seconds, int(np.count_nonzero(np.cumsum(edges)[:seconds] > 0))


def _count_spans(breaks: Breaks) -> int:
    """Return how many spans there are when those that overlap are joined."""
    if not len(breaks):
        return 0
    order = np.argsort(breaks.from_s, kind="stable")
    reach_s = np.maximum.accumulate(breaks.until_s[order])
    return 1 + int(np.count_nonzero(breaks.from_s[order][1:] > reach_s[:-1]))


def _length_of(spans: Iterable[tuple[float, float]], from_s: float, until_s: float) -> float:
    """Return how much of a time some spans cover together."""
    length_s, reach_s = 0.0, from_s
    for since_s, end_s in sorted(spans):
        begin_s = max(since_s, reach_s)
        end_s = min(end_s, until_s)
        if end_s > begin_s:
            length_s += end_s - begin_s
            reach_s = end_s
    return length_s
