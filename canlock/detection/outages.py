"""Control units that fell silent or began anew while the rest of the bus went on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, Literal

import numpy as np

from canlock.detection.bus_record import BusView, Silence
from canlock.model.operations import Outage
from canlock.model.vehicle import Vehicle

BCM_GONE_S: Final = 0.3
"""The BCM's messages are gone for at least this when it starts anew (DOMAIN 2.4, boot pattern)."""

MODULE_GONE_S: Final = 2.0
MODULE_PERIODS: Final = 5.0
"""A door module is lost when its heartbeat stays away for both of these (DOMAIN 2.1, 2.5 C)."""

SETTLE_S: Final = 5.0
"""Control units stop one after the other for so long before the bus sleeps, and before the log ends
it may be about to. Judgement."""

QUICK_S: Final = 0.5
"""Messages with a longer period say nothing about a pause of that kind. Judgement."""

ALL_RIGHT: Final = 0.25
"""The rest of the bus goes on where no more than this share of its frames is missing. Judgement: a
disturbed bus loses most of all senders' frames for a moment."""

LOOK_S: Final = 10.0
"""The rest of the bus is looked at for so long."""

AROUND_S: Final = 1.0
"""So long before and after too: disturbances last longer than their holes."""

FEW_ERRORS: Final = 2
"""With more error frames about a pause, the bus itself was disturbed."""

LEAST_FRAMES: Final = 2.0
"""So many frames of others must be due in a pause, or nobody knows how the rest went on."""

LEAST_MISSING: Final = 3
"""So many frames of a unit must be missing at once, where no counter shows that it began anew.
Judgement: loggers lose two in a row now and then."""

SELDOM_S: Final = 360_000.0
"""Nor may so many be lost at once by chance more than once in so long, a hundred hours, at the rate
at which frames of other units are lost about then."""

RESTART_LATE_S: Final = 1.0
"""A restart that shows within this after the end of an outage is that outage's."""


@dataclass(frozen=True, slots=True)
class Node:
    """A control unit and the messages that it sends, as indexes into `Vehicle.messages`."""

    name: Literal["bcm", "door-module"]
    doors: tuple[str, ...]
    messages: frozenset[int]
    others: frozenset[int]
    """Messages of other control units, as far as the databases say."""


def list_nodes(vehicle: Vehicle) -> tuple[Node, ...]:
    """Return the BCM, where its life can be seen, and the door modules that can."""
    index = {facts.name: number for number, facts in enumerate(vehicle.messages)}
    senders = {number: facts.sender for number, facts in enumerate(vehicle.messages)}
    modules = {
        index[alive.message]: alive.doors
        for alive in vehicle.alive
        if alive.node == "door-module" and alive.message in index
    }
    own = {index[a.message] for a in vehicle.alive if a.node == "bcm" and a.message in index}
    own |= {
        index[entry.message]
        for entry in vehicle.signals
        if entry.role == "bcm.uptime" and entry.message in index
    }
    names = {senders[number] for number in own} - {None}
    own |= {number for number, sender in senders.items() if sender in names}
    own -= modules.keys()
    # Where the BCM's own transmitter is not known, another that is not known may be it too.
    others = {n for n, sender in senders.items() if sender is not None or names} | modules.keys()
    nodes = [Node("bcm", (), frozenset(own), frozenset(others - own))] if own else []
    for message, doors in modules.items():
        sender = senders[message]
        rest = {n for n in {*others, *own} - {message} if sender is None or senders[n] != sender}
        nodes.append(Node("door-module", doors, frozenset({message}), frozenset(rest)))
    return tuple(nodes)


@dataclass(frozen=True, slots=True)
class Found:
    """An outage, and whose it is."""

    node: Node
    outage: Outage


class OutageWatch:
    """Finds the outages that begin in one stretch after another."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self._nodes = nodes
        self.open: list[Found] = []
        """Those that have not ended yet."""

    def copy(self) -> OutageWatch:
        """Return a copy that may go on by itself."""
        other = OutageWatch(self._nodes)
        other.open = list(self.open)
        return other

    def look(
        self, view: BusView, span: tuple[float, float], awake_s: float, *, is_chronic: bool
    ) -> tuple[list[Found], list[Outage]]:
        """Take the next stretch.

        Args:
            view: The bus.
            span: From when until when the stretch is.
            awake_s: Since when the bus is awake and settled; the stretch's beginning where it is
                the first after that.
            is_chronic: The logger loses frames all the time: silence means nothing then.

        Returns:
            The outages that touch the stretch, and those that are over by now.
        """
        over = self._end(view)
        found = []
        for node in self._nodes:
            silent = self._silent_spans(view, node, span, awake_s)
            fresh = [] if is_chronic else [item for item in silent if not self._is_open(item)]
            if node.name == "bcm":
                fresh += _restarts(view, node, span, awake_s, [*fresh, *over])
            found += fresh
        self.open += [item for item in found if item.outage.until_s is None]
        ended = [item for item in found if item.outage.until_s is not None]
        touching = [*self.open, *over, *ended]
        return touching, sorted(
            (item.outage for item in [*over, *ended]), key=lambda outage: outage.from_s
        )

    def _is_open(self, item: Found) -> bool:
        return any(
            other.node is item.node and other.outage.from_s <= item.outage.from_s
            for other in self.open
        )

    def _end(self, view: BusView) -> list[Found]:
        """Return the open outages that have ended by now, and forget them."""
        over, still = [], []
        for item in self.open:
            backs = list(_returns(view, item))
            if backs:
                until_s = min(backs)
                has_restarted = _has_restarted(view, item.node, item.outage.from_s, until_s)
                outage = replace(item.outage, until_s=until_s, has_restarted=has_restarted)
                over.append(Found(item.node, outage))
            else:
                still.append(item)
        self.open = still
        return over

    def _silent_spans(
        self, view: BusView, node: Node, span: tuple[float, float], awake_s: float
    ) -> Iterator[Found]:
        members = [view.of_index[n] for n in sorted(node.messages) if n in view.of_index]
        quick = [member for member in members if member.pace_s <= QUICK_S]
        if node.name == "bcm":
            members = quick
        members = [member for member in members if member.first_s < span[1]]
        if not members:
            return
        least_s = BCM_GONE_S
        if node.name == "door-module":
            least_s = max(MODULE_GONE_S, MODULE_PERIODS * members[0].pace_s)
        silences = [view.silences(member, *span) for member in members]
        for group in product(*silences):
            from_s = max(silence.from_s for silence in group)
            if from_s < awake_s:
                # It did not wake with the others, which counts from when they were awake.
                if span[0] != awake_s or node.name == "bcm":
                    continue
                from_s = awake_s
            ends = [silence.until_s for silence in group if silence.until_s is not None]
            until_s = min(ends, default=None)
            if not span[0] <= from_s < span[1] or (until_s is not None and until_s <= from_s):
                continue
            if all(silence.missing for silence in group) and _is_gone(
                view, node, from_s, until_s, least_s
            ):
                has_restarted = until_s is not None and _has_restarted(view, node, from_s, until_s)
                missing = sum(silence.missing for silence in group)
                pace_s = min(member.pace_s for member in members)
                if has_restarted or _is_no_chance(view, node, from_s, missing, pace_s):
                    yield Found(node, Outage(node.name, node.doors, from_s, until_s, has_restarted))


def _is_gone(
    view: BusView, node: Node, from_s: float, until_s: float | None, least_s: float
) -> bool:
    """Say whether a unit was silent for long enough while the bus was awake and went on."""
    end_s = view.now_s - SETTLE_S if until_s is None else until_s
    for sleep_s, _ in view.sleeps:
        if sleep_s > from_s and sleep_s < (until_s or view.now_s):
            end_s = min(end_s, sleep_s - SETTLE_S)
    if end_s - from_s < least_s:
        return False
    end_s = min(end_s, from_s + LOOK_S)
    around = from_s - AROUND_S, min(end_s + AROUND_S, view.now_s)
    errors_s = view.errors_s
    if np.count_nonzero((errors_s >= around[0]) & (errors_s <= around[1])) > FEW_ERRORS:
        return False
    return goes_on(view, node.others, from_s, end_s) and goes_on(view, node.others, *around)


def _is_no_chance(view: BusView, node: Node, at_s: float, missing: int, pace_s: float) -> bool:
    """Say whether a logger that loses frames one by one would hardly lose so many in a row."""
    if missing < LEAST_MISSING:
        return False
    due, lost = _losses(view, node.others, at_s - LOOK_S, min(at_s + LOOK_S, view.now_s))
    share = lost / due if due else 0.0
    return bool(share**missing * SELDOM_S / pace_s < 1.0)


def goes_on(view: BusView, others: frozenset[int], from_s: float, until_s: float) -> bool:
    """Say whether the messages of other units kept coming between two times."""
    due, missing = _losses(view, others, from_s, until_s)
    return due >= LEAST_FRAMES and missing <= ALL_RIGHT * due


def _losses(
    view: BusView, others: frozenset[int], from_s: float, until_s: float
) -> tuple[float, float]:
    """Return how many frames of other units were due between two times, and how many were lost."""
    due = missing = 0.0
    for number in sorted(others):
        member = view.of_index.get(number)
        if member is None or member.pace_s > QUICK_S or member.first_s > from_s:
            continue
        silences = view.silences(member, from_s, until_s)
        if any(_covers(silence, from_s, until_s) for silence in silences) and (
            until_s - from_s > MODULE_GONE_S
        ):
            continue  # It is off, or lost itself: it says nothing.
        due += (until_s - from_s) / member.pace_s
        missing += sum(_share_within(view, silence, from_s, until_s) for silence in silences)
    return due, missing


def _covers(silence: Silence, from_s: float, until_s: float) -> bool:
    return silence.from_s <= from_s and (silence.until_s is None or silence.until_s >= until_s)


def _share_within(view: BusView, silence: Silence, from_s: float, until_s: float) -> float:
    """Return how many of a silence's missing frames were due between two times."""
    end_s = view.now_s if silence.until_s is None else silence.until_s
    within_s = min(end_s, until_s) - max(silence.from_s, from_s)
    return silence.missing * within_s / (end_s - silence.from_s)


def _returns(view: BusView, item: Found) -> Iterator[float]:
    """Yield when messages of a unit came again after an outage."""
    breaks = view.breaks
    for number in item.node.messages:
        chosen = (breaks.message == number) & (breaks.from_s <= item.outage.from_s)
        chosen &= (breaks.until_s > item.outage.from_s) & ~breaks.is_jump
        if chosen.any():
            yield float(breaks.until_s[chosen].min())


def _has_restarted(view: BusView, node: Node, from_s: float, until_s: float) -> bool:
    breaks = view.breaks
    chosen = breaks.is_restart & breaks.are_of(node.messages)
    chosen &= (breaks.until_s > from_s) & (breaks.until_s <= until_s + RESTART_LATE_S)
    return bool(chosen.any())


def _restarts(
    view: BusView, node: Node, span: tuple[float, float], awake_s: float, known: Iterable[Found]
) -> Iterator[Found]:
    """Yield restarts that no silence shows."""
    breaks = view.breaks
    chosen = breaks.is_restart & breaks.are_of(node.messages)
    chosen &= (breaks.until_s >= span[0]) & (breaks.until_s < span[1]) & (breaks.from_s >= awake_s)
    seen = [item.outage for item in known if item.node is node]
    rows = breaks.take(chosen)
    order = np.argsort(rows.until_s, kind="stable")
    for row in order.tolist():
        key = view.keys[int(rows.message[row])]
        from_s, until_s = float(rows.from_s[row]), float(rows.until_s[row])
        if view.is_gapped(key, from_s, until_s):
            continue
        if any(
            other.from_s <= until_s and from_s <= (other.until_s or view.now_s) + RESTART_LATE_S
            for other in seen
        ):
            continue
        outage = Outage(node.name, node.doors, from_s, until_s, has_restarted=True)
        seen.append(outage)
        yield Found(node, outage)
